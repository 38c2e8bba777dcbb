/** Models in the editor: folders added and taken off, what the tree says of them, vocabularies, downloads from a hub. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import { demoFolder } from "../support/smallRun.ts";

const carried = (name: string): string => path.join(demoFolder, "models", name);
const addTitle = "A Hugging Face folder, or one that holds some";

/** What stands for the Hub: `torn` breaks off, `gated` wants a token, others it does not know. */
const served = carried("code-neox");
let hub: Server;
const tokens: (string | undefined)[] = [];

function answerHub(url: string, token: string | undefined, response: ServerResponse): void {
  tokens.push(token);
  const [, name] = /owner\/(\w+)/.exec(url) ?? [];
  if (name === "gated" && token !== "Bearer secret") return void response.writeHead(401).end();
  if (name === undefined || !["small", "gated", "torn"].includes(name)) {
    return void response.writeHead(404).end();
  }
  if (url.startsWith("/api/models/")) {
    const siblings = readdirSync(served).map((rfilename) => ({ rfilename }));
    return void response.end(JSON.stringify({ siblings }));
  }
  const content = readFileSync(path.join(served, path.basename(url)));
  response.writeHead(200, { "content-length": content.length });
  if (name !== "torn" || !url.endsWith(".safetensors")) return void response.end(content);
  response.write(content.subarray(0, 1000));
  setTimeout(() => response.destroy(), 50);
}

let editor: Editor;
before(async () => {
  hub = createServer((request, response) =>
    answerHub(request.url ?? "", request.headers.authorization, response),
  );
  await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
  const { port } = hub.address() as AddressInfo;
  editor = await openEditor({
    settings: { "fuselab.hub.endpoint": `http://127.0.0.1:${port}` },
    files: { "empty/note.txt": "no model\n" },
  });
  cpSync(carried("prose-gpt2"), editor.file("zoo/first"), { recursive: true });
  mkdirSync(editor.file("zoo/second"));
  cpSync(
    path.join(carried("generalist-llama"), "tokenizer.json"),
    editor.file("zoo/second/tokenizer.json"),
  );
  writeFileSync(editor.file("zoo/first/README.md"), "---\nlicense: mit\n---\n# first\n");
});
after(async () => {
  hub.closeAllConnections();
  hub.close();
  await editor?.close();
});
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

const cleared = (workbench: Workbench): Promise<void> =>
  workbench.runCommand("Notifications: Clear All Notifications");

test(
  "the models of the package are there, each with what it is",
  inEditor(async (workbench) => {
    await workbench.openContainer("FuseLab");
    await workbench.treeRow("Models", /code-neox.*neox · \d+k · byte-level · built in/).waitFor();
    await workbench
      .treeRow("Models", /generalist-llama.*llama · \d+k · SentencePiece · built in/)
      .waitFor();
    assert.equal(await workbench.treeRows("Models").count(), 4);
  }),
);

test(
  "a folder is added: its models stand first, described by architecture, size, tokenizer and licence",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Add model folder…");
    await workbench.answerFileDialog(addTitle, editor.file("zoo"));
    await workbench.treeRow("Models", /first.*gpt2 · 336k · byte-level/).waitFor();
    await workbench.treeRow("Models", /second.*tokenizer only · SentencePiece/).waitFor();
    await workbench.expand("Models", /first.*gpt2/);
    for (const fact of [
      /architecture.*gpt2/,
      /size.*336,080 parameters, /,
      /context.*tokens/,
      /tokenizer.*byte-level/,
      /vocabulary.*1,024 tokens/,
      /licence.*mit/i,
      /folder.*zoo.first/,
    ]) {
      await workbench.treeRow("Models", fact).waitFor();
    }
    await workbench.screenshot("models");
  }),
);

test(
  "a folder that holds no model is refused in a sentence, and is not kept",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Add model folder…");
    await workbench.answerFileDialog(addTitle, editor.file("empty"));
    await workbench
      .toast(/empty holds no model and no tokenizer\. A model's folder has config\.json/)
      .waitFor();
    await cleared(workbench);
    assert.equal(await workbench.treeRow("Models", /^empty/).count(), 0);
  }),
);

test(
  "what was put into a folder later is found by a refresh",
  inEditor(async (workbench) => {
    cpSync(editor.file("zoo/second"), editor.file("zoo/third"), { recursive: true });
    await workbench.runCommand("FuseLab: Refresh models");
    await workbench.treeRow("Models", /third.*tokenizer only/).waitFor();
  }),
);

