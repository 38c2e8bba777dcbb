import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { noRowReasons } from "../../src/core/fusion/representation.ts";
import { sequenceOf } from "../../src/core/text/sequence.ts";
import { buildVocabularyMap } from "../../src/core/vocabulary/vocabularyMap.ts";
import { documentFigures } from "../../src/pipeline/inspectFigures.ts";
import { type FusedText, tokensInView } from "../../src/pipeline/inspectFusion.ts";
import { createGrowingMap } from "../../src/pipeline/inspectMaps.ts";
import { inspectedChunks, readTexts, type TextReading } from "../../src/pipeline/inspectReading.ts";
import { fusedPosition } from "../../src/pipeline/inspectRow.ts";
import { createInspectSession, type InspectSession } from "../../src/pipeline/inspectSession.ts";
import { inspectText } from "../../src/pipeline/inspectText.ts";
import type { FusedPosition, RowEntry } from "../../src/protocol/fusedFigures.ts";
import {
  type InspectedModels,
  inspectSettings,
  openInspectedModels,
  type SettingChanges,
} from "../support/inspectedModels.ts";
import { isProblem } from "../support/problems.ts";
import { inventedText } from "../support/toyProject.ts";

const text = `  ${inventedText(3, 5)}\n\tbako é 12 zuzu\n`;
const width = 400;

let models: InspectedModels;
let session: InspectSession;
let timesRead = 0;

before(async () => {
  models = await openInspectedModels();
  session = createInspectSession(await readingAt(width));
});
after(() => Promise.all(Object.values(models).map(({ opened }) => opened.dispose())));

function readingAt(topK: number): Promise<TextReading> {
  const { target, pieces, bytes } = models;
  const sources = [pieces, bytes];
  const texts = inspectedChunks({ text, target, sources, settings: inspectSettings("corrected") });
  const all = [target, ...sources].map((model) => ({
    ...model,
    read: (...request: Parameters<typeof model.read>) => {
      timesRead++;
      return model.read(...request);
    },
  }));
  return readTexts({ texts, models: all, topKOf: () => topK });
}

const plain = { approximate: false, warnings: [] };

