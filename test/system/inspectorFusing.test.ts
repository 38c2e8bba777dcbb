/**
 * Turning the settings of a text whose distributions are shown: every one acts, and the models that read the text
 * once are not asked again. The built inspector tells what it does as it goes; a reading is told for each model.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { greetedInspector } from "../support/inspectorProcess.ts";
import { inventedText, makeToyProject, type ToyProject } from "../support/toyProject.ts";

const seed = Number(process.env.FUSELAB_TEST_SEED ?? Date.now() % 100_000);

let project: ToyProject;
before(async () => {
  project = await makeToyProject(mkdtempSync(path.join(tmpdir(), "fuselab-test-")));
});
after(() => rmSync(project.folder, { recursive: true, force: true }));

test("every setting is turned without another reading, and acts", async (t) => {
  t.diagnostic(`seed ${seed}`);
  const { port, told } = await greetedInspector(t);

  const { target, source } = project;
  /** Longer than a chunk of the settings below. Alignments differ on the words of always; the rest is the seed's. */
  const text = inventedText(17517, 12) + inventedText(seed, 8);
  const settings = {
    mode: "corrected",
    representation: { topK: 64, temperature: 1 },
    alignment: { positions: "bytes", vocabulary: "firstToken" },
    fusion: { rule: "avgCE", per: "chunk" }, // both models have a say, so whatever changes one shows
    lambda: 0.4,
    length: 100,
  };
  const fuse = async (asked: object) => {
    const question = { target, sources: [source], text, settings: asked as never };
    const { figures } = await port.call("fuse", { ...question, want: "figures" });
    const { position } = await port.call("fuse", { ...question, want: "position", first: 5 });
    assert.ok(figures && position);
    return { figures, position };
  };
  const readers = () =>
    new Set(told.flatMap(({ what }) => (what?.doing === "read" ? [what.model] : [])));

  const first = await fuse(settings);
  assert.ok(Math.max(...first.figures.chunks) > 0, "one chunk only");
  assert.deepEqual([...readers()].sort(), ["source", "target"]);
  told.length = 0;

  const changes: Readonly<Record<string, object>> = {
    λ: { lambda: 0.9 },
    rule: { fusion: { rule: "minCE", per: "chunk" } },
    "per token": { fusion: { rule: "avgCE", per: "token" } },
    "per block": { fusion: { rule: "avgCE", per: "block" } },
    positions: { alignment: { positions: "dtw", vocabulary: "firstToken" } },
    "map exact": { alignment: { positions: "bytes", vocabulary: "exact" } },
    "map by edits": { alignment: { positions: "bytes", vocabulary: "minEditDistance" } },
    temperature: { representation: { topK: 64, temperature: 2 } },
    "top k": { representation: { topK: 5, temperature: 1 } },
    preset: {
      mode: "published",
      alignment: { positions: "dtw", vocabulary: "minEditDistance" },
      fusion: { rule: "minCE", per: "chunk" },
      representation: { topK: 10, temperature: 1 },
      lambda: 0.9,
    },
  };
  const slowest = { name: "", milliseconds: 0 };
  for (const [name, change] of Object.entries(changes)) {
    const asked = performance.now();
    const { figures, position } = await fuse({ ...settings, ...change });
    const milliseconds = performance.now() - asked;
    if (milliseconds > slowest.milliseconds) Object.assign(slowest, { name, milliseconds });
    assert.deepEqual([...readers()], [], `${name}: read again`);
    const sharesOthers = name === "positions" || name === "preset";
    if (!sharesOthers) assert.deepEqual(figures.bits, first.figures.bits, name);
    if (name === "λ") {
      assert.deepEqual(figures.fusedBits, first.figures.fusedBits);
      assert.deepEqual(position.fused, first.position.fused);
      assert.notDeepEqual(position.taught, first.position.taught);
    } else {
      // A text by itself is no packed block: by block it is weighed by chunk.
      const isByBlock = name === "per block";
      const isSame =
        sameNumbers(figures.fusedBits, first.figures.fusedBits) &&
        sameNumbers(figures.weights, first.figures.weights) &&
        sameNumbers(figures.fusedEntropy, first.figures.fusedEntropy);
      assert.equal(isSame, isByBlock, `${name} changes ${isSame ? "nothing" : "something"}`);
    }
  }
  t.diagnostic(
    `figure: ${first.figures.positions} positions, slowest setting (${slowest.name}), figures and a row ${Math.round(slowest.milliseconds)} ms`,
  );

  // The counter counts: another text is read.
  await port.call("fuse", {
    ...{ target, sources: [source], text: `${text}!`, settings: settings as never },
    want: "figures",
  });
  assert.deepEqual([...readers()].sort(), ["source", "target"]);
});

const sameNumbers = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
