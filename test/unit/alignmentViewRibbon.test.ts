/** Layout of the ribbon: lanes laid out by one text, whatever bytes the tokens end at. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8Encode } from "../../src/core/text/bytes.ts";
import type { Pair } from "../../webview/alignment/alignedText.ts";
import {
  atomsOfToken,
  boundaryRoom,
  lineBytes,
  lineCount,
  type RibbonLayout,
  ribbonLayout,
} from "../../webview/alignment/geometry/ribbon.ts";
import {
  boundaryDensity,
  boundaryKind,
  laneTop,
  lineOfToken,
  lineTokens,
  ribbonAt,
  ribbonLinks,
  tokenBox,
} from "../../webview/alignment/geometry/ribbonLines.ts";
import { type TokenTrack, tokenCount, tokenSpan } from "../../webview/alignment/tokenTrack.ts";

const sizes = { lane: 20, gap: 10, line: 12, density: 0 };

function track(letter: string, ends: readonly number[]): TokenTrack {
  const ids = Int32Array.from(ends.keys());
  const pieces = ends.map((_, i) => `${letter}${i}`);
  return { letter, name: letter, pieces, ids, ends: Int32Array.from(ends), from: 0, first: 0 };
}

/** Ten pixels a byte, so that places can be worked out by hand. */
function layOut(text: string, lanes: readonly TokenTrack[], width = 1000): RibbonLayout {
  return ribbonLayout({
    bytes: utf8Encode(text),
    lanes,
    target: 1,
    width,
    measure: (from, to) => 10 * (to - from),
    measureEmpty: () => 8,
  });
}

/** Every token of every lane is shown exactly once, without holes, in ascending lines. */
function assertWhole(layout: RibbonLayout): void {
  for (const lane of layout.lanes) {
    let bytes = 0;
    const seen = new Set<number>();
    for (let line = 0; line < lineCount(layout); line++) {
      const tokens = lineTokens(layout, lane, line);
      for (let token = tokens.from; token < tokens.to; token++) {
        const box = tokenBox(layout, lane, token, line);
        assert.ok(box !== undefined, `${lane.letter}${token} in line ${line}`);
        seen.add(token);
        for (let atom = box.atoms.from; atom < box.atoms.to; atom++)
          bytes +=
            tokenSpan(lane, token).to > tokenSpan(lane, token).from
              ? layout.to[atom] - layout.from[atom]
              : 0;
      }
    }
    assert.equal(seen.size, tokenCount(lane));
    assert.equal(bytes, lane.ends[lane.ends.length - 1]);
  }
}

test("a boundary has one place in every lane that has it", () => {
  // the|cat|s  and  the|ca|ts
  const [source, target] = [track("A", [3, 6, 7]), track("T", [3, 5, 7])];
  const layout = layOut("thecats", [source, target]);
  assertWhole(layout);
  assert.deepEqual(Array.from(layout.to), [3, 5, 6, 7]);
  assert.deepEqual(Array.from(layout.x), [0, 36, 62, 78]);
  const right = (lane: TokenTrack, token: number): number => {
    const box = tokenBox(layout, lane, token, 0)!;
    return box.x + box.width;
  };
  assert.equal(right(source, 0), right(target, 0));
  assert.equal(right(source, 1), 62 + 10 + boundaryRoom);
  assert.equal(right(source, 2), right(target, 2));
  assert.deepEqual(
    [0, 1, 2, 3].map((atom) => boundaryKind(layout, atom)),
    ["all", "alone", "alone", "all"],
  );
});

test("tokens without bytes have room of their own, which other lanes leave empty", () => {
  // As SentencePiece cuts "\nfoo": ▁ <0x0A> foo, and a second lane without the first.
  const [source, target] = [track("A", [1, 4]), track("T", [0, 1, 4])];
  const layout = layOut("\nfoo", [source, target]);
  assertWhole(layout);
  const empty = tokenBox(layout, target, 0, 0)!;
  assert.deepEqual([empty.x, empty.width], [0, 8 + boundaryRoom]);
  assert.equal(tokenBox(layout, target, 1, 0)!.x, tokenBox(layout, source, 0, 0)!.x);
  assert.deepEqual(ribbonAt(layout, sizes, 3, laneTop(0, 1, 2, sizes) + 1), { lane: 1, token: 0 });
  assert.equal(ribbonAt(layout, sizes, 3, laneTop(0, 0, 2, sizes) + 1), undefined);
});

