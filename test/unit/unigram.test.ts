import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bestSplit,
  buildLattices,
  expectedUse,
  withoutUnlikely,
} from "../../src/pipeline/zoo/unigramLattices.ts";
import { learnUnigram } from "../../src/pipeline/zoo/unigramLearner.ts";
import { trainUnigram } from "../../src/pipeline/zoo/unigramTrainer.ts";

const pieces = ["a", "b", "c", "ab", "bc", "abc", "ca"];
const probabilities = Float64Array.of(0.2, 0.15, 0.1, 0.2, 0.15, 0.05, 0.15);
const words = ["abc", "abcabc", "c", "cab"];
const times = Float64Array.of(3, 1, 2, 5);

test("a lattice has an edge for every piece that stands in a word", () => {
  const { firstEdge, from, to, piece } = buildLattices(["cab"], pieces);
  const edges = Array.from(piece, (id, i) => [from[i], to[i], pieces[id]]);
  assert.deepEqual(edges, [
    [0, 1, "c"],
    [0, 2, "ca"],
    [1, 2, "a"],
    [1, 3, "ab"],
    [2, 3, "b"],
  ]);
  assert.deepEqual([...firstEdge], [0, 5]);
});

test("expected uses are those of listing every spelling", () => {
  const use = expectedUse(buildLattices(words, pieces), times, probabilities);
  const expected = new Array<number>(pieces.length).fill(0);
  for (const [i, word] of words.entries()) {
    const spellings = spellingsOf(word);
    const total = spellings.reduce((sum, spelling) => sum + probabilityOf(spelling), 0);
    for (const spelling of spellings) {
      for (const id of spelling) expected[id] += (times[i] * probabilityOf(spelling)) / total;
    }
  }
  for (const [id, count] of expected.entries()) {
    assert.ok(Math.abs(use[id] - count) < 1e-12, `${pieces[id]}: ${use[id]}, not ${count}`);
  }
});

test("the best split is the likeliest spelling of two pieces or more", () => {
  const best = bestSplit(buildLattices(words, pieces), probabilities.map(Math.log));
  for (const [i, word] of words.entries()) {
    const likeliest = Math.max(
      ...spellingsOf(word)
        .filter((spelling) => spelling.length > 1)
        .map((spelling) => Math.log(probabilityOf(spelling))),
    );
    if (likeliest === Number.NEGATIVE_INFINITY) assert.equal(best[i], likeliest);
    else assert.ok(Math.abs(best[i] - likeliest) < 1e-12);
  }
});

test("pieces of probability 0 leave the lattices", () => {
  const left = probabilities.slice();
  left[5] = 0;
  const reduced = withoutUnlikely(buildLattices(words, pieces), left);
  const rebuilt = buildLattices(
    words,
    pieces.map((piece, id) => (left[id] > 0 ? piece : "\u0000")),
  );
  assert.deepEqual(reduced, rebuilt);
});

test("words that repeat become pieces, likelier ones with higher scores", () => {
  const counts = new Map([
    ["▁function", 900],
    ["▁return", 300],
    ["▁of", 40],
    ["▁fun", 30],
    ["turn", 30],
  ]);
  const alphabet = [..."▁abcdefghijklmnopqrstuvwxyz"];
  const learned = learnUnigram(counts, { alphabet, size: 32, reserved: new Set() });
  const score = new Map(learned);
  assert.equal(learned.length, 32);
  for (const character of alphabet) assert.ok(score.has(character));
  assert.ok(score.get("▁function")! > score.get("▁return")!);
  const total = learned.reduce((sum, [, log]) => sum + Math.exp(log), 0);
  assert.ok(Math.abs(total - 1) < 0.02, `the probabilities add up to ${total}`);
});

test("reserved pieces are not learned", () => {
  const learned = learnUnigram(new Map([["<s>", 500]]), {
    alphabet: ["<", ">", "s"],
    size: 5,
    reserved: new Set(["<s>"]),
  });
  assert.ok(learned.every(([piece]) => piece !== "<s>"));
});

test("the vocabulary has the size asked for, characters included, and the same texts give the same", () => {
  const texts = Array.from(
    { length: 300 },
    (_, i) => `row ${i}: the quick brown fox\n\tdone ${i}\n`,
  );
  const train = () => trainUnigram(texts, 400);
  const { vocab } = train().tokenizer.model as { vocab: [string, number][] };
  assert.equal(vocab.length, 400);
  const found = new Set(vocab.map(([piece]) => piece));
  for (const character of ["\n", "\t", "▁", "~", "Q", "<0xFF>"]) assert.ok(found.has(character));
  assert.deepEqual(train(), train());
});

test("a size without room and a lack of text are problems", () => {
  const refused = { name: "Problem", code: "badInput" };
  assert.throws(() => trainUnigram(["text"], 300), refused);
  assert.throws(() => trainUnigram(["\r", ""], 300), refused);
});

/** Every way to spell `word`, as lists of ids. */
function spellingsOf(word: string): number[][] {
  if (word === "") return [[]];
  return pieces.flatMap((piece, id) =>
    word.startsWith(piece)
      ? spellingsOf(word.slice(piece.length)).map((rest) => [id, ...rest])
      : [],
  );
}

function probabilityOf(spelling: readonly number[]): number {
  return spelling.reduce((product, id) => product * probabilities[id], 1);
}
