/**
 * Real tokenizers and corpora, where they are: the tokens' bytes are the text's, ids are those of the library
 * reading each text in one piece, and the share of common boundaries is what was measured by other code (a
 * prototype of this project, with Node's Buffer and its own byte tables).
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type AddedToken, Tokenizer } from "@huggingface/tokenizers";
import { alignTokens } from "../../src/core/alignment/alignTokens.ts";
import { rowEnds, sharedBoundaries } from "../../src/core/alignment/byteSpans.ts";
import { bytesKey } from "../../src/core/text/bytes.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import type { Encoding, TextTokenizer } from "../../src/core/text/tokenizer.ts";

const data = new URL("../../../shared/data/", import.meta.url);
const skip = existsSync(data) ? false : "the folder of real tokenizers and corpora is not there";

const names = ["llama2", "openllama", "neox", "gpt2"] as const;
const chunkLength = 1500;

test("every chunk is read, and its tokens give its bytes", { skip }, () => {
  for (const name of names) {
    const tokenizer = open(name);
    for (const chunk of [wikiText, gsm8k, shakespeare].flatMap((read) => read().slice(0, 40))) {
      const { ids, ends } = encoded(tokenizer, chunk);
      const bytes = Buffer.concat(Array.from(ids, (id) => tokenizer.table.bytes[id]!));
      assert.ok(bytes.toString().endsWith(chunk) && bytes.length <= ends[ends.length - 1] + 1);
      assert.equal(ends[ends.length - 1], Buffer.byteLength(chunk));
    }
  }
});

test("ids are those of the library for the whole text", { skip }, () => {
  for (const name of names) {
    const library = wholeTextLibrary(name);
    const tokenizer = open(name);
    for (const chunk of [...wikiText().slice(0, 25), ...gsm8k().slice(0, 15)]) {
      const { ids } = library.encode(chunk, { add_special_tokens: false });
      assert.deepEqual(Array.from(encoded(tokenizer, chunk).ids), ids);
    }
  }
});

for (const [target, source, corpus, coinciding, exact, first] of [
  ["llama2", "neox", "WikiText", 85.3, 88.1, 99.2],
  ["llama2", "neox", "GSM8K", 77.3, 78.8, 99.3],
  ["llama2", "gpt2", "Shakespeare", 90.8, 90.2, 98.6],
  ["llama2", "openllama", "WikiText", 94.2, 93.8, 98.7],
  ["neox", "llama2", "WikiText", 99.1, 88.2, 88.5],
] as const)
  test(`${target} ← ${source}, ${corpus}: boundaries and next tokens in common as measured`, {
    skip,
  }, () => {
    const [t, s] = [open(target), open(source)];
    const chunks = { WikiText: wikiText, GSM8K: gsm8k, Shakespeare: shakespeare }[corpus]();
    const shares = commonShares(t, s, chunks);
    for (const [i, expected] of [coinciding, exact, first].entries())
      assert.ok(Math.abs(shares[i] - expected) < 0.1, `${shares.map((x) => x.toFixed(2))}`);
  });

test("DTW and bytes differ on real prose as the view says they do", { skip }, () => {
  const [t, s] = [open("llama2"), open("neox")];
  const chunk = wikiText()[3];
  const [target, source] = [t, s].map((tokenizer) => ({
    tokenizer,
    encoding: encoded(tokenizer, chunk),
  }));
  const { stats } = alignTokens(target, source, { mode: "published" });
  assert.ok(stats.dtw!.share > 0.95, "DTW answers nearly everywhere");
  assert.ok(stats.bytes!.share > 0.77 && stats.bytes!.share < 0.97);
  assert.ok(stats.dtw!.offText! > 0, "some of DTW's answers share no byte");
  assert.ok(stats.dtw!.equalPieces < stats.dtw!.answers);
});

test("a text is read by looking up its words once they are known", { skip }, (context) => {
  for (const name of names) {
    const tokenizer = open(name);
    const chunks = wikiText();
    const rate = (read: (chunk: string) => ArrayLike<number>): number => {
      const start = performance.now();
      const tokens = chunks.reduce((sum, chunk) => sum + read(chunk).length, 0);
      return (1000 * tokens) / (performance.now() - start);
    };
    const warm = () => rate((chunk) => encoded(tokenizer, chunk).ids);
    warm();
    const best = Math.max(warm(), warm());
    context.diagnostic(`${name}: ${(best / 1e6).toFixed(2)} million tokens a second, warm`);
    if (name !== "llama2") continue;
    const library = wholeTextLibrary(name);
    const whole = rate((chunk) => library.encode(chunk, { add_special_tokens: false }).ids);
    context.diagnostic(`${name}: ${(whole / 1e6).toFixed(2)} by the library, in one piece`);
    assert.ok(best > 3 * whole);
  }
});

/** Percentages: target boundaries that are source boundaries; and of those, next tokens with the same bytes, and first bare tokens of the source's next token that are the target's. */
function commonShares(
  target: TextTokenizer,
  source: TextTokenizer,
  chunks: readonly string[],
): number[] {
  let [boundaries, common, exact, first] = [0, 0, 0, 0];
  for (const chunk of chunks) {
    const [t, s] = [encoded(target, chunk), encoded(source, chunk)];
    const shared = sharedBoundaries(rowEnds(t.ends), rowEnds(s.ends));
    // Between tokens: neither BOS nor the end of the text.
    for (let row = 1; row < t.ids.length; row++) {
      boundaries++;
      const sourceRow = shared[row];
      if (sourceRow < 0) continue;
      common++;
      const bytes = source.table.bytes[s.ids[sourceRow]]!;
      if (target.table.idByBytes.get(bytesKey(bytes)) === t.ids[row]) exact++;
      if (target.encodeBare(bytes)?.[0] === t.ids[row]) first++;
    }
  }
  return [(100 * common) / boundaries, (100 * exact) / common, (100 * first) / common];
}