test("a character that one lane cuts into bytes stays whole in the other", () => {
  const [source, target] = [track("A", [1, 2, 4]), track("T", [3, 4])];
  const layout = layOut("€x", [source, target]);
  assertWhole(layout);
  assert.deepEqual(Array.from(layout.to), [1, 2, 3, 4]);
  assert.deepEqual(atomsOfToken(layout, target, 0), { from: 0, to: 3 });
});

test("lines are broken behind boundaries that lanes share, and no token gets lost", () => {
  const words = Array.from({ length: 60 }, (_, i) => 4 + (i % 5));
  const ends = (parts: readonly number[]): number[] => {
    let at = 0;
    return parts.map((part) => (at += part));
  };
  const target = track("T", ends(words));
  const source = track("A", ends(words.flatMap((length) => [2, length - 2])));
  const text = "x".repeat(target.ends[59]);
  const layout = layOut(text, [source, target], 300);
  assertWhole(layout);
  assert.ok(lineCount(layout) > 5);
  for (let line = 0; line + 1 < lineCount(layout); line++) {
    const { to } = lineBytes(layout, line);
    assert.ok(target.ends.includes(to), `line ${line} ends inside a target token`);
    const last = layout.lines[line + 1] - 1;
    assert.ok(layout.x[last] + layout.width[last] <= 300);
  }
  assert.equal(lineOfToken(layout, target, 59), lineCount(layout) - 1);
});

test("a token longer than a line is broken at characters", () => {
  const text = "é".repeat(200);
  const [source, target] = [track("A", [400]), track("T", [400])];
  const layout = layOut(text, [source, target], 700);
  assertWhole(layout);
  assert.ok(lineCount(layout) > 4);
  assert.ok(layout.to.every((end) => end % 2 === 0));
  const boxes = Array.from(
    { length: lineCount(layout) },
    (_, line) => tokenBox(layout, target, 0, line)!,
  );
  assert.deepEqual(boxes.map(({ starts }) => starts).indexOf(true), 0);
  assert.deepEqual(boxes.map(({ ends }) => ends).lastIndexOf(true), boxes.length - 1);
  assert.equal(boxes.filter(({ starts, ends }) => starts || ends).length, 2);
});

test("what is pointed at is the token under the pointer, in the nearer lane", () => {
  const [source, target] = [track("A", [3, 6, 7]), track("T", [3, 5, 7])];
  const layout = layOut("thecats", [source, target]);
  assert.deepEqual(ribbonAt(layout, sizes, 40, laneTop(0, 0, 2, sizes)), { lane: 0, token: 1 });
  assert.deepEqual(ribbonAt(layout, sizes, 70, laneTop(0, 1, 2, sizes) - 2), { lane: 1, token: 2 });
  assert.equal(ribbonAt(layout, sizes, 500, 20), undefined);
  assert.equal(ribbonAt(layout, sizes, 40, 5000), undefined);
});

test("links stand where answers are not one common boundary", () => {
  const [source, target] = [track("A", [3, 6, 7]), track("T", [3, 5, 7])];
  const layout = layOut("thecats", [source, target]);
  const pair: Pair = {
    source,
    target,
    dtw: {
      path: Int32Array.of(0, 0, 1, 1, 2, 2),
      cost: 2,
      answers: Int32Array.of(0, 0, -1),
      offText: Uint8Array.of(0, 1, 0),
      equalPieces: 1,
    },
    warpProblem: undefined,
    groups: Int32Array.of(0, 1, 0, 1, 1, 3, 1, 3),
    bytes: Int32Array.of(0, -1, 2),
    outcome: Uint8Array.of(0, 1, 2),
  };
  const links = ribbonLinks(layout, pair, 0).map(({ token, kind, outcome }) => [
    token,
    kind,
    outcome,
  ]);
  assert.deepEqual(links, [
    [1, "offText", "dtwOnly"],
    [2, "boundary", "bytesOnly"],
  ]);
  const [withoutDtw] = ribbonLinks(layout, { ...pair, dtw: undefined, outcome: undefined }, 0);
  assert.deepEqual([withoutDtw.token, withoutDtw.kind], [1, "none"]);
});

test("other tokenizers come to a count of boundaries by place", () => {
  const [source, target] = [track("A", [3, 7]), track("T", [3, 5, 7])];
  const layout = layOut("thecats", [source, target]);
  const density = boundaryDensity(layout, [track("B", [3, 6, 7]), track("C", [1, 3, 7])], 0);
  assert.deepEqual(
    density.sort((a, b) => a.x - b.x).map(({ count }) => count),
    [1, 2, 1, 2],
  );
});
