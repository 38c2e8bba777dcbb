/** The inspector as the editor forks it: the built process, over its own channel, with tiny models. */
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { alignTokens } from "../../src/core/alignment/alignTokens.ts";
import { sequenceOf } from "../../src/core/text/sequence.ts";
import type { Encoding, TextTokenizer } from "../../src/core/text/tokenizer.ts";
import { buildVocabularyMap } from "../../src/core/vocabulary/vocabularyMap.ts";
import { openModelFolder } from "../../src/model/checkpoint/folder.ts";
import { openTokenizer } from "../../src/model/checkpoint/tokenizerFolder.ts";
import { openForReading } from "../../src/pipeline/stages/extract.ts";
import type { Port } from "../../src/port/port.ts";
import type { StepEvent } from "../../src/protocol/runEvents.ts";
import { maxMessageBytes } from "../../src/protocol/wire.ts";
import { fuselab } from "../support/commandLine.ts";
import { writeFiles } from "../support/folders.ts";
import { forkInspector, greetedInspector } from "../support/inspectorProcess.ts";
import { isProblem } from "../support/problems.ts";
import { inventedText, makeToyProject, type ToyProject } from "../support/toyProject.ts";

const text = inventedText(1, 4);

let project: ToyProject;
let target: string;
let source: string;
/** A folder whose tokenizer cuts words by a regular expression of exponential time. */
let slow: string;
/** With every letter `slow` takes twice the time. */
const trap = "a".repeat(40);

before(async () => {
  project = await makeToyProject(mkdtempSync(path.join(tmpdir(), "fuselab-test-")));
  ({ target, source } = project);
  slow = path.join(project.folder, "slow");
  const definition = JSON.parse(readFileSync(path.join(source, "tokenizer.json"), "utf8"));
  definition.pre_tokenizer = {
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: "(?:a+)+b" }, behavior: "Isolated", invert: false },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
  };
  writeFiles(slow, { "tokenizer.json": JSON.stringify(definition) });
});
after(() => rmSync(project.folder, { recursive: true, force: true }));

function encoded(tokenizer: TextTokenizer, words: string): Encoding {
  const encoding = tokenizer.encode(words);
  assert.ok("ids" in encoding);
  return encoding;
}

