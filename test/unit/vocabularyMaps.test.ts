import assert from "node:assert/strict";
import test from "node:test";
import { levenshteinEditDistance } from "levenshtein-edit-distance";
import { Problem } from "../../src/core/problem.ts";
import { createRandom } from "../../src/core/random.ts";
import type { TextTokenizer } from "../../src/core/text/tokenizer.ts";
import { nearestSearch } from "../../src/core/vocabulary/nearestPiece.ts";
import {
  buildVocabularyMap,
  mapCounts,
  mapKinds,
  requireMatching,
  type VocabularyMap,
  type VocabularyMethod,
} from "../../src/core/vocabulary/vocabularyMap.ts";
import { toyTokenizer } from "../support/toyTokenizer.ts";

// A byte-level source and a SentencePiece target with byte fall-back, as in GPT-NeoX towards Llama-2.
const source = toyTokenizer(
  ["</s>", "a", "b", "ab", "Ġab", "Ġa", "Ġ", "\n", "abb", "ba", undefined, "c", "é"],
  { name: "source" },
);
const target = toyTokenizer(
  ["<s>", "</s>", "<0x0A>", "<0x61>", "a", "b", "▁ab", "▁", "ab", "▁a", "Cab", "<0xC3>"],
  { name: "target", family: "sentencePiece" },
);

function mapped(map: VocabularyMap, piece: string, from: TextTokenizer = source, to = target) {
  const id = from.table.idByPiece.get(piece);
  assert.ok(id !== undefined, piece);
  const found = map.targetOf[id];
  return [found < 0 ? undefined : to.table.pieces[found], mapKinds[map.how[id]]];
}

test("exact in corrected mode goes by bytes, and begin and end of text by role", () => {
  const map = buildVocabularyMap(source, target, { method: "exact", mode: "corrected" });
  assert.deepEqual(mapped(map, "Ġab"), ["▁ab", "same"]);
  assert.deepEqual(mapped(map, "\n"), ["<0x0A>", "same"]);
  assert.deepEqual(mapped(map, "a"), ["a", "same"], "the ordinary id wins over byte fall-back");
  assert.deepEqual(mapped(map, "ba"), [undefined, "none"]);
  assert.deepEqual(mapped(map, "</s>"), ["</s>", "role"]);
});

test("exact in published mode goes by pieces after the marker swap, so a newline is no byte piece", () => {
  const map = buildVocabularyMap(source, target, { method: "exact", mode: "published" });
  assert.deepEqual(mapped(map, "Ġab"), ["▁ab", "same"]);
  assert.deepEqual(mapped(map, "\n"), [undefined, "none"]);
  assert.deepEqual(mapped(map, "</s>"), ["</s>", "same"]);
});

test("an id that is no token is unused in every map", () => {
  for (const method of ["exact", "minEditDistance", "firstToken"] as const) {
    const map = buildVocabularyMap(source, target, { method, mode: "corrected" });
    assert.equal(map.targetOf[10], -1);
    assert.equal(mapKinds[map.how[10]], "unused");
  }
});

test("minEditDistance in published mode counts the marker as a character and takes the first of equals by id", () => {
  const map = buildVocabularyMap(source, target, { method: "minEditDistance", mode: "published" });
  assert.deepEqual(
    mapped(map, "\n"),
    ["a", "distance"],
    "all one-character pieces are 1 away, a is first",
  );
  assert.deepEqual(mapped(map, "abb"), ["ab", "distance"]);
  assert.deepEqual(
    mapped(map, "ba"),
    ["a", "distance"],
    "a, b, ▁a are 1 away, a has the lowest id",
  );
  const ab = source.table.idByPiece.get("abb") as number;
  assert.equal(map.distance[ab], 1);
});

test("minEditDistance maps special tokens by their spelling in published mode only", () => {
  const gpt = toyTokenizer(["</s>", "<s>"], { name: "gpt" });
  const plain = toyTokenizer(["s>", "x", "<s>"], { name: "plain" });
  const published = buildVocabularyMap(gpt, plain, {
    method: "minEditDistance",
    mode: "published",
  });
  assert.deepEqual(mapped(published, "</s>", gpt, plain), ["<s>", "distance"]);
  const corrected = buildVocabularyMap(gpt, plain, {
    method: "minEditDistance",
    mode: "corrected",
  });
  assert.deepEqual(mapped(corrected, "<s>", gpt, plain), ["<s>", "role"]);
  // The target has no EOS of its own and ends with what it begins with.
  assert.deepEqual(mapped(corrected, "</s>", gpt, plain), ["<s>", "role"]);
});

