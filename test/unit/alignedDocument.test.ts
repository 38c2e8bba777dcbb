/** What the alignment panel makes of the inspector's answers, and what it lets a view ask. */
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import {
  type AskInspector,
  alignDocument,
  type DocumentQuestion,
  ownArrays,
} from "../../src/extension/alignment/alignedDocument.ts";
import {
  readAlignAsk,
  readCap,
  readPairAsk,
  readTile,
  readTokenizers,
} from "../../src/extension/alignment/alignmentAsks.ts";
import {
  fittingModels,
  modelNames,
  stillKnown,
  storedChoice,
  viewModels,
} from "../../src/extension/modelChoice.ts";
import type { AlignAnswer, TokenisedAnswer } from "../../src/protocol/alignedPair.ts";
import { maxMessageBytes, messageBytes } from "../../src/protocol/wire.ts";
import { isProblem } from "../support/problems.ts";

const tokensOf = (name: string, ends: readonly number[]): TokenisedAnswer => ({
  name,
  fingerprint: `print of ${name}`,
  tokens: ends.map((end) => `to ${end}`),
  ids: Int32Array.from(ends),
  byteEnds: Int32Array.from(ends),
});

const answer = (target: string, source: string): AlignAnswer => ({
  target: tokensOf(target, [1, 4]),
  source: tokensOf(source, [4]),
  path: undefined,
  cost: undefined,
  groups: Int32Array.of(0, 1, 0, 2),
  answers: { dtw: undefined, bytes: Int32Array.of(-1, 0) },
  outcome: undefined,
  offText: undefined,
  costs: undefined,
  equalPieces: 1,
});

const question: DocumentQuestion = {
  target: "/t",
  sources: ["/a", "/b"],
  text: "text",
  positions: "bytes",
  maxTokens: 4000,
};

interface Asked {
  readonly verb: string;
  readonly body: unknown;
}

/** An inspector that answers by the source's folder; what it answers is thrown where it is a Problem. */
function fakeInspector(answers: Readonly<Record<string, unknown>>) {
  const asked: Asked[] = [];
  const ask = (async (verb: string, body: { source?: string; folder?: string }) => {
    asked.push({ verb, body });
    const given = answers[body.source ?? `tokens of ${body.folder}`];
    if (given instanceof Error) throw given;
    return given;
  }) as unknown as AskInspector;
  return { ask, asked };
}

const options = () => ({
  signal: new AbortController().signal,
  tooLarge: () => new Problem("tooLarge", "Too much for a message."),
});

describe("an aligned document", () => {
  test("has a pair for each source, in order, and says which is the target itself", async () => {
    const { ask, asked } = fakeInspector({ "/a": answer("t", "a"), "/b": answer("t", "t") });
    const names: number[] = [];
    const aligned = await alignDocument(ask, question, {
      ...options(),
      onPair: (source) => names.push(source),
    });
    assert.deepEqual(names, [0, 1]);
    assert.equal(aligned.text, "text");
    assert.equal(aligned.target.name, "t");
    assert.deepEqual(
      aligned.pairs.map(({ identical }) => identical),
      [false, true],
    );
    const [first] = aligned.pairs;
    assert.ok("aligned" in first && first.equalPieces === 1);
    assert.ok(!("target" in first.aligned), "the target travels once");
    assert.deepEqual(asked[0].body, {
      target: "/t",
      source: "/a",
      text: "text",
      positions: "bytes",
      maxTokens: 4000,
    });
  });

  test("keeps what one tokenizer cannot read to its pair", async () => {
    const refusal = new Problem("badInput", "b changes the text.", { next: "Take another." });
    const { ask } = fakeInspector({ "/a": answer("t", "a"), "/b": refusal });
    const { pairs } = await alignDocument(ask, question, options());
    assert.ok("aligned" in pairs[0]);
    assert.deepEqual(pairs[1], {
      identical: false,
      problem: { code: "badInput", message: "b changes the text.", next: "Take another." },
    });
  });

  test("shows the target alone where no source can be read, cut to the range", async () => {
    const refusal = new Problem("badInput", "It cannot be read.");
    const { ask } = fakeInspector({
      "/a": refusal,
      "/b": refusal,
      "tokens of /t": tokensOf("t", [1, 3, 4, 4, 9]),
    });
    const { target, pairs } = await alignDocument(
      ask,
      { ...question, range: { from: 1, to: 8 } },
      options(),
    );
    assert.deepEqual(Array.from(target.byteEnds), [3, 4, 4]);
    assert.deepEqual(target.tokens, ["to 3", "to 4", "to 4"]);
    assert.ok(pairs.every((pair) => "problem" in pair));
  });

  test("is refused where the target cannot be read, or the process ended", async () => {
    const unreadable = new Problem("badInput", "t changes the text.");
    const target = { "/a": unreadable, "/b": unreadable, "tokens of /t": unreadable };
    await assert.rejects(
      alignDocument(fakeInspector(target).ask, question, options()),
      isProblem("badInput", "t changes"),
    );
    const gone = new Problem("failed", "The inspector's process ended.");
    const { ask, asked } = fakeInspector({ "/a": gone, "/b": gone });
    await assert.rejects(alignDocument(ask, question, options()), isProblem("failed", "ended"));
    assert.ok(asked.every(({ verb }) => verb === "align"));
  });

  test("is refused at once where it is no longer wanted", async () => {
    const abort = new AbortController();
    const { ask, asked } = fakeInspector({ "/a": answer("t", "a"), "/b": answer("t", "b") });
    const work = alignDocument(ask, question, {
      ...options(),
      signal: abort.signal,
      onPair: () => abort.abort(),
    });
    await assert.rejects(work, isProblem("cancelled"));
    assert.equal(asked.length, 1);
  });

  test("fits a message: sources that do not say so instead", async () => {
    const ends = Int32Array.from({ length: 40_000 }, (_, i) => i + 1);
    const large = { ...answer("t", "a"), source: tokensOf("a", Array.from(ends)) };
    const sources = Array.from({ length: 6 }, (_, i) => `/${i}`);
    const { ask } = fakeInspector(Object.fromEntries(sources.map((source) => [source, large])));
    const aligned = await alignDocument(ask, { ...question, sources }, options());
    const kinds = aligned.pairs.map((pair) => ("aligned" in pair ? "shown" : pair.problem.code));
    assert.deepEqual(new Set(kinds), new Set(["shown", "tooLarge"]));
    assert.equal(kinds[0], "shown");
    assert.ok(messageBytes(aligned) < maxMessageBytes);
  });

  test("has arrays with buffers of their own", () => {
    const shared = new ArrayBuffer(4000);
    const value = {
      a: new Int32Array(shared, 400, 3),
      b: { c: new Uint8Array(shared, 9, 2) },
      d: "x",
    };
    const own = ownArrays(value);
    assert.deepEqual(own, value);
    assert.equal(own.a.buffer.byteLength, 12);
    assert.equal(own.b.c.buffer.byteLength, 2);
  });
});

