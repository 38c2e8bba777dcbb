import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  alignmentOutcomes,
  alignPieces,
  alignTokens,
  type TokenisedText,
} from "../../src/core/alignment/alignTokens.ts";
import { Problem } from "../../src/core/problem.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import type { TextTokenizer } from "../../src/core/text/tokenizer.ts";

const names = ["byteLevel", "byteLevelPrefix", "llama", "metaspaceBpe", "unigram"] as const;
const tokenizers = Object.fromEntries(names.map((name) => [name, open(name)]));

const texts = [
  "kes imödis, the function stugrun(rélgros) {\n    return 12;\n}\n",
  "🙂👩‍👩‍👧‍👦 مرحبا 日本語 nà\u0301",
  "\tkes\r\n\r\n  <unk> <s></s> </script>\n",
  "\nkes",
  " ",
  "",
];

for (const name of names)
  test(`${name} against itself: every token is its own answer and every path a diagonal`, () => {
    for (const text of texts)
      for (const mode of ["published", "corrected"] as const) {
        const read = reading(tokenizers[name], text);
        const alignment = alignTokens(read, read, { mode });
        const count = read.encoding.ids.length;
        const itself = Array.from({ length: count }, (_, i) => i);
        assert.equal(alignment.cost, 0);
        assert.deepEqual(
          Array.from(alignment.path!),
          itself.flatMap((i) => [i, i]),
        );
        assert.deepEqual(Array.from(alignment.answers.dtw!), itself);
        // Of tokens with one end the last answers.
        const { ends } = read.encoding;
        const last = itself.map((i) => (ends[i] === ends[i + 1] ? -1 : i));
        assert.deepEqual(Array.from(alignment.answers.bytes!), last);
        assert.equal(alignment.stats.dtw!.equalPieces, count);
        assert.deepEqual(coverage(alignment.groups!), [count, count]);
      }
  });

test("any two tokenizers: groups end together at the end, figures add up, shares lie between 0 and 1", () => {
  for (const target of names)
    for (const source of names)
      for (const text of texts) {
        const pair = [target, source].map((name) => reading(tokenizers[name], text));
        const alignment = alignTokens(pair[0], pair[1], { mode: "corrected" });
        const counts = pair.map(({ encoding }) => encoding.ids.length);
        assert.deepEqual(coverage(alignment.groups!), [counts[1], counts[0]]);
        const { outcomes, targetTokens, sourceTokens, dtw, bytes } = alignment.stats;
        assert.deepEqual([targetTokens, sourceTokens], counts);
        assert.equal(sum(Object.values(outcomes!)), targetTokens);
        assert.equal(dtw!.answers, outcomes!.same + outcomes!.dtwOnly + outcomes!.other);
        assert.equal(bytes!.answers, outcomes!.same + outcomes!.bytesOnly + outcomes!.other);
        for (const { answers, share } of [dtw!, bytes!])
          assert.equal(share, targetTokens === 0 ? 0 : answers / targetTokens);
      }
});

test("a space in front of a text shares BOS's byte with a tokenizer that puts none there: no token answers", () => {
  const [llama, bytes] = [tokenizers.llama, tokenizers.byteLevel];
  const alignment = alignTokens(reading(llama, "\nkes"), reading(bytes, "\nkes"), {
    mode: "corrected",
  });
  assert.deepEqual(alignment.target.tokens.slice(0, 2), ["▁", "\n"]);
  assert.deepEqual(Array.from(alignment.target.byteEnds!.subarray(0, 2)), [0, 1]);
  assert.equal(alignment.answers.bytes![0], -1);
  assert.equal(alignment.answers.bytes![1], 0);
  assert.deepEqual(Array.from(alignment.groups!.subarray(0, 4)), [0, 1, 0, 2]);
});

test("characters split over tokens cost nothing where bytes are compared, and much where pieces are", () => {
  const read = (name: string) => reading(tokenizers[name], "日本");
  const [target, source] = [read("llama"), read("byteLevelPrefix")];
  const corrected = alignTokens(target, source, { mode: "corrected" });
  assert.equal(corrected.cost, 0);
  assert.deepEqual(corrected.answers.dtw, corrected.answers.bytes);
  assert.equal(corrected.stats.dtw!.equalPieces, target.encoding.ids.length);
  // <0xNN> against one letter of the byte alphabet: six edits, but the spaces in front cost nothing.
  const published = alignTokens(target, source, { mode: "published" });
  assert.equal(published.cost, 36);
});

test("by bytes alone there is no path, and the lists hold the bytes' answers", () => {
  const read = (name: string) => reading(tokenizers[name], "kes imödis");
  const alignment = alignTokens(read("llama"), read("unigram"), {
    mode: "corrected",
    positions: "bytes",
  });
  assert.equal(alignment.path, undefined);
  assert.equal(alignment.cost, undefined);
  assert.equal(alignment.outcome, undefined);
  assert.equal(alignment.answers.dtw, undefined);
  assert.deepEqual(
    alignment.targetToSource.map((list) => list[0] ?? -1),
    Array.from(alignment.answers.bytes!),
  );
});

test("by DTW alone there are no groups", () => {
  const read = reading(tokenizers.llama, "kes");
  const alignment = alignTokens(read, read, { mode: "published", positions: "dtw" });
  assert.equal(alignment.groups, undefined);
  assert.equal(alignment.answers.bytes, undefined);
  assert.equal(alignment.stats.bytes, undefined);
  assert.ok(alignment.offText);
});