test(
  "a vocabulary map is built from a row, into a file, and its count is told",
  inEditor(async (workbench) => {
    await workbench.chooseFromRow("Models", /second.*tokenizer only/, "Build vocabulary map…");
    await workbench.pick("code-neox");
    await workbench.quickPickRows().filter({ hasText: "minEditDistance" }).waitFor();
    await workbench.pick("firstToken");
    await workbench.answerFileDialog("Where is the map kept?", editor.file("map.arrow"));
    await workbench
      .toast(/[\d,]+ of [\d,]+ source tokens have a target token\..*map\.arrow/)
      .waitFor();
    assert.ok(existsSync(editor.file("map.arrow")));
    await cleared(workbench);
  }),
);

test(
  "two vocabularies are compared on a page with counts and examples",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Compare two vocabularies");
    await workbench.pick("code-neox");
    await workbench.quickInput().getByText("Which target? (T)").waitFor();
    await workbench.pick("generalist-llama");
    const page = await workbench.webview(/code-neox → generalist-llama/);
    await page
      .getByText(/Source tokens with a target token/)
      .first()
      .waitFor();
    await page
      .getByText(/one target token says the same/)
      .first()
      .waitFor();
    await page
      .getByText(/\d+ of 1,\d+ \(\d+\.\d\s%\)/)
      .first()
      .waitFor();
    await workbench.screenshot("vocabularies");
  }),
);

test(
  "a model comes from the hub into the folder for downloads, and into the tree",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Add model from the Hugging Face Hub…");
    await workbench.answer("owner/small");
    await workbench.treeRow("Models", /owner--small.*neox · 336k/).waitFor();
    const folder = path.join(editor.profile.home, "FuseLab", "models", "owner--small");
    assert.deepEqual(readdirSync(folder).sort(), readdirSync(served).sort());
  }),
);

test(
  "a model that the hub does not know, or breaks off, is refused in a sentence and leaves no folder",
  inEditor(async (workbench) => {
    for (const [id, says] of [
      ["owner/none", "The Hub knows no model owner/none."],
      ["owner/torn", /model\.safetensors of owner\/torn came only in part\. Try again\./],
    ] as const) {
      await workbench.runCommand("FuseLab: Add model from the Hugging Face Hub…");
      await workbench.answer(id);
      await workbench.untilTold(says);
      await cleared(workbench);
    }
    const folder = path.join(editor.profile.home, "FuseLab", "models");
    assert.deepEqual(readdirSync(folder), ["owner--small"]);
  }),
);

test(
  "a model that is not for everyone asks for a token, once",
  inEditor(async (workbench) => {
    await workbench.runCommand("FuseLab: Add model from the Hugging Face Hub…");
    await workbench.answer("owner/gated");
    await workbench.quickInput().getByText("Access token of the Hugging Face Hub").waitFor();
    assert.equal(await workbench.quickInput().locator("input[type=password]").count(), 1);
    await workbench.quickInput().locator("input[type=password]").fill("secret");
    await workbench.page.keyboard.press("Enter");
    await workbench.treeRow("Models", /owner--gated/).waitFor();
    assert.equal(tokens.at(-1), "Bearer secret");
    assert.ok(!editor.log().includes("secret"));
  }),
);

test(
  "a folder is taken off the list after a question where others came with it; its files stay",
  inEditor(async (workbench) => {
    await workbench.chooseFromRow("Models", /first.*gpt2/, "Remove model folder from the list");
    await workbench.dialog().filter({ hasText: "2 others in it leave the list too" }).waitFor();
    await workbench.pressDialog("Take it off the list");
    await workbench.treeRow("Models", /second.*tokenizer only/).waitFor({ state: "detached" });
    assert.equal(await workbench.treeRow("Models", /first.*gpt2/).count(), 0);
    assert.ok(existsSync(editor.file("zoo/first/model.safetensors")));
    await workbench.runCommand("FuseLab: Remove model folder from the list");
    await workbench.pick("owner--gated");
    await workbench.treeRow("Models", /owner--gated/).waitFor({ state: "detached" });
  }),
);

test("nothing but the hub that was set was asked for anything", () => {
  assert.deepEqual(editor.outside(), []);
});
