/** The distributions of a run's texts, from its shards, and of a given text in figures: as the inspector answers. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { noFusedRow } from "../../src/core/fusion/representation.ts";
import { fusedShards } from "../../src/pipeline/chunkShards.ts";
import { runPaths } from "../../src/pipeline/runPaths.ts";
import { fuselab } from "../support/commandLine.ts";
import { writeFiles } from "../support/folders.ts";
import { greetedInspector } from "../support/inspectorProcess.ts";
import { isProblem } from "../support/problems.ts";
import { inventedText, makeToyProject, type ToyProject } from "../support/toyProject.ts";

let folder: string;
let project: ToyProject;
let run: string;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "fuselab-test-"));
  project = await makeToyProject(folder, { steps: 2, checkpointEvery: 2 });
  const runs = path.join(folder, "runs");
  const done = await fuselab(["run", project.recipe, "--out", runs]);
  assert.equal(done.code, 0, done.stderr);
  run = path.join(runs, readdirSync(runs)[0]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6;

describe("a run's texts", () => {
  test("are listed with the recipe's settings, the target's worst first", async (t) => {
    const { port } = await greetedInspector(t);
    const { run: found } = await port.call("fuse", { run, want: "documents" });
    assert.equal(found?.name, "toy");
    assert.deepEqual(
      found?.models.map(({ name }) => name),
      ["target", "source"],
    );
    assert.deepEqual(found?.controls, {
      mode: "corrected",
      positions: "bytes",
      vocabulary: "firstToken",
      rule: "minCE",
      per: "chunk",
      lambda: 0.4,
      temperature: 1,
      topK: 64,
    });
    const bits = found?.documents.map(({ bitsPerByte }) => bitsPerByte ?? Number.NaN) ?? [];
    assert.ok(bits.length > 2 && bits.every((one) => one > 0));
    assert.deepEqual(
      bits,
      [...bits].sort((a, b) => b - a),
    );
  });

  test("show the rows that the run kept, and come out the same computed anew", async (t) => {
    const { port } = await greetedInspector(t);
    const { run: found } = await port.call("fuse", { run, want: "documents" });
    const id = found?.documents[0]?.id as string;
    const shard = path.join(runPaths(run).fused, "shard-00000.arrow");
    const stored = (await fusedShards.read(shard, {})).find((one) => one.chunkId === id)?.value;
    assert.ok(stored);
    const { figures } = await port.call("fuse", { run, document: id, want: "figures" });
    assert.equal(figures?.positions, stored.rows);
    assert.deepEqual(figures?.warnings, []);
    assert.equal(figures?.approximate, false);
    for (let i = 0; i < stored.rows; i++) {
      const ask = { run, document: id, want: "position", first: i } as const;
      const { position } = await port.call("fuse", ask);
      const row = new Map(position?.fused.row.map(({ id: token, p }) => [token, p]));
      const [from, to]: readonly number[] = [stored.offsets[i], stored.offsets[i + 1]];
      assert.equal(row.size, to - from);
      for (let k = from; k < to; k++)
        assert.ok(near(row.get(stored.ids[k]) ?? -1, stored.probs[k]));
      assert.equal(position?.fused.from === "none", stored.from[i] === noFusedRow);
    }
  });

  test("answer other settings from what the models said, and refuse what was not kept", async (t) => {
    const { port } = await greetedInspector(t);
    const { run: found } = await port.call("fuse", { run, want: "documents" });
    const document = found?.documents[0]?.id as string;
    const ask = (settings: object) =>
      port.call("fuse", { run, document, want: "figures", settings: settings as never });
    const base = (await ask({})).figures;
    const narrow = (await ask({ representation: { topK: 3 } })).figures;
    assert.ok(base && narrow);
    assert.deepEqual(narrow.bits, base.bits);
    assert.notDeepEqual(narrow.leftOver, base.leftOver);
    const heated = (await ask({ representation: { temperature: 2 } })).figures;
    assert.equal(heated?.approximate, true);
    const published = {
      mode: "published",
      alignment: { positions: "dtw", vocabulary: "minEditDistance" },
    };
    assert.equal((await ask(published)).figures?.positions, base.positions);
    await ask({ fusion: { per: "block" } });
    await assert.rejects(ask({ representation: { topK: 65 } }), isProblem("badInput", "top 64"));
    await assert.rejects(
      ask({ mode: "published", alignment: { positions: "bytes" } }),
      isProblem("badInput"),
    );
  });

  test("are refused where there is no run, no such text, or a file is not what was written", async (t) => {
    const { port } = await greetedInspector(t);
    await assert.rejects(
      port.call("fuse", { run: folder, want: "documents" }),
      isProblem("missing", "not the folder of a run"),
    );
    await assert.rejects(
      port.call("fuse", { run, document: "nowhere#0", want: "figures" }),
      isProblem("badInput", "nowhere#0"),
    );
    for (const body of [
      { run, want: "figures" },
      { run, document: "x", text: "y", want: "figures" },
      { target: project.target, sources: [project.source], text: "x", want: "documents" },
    ]) {
      await assert.rejects(port.call("fuse", body as never), isProblem("badInput", "neither"));
    }
    const plan = runPaths(run).plan;
    const written = readFileSync(plan, "utf8");
    t.after(() => writeFileSync(plan, written));
    writeFileSync(plan, JSON.stringify({ ...JSON.parse(written), blocks: [[1e6, -1]] }));
    await assert.rejects(
      port.call("fuse", { run, want: "documents" }),
      isProblem("badInput", "chunks"),
    );
    writeFileSync(plan, "{");
    await assert.rejects(
      port.call("fuse", { run, want: "documents" }),
      isProblem("badInput", "chunks"),
    );
  });
});

describe("a given text in figures", () => {
  test("is what inspect --json says, to the sixth place", async (t) => {
    const words = inventedText(7, 3);
    writeFiles(folder, { "words.txt": words });
    for (const mode of ["corrected", "published"] as const) {
      const { stdout, code, stderr } = await fuselab([
        ...["inspect", "--target", project.target, "--source", project.source, "--json"],
        ...["--threads", "1", "--mode", mode, "--text", path.join(folder, "words.txt")],
      ]);
      assert.equal(code, 0, stderr);
      const chunks: {
        positions: {
          index: number;
          target: { nats: number };
          weights: number[];
          fused: { row: { id: number; p: number }[] };
        }[];
      }[] = JSON.parse(stdout).chunks;
      const described = chunks.flatMap(({ positions }) => positions);
      const { port, told } = await greetedInspector(t);
      const question = {
        target: project.target,
        sources: [project.source],
        text: words,
        settings: { mode },
      };
      const { figures } = await port.call("fuse", { ...question, want: "figures" });
      assert.equal(figures?.positions, described.length);
      for (const { index, target, weights, fused } of described) {
        const nats = (figures?.bits[2 * index] ?? Number.NaN) * Math.LN2;
        assert.ok(Math.abs(nats - target.nats) <= 1e-6 * Math.max(1, target.nats));
        for (const [m, weight] of weights.entries()) {
          assert.ok(near(figures?.weights[2 * index + m] ?? -1, weight));
        }
        const ask = { ...question, want: "position", first: index } as const;
        const { position } = await port.call("fuse", ask);
        const row = new Map(position?.fused.row.map(({ id, p }) => [id, p]));
        assert.equal(row.size, fused.row.length);
        for (const { id, p } of fused.row) assert.ok(near(row.get(id) ?? -1, p));
      }
      assert.ok(told.some(({ verb, what }) => verb === "fuse" && what?.doing === "read"));
    }
  });
});