function everyPosition(fused: FusedText): FusedPosition[] {
  const { positions } = documentFigures(fused, plain);
  return Array.from({ length: positions }, (_, i) => fusedPosition(fused, i));
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
const mass = (row: readonly RowEntry[]): number => sum(row.map(({ p }) => p));

function assertNear(actual: number, expected: number, what: string, within = 2e-6): void {
  assert.ok(Math.abs(actual - expected) < within, `${what}: ${actual}, not ${expected}`);
}

const variants: readonly [string, "corrected" | "published", SettingChanges][] = [
  ["corrected", "corrected", {}],
  ["corrected, avgCE per token", "corrected", { fusion: { rule: "avgCE", per: "token" } }],
  [
    "corrected, exact, top 3",
    "corrected",
    { alignment: { vocabulary: "exact" }, representation: { topK: 3 } },
  ],
  ["corrected, heated", "corrected", { representation: { temperature: 1.7 } }],
  ["published", "published", {}],
  [
    "published, avgCE, cooled",
    "published",
    { fusion: { rule: "avgCE" }, representation: { temperature: 0.6 } },
  ],
];

for (const [name, mode, changes] of variants) {
  describe(name, () => {
    test("at every position each mass adds up to 1, and so do the fused row and what is taught", async () => {
      const lambda = 0.3;
      const fused = await session.fuse(
        inspectSettings(mode, { ...changes, lambda } as SettingChanges),
      );
      const positions = everyPosition(fused);
      assert.ok(positions.length > 60);
      for (const { position, columns, fused: row, taught, next } of positions) {
        for (const { letter, mass: parts, reason } of columns) {
          const { mapped, leftOver, noTargetToken, duplicateDropped, merged } = parts;
          const whole = mapped + leftOver + noTargetToken + duplicateDropped;
          assertNear(whole, 1, `${letter} at ${position}`);
          for (const part of Object.values(parts)) assert.ok(part >= 0 && part <= 1 + 1e-6);
          if (reason === undefined) assert.ok(merged <= mapped + 1e-6);
        }
        const hasRow = row.from !== "none";
        assertNear(mass(row.row) + row.leftOver, hasRow ? 1 : 0, `fused at ${position}`);
        assertNear(
          sum(columns.map(({ weight }) => weight)),
          hasRow ? 1 : 0,
          `weights at ${position}`,
        );
        if (!hasRow) continue;
        const expected = new Map(row.row.map(({ id, p }) => [id, (1 - lambda) * p]));
        expected.set(next.id, (expected.get(next.id) ?? 0) + lambda);
        assert.equal(taught.row.length, expected.size);
        for (const { id, p } of taught.row) {
          assertNear(p, expected.get(id) ?? 0, `taught at ${position}, token ${id}`);
        }
        assertNear(mass(taught.row) + taught.leftOver, 1, `taught at ${position}`);
      }
    });

    test("the arrays say what the positions say", async () => {
      const fused = await session.fuse(inspectSettings(mode, changes));
      const figures = documentFigures(fused, plain);
      const count = 3;
      assert.equal(Buffer.byteLength(figures.text), figures.byteEnds.at(-1));
      assert.deepEqual(figures.families, ["sentencePiece", "sentencePiece", "byteLevel"]);
      for (const found of everyPosition(fused)) {
        const i = found.position;
        assert.equal(figures.ids[i], found.next.id);
        assert.equal(figures.tokens[i], found.next.piece);
        for (const [m, column] of found.columns.entries()) {
          const cell = i * count + m;
          assertNear(figures.weights[cell], column.weight, "weight");
          const reason = figures.reasons[cell];
          assert.equal(reason === 0 ? undefined : noRowReasons[reason - 1], column.reason);
          assertSameNumber(figures.bits[cell], column.bits, "bits");
          if (column.reason !== undefined) {
            assert.ok(Number.isNaN(figures.entropy[cell]));
            continue;
          }
          const { leftOver, noTargetToken, duplicateDropped } = column.mass;
          assertNear(figures.leftOver[cell], leftOver, "left over");
          assertNear(figures.lost[cell], noTargetToken + duplicateDropped, "lost");
          assertNear(figures.entropy[cell], entropyOf(column.row), "entropy", 2e-5);
        }
        if (found.fused.from === "none") {
          assert.ok(Number.isNaN(figures.fusedBits[i]) && Number.isNaN(figures.fusedEntropy[i]));
          continue;
        }
        assertNear(figures.fusedEntropy[i], entropyOf(found.fused.row), "fused entropy", 2e-5);
        const entry = found.fused.row.find(({ id }) => id === found.next.id);
        assert.equal(figures.fusedBound[i], entry === undefined ? 1 : 0);
        assert.ok(Number.isFinite(figures.fusedBits[i]) && figures.fusedBits[i] >= 0);
        const known = sum(found.columns.map(({ weight, mass: parts }) => weight * parts.mapped));
        const p = entry?.p ?? 1 - known;
        assertNear(figures.fusedBits[i], -Math.log2(p), `fused bits at ${i}`, 1e-3);
      }
    });
  });
}

/** What is missing from 1 as one token. */
function entropyOf(row: readonly RowEntry[]): number {
  const parts = [...row.map(({ p }) => p), Math.max(0, 1 - mass(row))];
  return -sum(parts.map((p) => (p > 1e-7 ? p * Math.log2(p) : 0)));
}

function assertSameNumber(actual: number, expected: number | null, what: string): void {
  if (expected === null) assert.ok(Number.isNaN(actual), what);
  else assertNear(actual, expected, what, 1e-5);
}

test("positions are those of inspectText, to the sixth place", async () => {
  for (const mode of ["corrected", "published"] as const) {
    const settings = inspectSettings(mode);
    const { target, pieces, bytes } = models;
    const maps = [pieces, bytes].map(({ tokenizer }) =>
      buildVocabularyMap(tokenizer, target.tokenizer, {
        method: settings.alignment.vocabulary,
        mode,
      }),
    );
    const chunks = await inspectText({ text, target, sources: [pieces, bytes], maps, settings });
    const described = chunks.flatMap(({ positions }) => positions);
    const found = everyPosition(await session.fuse(settings));
    assert.equal(found.length, described.length);
    for (const [i, { fused, taught, columns }] of found.entries()) {
      assertSameRow(fused.row, described[i].fused.row, `fused at ${i}`);
      assertSameRow(taught.row, described[i].taught.row, `taught at ${i}`);
      for (const [s, source] of described[i].sources.entries()) {
        assertSameRow(columns[s + 1].row, source.row, `source ${s} at ${i}`);
        assert.deepEqual(
          columns[s + 1].own.map(({ id, becomes }) => [id, becomes]),
          source.own.map(({ id, becomes = "" }) => [id, becomes]),
        );
      }
    }
  }
});

function assertSameRow(actual: readonly RowEntry[], expected: readonly RowEntry[], what: string) {
  const wanted = new Map(expected.map(({ id, p }) => [id, p]));
  assert.equal(actual.length, wanted.size, what);
  for (const { id, p } of actual) assertNear(p, wanted.get(id) ?? 0, `${what}, ${id}`, 1e-6);
}

test("other settings ask the models nothing", async () => {
  const before = timesRead;
  for (const [, mode, changes] of variants) await session.fuse(inspectSettings(mode, changes));
  assert.equal(timesRead, before);
});

test("with the whole vocabulary kept a temperature is exact, however few candidates are shown", async () => {
  for (const temperature of [0.5, 1.3, 3]) {
    const settings = inspectSettings("corrected", { representation: { topK: 4, temperature } });
    assert.equal(session.isApproximate(settings), false);
    const fused = await session.fuse(settings);
    const [chunk] = session.reading.chunks;
    const { representation, encoding } = chunk.reads[0]!;
    const { labels } = sequenceOf(models.target.tokenizer, encoding);
    for (let row = 0; row < representation.rows; row++) {
      const logits = representation.logProbs.subarray(row * width, (row + 1) * width);
      const whole = sum(Array.from(logits, (logit) => Math.exp(logit / temperature)));
      const column = fusedPosition(fused, row).columns[0];
      for (const [k, { id, p }] of column.row.entries()) {
        assert.equal(id, representation.ids[row * width + k]);
        assertNear(p, Math.exp(logits[k] / temperature) / whole, `row ${row}`, 1e-5);
      }
      const rank = representation.ids.subarray(row * width).indexOf(labels[row]) + 1;
      assert.equal(column.trueRank, rank);
    }
  }
});

test("with a part of the vocabulary kept a temperature is said to be approximate", async () => {
  const narrow = createInspectSession(await readingAt(20));
  const at = (temperature: number) =>
    narrow.isApproximate(inspectSettings("corrected", { representation: { temperature } }));
  assert.deepEqual([at(1), at(2)], [false, true]);
  const wide = inspectSettings("corrected", { representation: { topK: 21 } });
  await assert.rejects(narrow.fuse(wide), isProblem("badInput", "top 20"));
});

for (const method of ["exact", "minEditDistance", "firstToken"] as const)
  for (const mode of ["corrected", "published"] as const) {
    if (method === "firstToken" && mode === "published") continue;
    test(`a map by ${method} of the tokens in view is the ${mode} map of the whole vocabulary there`, async () => {
      const { target, bytes } = models;
      const whole = buildVocabularyMap(bytes.tokenizer, target.tokenizer, { method, mode });
      const growing = createGrowingMap(bytes.tokenizer, target.tokenizer);
      const few = tokensInView(session.reading, 2, 2);
      const more = tokensInView(session.reading, 2, 12);
      assert.ok(few.size < more.size && more.size < width);
      const first = await growing.covering({ method, mode, ids: few });
      const second = await growing.covering({ method, mode, ids: more });
      for (const [map, ids] of [
        [first, few],
        [second, more],
      ] as const) {
        for (const id of ids) {
          assert.equal(map.targetOf[id], whole.targetOf[id], `token ${id}`);
          assert.equal(map.how[id], whole.how[id], `token ${id}`);
          assert.equal(map.distance[id], whole.distance[id], `token ${id}`);
        }
      }
      assert.ok(
        Array.from(first.targetOf.keys()).some((id) => !few.has(id) && first.how[id] === 0),
      );
    });
  }

test("figures in sum rest on positions that all have, and name what they rest on", async () => {
  const figures = documentFigures(await session.fuse(inspectSettings("corrected")), plain);
  const { summary, positions, chunks, bits, fusedBits, byteStarts, byteEnds } = figures;
  let counted = 0;
  let bytes = 0;
  const bitsOf = [0, 0, 0];
  for (let i = 0; i < positions; i++) {
    if (chunks[i + 1] !== chunks[i]) continue;
    const row = [...bits.subarray(3 * i, 3 * i + 3)];
    if ([...row, fusedBits[i]].some(Number.isNaN)) continue;
    counted++;
    bytes += byteEnds[i] - byteStarts[i];
    for (const m of bitsOf.keys()) bitsOf[m] += row[m];
  }
  assert.ok(counted > 10 && counted < summary.fused.of);
  assert.equal(summary.fused.positions, counted);
  assert.equal(summary.fused.of, positions - new Set(chunks).size);
  for (const [m, model] of summary.models.entries()) {
    assert.deepEqual([model.positions, model.bytes], [counted, bytes]);
    assertNear(model.bitsPerByte!, bitsOf[m] / bytes, `model ${m}`, 1e-6);
  }
  const reasons = Object.values(summary.fallbacks[2]);
  assert.equal(
    sum(reasons),
    Array.from({ length: positions }, (_, i) => i).filter((i) => figures.reasons[3 * i + 2] > 0)
      .length,
  );
});