describe("what a view asks of an alignment", () => {
  const sizes = { documents: 2, sources: 3 };

  test("is read as it is agreed", () => {
    assert.deepEqual(
      readAlignAsk({ document: 1, positions: "both", range: { from: 2, to: 9 }, other: 1 }, sizes),
      { document: 1, positions: "both", range: { from: 2, to: 9 } },
    );
    assert.deepEqual(readPairAsk({ document: 0, source: 2 }, sizes), { document: 0, source: 2 });
    assert.equal(readCap({ cap: 12 }), 12);
    const tile = { row: 0, column: 4, rows: 256, columns: 256, step: 2 };
    assert.deepEqual(readTile(tile), tile);
  });

  test("is refused with the name of what is wrong", () => {
    const folder = path.resolve("/t");
    const wrong: readonly [() => unknown, string][] = [
      [() => readAlignAsk(null, sizes), "body"],
      [() => readAlignAsk({ document: 2, positions: "both" }, sizes), "document"],
      [() => readAlignAsk({ document: 0, positions: "dtw" }, sizes), "positions"],
      [
        () => readAlignAsk({ document: 0, positions: "both", range: { from: 3, to: 2 } }, sizes),
        "range",
      ],
      [() => readPairAsk({ document: 0, source: 3 }, sizes), "source"],
      [() => readPairAsk({ document: 0, source: -1 }, sizes), "source"],
      [() => readCap({ cap: 255 }), "cap"],
      [() => readTile({ row: 0, column: 0, rows: 1, columns: 1, step: 0 }), "step"],
      [() => readTokenizers({ target: "t", sources: [folder] }), "target"],
      [() => readTokenizers({ target: folder, sources: [] }), "sources"],
      [() => readTokenizers({ target: folder, sources: [folder, folder] }), "sources"],
    ];
    for (const [read, name] of wrong) {
      assert.throws(read, isProblem("badInput", name));
    }
  });
});

describe("a choice of models", () => {
  const model = (folder: string, more: object = {}) => ({
    folder,
    name: path.basename(folder),
    builtIn: false,
    hasTokenizer: true,
    hasWeights: true,
    ...more,
  });
  const known = [
    model("/x/llama"),
    model("/y/llama"),
    model("/z/gpt2", { hasWeights: false }),
    model("/z/broken", { hasTokenizer: false }),
    model("/demo/small", { builtIn: true }),
  ];

  test("offers what fits, by names that tell folders apart", () => {
    assert.equal(fittingModels(known, "tokenizers").length, 4);
    assert.equal(fittingModels(known, "models").length, 3);
    const names = modelNames(known);
    assert.deepEqual(
      [names.get("/x/llama"), names.get("/y/llama")],
      [path.join("x", "llama"), path.join("y", "llama")],
    );
    assert.equal(names.get("/z/gpt2"), "gpt2");
  });

  test("is taken up only where it is one and its folders are known", () => {
    const choice = { target: "/x/llama", sources: ["/z/gpt2"] };
    assert.deepEqual(stillKnown(storedChoice(choice), known), choice);
    assert.equal(stillKnown({ ...choice, sources: ["/gone"] }, known), undefined);
    for (const stored of [
      null,
      "x",
      {},
      { target: "/t", sources: [] },
      { target: "t", sources: ["/a"] },
      { target: "/t", sources: [3] },
    ])
      assert.equal(storedChoice(stored), undefined);
  });

  test("has the target as T and sources as A, B, … in order", () => {
    const models = viewModels(
      { target: "/x/llama", sources: ["/z/gpt2", "/gone"] },
      modelNames(known),
    );
    assert.deepEqual(
      models.map(({ letter, name }) => `${letter} ${name}`),
      [`T ${path.join("x", "llama")}`, "A gpt2", "B gone"],
    );
  });
});