describe("the inspector, asked about tokenizers", () => {
  test("says who it is, and is greeted once and first", async (t) => {
    const { port, child } = forkInspector(t);
    await assert.rejects(port.call("tokenize", { folder: target, text }), isProblem("badInput"));
    const greeting = await port.call("hello", { restricted: false });
    assert.equal(greeting.pid, child.pid);
    assert.equal(greeting.restricted, false);
    await assert.rejects(port.call("hello", { restricted: true }), isProblem("badInput"));
  });

  test("tokenises, aligns and maps as the core does", async (t) => {
    const { port } = await greetedInspector(t);
    const [own, other] = [await openTokenizer(target), await openTokenizer(source)];

    const summary = await port.call("loadTokenizer", { folder: target });
    assert.equal(summary.fingerprint, own.fingerprint);
    assert.equal(summary.tokens, own.table.pieces.filter((piece) => piece !== undefined).length);

    const cut = await port.call("tokenize", { folder: target, text });
    const { ids, ends } = encoded(own, text);
    assert.ok(cut.ids instanceof Int32Array);
    assert.deepEqual([cut.ids, cut.byteEnds], [ids, ends]);
    assert.equal(cut.tokens[0], own.table.pieces[ids[0]]);

    const sides = [own, other].map((tokenizer) => ({
      tokenizer,
      encoding: encoded(tokenizer, text),
    }));
    for (const mode of ["corrected", "published"] as const) {
      const expected = alignTokens(sides[0], sides[1], { mode });
      const got = await port.call("align", { target, source, text, mode, costs: true });
      const { path: way, cost, groups, answers, outcome, offText, costs } = got;
      assert.deepEqual(
        { path: way, cost, groups, answers, outcome, offText, costs },
        {
          path: expected.path,
          cost: expected.cost,
          groups: expected.groups,
          answers: expected.answers,
          outcome: expected.outcome,
          offText: expected.offText,
          costs: expected.costs,
        },
      );
    }

    const method = "firstToken";
    const ask = { source, target, method, examples: 3 } as const;
    const { counts, examples, ...map } = await port.call("vocabularyMap", ask);
    const expected = buildVocabularyMap(other, own, { method, mode: "corrected" });
    assert.deepEqual(map, expected);
    assert.equal(
      Object.values(counts).reduce((a, b) => a + b, 0),
      other.table.size,
    );
    for (const [kind, shown] of Object.entries(examples)) {
      assert.equal(shown.length, Math.min(3, counts[kind]), kind);
    }
    assert.ok(examples.same.length > 0);
    for (const pair of examples.same) assert.ok(own.table.pieces.includes(pair.target ?? ""));
  });

  test("reads a tokenizer again that has changed", async (t) => {
    const { port } = await greetedInspector(t);
    const folder = path.join(project.folder, "changing");
    const file = (from: string) => readFileSync(path.join(from, "tokenizer.json"));
    writeFiles(folder, { "tokenizer.json": file(target) });
    const first = await port.call("loadTokenizer", { folder });
    writeFiles(folder, { "tokenizer.json": file(source) });
    const second = await port.call("loadTokenizer", { folder });
    assert.notEqual(first.fingerprint, second.fingerprint);
    assert.equal(second.family, "byteLevel");
  });

  test("refuses what is broken, and names the file", async (t) => {
    const { port } = await greetedInspector(t);
    const folder = path.join(project.folder, "broken");
    writeFiles(folder, { "tokenizer.json": '{"model": {"type": "BPE"' });
    await assert.rejects(
      port.call("loadTokenizer", { folder }),
      isProblem("badInput", path.join(folder, "tokenizer.json")),
    );
    await assert.rejects(
      port.call("tokenize", { folder: path.join(folder, "nowhere"), text }),
      isProblem("missing", "nowhere"),
    );
    assert.equal((await port.call("loadTokenizer", { folder: target })).folder, target);
  });

  test("refuses bodies that are not as agreed, and verbs it has not", async (t) => {
    const { port } = await greetedInspector(t);
    const asked = port as unknown as Port<Record<string, (body: unknown) => unknown>, object>;
    const wrong: readonly [string, unknown, string][] = [
      ["tokenize", null, "tokenize"],
      ["tokenize", { folder: "models/a", text }, "absolute"],
      ["tokenize", { folder: target, text, also: 1 }, "also"],
      ["tokenize", { folder: target, text: "half \ud800" }, "surrogate"],
      ["represent", { folder: target, text, topK: 1e9 }, "topK"],
      ["fuse", { target, sources: [], text }, "sources"],
      ["series", { run: target, figure: "__proto__", points: 10 }, "figure"],
      ["bye", { now: true }, "bye"],
    ];
    for (const [verb, body, word] of wrong) {
      await assert.rejects(asked.call(verb, body), isProblem("badInput", word));
    }
    await assert.rejects(asked.call("toString", null), isProblem("unsupported"));
  });
});

