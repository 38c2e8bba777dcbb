/** Every command of the manifest is driven by some test in a real editor, by its title or its id. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.join(import.meta.dirname, "..", "..");
const { contributes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const words = JSON.parse(readFileSync(path.join(root, "package.nls.json"), "utf8"));
const tests = ["test/e2e", "test/editor"]
  .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)))
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(path.join(root, file), "utf8"))
  .join("\n");

test("each command is named in a test of test/e2e or test/editor", () => {
  const untested = contributes.commands
    .map(({ command, title }: { command: string; title: string }) => ({
      id: command.replace(/^fuselab\./, ""),
      title: words[title.slice(1, -1)] as string,
    }))
    .filter(
      ({ id, title }: { id: string; title: string }) =>
        !tests.includes(title) && !tests.includes(`"${id}"`) && !tests.includes(`fuselab.${id}`),
    );
  assert.deepEqual(untested, []);
});
