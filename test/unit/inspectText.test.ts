import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { alignRows } from "../../src/core/fusion/alignRows.ts";
import { fuseChunk } from "../../src/core/fusion/rules.ts";
import { candidateScores } from "../../src/core/fusion/scores.ts";
import { sequenceOf } from "../../src/core/text/sequence.ts";
import { buildVocabularyMap } from "../../src/core/vocabulary/vocabularyMap.ts";
import type { Entry, InspectedPosition } from "../../src/pipeline/inspectedPosition.ts";
import {
  type InspectedChunk,
  type InspectedModel,
  type InspectSettings,
  inspectText,
} from "../../src/pipeline/inspectText.ts";
import {
  type InspectedModels,
  inspectSettings,
  type OpenModel,
  openInspectedModels,
} from "../support/inspectedModels.ts";
import { isProblem } from "../support/problems.ts";
import { inventedText } from "../support/toyProject.ts";
import { read } from "../support/toyTokenizer.ts";

const text = `  ${inventedText(3, 5)}\n\tbako é 12 zuzu\n`;

let models: InspectedModels;
before(async () => {
  models = await openInspectedModels();
});
after(() => Promise.all(Object.values(models).map(({ opened }) => opened.dispose())));

function mapsOf({ mode, alignment }: InspectSettings) {
  return [models.pieces, models.bytes].map(({ tokenizer }) =>
    buildVocabularyMap(tokenizer, models.target.tokenizer, { method: alignment.vocabulary, mode }),
  );
}

function inspected(settings: InspectSettings, read = text): Promise<InspectedChunk[]> {
  return inspectText({
    text: read,
    target: models.target,
    sources: [models.pieces, models.bytes],
    maps: mapsOf(settings),
    settings,
  });
}

const positionsOf = (chunks: readonly InspectedChunk[]): InspectedPosition[] =>
  chunks.flatMap(({ positions }) => positions);

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const mass = (row: readonly Entry[]): number => sum(row.map(({ p }) => p));
const chanceOf = (row: readonly Entry[], id: number): number =>
  row.find((entry) => entry.id === id)?.p ?? 0;

function assertNear(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) < 2e-6, `${what}: ${actual}, not ${expected}`);
}

function assertSameRow(
  actual: readonly Entry[],
  expected: ReadonlyMap<number, number>,
  what: string,
) {
  for (const id of new Set([...actual.map((entry) => entry.id), ...expected.keys()])) {
    assertNear(chanceOf(actual, id), expected.get(id) ?? 0, `${what}, token ${id}`);
  }
}