describe("the inspector, asked about models", () => {
  test("loads, reads and unloads", async (t) => {
    const { port } = await greetedInspector(t);
    const folder = await openModelFolder(target);
    const summary = await port.call("loadModel", { folder: target });
    assert.equal(summary.fingerprint, folder.fingerprint);
    assert.equal(summary.parameters, folder.parameters);

    const short = text.slice(0, 60);
    const { chunks } = await port.call("represent", { folder: target, text: short, topK: 8 });
    const model = await openForReading(folder, { threads: 1, memoryLimit: 1e9 });
    t.after(() => model.dispose());
    const sequence = sequenceOf(folder.tokenizer, encoded(folder.tokenizer, short));
    const [expected] = await model.read([sequence], 8);
    assert.equal(chunks.length, 1);
    assert.deepEqual(chunks[0].representation, expected);

    assert.deepEqual(await port.call("unload", { folder: target }), { unloaded: true });
    assert.deepEqual(await port.call("unload", { folder: target }), { unloaded: false });
  });

  test("fuses as the command line does, also a few positions at a time", async (t) => {
    const { port } = await greetedInspector(t);
    writeFiles(project.folder, { "short.txt": text.slice(0, 80) });
    const words = readFileSync(path.join(project.folder, "short.txt"), "utf8");
    const { stdout, code, stderr } = await fuselab([
      ...["inspect", "--target", target, "--source", source, "--json", "--threads", "1"],
      ...["--text", path.join(project.folder, "short.txt"), "--top-k", "6"],
    ]);
    assert.equal(code, 0, stderr);
    const { chunks } = JSON.parse(stdout);
    const question = {
      target,
      sources: [source],
      text: words,
      settings: { representation: { topK: 6 } },
    };
    const whole = await port.call("fuse", question);
    assert.deepEqual(whole.labels, ["target", "source"]);
    assert.deepEqual(JSON.parse(JSON.stringify(whole.chunks)), chunks);
    const part = await port.call("fuse", { ...question, first: 3, count: 2 });
    assert.equal(part.positions, whole.positions);
    assert.deepEqual(
      part.chunks.flatMap(({ positions }) => positions),
      whole.chunks.flatMap(({ positions }) => positions).slice(3, 5),
    );
    const odd = { mode: "published", alignment: { positions: "bytes" } };
    await assert.rejects(port.call("fuse", { ...question, settings: odd }), isProblem("badInput"));
  });

  test("refuses a model of too many parameters or bytes before it loads one, with the figures", async (t) => {
    const { port } = await greetedInspector(t, { memoryLimitMB: 40 });
    const config = JSON.parse(readFileSync(path.join(target, "config.json"), "utf8"));
    const large = { ...config, vocab_size: 50_000, hidden_size: 64 * config.hidden_size };
    const folder = path.join(project.folder, "large");
    const wide = { intermediate_size: 8192, num_hidden_layers: 24, head_dim: undefined };
    writeFiles(folder, { "config.json": JSON.stringify({ ...large, ...wide }) });
    await assert.rejects(
      port.call("loadModel", { folder }),
      isProblem("tooLarge", "150.0M", "parameters"),
    );
    await assert.rejects(
      port.call("loadModel", { folder: target }),
      isProblem("tooLarge", "42 MB", "limit"),
    );
  });
});

describe("the inspector, asked about recipes and runs", () => {
  test("validates a recipe's text, with places", async (t) => {
    const { port } = await greetedInspector(t);
    const file = project.recipe;
    const recipe = readFileSync(file, "utf8");
    assert.deepEqual(await port.call("validateRecipe", { text: recipe, file }), {
      runnable: true,
      problems: [],
    });
    const wrong = recipe.replace("heldOut: 0.2", "heldOut: 7");
    const { runnable, problems } = await port.call("validateRecipe", { text: wrong, file });
    assert.equal(runnable, false);
    assert.equal(problems[0].key, "heldOut");
    assert.equal(problems[0].line, wrong.slice(0, wrong.indexOf("heldOut")).split("\n").length);
  });

  test("estimates what a run would take", async (t) => {
    const { port } = await greetedInspector(t);
    const check = await port.call("estimate", {
      file: project.recipe,
      runsFolder: path.join(project.folder, "runs"),
      quick: true,
    });
    assert.equal(check.fails, false);
    assert.deepEqual(
      check.models.map(({ label }) => label),
      ["target", "source"],
    );
    assert.ok(check.memory !== undefined);
  });

  test("reduces a run's curves, keeps their peaks, and reads on where it was", async (t) => {
    const { port } = await greetedInspector(t);
    const run = path.join(project.folder, "run");
    mkdirSync(run);
    const events = path.join(run, "events.jsonl");
    const step = (number: number, loss: number | null, arm: StepEvent["arm"] = "fused"): string => {
      const body: StepEvent = {
        t: "step",
        arm,
        seed: 3,
        step: number,
        of: 2000,
        loss: { total: loss, clm: loss, fusion: null, text: loss },
        gradientNorm: 1,
        lr: 0.1,
        tokens: number,
        tokensPerSecond: 5,
      };
      return `${JSON.stringify({ v: 1, seq: number, time: 0, ...body })}\n`;
    };
    const losses = Array.from({ length: 1000 }, (_, i) => (i === 437 ? 99 : 5 - i / 1000));
    appendFileSync(events, losses.map((loss, i) => step(i + 1, loss)).join(""));
    appendFileSync(events, `no event\n${step(1, 4, "clm")}`);
    const torn = step(901, 1.5);
    appendFileSync(events, torn.slice(0, 40));

    const first = await port.call("series", { run, figure: "total", points: 50 });
    const [fused, clm] = first.series;
    assert.equal(fused.of, 1000);
    assert.equal(fused.steps.length, 50);
    assert.deepEqual([fused.steps[0], fused.steps.at(-1)], [1, 1000]);
    assert.equal(fused.values[fused.steps.indexOf(438)], 99);
    assert.deepEqual(
      [...fused.steps],
      [...fused.steps].sort((a, b) => a - b),
    );
    assert.deepEqual([clm.arm, ...clm.values], ["clm", 4]);

    appendFileSync(events, torn.slice(40)); // a resumed run takes step 901 again
    const second = await port.call("series", { run, figure: "total", points: 4000 });
    assert.ok(second.offset > first.offset);
    assert.equal(second.series[0].of, 901);
    assert.equal(second.series[0].values[900], 1.5);

    const zoomed = { run, figure: "fusion", points: 50, from: 10, to: 12 } as const;
    const third = await port.call("series", zoomed);
    assert.deepEqual([...third.series[0].steps], [10, 11, 12]);
    assert.ok(third.series[0].values.every(Number.isNaN));

    writeFiles(run, { "events.jsonl": step(1, 7) }); // another run's
    const fourth = await port.call("series", { run, figure: "total", points: 50 });
    assert.deepEqual(
      fourth.series.map(({ of, values }) => [of, ...values]),
      [[1, 7]],
    );
  });
});

