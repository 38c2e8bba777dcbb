/** Manifest, contract and code hold each other: what one names, the others know, both ways. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";
import { commandIds } from "../../src/extension/commandContract.ts";
import { contextKeyNames } from "../../src/extension/contextKeyNames.ts";
import { type Kind, settingKinds } from "../../src/extension/settingKinds.ts";
import { runStates } from "../../src/protocol/runState.ts";
import { viewKinds } from "../../src/protocol/views.ts";

const root = path.join(import.meta.dirname, "..", "..");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const words = JSON.parse(readFileSync(path.join(root, "package.nls.json"), "utf8"));
const { contributes } = manifest;
const extension = sourceOf("src/extension");
const webview = sourceOf("webview");

function sourceOf(folder: string): string {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|css)$/.test(name))
    .map((name) => readFileSync(path.join(root, folder, name), "utf8"))
    .join("\n");
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1]);

/** Every string anywhere below a value. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** Every `when` and `enablement`. */
function conditionsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === "when" || key === "enablement") && typeof inner === "string"
      ? [inner]
      : conditionsIn(inner),
  );
}

suite("commands", () => {
  const declared = contributes.commands.map(({ command }: { command: string }) => command);

  test("are the same in manifest and contract", () => {
    assert.deepEqual(
      sorted(declared),
      sorted(Object.keys(commandIds).map((id) => `fuselab.${id}`)),
    );
  });

  test("are each bound in the code, once", () => {
    const bound = found(extension, /\.bind\(\s*"([^"]+)"/g);
    assert.deepEqual([...bound].sort(), Object.keys(commandIds).sort());
  });

  test("that menus, welcome views and the walkthrough name exist", () => {
    const inMenus = Object.values(contributes.menus)
      .flat()
      .map((item) => (item as { command: string }).command);
    const inWords = found(JSON.stringify(words), /command:(fuselab\.[\w.]+)/g);
    const named = [...inMenus, ...inWords];
    assert.deepEqual(
      sorted(named).filter((command) => !declared.includes(command)),
      [],
    );
  });

  test("each say what they do through package.nls.json, in the category FuseLab", () => {
    for (const { command, title, category } of contributes.commands) {
      assert.match(title, /^%.+%$/, command);
      assert.equal(category, "FuseLab", command);
    }
  });
});

suite("settings", () => {
  const declared = contributes.configuration.properties as Record<string, { default: unknown }>;

  test("are the same in manifest and code, with the same defaults", () => {
    const names = Object.keys(settingKinds);
    assert.deepEqual(sorted(Object.keys(declared)), sorted(names.map((name) => `fuselab.${name}`)));
    for (const [name, kind] of Object.entries<Kind<unknown>>(settingKinds)) {
      assert.deepEqual(declared[`fuselab.${name}`].default, kind.fallback, name);
      assert.deepEqual(kind.read(kind.fallback), kind.fallback, name);
    }
  });

  test("are each read by something", () => {
    for (const name of Object.keys(settingKinds)) {
      assert.match(extension, new RegExp(`\\.get\\(\\s*"${name.replaceAll(".", "\\.")}"`), name);
    }
  });

  test("that name folders, hosts or threads do not come from a workspace that is not trusted", () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    const dangerous = Object.keys(declared).filter((name) =>
      /folder|hub|threads|models\.default|memory/i.test(name),
    );
    assert.deepEqual(sorted(dangerous.filter((name) => !restricted.includes(name))), []);
  });
});

suite("context", () => {
  test("keys that conditions ask for are set by the code, and those that are set are known", () => {
    const asked = found(conditionsIn(contributes).join("\n"), /fuselab\.(\w+)\b/g).filter(
      (name) => !["runs", "models"].includes(name),
    );
    const names = Object.keys(contextKeyNames);
    assert.deepEqual(
      asked.filter((name) => !names.includes(name)),
      [],
    );
    const set = found(extension, /setContextKey\(\s*"([^"]+)"/g);
    assert.deepEqual(sorted(set), sorted(names));
  });

  test("values of rows that menus match are those the trees give", () => {
    const values = [
      ...[...runStates, "lost", "elsewhere"].map((state) => `run.${state}`),
      ...["stage", "checkpoint", "file"],
      ...["ready", "tokenizerOnly", "broken"].map((state) => `model.${state}`),
    ];
    const patterns = found(
      conditionsIn(contributes.menus).join("\n"),
      /viewItem =~ \/(.+?)\/(?=\s|$)/g,
    );
    assert.ok(patterns.length > 0);
    for (const pattern of patterns) {
      assert.ok(
        values.some((value) => new RegExp(pattern).test(value)),
        pattern,
      );
    }
    const exact = found(conditionsIn(contributes.menus).join("\n"), /viewItem == ([\w.]+)/g);
    assert.deepEqual(
      exact.filter((value) => !values.includes(value)),
      [],
    );
  });
});

suite("views", () => {
  test("of the manifest are made by the code", () => {
    const declared = contributes.views.fuselab.map(({ id }: { id: string }) => id);
    const made = found(extension, /createTreeView\(\s*"([^"]+)"/g);
    assert.deepEqual(sorted(declared), sorted(made));
  });

  test("in panels wake the extension when they are restored", () => {
    const events = manifest.activationEvents.filter((event: string) =>
      event.startsWith("onWebviewPanel:"),
    );
    assert.deepEqual(
      sorted(events),
      sorted(viewKinds.map((kind) => `onWebviewPanel:fuselab.${kind}`)),
    );
    for (const kind of viewKinds) assert.match(extension, new RegExp(`kind: "${kind}"`), kind);
  });

  test("read every colour that the manifest contributes", () => {
    for (const { id } of contributes.colors) {
      const variable = `--vscode-${id.replace(".", "-")}`;
      const family = variable.replace(/\d$/, "");
      assert.ok(webview.includes(variable) || webview.includes(family), id);
    }
  });
});

suite("agents' tools", () => {
  test("are the same in manifest and code", () => {
    const declared = contributes.languageModelTools.map(({ name }: { name: string }) => name);
    const registered = found(extension, /^\s*(fuselab_[a-z_]+): \{/gm);
    assert.deepEqual(sorted(declared), sorted(registered));
  });

  test("say what they return and when not to use them, in schemas that allow nothing else", () => {
    for (const { name, modelDescription, inputSchema } of contributes.languageModelTools) {
      assert.ok(modelDescription.length > 120, name);
      assert.equal(inputSchema.additionalProperties, false, name);
    }
  });
});

suite("words and files", () => {
  test("of the manifest are all in package.nls.json, and none there is unused", () => {
    const used = stringsIn(manifest).flatMap((text) => found(text, /^%(.+)%$/g));
    assert.deepEqual(sorted(used), sorted(Object.keys(words)));
  });

  test("that the manifest names are there", () => {
    const files = stringsIn({ ...contributes, icon: manifest.icon }).filter((text) =>
      /^media\//.test(text),
    );
    assert.ok(files.length > 4);
    for (const file of files) assert.ok(existsSync(path.join(root, file)), file);
  });

  test("that the code says to people are literals, so that they can be collected", () => {
    const calls = found(extension, /(?:l10n\.t|\bt)\(\s*(\S)/g);
    assert.ok(calls.length > 50);
    const said = found(extension, /l10n\.t\(\s*(\S)/g);
    assert.deepEqual(
      said.filter((first) => first !== '"' && first !== "`"),
      [],
    );
  });
});