for (const mode of ["corrected", "published"] as const) {
  describe(`in ${mode} mode`, () => {
    test("every row and what it leaves over add up to 1", async () => {
      const positions = positionsOf(await inspected(inspectSettings(mode)));
      assert.ok(positions.length > 60, "too short a text to say anything");
      for (const { index, target, sources, fused, weights } of positions) {
        assertNear(mass(target.row) + target.leftOver, 1, `target at ${index}`);
        for (const { source, reason, row, mass: account } of sources) {
          assertNear(mass(row) + account.leftOver, 1, `${source} at ${index}`);
          assert.equal(row.length === 0, reason !== undefined, `${source} at ${index}`);
        }
        const hasRow = fused.from !== "none";
        assertNear(mass(fused.row) + fused.leftOver, hasRow ? 1 : 0, `fused at ${index}`);
        assertNear(sum(weights), hasRow ? 1 : 0, `weights at ${index}`);
      }
      assert.ok(positions.some(({ sources }) => sources.some(({ reason }) => reason)));
      assert.ok(positions.some(({ sources }) => sources.some(({ reason }) => !reason)));
    });

    test("rows are those that alignment and fusion make of the same readings", async () => {
      const settings = inspectSettings(mode, {
        length: models.target.context,
        fusion: { rule: "avgCE" },
      });
      const [chunk] = await inspected(settings);
      const [target, ...sources] = await Promise.all(
        [models.target, models.pieces, models.bytes].map(async (model) => {
          const side = read(model.tokenizer, chunk.text);
          const sequence = sequenceOf(model.tokenizer, side.encoding);
          const [representation] = await model.opened.read([sequence], 12);
          return { ...side, representation };
        }),
      );
      const maps = mapsOf(settings);
      const aligned = sources.map((source, s) =>
        alignRows({
          target,
          source,
          representation: source.representation,
          map: maps[s],
          positions: settings.alignment.positions,
          mode,
        }),
      );
      const candidates = [target, ...sources].map(({ representation }) => representation);
      const scores = candidateScores(
        [{ bytes: Buffer.byteLength(chunk.text), candidates }],
        settings.fusion.unit,
      );
      const { rows, weights } = fuseChunk({
        target,
        aligned,
        scores,
        ...settings.fusion,
        temperature: 1,
        softness: settings.fusion.temperature,
        mode,
      });
      assert.equal(chunk.positions.length, rows.rows);
      assert.deepEqual(
        chunk.candidates.map(({ score, weight }) => [score, weight]),
        Array.from(scores, (score, m) => [score, weights![m]]),
      );
      for (const [i, position] of chunk.positions.entries()) {
        assertSameRow(position.fused.row, sparseRow(rows, i), `fused at ${i}`);
        for (const [s, source] of position.sources.entries()) {
          assertSameRow(source.row, sparseRow(aligned[s], i), `source ${s} at ${i}`);
        }
      }
    });

    test("the fates of a source's candidates account for its row", async () => {
      const positions = positionsOf(await inspected(inspectSettings(mode)));
      const seen = new Set<string>();
      for (const { sources, next, index } of positions)
        for (const { source, own, row, reason, goldNats, mass: account } of sources) {
          if (reason !== undefined) {
            assert.ok(own.every(({ becomes }) => becomes === undefined));
            continue;
          }
          const rebuilt = new Map<number, number>();
          const give = (id: number, p: number) => rebuilt.set(id, (rebuilt.get(id) ?? 0) + p);
          if (mode === "corrected") give(next.id, Math.exp(-goldNats!));
          for (const { p, to, becomes } of own) {
            seen.add(becomes!);
            if (becomes === "kept" || becomes === "merged") give(to!.id, p);
            if (becomes === "goldPath") assert.equal(to!.id, next.id);
          }
          const whole = mode === "published" ? sum([...rebuilt.values()]) : 1;
          const scaled = new Map(Array.from(rebuilt, ([id, p]) => [id, p / whole]));
          assertSameRow(row, scaled, `${source} at ${index}`);
          for (const fate of ["merged", "noTargetToken", "duplicateDropped"] as const) {
            const lost = own.filter(({ becomes }) => becomes === fate).map(({ p }) => p);
            assertNear(account[fate], sum(lost), `${source} at ${index}, ${fate}`);
          }
        }
      const expected = mode === "published" ? "duplicateDropped" : "goldPath";
      assert.ok(seen.has("kept") && seen.has(expected), [...seen].join(" "));
    });
  });
}

function sparseRow(
  { offsets, ids, probs }: { offsets: Int32Array; ids: Int32Array; probs: Float32Array },
  row: number,
): Map<number, number> {
  const entries = new Map<number, number>();
  for (let i = offsets[row]; i < offsets[row + 1]; i++) entries.set(ids[i], probs[i]);
  return entries;
}

test("taught is λ of the true next token and the rest of the fused row", async () => {
  const positions = positionsOf(await inspected(inspectSettings("corrected", { lambda: 0.3 })));
  const fused = positions.filter(({ fused: { from } }) => from !== "none");
  assert.ok(fused.length > 0);
  for (const { fused: row, taught, next, index } of fused) {
    assertNear(taught.label, 0.3, "label");
    const expected = new Map(row.row.map(({ id, p }) => [id, 0.7 * p]));
    expected.set(next.id, (expected.get(next.id) ?? 0) + 0.3);
    assertSameRow(taught.row, expected, `taught at ${index}`);
    assertNear(mass(taught.row) + taught.leftOver, 1, `taught at ${index}`);
  }
});

const fallbacks = [
  { fallback: "nextToken", label: 1, current: 0 },
  { fallback: "skip", label: 0.4, current: 0 },
  { fallback: "currentToken", label: 0.4, current: 0.6 },
] as const;

for (const { fallback, label, current } of fallbacks) {
  test(`a position without a fused row is taught by ${fallback}`, async () => {
    // MinCE takes one candidate's rows alone; the target has all, so it is made the worst by leaving it out.
    const settings = inspectSettings("corrected", { alignment: { fallback } });
    const chunks = await inspectText({
      text,
      target: { ...models.target, read: worse(models.target) },
      sources: [models.bytes],
      maps: [mapsOf(settings)[1]],
      settings,
    });
    const without = positionsOf(chunks).filter(({ fused }) => fused.from === "none");
    assert.ok(without.length > 0, "every position has a fused row");
    for (const { taught, next, token, weights } of without) {
      // The released code reads no BOS, so no text is taught to repeat it.
      const repeats = current > 0 && token.id !== models.target.tokenizer.table.bos;
      const expected = new Map<number, number>([[next.id, repeats || current === 0 ? label : 1]]);
      if (repeats) expected.set(token.id, (expected.get(token.id) ?? 0) + current);
      assertSameRow(taught.row, expected, fallback);
      assert.equal(taught.leftOver, 0);
      assert.deepEqual(weights, [0, 0]);
    }
  });
}