describe("an inspector in trouble", () => {
  test("ends a tokenizer without end at the time limit, and answers others meanwhile", async (t) => {
    const { port } = await greetedInspector(t, { limitSeconds: 3 });
    await port.call("tokenize", { folder: slow, text: "short words" });
    await port.call("loadModel", { folder: target });
    const began = performance.now();
    const endless = port.call("tokenize", { folder: slow, text: trap });
    const refused = assert.rejects(endless, isProblem("failed", "within 3 s"));
    await port.call("represent", { folder: target, text: text.slice(0, 20), topK: 4 });
    assert.ok(performance.now() - began < 3000, "the other thread was held up");
    await refused;
    assert.ok((await port.call("tokenize", { folder: target, text })).ids.length > 0);
  });

  test("ends a call that is cancelled, and the next one works", async (t) => {
    const { port } = await greetedInspector(t);
    const abort = new AbortController();
    const endless = port.call("tokenize", { folder: slow, text: trap }, { signal: abort.signal });
    const next = port.call("tokenize", { folder: target, text });
    setTimeout(() => abort.abort(), 500);
    await assert.rejects(endless, isProblem("cancelled"));
    assert.ok((await next).ids.length > 0);
  });

  test("ends a model's reading that is cancelled, and the next one works", async (t) => {
    const { port } = await greetedInspector(t);
    await port.call("loadModel", { folder: target });
    const abort = new AbortController();
    const long = { folder: target, text: inventedText(4, 4000), topK: 256 };
    const reading = port.call("represent", long, { signal: abort.signal });
    setTimeout(() => abort.abort(), 300);
    await assert.rejects(reading, isProblem("cancelled"));
    const short = { folder: target, text: text.slice(0, 20), topK: 4 };
    assert.equal((await port.call("represent", short)).chunks.length, 1);
  });

  test("outlives a thread that runs out of memory", async (t) => {
    const { port } = await greetedInspector(t, { memoryLimitMB: 32 });
    const words = inventedText(5, 30_000);
    assert.ok(words.length < maxMessageBytes);
    await assert.rejects(
      port.call("align", { target, source, text: words, positions: "bytes" }),
      isProblem("tooLarge", "memory"),
    );
    assert.ok((await port.call("tokenize", { folder: target, text })).ids.length > 0);
  });

  test("refuses messages over the limit, both ways", async (t) => {
    const { port, child } = await greetedInspector(t);
    const answers: { id: number; problem?: { code: string } }[] = [];
    child.on("message", (message) => answers.push(message as (typeof answers)[number]));
    const body = { folder: target, text: "x".repeat(maxMessageBytes) };
    child.send({ v: 1, kind: "call", id: 900, verb: "tokenize", body });
    while (answers.length === 0) await delay(10);
    assert.deepEqual([answers[0].id, answers[0].problem?.code], [900, "tooLarge"]);
    const much = { target, sources: [source], text: inventedText(1, 20) };
    await assert.rejects(port.call("fuse", much), isProblem("tooLarge"));
    assert.equal((await port.call("fuse", { ...much, first: 0, count: 5 })).chunks.length, 1);
    child.send("nonsense");
    child.send({ v: 1, kind: "answer", id: 1, value: 1 });
    assert.ok((await port.call("tokenize", { folder: target, text })).ids.length > 0);
  });
});

