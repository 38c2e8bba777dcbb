import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { alignmentOutcomes, alignTokens } from "../../src/core/alignment/alignTokens.ts";
import { openTokenizer } from "../../src/model/checkpoint/tokenizerFolder.ts";
import { commandFile, fuselab } from "../support/commandLine.ts";
import { writeFiles } from "../support/folders.ts";
import {
  makeTokenizerFolders,
  type TokenizerFolders,
  withoutRuntime,
} from "../support/tokenizerFolders.ts";
import { inventedText } from "../support/toyProject.ts";
import { read } from "../support/toyTokenizer.ts";

const text = `bako ri  é zuzu\n\t12 ${"日本"} \u001b[31m end\n${inventedText(5, 3)}`;

let folder: string;
let folders: TokenizerFolders;
/** `--target … --source …` */
let models: string[];

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "fuselab-test-"));
  folders = makeTokenizerFolders(folder);
  models = ["--target", folders.target, "--source", folders.source];
  writeFiles(folder, {
    "text.txt": text,
    "broken.txt": Uint8Array.of(0x61, 0xff, 0x62),
    "empty.txt": "",
    "marker.txt": "a▁b",
    "long.txt": inventedText(7, 3000),
  });
});

after(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

/** Runs `fuselab` with a text on standard input. */
function fed(args: readonly string[], input: string) {
  return spawnSync(process.execPath, [commandFile, ...args], { input, encoding: "utf8" });
}

const orNull = (answers: Int32Array): (number | null)[] =>
  Array.from(answers, (answer) => (answer < 0 ? null : answer));

function pairs(path: Int32Array): number[][] {
  return Array.from({ length: path.length / 2 }, (_, i) => [path[2 * i], path[2 * i + 1]]);
}

for (const mode of ["corrected", "published"] as const) {
  test(`--json in ${mode} mode is the alignment of the two encodings`, async () => {
    const args = ["align", ...models, "--text", at("text.txt"), "--mode", mode, "--json"];
    const { code, stdout, stderr } = await fuselab(args);
    assert.equal(code, 0, stderr);
    const found = JSON.parse(stdout);
    const [target, source] = await Promise.all(
      [folders.target, folders.source].map(async (one) => read(await openTokenizer(one), text)),
    );
    const expected = alignTokens(target, source, { mode });
    for (const [side, { encoding }] of [
      ["target", target],
      ["source", source],
    ] as const) {
      assert.deepEqual(found[side].ids, Array.from(encoding.ids));
      assert.deepEqual(found[side].byteEnds, Array.from(encoding.ends));
      assert.deepEqual(found[side].tokens, expected[side].tokens);
      assert.equal(found[side].byteEnds.at(-1), Buffer.byteLength(text));
    }
    assert.deepEqual(found.path, pairs(expected.path!));
    assert.equal(found.cost, expected.cost);
    assert.deepEqual(found.groups.flat(), Array.from(expected.groups!));
    assert.ok(found.groups.every((group: number[]) => group.length === 4));
    assert.deepEqual(
      found.targetToSource,
      expected.targetToSource.map((list) => Array.from(list)),
    );
    assert.deepEqual(found.answers, {
      dtw: orNull(expected.answers.dtw!),
      bytes: orNull(expected.answers.bytes!),
    });
    assert.deepEqual(
      found.outcome,
      Array.from(expected.outcome!, (code) => alignmentOutcomes[code]),
    );
    assert.deepEqual(found.stats, expected.stats);
  });
}

test("one method alone leaves the other's keys away", async () => {
  const args = ["align", ...models, "--text", at("text.txt"), "--json", "--positions"];
  const [bytes, dtw] = await Promise.all(
    ["bytes", "dtw"].map(async (method) => JSON.parse((await fuselab([...args, method])).stdout)),
  );
  assert.deepEqual(Object.keys(bytes.answers), ["bytes"]);
  assert.ok(!("path" in bytes) && !("cost" in bytes) && !("outcome" in bytes));
  assert.deepEqual(Object.keys(dtw.answers), ["dtw"]);
  assert.ok("path" in dtw && "cost" in dtw && !("groups" in dtw));
});

test("the text comes from standard input where no file is named, or for -", () => {
  const expected = fed(["align", ...models, "--json", "--text", at("text.txt")], "");
  for (const args of [[], ["--text", "-"]]) {
    const { status, stdout } = fed(["align", ...models, "--json", ...args], text);
    assert.equal(status, 0);
    assert.equal(stdout, expected.stdout);
  }
});

describe("a replay of pieces", () => {
  /*
   * Without markers the costs of a, b, c (down) with ab, c (across) are 1 1 / 1 1 / 2 0, so the cumulative costs
   * are 1 2 / 2 2 / 4 2. From the last cell the diagonal (b, ab) and (b, c) both hold 2; the diagonal comes first.
   */
  const pieces = [
    "--target-tokens",
    '["▁ab", "c"]',
    "--source-tokens",
    '["Ġa", "b", "c"]',
    "--target-marker",
    "▁",
    "--source-marker",
    "Ġ",
  ];
  const expected = {
    mode: "published",
    target: { tokens: ["▁ab", "c"] },
    source: { tokens: ["Ġa", "b", "c"] },
    path: [
      [0, 0],
      [1, 0],
      [2, 1],
    ],
    cost: 2,
    targetToSource: [[0, 1], [2]],
    answers: { dtw: [null, 2] },
    stats: {
      targetTokens: 2,
      sourceTokens: 3,
      dtw: { answers: 1, share: 0.5, cost: 2, equalPieces: 1 },
    },
  };

  test("is the warping worked out by hand", async () => {
    const { code, stdout, stderr } = await fuselab(["align", ...pieces, "--json"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), expected);
  });

  test("takes long lists from files", async () => {
    writeFiles(folder, { "target.json": '["▁ab", "c"]', "source.json": '["Ġa", "b", "c"]' });
    const args = pieces.with(1, at("target.json")).with(3, at("source.json"));
    const { stdout } = await fuselab(["align", ...args, "--json"]);
    assert.deepEqual(JSON.parse(stdout), expected);
  });

  test("counts a marker that nobody named as a character", async () => {
    const { stdout } = await fuselab(["align", ...pieces.slice(0, 4), "--json"]);
    // Costs 2 2 / 2 1 / 3 0, cumulative 2 4 / 4 3 / 7 3.
    const { path, cost } = JSON.parse(stdout);
    assert.equal(cost, 3);
    assert.deepEqual(path, [
      [0, 0],
      [1, 1],
      [2, 1],
    ]);
  });

  test("shows what is paired side by side", async () => {
    const { stdout } = await fuselab(["align", ...pieces]);
    assert.match(stdout, /T {2}▁ab│ c│\n +A {2}Ġa│b│c│/);
    assert.match(stdout, /dtw answers +1 of 2 \(50\.0 %\) +cost 2/);
  });
});

test("for people: figures and tokens side by side within 80 columns, no control character", async () => {
  const { code, stdout } = await fuselab(["align", ...models, "--text", at("text.txt")]);
  assert.equal(code, 0);
  assert.match(stdout, /^T {2}target +\d+ tokens\nA {2}source +\d+ tokens\n/);
  assert.match(stdout, /dtw answers +\d+ of \d+ \(\d+\.\d %\)/);
  assert.match(stdout, /bytes answer +\d+ of \d+ \(\d+\.\d %\)/);
  assert.match(stdout, /same \d+ +◐ dtwOnly \d+ +◑ bytesOnly \d+ +◆ other \d+ +○ neither \d+/);
  assert.match(stdout, /^ *\d+ {2}T {2}\S.*\n +A {2}\S/m);
  assert.match(stdout, /⟨ESC⟩|⟨1B⟩/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  for (const line of stdout.split("\n")) assert.ok([...line].length <= 80, line);
});

test("--all leaves nothing out", async () => {
  const args = ["align", ...models, "--text", at("long.txt"), "--positions", "bytes"];
  const [short, all] = await Promise.all([fuselab(args), fuselab([...args, "--all"])]);
  assert.match(short.stdout, /Left out from byte [\d,]+ on: [\d,]+ target tokens, [\d,]+ places/);
  assert.ok(short.stdout.split("\n").length < 80);
  assert.doesNotMatch(all.stdout, /Left out/);
  assert.ok(all.stdout.split("\n").length > 1000);
});

test("ONNX Runtime is not loaded", async () => {
  const { code, stderr } = await fuselab(["align", ...models, "--text", at("text.txt")], {
    environment: { NODE_OPTIONS: withoutRuntime(folder) },
  });
  assert.equal(code, 0, stderr);
});

describe("wrong input ends with 2, a sentence and what to do, and prints nothing else", () => {
  const cases: readonly [title: string, args: () => string[], says: RegExp][] = [
    ["no folders", () => ["--text", at("text.txt")], /--target is missing/],
    ["no source", () => ["--target", folders.target], /--source is missing/],
    [
      "a folder that is not there",
      () => ["--target", folders.target, "--source", at("nowhere"), "--text", at("text.txt")],
      /nowhere is not a folder/,
    ],
    [
      "a folder without a tokenizer",
      () => ["--target", folders.target, "--source", folder, "--text", at("text.txt")],
      /no tokenizer\.json/,
    ],
    ["a text that is not there", () => [...models, "--text", at("no.txt")], /no\.txt/],
    ["a folder as text", () => [...models, "--text", folder], /is not a file/],
    ["a text that is not UTF-8", () => [...models, "--text", at("broken.txt")], /not UTF-8/],
    ["an empty text", () => [...models, "--text", at("empty.txt")], /no text in empty\.txt/],
    ["nothing on standard input", () => models, /no text in standard input/],
    [
      "a text whose bytes a tokenizer cannot give",
      () => [...models, "--text", at("marker.txt")],
      /target takes "▁" for a space at byte 1/,
    ],
    [
      "a text over the limit of warping",
      () => [...models, "--text", at("long.txt")],
      /[\d,]+ cells, over the limit of 100,000,000[\s\S]*bytes/,
    ],
    ["an unknown mode", () => [...models, "--mode", "new"], /corrected, published/],
    ["pieces that are no JSON", () => ["--target-tokens", "[", "--source-tokens", "[]"], /JSON/],
    [
      "pieces that are no strings",
      () => ["--target-tokens", "[1]", "--source-tokens", '["a"]'],
      /--target-tokens is not a list of pieces/,
    ],
    ["no pieces", () => ["--target-tokens", '["a"]', "--source-tokens", "[]"], /not a list/],
    ["pieces of one side", () => ["--target-tokens", '["a"]'], /--source-tokens is missing/],
    [
      "pieces beside a folder",
      () => ["--target-tokens", '["a"]', "--source", folders.source],
      /--source cannot stand beside pieces/,
    ],
    [
      "pieces by bytes",
      () => ["--target-tokens", '["a"]', "--source-tokens", '["a"]', "--positions", "bytes"],
      /no bytes/,
    ],
  ];
  for (const [title, args, says] of cases) {
    test(title, async () => {
      const { code, stdout, stderr } = await fuselab(["align", ...args()]);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /^\s+at /m);
    });
  }
});