/** Reads as the model does, with a loss so large that no rule prefers it. */
function worse(model: OpenModel): InspectedModel["read"] {
  return async (...request) =>
    (await model.opened.read(...request)).map((representation) => ({
      ...representation,
      nats: representation.nats.map((nat) => nat + 50),
    }));
}

for (const per of ["chunk", "token"] as const)
  for (const rule of ["minCE", "avgCE"] as const) {
    test(`${rule} per ${per}: the fused row is the sum of the candidates' rows by their weights`, async () => {
      const settings = inspectSettings("corrected", { fusion: { per, rule } });
      for (const position of positionsOf(await inspected(settings))) {
        const { target, sources, weights, fused } = position;
        const rows = [target.row, ...sources.map(({ row }) => row)];
        const mixed = new Map<number, number>();
        for (const [m, row] of rows.entries())
          for (const { id, p } of row) mixed.set(id, (mixed.get(id) ?? 0) + weights[m] * p);
        for (const [id, p] of mixed) if (p === 0) mixed.delete(id);
        assertSameRow(fused.row, mixed, `fused at ${position.index}`);
      }
    });
  }

test("in published mode the target's row stands in for one that lost its candidates", async () => {
  const settings = inspectSettings("published", { alignment: { vocabulary: "exact" } });
  const nothing = { ...mapsOf(settings)[0] };
  const chunks = await inspectText({
    text,
    target: { ...models.target, read: worse(models.target) },
    sources: [models.pieces],
    maps: [{ ...nothing, targetOf: nothing.targetOf.map(() => -1) }],
    settings,
  });
  const rows = positionsOf(chunks).filter(({ sources }) => sources[0].reason === undefined);
  assert.ok(rows.length > 0);
  for (const { weights, fused, target } of rows) {
    assert.deepEqual(weights, [1, 0]);
    assert.equal(fused.from, "target");
    const whole = mass(target.row);
    assertSameRow(fused.row, new Map(target.row.map(({ id, p }) => [id, p / whole])), "fused");
  }
});

test("chunks, positions and bytes follow each other through the text", async () => {
  const chunks = await inspected(inspectSettings("corrected", { length: 20 }));
  assert.ok(chunks.length > 2);
  assert.equal(chunks.map((chunk) => chunk.text).join(""), text.normalize("NFC"));
  assert.deepEqual(
    positionsOf(chunks).map(({ index }) => index),
    positionsOf(chunks).map((_, i) => i),
  );
  let byte = 0;
  for (const chunk of chunks) {
    assert.ok(chunk.positions.length <= 20);
    assert.equal(chunk.firstByte, byte);
    assert.equal(chunk.firstPosition, chunk.positions[0].index);
    assert.equal(chunk.positions[0].token.byteEnd, byte);
    byte += Buffer.byteLength(chunk.text);
    assert.equal(chunk.positions.at(-1)!.token.byteEnd, byte);
    assert.equal(chunk.positions.at(-1)!.next.id, models.target.tokenizer.table.eos);
  }
});

test("a text is read in NFC", async () => {
  const [chunk] = await inspected(inspectSettings("corrected"), "e\u0301");
  assert.equal(chunk.text, "\u00e9");
});

test("a source that cannot read the text has no score, no weight and no row, and says why", async () => {
  const settings = inspectSettings("corrected");
  const { pieces, bytes } = models;
  const made = { method: "firstToken", mode: "corrected" } as const;
  const chunks = await inspectText({
    text: "ba▁ko",
    target: bytes,
    sources: [pieces],
    maps: [buildVocabularyMap(pieces.tokenizer, bytes.tokenizer, made)],
    settings,
  });
  const [{ candidates, positions }] = chunks;
  assert.deepEqual(candidates[1], { label: "pieces", score: null, weight: 0 });
  for (const { sources, fused } of positions) {
    assert.equal(sources[0].reason, "textDiffers");
    assert.deepEqual(sources[0].own, []);
    assert.equal(fused.from, "bytes");
  }
});

test("a target that cannot read the text is a problem that says what it changes", async () => {
  await assert.rejects(
    inspected(inspectSettings("corrected"), "ba▁ko"),
    isProblem("badInput", "target", "▁"),
  );
});
