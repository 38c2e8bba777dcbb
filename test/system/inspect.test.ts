import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { openTokenizer } from "../../src/model/checkpoint/tokenizerFolder.ts";
import type { Entry, InspectedPosition } from "../../src/pipeline/inspectedPosition.ts";
import type { InspectedChunk, InspectSettings } from "../../src/pipeline/inspectText.ts";
import { modeDefaults } from "../../src/pipeline/recipeDefaults.ts";
import { fuselab } from "../support/commandLine.ts";
import { writeFiles } from "../support/folders.ts";
import { makeTokenizerFolders } from "../support/tokenizerFolders.ts";
import { inventedText, makeToyProject, type ToyProject } from "../support/toyProject.ts";
import { read } from "../support/toyTokenizer.ts";

const text = `  ${inventedText(5, 3)}\tbako \u001b é\n`;

let folder: string;
let project: ToyProject;
let models: string[];

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "fuselab-test-"));
  project = await makeToyProject(folder);
  models = ["--target", project.target, "--source", project.source, "--text", at("text.txt")];
  writeFiles(folder, {
    "text.txt": text,
    "broken.txt": Uint8Array.of(0xff),
    "marker.txt": "a▁b",
    "long.txt": inventedText(6, 4000),
  });
});

after(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

interface Document {
  readonly target: { readonly label: string; readonly folder: string };
  readonly sources: readonly { readonly label: string; readonly folder: string }[];
  readonly settings: InspectSettings;
  readonly chunks: readonly InspectedChunk[];
}

async function document(...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await fuselab(["inspect", ...models, "--json", ...args]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const positionsOf = ({ chunks }: Document): InspectedPosition[] =>
  chunks.flatMap(({ positions }) => positions);

const mass = (row: readonly Entry[]): number => row.reduce((sum, { p }) => sum + p, 0);
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

describe("--json", () => {
  test("holds a position for every token and the beginning of the text, with rows that add up to 1", async () => {
    const found = await document();
    const [chunk] = found.chunks;
    const { encoding } = read(await openTokenizer(project.target), text);
    assert.equal(found.chunks.length, 1);
    assert.equal(chunk.text, text);
    assert.deepEqual(
      chunk.positions.slice(1).map(({ token }) => [token.id, token.byteEnd]),
      Array.from(encoding.ids, (id, i) => [id, encoding.ends[i]]),
    );
    assert.deepEqual(
      chunk.candidates.map(({ label }) => label),
      ["target", "source"],
    );
    for (const { index, target, sources, fused, taught } of chunk.positions) {
      assert.ok(near(mass(target.row) + target.leftOver, 1), `target at ${index}`);
      for (const { row, mass: account } of sources) {
        assert.ok(near(mass(row) + account.leftOver, 1), `source at ${index}`);
      }
      assert.ok(near(mass(fused.row) + fused.leftOver, fused.from === "none" ? 0 : 1));
      assert.ok(near(mass(taught.row) + taught.leftOver, 1), `taught at ${index}`);
    }
  });

  for (const mode of ["corrected", "published"] as const) {
    test(`settings that are not given are those of ${mode} mode`, async () => {
      const { settings } = await document("--mode", mode);
      const { representation, alignment, fusion, training } = modeDefaults[mode];
      const { lambda, length } = training;
      assert.deepEqual(settings, { mode, representation, alignment, fusion, lambda, length });
    });
  }

  test("every setting reaches the answer", async () => {
    const found = await document(
      ...["--positions", "dtw", "--vocabulary", "exact", "--fallback", "skip", "--rule", "avgCE"],
      ...["--per", "token", "--unit", "token", "--tail", "renormalise", "--lambda", "0.25"],
      ...["--top-k", "3", "--length", "16"],
    );
    const { alignment, fusion, lambda, length, representation } = found.settings;
    assert.equal(alignment.positions, "dtw");
    assert.equal(alignment.vocabulary, "exact");
    assert.equal(alignment.fallback, "skip");
    assert.deepEqual(
      [fusion.rule, fusion.per, fusion.unit, fusion.tail, lambda, length, representation.topK],
      ["avgCE", "token", "token", "renormalise", 0.25, 16, 3],
    );
    assert.ok(found.chunks.length > 1);
    for (const { positions, candidates } of found.chunks) {
      assert.ok(positions.length <= 16);
      assert.ok(candidates.every(({ weight }) => weight === null));
      for (const { target, taught, fused } of positions) {
        assert.equal(target.row.length, 3);
        assert.ok(near(taught.label, 0.25));
        if (fused.from !== "none") assert.ok(near(fused.leftOver, 0));
      }
    }
  });

  test("--position keeps that position alone, numbered through all chunks", async () => {
    const all = positionsOf(await document("--length", "16"));
    const wanted = all.length - 3;
    const one = await document("--length", "16", "--position", String(wanted));
    assert.deepEqual(positionsOf(one), [all[wanted]]);
    assert.equal(one.chunks.length, 1);
  });
});

describe("for people", () => {
  test("one line a position with the scores and weights above, within 80 columns", async () => {
    const { code, stdout } = await fuselab(["inspect", ...models]);
    assert.equal(code, 0);
    const positions = positionsOf(await document());
    assert.match(stdout, /^T {2}target\nA {2}source\nmode corrected, top \d+, λ 0\.4\n/);
    assert.match(stdout, /^T {2}target +\d+\.\d{4} +\d\.\d{3}$/m);
    assert.match(stdout, /^A has a row +\d+ of \d+ \(\d+\.\d %\)/m);
    const lines = stdout.split("\n").filter((line) => /^ *\d+ {2}\S/.test(line));
    assert.equal(lines.length, positions.length);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
    for (const line of stdout.split("\n")) assert.ok([...line].length <= 80, line);
  });

  test("--position shows a source's candidates, their fates, and the rows side by side", async () => {
    const positions = positionsOf(await document());
    const wanted = positions.find(
      ({ sources }) => sources[0].own.length > 0 && !sources[0].reason,
    )!;
    const { stdout } = await fuselab(["inspect", ...models, "--position", String(wanted.index)]);
    assert.match(
      stdout,
      new RegExp(`^position ${wanted.index}: after ".*" \\(byte \\d+\\) comes `, "m"),
    );
    assert.match(stdout, /^A {2}source, weight [01]\.\d{3}, case \w+, true next token [.<\d]+$/m);
    assert.match(stdout, /^ {2}mapped [.<\d]+, left over [.<\d]+/m);
    assert.match(stdout, /^ +target token +T +A +fused +taught$/m);
    assert.match(stdout, /^✓ {2}/m);
    for (const line of stdout.split("\n")) assert.ok([...line].length <= 80, line);
  });

  test("a position without a row says why, and what is taught instead", async () => {
    const positions = positionsOf(await document());
    const without = positions.find(({ sources }) => sources[0].reason !== undefined)!;
    const { stdout } = await fuselab(["inspect", ...models, "--position", String(without.index)]);
    assert.match(stdout, new RegExp(`^ {2}no row: ${without.sources[0].reason}$`, "m"));
  });
});

test("a warning of a recipe is one here", async () => {
  const { code, stderr } = await fuselab(["inspect", ...models, "--per", "token", "--json"]);
  assert.equal(code, 0);
  assert.match(stderr, /warning: minCE per token chooses each row by its own label/);
});

const wrong: readonly [title: string, args: () => string[], says: RegExp][] = [
  ["no source", () => ["--target", project.target], /--source <folders\.\.\.>' not specified/],
  [
    "published by bytes",
    () => [...models, "--mode", "published", "--positions", "bytes"],
    /dtw only, not by bytes/,
  ],
  [
    "published with firstToken",
    () => [...models, "--mode", "published", "--vocabulary", "firstToken"],
    /firstToken is not in it/,
  ],
  ["a source twice", () => [...models, "--source", project.source], /listed twice/],
  ["a share above 1", () => [...models, "--lambda", "2"], /from 0 to 1/],
  ["a top k of 0", () => [...models, "--top-k", "0"], /from 1 to 256/],
  [
    "a position beyond the text",
    () => [...models, "--position", "9999"],
    /no position 9999[\s\S]*0 to \d+/,
  ],
  [
    "a text that is not UTF-8",
    () => ["--target", project.target, "--source", project.source, "--text", at("broken.txt")],
    /not UTF-8/,
  ],
  [
    "a text whose bytes the target cannot give",
    () => ["--target", project.target, "--source", project.source, "--text", at("marker.txt")],
    /target cannot read this text: .*▁/,
  ],
  [
    "a text too long to be shown",
    () => ["--target", project.target, "--source", project.source, "--text", at("long.txt")],
    /too long to be shown/,
  ],
  [
    "a folder with a tokenizer alone",
    () => [
      ...["--target", makeTokenizerFolders(at("tokenizers")).target],
      ...["--source", project.source, "--text", at("text.txt")],
    ],
    /config\.json is not there/,
  ],
];

for (const [title, args, says] of wrong) {
  test(`${title} ends with 2 and nothing on stdout`, async () => {
    const { code, stdout, stderr } = await fuselab(["inspect", ...args()]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
}