const opened = new Map<string, TextTokenizer>();

function open(name: string): TextTokenizer {
  let tokenizer = opened.get(name);
  if (tokenizer === undefined) {
    const definition = readJson(`tokenizers/${name}/tokenizer.json`);
    tokenizer = createTokenizer({ tokenizer: definition }, { name, fingerprint: name });
    opened.set(name, tokenizer);
  }
  return tokenizer;
}

/** The library as it stands, but for special tokens. */
function wholeTextLibrary(name: string): Tokenizer {
  const definition = readJson(`tokenizers/${name}/tokenizer.json`);
  const added_tokens = definition.added_tokens.filter((token: AddedToken) => !token.special);
  return new Tokenizer({ ...definition, added_tokens, post_processor: null }, {});
}

function readJson(path: string) {
  return JSON.parse(readFileSync(new URL(path, data), "utf8"));
}

function encoded(tokenizer: TextTokenizer, text: string): Encoding {
  const encoding = tokenizer.encode(text);
  if ("reason" in encoding) assert.fail(encoding.detail);
  return encoding;
}

function wikiText(): string[] {
  return chunksOf(readFileSync(new URL("corpora/wikitext2-test.txt", data), "utf8"));
}

function shakespeare(): string[] {
  return chunksOf(readFileSync(new URL("corpora/tinyshakespeare.txt", data), "utf8"));
}

function gsm8k(): string[] {
  const lines = readFileSync(new URL("corpora/gsm8k-train.jsonl", data), "utf8").split("\n");
  const texts = lines.slice(0, 400).map((line) => {
    const { question, answer } = JSON.parse(line);
    return `${question}\n${answer}`;
  });
  return chunksOf(texts.join("\n\n"));
}

/** 150,000 characters in pieces of about 1,500, at line ends where one is near. */
function chunksOf(text: string): string[] {
  const chunks: string[] = [];
  for (let start = 0; start < Math.min(text.length, 150_000); ) {
    let end = Math.min(text.length, start + chunkLength);
    const newline = text.indexOf("\n", end);
    if (newline > 0 && newline - end < 600) end = newline;
    chunks.push(text.slice(start, end));
    start = end;
  }
  return chunks;
}
