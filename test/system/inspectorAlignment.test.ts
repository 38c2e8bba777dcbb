/**
 * What the alignment view is drawn from, asked of the built inspector as the editor asks it: detours, tiles, the
 * table of costs, parts of a text, and texts above the limit. Expectations are worked out from every cell.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { dtwMatrix } from "../../src/core/alignment/dtw.ts";
import type { Port } from "../../src/port/port.ts";
import type { CostTable } from "../../src/protocol/alignedPair.ts";
import { greetedInspector } from "../support/inspectorProcess.ts";
import { isProblem } from "../support/problems.ts";
import { inventedText, makeToyProject, type ToyProject } from "../support/toyProject.ts";

const tokenizers = fileURLToPath(new URL("../../../shared/data/tokenizers", import.meta.url));
const corpora = fileURLToPath(new URL("../../../shared/data/corpora", import.meta.url));
const noData = existsSync(tokenizers) ? false : "the tokenizers of ../shared/data are not here";

const costOf = ({ table, sourceKinds, targetKinds, targetLabels }: CostTable) => {
  const cost = (i: number, j: number): number =>
    table[sourceKinds[i] * targetLabels.length + targetKinds[j]];
  return { rows: sourceKinds.length, columns: targetKinds.length, cost };
};

let project: ToyProject;
let target: string;
let source: string;
const text = `${inventedText(3, 3)}\n</script> <unk> é😀 عربي\t\n`;

before(async () => {
  project = await makeToyProject(mkdtempSync(path.join(tmpdir(), "fuselab-test-")));
  ({ target, source } = project);
});
after(() => rmSync(project.folder, { recursive: true, force: true }));

describe("the inspector, asked for a matrix", () => {
  test("gives costs, detours and cumulative costs that belong together", async (t) => {
    const { port } = await greetedInspector(t);
    const pair = { target, source, text };
    const table = await port.call("costTable", pair);
    const { rows, columns, cost } = costOf(table);
    assert.deepEqual(table, (await port.call("align", { ...pair, costs: true })).costs);

    const there = dtwMatrix(rows, columns, cost);
    const back = dtwMatrix(rows, columns, (i, j) => cost(rows - 1 - i, columns - 1 - j)).reverse();
    const cap = 12;
    const band = await port.call("detourBand", { ...pair, cap });
    assert.ok(band.kind === "fine");
    const total = there[rows * columns - 1];
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const detour = there[i * columns + j] + back[i * columns + j] - cost(i, j) - total;
        const start: number = band.offsets[i];
        const end: number = band.offsets[i + 1];
        const at: number = start + j - band.first[i];
        const cell: number = at >= start && at < end ? band.cells[at] : 255;
        assert.equal(cell, detour <= cap ? detour : 255, `cell ${i}, ${j}`);
      }

    const tile = { row: 5, column: 0, rows: rows - 5, columns, step: 3 };
    const { cells } = await port.call("cumulativeTile", { ...pair, ...tile });
    const expected: number[] = [];
    for (let i = 5; i < rows; i += 3)
      for (let j = 0; j < columns; j += 3) expected.push(there[i * columns + j]);
    assert.deepEqual(Array.from(cells), expected);
  });

  test("keeps to a part of the text, with the text's own bytes", async (t) => {
    const { port } = await greetedInspector(t);
    const pair = { target, source, text };
    const whole = await port.call("align", { ...pair, positions: "bytes" });
    const range = { from: 40, to: 160 };
    const part = await port.call("align", { ...pair, range });
    for (const side of ["target", "source"] as const) {
      const { byteEnds, ids } = whole[side];
      const inside = Array.from(ids.keys()).filter(
        (i) => (byteEnds[i - 1] ?? 0) >= range.from && byteEnds[i] <= range.to,
      );
      assert.ok(inside.length > 0 && inside.length < ids.length);
      assert.deepEqual(
        Array.from(part[side].byteEnds),
        inside.map((i) => byteEnds[i]),
      );
      assert.deepEqual(
        Array.from(part[side].ids),
        inside.map((i) => ids[i]),
      );
    }
    const band = await port.call("detourBand", { ...pair, range, cap: 3 });
    assert.deepEqual([band.rows, band.columns], [part.source.ids.length, part.target.ids.length]);
    const nothing = await port.call("align", { ...pair, range: { from: 7, to: 7 } });
    assert.equal(nothing.path?.length, 0);
  });

  test("answers by bytes above the limit, says what the square would take, and refuses it", async (t) => {
    const { port } = await greetedInspector(t);
    const pair = { target, source, text, maxTokens: 50 };
    const answer = await port.call("align", pair);
    const cells = answer.target.ids.length * answer.source.ids.length;
    assert.equal(answer.path, undefined);
    assert.ok(answer.answers.bytes !== undefined && answer.groups !== undefined);
    assert.equal(answer.warpProblem?.code, "tooLarge");
    assert.match(answer.warpProblem.message, new RegExp(`${cells.toLocaleString("en")} cells`));
    assert.match(answer.warpProblem.message, /MB.*50 tokens/);
    const refused = isProblem("tooLarge", "cells");
    await assert.rejects(port.call("align", { ...pair, positions: "dtw" }), refused);
    await assert.rejects(port.call("costTable", pair), refused);
    await assert.rejects(port.call("detourBand", { ...pair, cap: 12 }), refused);
    const tile = { row: 0, column: 0, rows: 9, columns: 9, step: 1 };
    await assert.rejects(port.call("cumulativeTile", { ...pair, ...tile }), refused);
    const range = { from: 0, to: 40 };
    assert.ok((await port.call("align", { ...pair, range })).path !== undefined);
  });

  test("refuses bodies that are not as agreed", async (t) => {
    const { port } = await greetedInspector(t);
    const asked = port as unknown as Port<Record<string, (body: unknown) => unknown>, object>;
    const pair = { target, source, text };
    const wrong: readonly [string, object, string][] = [
      ["detourBand", { ...pair, cap: 255 }, "cap"],
      ["detourBand", { ...pair }, "cap"],
      ["costTable", { ...pair, range: { from: -1, to: 2 } }, "range"],
      ["align", { ...pair, maxTokens: 0 }, "maxTokens"],
      ["cumulativeTile", { ...pair, row: 0, column: 0, rows: 1, columns: 1, step: 0 }, "step"],
    ];
    for (const [verb, body, word] of wrong)
      await assert.rejects(asked.call(verb, body), isProblem("badInput", word));
    const square = { row: 0, column: 0, rows: 1e6, columns: 1e6, step: 1 };
    await assert.rejects(
      port.call("cumulativeTile", { ...pair, ...square }),
      isProblem("tooLarge", "tile"),
    );
  });

  test("draws a square of 4,000 real tokens, tells how far it is, and is quick about 500", {
    skip: noData,
  }, async (t) => {
    const started = performance.now();
    const { port, told } = await greetedInspector(t);
    const real = { target: path.join(tokenizers, "llama2"), source: path.join(tokenizers, "neox") };
    const corpus = readFileSync(path.join(corpora, "wikitext2-valid.txt"), "utf8");
    const short = corpus.slice(0, 1800);
    const cold = await port.call("align", { ...real, text: short });
    const coldTime = performance.now() - started;
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const from = performance.now();
      await port.call("align", { ...real, text: `${round} ${short}` });
      times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    t.diagnostic(
      `${cold.target.ids.length} tokens: ${coldTime.toFixed(0)} ms cold, ${times[2].toFixed(0)} ms warm`,
    );

    const text = corpus.slice(0, 14_000);
    const from = performance.now();
    const band = await port.call("detourBand", { ...real, text, cap: 12 });
    const { byteLength } = band.cells;
    t.diagnostic(
      `${band.rows} x ${band.columns}: detour ${band.kind}, ${byteLength} bytes of cells, ${(performance.now() - from).toFixed(0)} ms`,
    );
    assert.equal(band.kind, "fine");
    assert.ok(byteLength < 0.01 * band.rows * band.columns);
    assert.ok(told.some(({ verb, done, of }) => verb === "detourBand" && done < of));
  });
});