describe("an inspector in a workspace that is not trusted", () => {
  test("opens no model, and reads only folders that were picked", async (t) => {
    const { port } = await greetedInspector(t, { restricted: true, allowedFolders: [target] });
    assert.ok((await port.call("tokenize", { folder: target, text })).ids.length > 0);
    const { folder, recipe: file } = project;
    const refusals = [
      () => port.call("tokenize", { folder: source, text }),
      () => port.call("tokenize", { folder: `${target}/../source`, text }),
      () => port.call("tokenize", { folder: `${target}-other`, text }),
      () => port.call("align", { target, source, text }),
      () => port.call("vocabularyMap", { target, source, method: "exact" }),
      () => port.call("series", { run: folder, figure: "lr", points: 10 }),
      () => port.call("loadModel", { folder: target }),
      () => port.call("represent", { folder: target, text, topK: 1 }),
      () => port.call("fuse", { target, sources: [target], text }),
      () => port.call("estimate", { file, runsFolder: folder }),
    ];
    for (const refusal of refusals) {
      await assert.rejects(refusal(), isProblem("unsupported", "not trusted"));
    }
    const recipe = readFileSync(file, "utf8");
    assert.equal((await port.call("validateRecipe", { text: recipe, file })).runnable, true);
  });

  test("follows links before it compares", async (t) => {
    const picked = path.join(project.folder, "picked");
    mkdirSync(picked);
    symlinkSync(source, path.join(picked, "link"));
    const { port } = await greetedInspector(t, { restricted: true, allowedFolders: [picked] });
    const linked = port.call("tokenize", { folder: path.join(picked, "link"), text });
    await assert.rejects(linked, isProblem("unsupported", "not trusted"));
  });
});

describe("the inspector's end", () => {
  test("comes after bye, with its answer", async (t) => {
    const { port, ended } = await greetedInspector(t);
    await port.call("tokenize", { folder: target, text });
    await port.call("loadModel", { folder: target });
    assert.equal(await port.call("bye", null), null);
    assert.equal(await ended, 0);
  });

  test("comes when it was idle, counted from the last answer", async (t) => {
    const { port, ended } = await greetedInspector(t, { idleMinutes: 1 / 60, limitSeconds: 2 });
    let over = false;
    void ended.then(() => {
      over = true;
    });
    const endless = port.call("tokenize", { folder: slow, text: trap });
    await assert.rejects(endless, isProblem("failed", "within 2 s"));
    assert.equal(over, false);
    const answered = performance.now();
    assert.equal(await ended, 0);
    assert.ok(performance.now() - answered > 900);
  });

  test("comes in order with its parent's, also while a model reads", async (t) => {
    const { port, child, ended } = await greetedInspector(t);
    await port.call("loadModel", { folder: target });
    const long = { folder: target, text: inventedText(4, 4000), topK: 4 };
    const reading = assert.rejects(port.call("represent", long), isProblem("failed", "ended"));
    await delay(300); // in the middle of a run of the native library
    child.disconnect();
    assert.equal(await ended, 0);
    await reading;
  });
});
