/** That the sabotages of test/sabotage still fit the sources; running them takes minutes and has its own command. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { sabotages } from "../sabotage/sabotages.ts";

const root = path.dirname(path.dirname(import.meta.dirname));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

test("there are twelve sabotages, each with a name of its own", () => {
  assert.equal(new Set(sabotages.map(({ name }) => name)).size, 12);
});

for (const sabotage of sabotages) {
  test(`'${sabotage.name}' stands once in its source, and its test exists`, () => {
    assert.equal(read(sabotage.file).split(sabotage.find).length, 2, sabotage.find);
    assert.notEqual(sabotage.find, sabotage.replace);
    assert.ok(read(sabotage.test.file).includes(sabotage.test.name), sabotage.test.name);
  });
}