test("minEditDistance in corrected mode compares texts, so a newline is its byte piece and half a character is nothing", () => {
  const map = buildVocabularyMap(source, target, { method: "minEditDistance", mode: "corrected" });
  assert.deepEqual(mapped(map, "\n"), ["<0x0A>", "same"]);
  assert.deepEqual(mapped(map, "é"), ["<0x0A>", "distance"], "every one-character text is 1 away");
  const back = buildVocabularyMap(target, source, { method: "minEditDistance", mode: "corrected" });
  assert.deepEqual(mapped(back, "<0xC3>", target, source), [undefined, "none"]);
});

test("firstToken maps to the first target token of the bytes, without a prefix space", () => {
  const map = buildVocabularyMap(source, target, { method: "firstToken", mode: "corrected" });
  assert.deepEqual(mapped(map, "Ġab"), ["▁ab", "same"]);
  assert.deepEqual(mapped(map, "abb"), ["ab", "firstToken"]);
  assert.deepEqual(mapped(map, "ba"), ["b", "firstToken"]);
  assert.deepEqual(mapped(map, "\n"), ["<0x0A>", "same"]);
  assert.deepEqual(mapped(map, "</s>"), ["</s>", "role"]);
  assert.deepEqual(mapped(map, "c"), [undefined, "none"], "the target cannot spell it");
});

test("firstToken maps half a character only to a target token of the same bytes", () => {
  const halves = toyTokenizer(["<s>", "<0xC3>", "<0xA9>"], {
    name: "halves",
    family: "sentencePiece",
  });
  const map = buildVocabularyMap(halves, target, { method: "firstToken", mode: "corrected" });
  assert.deepEqual(mapped(map, "<0xC3>", halves), ["<0xC3>", "same"]);
  assert.deepEqual(mapped(map, "<0xA9>", halves), [undefined, "none"]);
});

test("firstToken does not cut bytes that are not whole UTF-8", () => {
  const cut = toyTokenizer(["</s>", "??", "a"], { name: "cut" });
  const bytes = [undefined, Uint8Array.of(0xc3, 0xc3), cut.table.bytes[2]];
  const source = { ...cut, table: { ...cut.table, bytes } };
  const map = buildVocabularyMap(source, target, { method: "firstToken", mode: "corrected" });
  assert.deepEqual(mapped(map, "??", source), [undefined, "none"]);
});

test("an id that is begin and end of text maps as the end", () => {
  const both = toyTokenizer(["</s>", "a"], { name: "both" });
  const table = { ...both.table, bos: 0 };
  const map = buildVocabularyMap({ ...both, table }, target, {
    method: "exact",
    mode: "corrected",
  });
  assert.equal(map.targetOf[0], target.table.eos);
});

// Runs of spaces: this one keeps them whole, as GPT-NeoX, the others give the last space to the word.
const letters = [..."abcdefghijklmnopqrstuvwxyz\n"];
const runs = toyTokenizer(["</s>", ...letters, "Ġ", "ĠĠ", "ĠĠĠ", "ĠĠĠĠ", "Ġ\n", "\nĠĠ"], {
  name: "runs",
});
const attaching = withLastSpaceAttached("attaching");

/** Splits runs of spaces as GPT-2's pre-tokenizer: the last space goes to the word behind it. */
function withLastSpaceAttached(name: string): TextTokenizer {
  const toy = toyTokenizer(
    ["</s>", ...letters, "Ġ", "ĠĠ", "ĠĠĠ", "ĠĠĠĠ", ...letters.map((c) => `Ġ${c}`)],
    { name },
  );
  const idOf = (piece: string) => toy.table.idByPiece.get(piece) as number;
  const encode = (text: string) => {
    const ids: number[] = [];
    const ends: number[] = [];
    for (const [part] of text.matchAll(/ +(?![a-z ])| +(?= [a-z])| ?[a-z\n]/g)) {
      ids.push(idOf(part.replaceAll(" ", "Ġ")));
      ends.push((ends.at(-1) ?? 0) + part.length);
    }
    return { ids: Int32Array.from(ids), ends: Int32Array.from(ends) };
  };
  return { ...toy, encode, encodeBare: (bytes) => encode(String.fromCharCode(...bytes)).ids };
}

test("a run of spaces is cut as before a word where only the target gives the last space to the word", () => {
  const map = buildVocabularyMap(runs, attaching, { method: "firstToken", mode: "corrected" });
  assert.deepEqual(mapped(map, "ĠĠĠĠ", runs, attaching), ["ĠĠĠ", "spaces"]);
  assert.deepEqual(mapped(map, "ĠĠ", runs, attaching), ["Ġ", "spaces"]);
  assert.deepEqual(mapped(map, "Ġ", runs, attaching), ["Ġ", "same"], "one space is no run");
  assert.deepEqual(
    mapped(map, "Ġ\n", runs, attaching),
    ["Ġ", "firstToken"],
    "a newline ends the line",
  );
});