test("pieces alone are warped as published, markers taken away", () => {
  // Local costs without markers, source down, target right:
  //            The  cat  s
  //   The       0    3   3
  //   cats      4    1   3
  // The cheapest path costs 0 + 1 + 3: "cats" is paired with "cat" and with "s".
  const alignment = alignPieces({
    targetPieces: ["▁The", "▁cat", "s"],
    sourcePieces: ["The", "Ġcats"],
    targetMarker: "▁",
    sourceMarker: "Ġ",
  });
  assert.equal(alignment.cost, 4);
  assert.deepEqual(Array.from(alignment.costs!.table), [0, 3, 3, 4, 1, 3]);
  assert.deepEqual(Array.from(alignment.path!), [0, 0, 1, 1, 1, 2]);
  assert.deepEqual(Array.from(alignment.answers.dtw!), [0, 1, 1]);
  assert.deepEqual(
    alignment.targetToSource.map((list) => Array.from(list)),
    [[0], [1], [1]],
  );
  assert.equal(alignment.stats.dtw!.equalPieces, 0);
  assert.equal(alignment.groups, undefined);
  assert.equal(alignment.target.ids, undefined);
});

test("a target token that is paired with several source tokens has no answer", () => {
  const alignment = alignPieces({
    targetPieces: ["▁unbelievable"],
    sourcePieces: ["Ġun", "believ", "able"],
    targetMarker: "▁",
    sourceMarker: "Ġ",
  });
  assert.deepEqual(Array.from(alignment.answers.dtw!), [-1]);
  assert.deepEqual(Array.from(alignment.targetToSource[0]), [0, 1, 2]);
  // 12 letters against 2, 6 and 4 of them.
  assert.deepEqual(
    { ...alignment.stats.dtw },
    { answers: 0, share: 0, cost: 24, equalPieces: 0, offText: undefined },
  );
});

test("pieces are equal once the source's marker is the target's", () => {
  const equal = (targetPieces: string[], sourcePieces: string[]) =>
    alignPieces({ targetPieces, sourcePieces, targetMarker: "▁", sourceMarker: "Ġ" }).stats.dtw!
      .equalPieces;
  assert.equal(equal(["▁the", "▁cat"], ["Ġthe", "cat"]), 1);
  assert.equal(equal(["<0x0A>"], ["Ċ"]), 0);
});

test("each outcome is named for what the two methods answered", () => {
  const seen = new Set<string>();
  for (const target of names)
    for (const source of names)
      for (const text of texts) {
        const alignment = alignTokens(
          reading(tokenizers[target], text),
          reading(tokenizers[source], text),
          { mode: "published" },
        );
        for (const [t, code] of alignment.outcome!.entries()) {
          const [dtw, bytes] = [alignment.answers.dtw![t], alignment.answers.bytes![t]];
          const name = alignmentOutcomes[code];
          seen.add(name);
          const expected =
            dtw < 0
              ? bytes < 0
                ? "neither"
                : "bytesOnly"
              : bytes < 0
                ? "dtwOnly"
                : dtw === bytes
                  ? "same"
                  : "other";
          assert.equal(name, expected);
        }
      }
  assert.deepEqual([...seen].sort(), [...alignmentOutcomes].sort());
});

test("off the text is an answer that shares no byte with its target token", () => {
  let off = 0;
  for (const [target, source] of [
    ["llama", "byteLevel"],
    ["unigram", "byteLevel"],
  ])
    for (const text of texts) {
      const [t, s] = [target, source].map((name) => reading(tokenizers[name], text));
      const { offText, answers, stats } = alignTokens(t, s, { mode: "published" });
      const range = ({ encoding }: TokenisedText, i: number) =>
        new Set(
          Array.from(
            { length: encoding.ends[i] - (encoding.ends[i - 1] ?? 0) },
            (_, byte) => (encoding.ends[i - 1] ?? 0) + byte,
          ),
        );
      for (const [i, flag] of offText!.entries()) {
        const answer = answers.dtw![i];
        const shares = answer >= 0 && [...range(t, i)].some((byte) => range(s, answer).has(byte));
        assert.equal(flag === 1, answer >= 0 && !shares);
        off += flag;
      }
      assert.equal(stats.dtw!.offText, sum(Array.from(offText!)));
    }
  assert.ok(off > 0);
});

test("DTW is refused beyond the limit, with the figures, while bytes go on", () => {
  const read = reading(tokenizers.llama, "kes ".repeat(40));
  assert.throws(
    () => alignTokens(read, read, { mode: "corrected", maxCells: 1000 }),
    (error) =>
      error instanceof Problem && error.code === "tooLarge" && /\b1,000\b/.test(error.message),
  );
  alignTokens(read, read, { mode: "corrected", maxCells: 1000, positions: "bytes" });
});

function open(name: string): TextTokenizer {
  const url = new URL(`../fixtures/tokenizers/${name}.json`, import.meta.url);
  const { tokenizer } = JSON.parse(readFileSync(url, "utf8"));
  return createTokenizer({ tokenizer }, { name, fingerprint: name });
}

function reading(tokenizer: TextTokenizer, text: string): TokenisedText {
  const encoding = tokenizer.encode(text);
  if ("reason" in encoding) assert.fail(encoding.detail);
  return { tokenizer, encoding };
}

/** How many source and target tokens the groups hold; fails where they leave a gap. */
function coverage(groups: Int32Array): number[] {
  let [s, t] = [0, 0];
  for (let k = 0; k < groups.length; k += 4) {
    assert.deepEqual([groups[k], groups[k + 2]], [s, t]);
    [s, t] = [groups[k + 1], groups[k + 3]];
  }
  return [s, t];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
