import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import {
  buildVocabularyMap,
  mapCounts,
  mapKinds,
  requireMatching,
} from "../../src/core/vocabulary/vocabularyMap.ts";
import { openTokenizer } from "../../src/model/checkpoint/tokenizerFolder.ts";
import { readVocabularyMap } from "../../src/pipeline/vocabularyMapFile.ts";
import { fuselab } from "../support/commandLine.ts";
import {
  makeTokenizerFolders,
  type TokenizerFolders,
  withoutRuntime,
} from "../support/tokenizerFolders.ts";

let folder: string;
let folders: TokenizerFolders;
let models: string[];

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "fuselab-test-"));
  folders = makeTokenizerFolders(folder);
  models = ["--target", folders.target, "--source", folders.source];
});

after(() => rmSync(folder, { recursive: true, force: true }));

const maps = [
  ["firstToken", "corrected"],
  ["exact", "corrected"],
  ["minEditDistance", "corrected"],
  ["exact", "published"],
  ["minEditDistance", "published"],
] as const;

for (const [method, mode] of maps) {
  test(`--json and --out hold the map that ${method} builds in ${mode} mode`, async () => {
    const out = path.join(folder, "maps", `${method}-${mode}.arrow`);
    const args = ["vocab", ...models, "--method", method, "--mode", mode];
    const { code, stdout, stderr } = await fuselab([...args, "--json", "--out", out]);
    assert.equal(code, 0, stderr);
    const [source, target] = await Promise.all(
      [folders.source, folders.target].map((one) => openTokenizer(one)),
    );
    const expected = buildVocabularyMap(source, target, { method, mode });
    const { counts, map, ...made } = JSON.parse(stdout);
    assert.deepEqual(counts, mapCounts(expected));
    assert.deepEqual(
      map,
      Array.from(expected.targetOf, (to, id) => ({
        source: id,
        target: to < 0 ? null : to,
        kind: mapKinds[expected.how[id]],
        distance: expected.distance[id],
      })),
    );
    assert.equal(made.method, method);
    assert.equal(made.mode, mode);
    assert.equal(made.source.fingerprint, source.fingerprint);
    const written = await readVocabularyMap(out);
    requireMatching(written, source, target);
    assert.deepEqual(written, expected);
    assert.deepEqual(
      readdirSync(path.dirname(out)).filter((name) => name.includes("tmp")),
      [],
    );
  });
}

test("the method is the mode's own where none is named", async () => {
  for (const [mode, method] of [
    ["corrected", "firstToken"],
    ["published", "minEditDistance"],
  ]) {
    const { stdout } = await fuselab(["vocab", ...models, "--mode", mode, "--json"]);
    assert.equal(JSON.parse(stdout).method, method);
  }
});

test("for people: counts by kind with their share, examples, within 80 columns", async () => {
  const { code, stdout, stderr } = await fuselab(["vocab", ...models]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^T {2}target +\d+ tokens\nA {2}source +\d+ tokens\nfirstToken, mode corrected\n/,
  );
  assert.match(stdout, /source tokens with a target token +\d+ of \d+ \(\d+\.\d %\)/);
  assert.match(stdout, /^same +\d+ of \d+ \(\d+\.\d %\) .+\n {4}\S+ → \S+/m);
  assert.match(stdout, /^firstToken .+\n {4}\S+ → \S+/m);
  assert.match(stderr, /source → target: done/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  for (const line of stdout.split("\n")) assert.ok([...line].length <= 80, line);
});

test("edits are counted where tokens are mapped by distance", async () => {
  const { stdout } = await fuselab(["vocab", ...models, "--method", "minEditDistance"]);
  const [, list = ""] = /^distance .+\n {4}edits (.+)$/m.exec(stdout) ?? [];
  const [, of = ""] = /^distance +([\d,]+) of/m.exec(stdout) ?? [];
  const counts = [...list.matchAll(/: ([\d,]+)/g)].map(([, n]) => Number(n.replaceAll(",", "")));
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    Number(of.replaceAll(",", "")),
  );
});

test("ONNX Runtime is not loaded", async () => {
  const { code, stderr } = await fuselab(["vocab", ...models], {
    environment: { NODE_OPTIONS: withoutRuntime(folder) },
  });
  assert.equal(code, 0, stderr);
});

const wrong: readonly [title: string, args: () => string[], says: RegExp][] = [
  ["no source", () => ["--target", folders.target], /--source <folder>' not specified/],
  ["an unknown method", () => [...models, "--method", "best"], /firstToken/],
  [
    "a method the published code does not have",
    () => [...models, "--method", "firstToken", "--mode", "published"],
    /no vocabulary method `firstToken`/,
  ],
  ["a folder for --out", () => [...models, "--out", folder], /--out names a folder/],
];

for (const [title, args, says] of wrong) {
  test(`${title} ends with 2 and nothing on stdout`, async () => {
    const { code, stdout, stderr } = await fuselab(["vocab", ...args()]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, says);
  });
}

test("what is refused writes nothing", async () => {
  const out = path.join(folder, "refused.arrow");
  const args = ["--method", "firstToken", "--mode", "published", "--out", out];
  assert.equal((await fuselab(["vocab", ...models, ...args])).code, 2);
  assert.ok(!existsSync(out));
});