test("a run of spaces is cut bare where the source gives the last space to the word itself", () => {
  const same = buildVocabularyMap(attaching, withLastSpaceAttached("other"), {
    method: "firstToken",
    mode: "corrected",
  });
  assert.deepEqual(mapped(same, "ĠĠĠĠ", attaching, attaching), ["ĠĠĠĠ", "same"]);
  const kept = buildVocabularyMap(attaching, runs, { method: "firstToken", mode: "corrected" });
  assert.deepEqual(mapped(kept, "ĠĠĠĠ", attaching, runs), ["ĠĠĠĠ", "same"]);
});

test("a tokenizer maps to itself by every method, id by id", () => {
  for (const method of ["exact", "minEditDistance", "firstToken"] as VocabularyMethod[]) {
    const map = buildVocabularyMap(source, source, { method, mode: "corrected" });
    source.table.pieces.forEach((piece, id) => {
      assert.equal(map.targetOf[id], piece === undefined ? -1 : id, `${method} ${piece}`);
    });
  }
});

test("mapCounts counts every id once", () => {
  const map = buildVocabularyMap(source, target, { method: "firstToken", mode: "corrected" });
  const counts = mapCounts(map);
  assert.equal(
    Object.values(counts).reduce((a, b) => a + b),
    source.table.size,
  );
  assert.deepEqual(counts, {
    unused: 1,
    none: 2,
    role: 1,
    same: 7,
    distance: 0,
    firstToken: 2,
    spaces: 0,
  });
});

test("progress runs from nothing to everything, and an error thrown there ends the work", () => {
  const seen: number[] = [];
  buildVocabularyMap(source, target, {
    method: "exact",
    mode: "corrected",
    onProgress: (done) => seen.push(done),
  });
  assert.deepEqual(seen, [0, source.table.size]);
  const stop = new Problem("cancelled", "stopped");
  const onProgress = () => {
    throw stop;
  };
  assert.throws(
    () => buildVocabularyMap(source, target, { method: "exact", mode: "corrected", onProgress }),
    stop,
  );
});

test("firstToken is refused in published mode", () => {
  assert.throws(
    () => buildVocabularyMap(source, target, { method: "firstToken", mode: "published" }),
    (error) => error instanceof Problem && error.code === "unsupported",
  );
});

test("a map of another tokenizer or version is refused by name", () => {
  const map = buildVocabularyMap(source, target, { method: "exact", mode: "corrected" });
  requireMatching(map, source, target);
  const staleWith = (pattern: RegExp) => (error: unknown) =>
    error instanceof Problem && error.code === "stale" && pattern.test(error.message);
  assert.throws(
    () => requireMatching(map, runs, target),
    staleWith(/another source tokenizer .* than runs/),
  );
  assert.throws(
    () => requireMatching(map, source, runs),
    staleWith(/another target tokenizer .* than runs/),
  );
  assert.throws(
    () => requireMatching({ ...map, version: 0 }, source, target),
    staleWith(/version 0 of exact/),
  );
  const beyond = map.targetOf.map((id) => (id < 0 ? id : id + target.table.size));
  for (const targetOf of [map.targetOf.subarray(1), beyond]) {
    assert.throws(
      () => requireMatching({ ...map, targetOf }, source, target),
      staleWith(/does not fit/),
    );
  }
});

test("the nearest piece and its tie order are those of a full scan with an independent edit distance", () => {
  const random = createRandom(7);
  const word = (longest: number, alphabet: string) =>
    Array.from(
      { length: random.integer(longest + 1) },
      () => [...alphabet][random.integer([...alphabet].length)],
    ).join("");
  for (const [alphabet, longest] of [
    ["ab", 6],
    ["abcdefgh▁", 12],
    ["aéЖ😀▁", 9],
    ["abc", 70],
  ] as const) {
    const strings = Array.from({ length: 60 }, () =>
      random.next() < 0.1 ? undefined : word(longest, alphabet),
    );
    const nearest = nearestSearch(strings);
    for (let i = 0; i < 60; i++) {
      const text = word(longest, `${alphabet}z`);
      let index = -1;
      let distance = Number.POSITIVE_INFINITY;
      strings.forEach((string, at) => {
        // The package counts UTF-16 units; one unit a code point makes it count code points.
        const edits =
          string === undefined
            ? Number.POSITIVE_INFINITY
            : levenshteinEditDistance(oneUnit(text), oneUnit(string));
        if (edits < distance) [index, distance] = [at, edits];
      });
      assert.deepEqual(nearest(text), { index, distance }, JSON.stringify(text));
    }
  }
});

function oneUnit(text: string): string {
  return text.replaceAll("😀", "☺");
}

test("a search among no strings finds nothing", () => {
  assert.equal(nearestSearch([undefined])("a"), undefined);
});
