import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ModelConfig } from "../../src/model/architecture/config.ts";
import { initialWeights } from "../../src/model/architecture/parameters.ts";
import { openLanguageModel } from "../../src/model/languageModel.ts";
import { estimateTraining } from "../../src/model/memory.ts";
import {
  createTrainer,
  type PackedBlock,
  type Trainer,
  type TrainerOptions,
  type TrainingSequence,
} from "../../src/model/trainer.ts";
import {
  loadTrainerState,
  saveTrainerState,
  type TrainerState,
} from "../../src/model/trainerState.ts";
import { temporaryFolder } from "../support/folders.ts";
import { smallModels } from "../support/models.ts";
import { isProblem } from "../support/problems.ts";
import { largestDifference } from "../support/program.ts";
import { labelled, randomSequence, sequenceOfIds, sparseRows } from "../support/toyText.ts";

const llama: ModelConfig = { ...smallModels["Llama, tied"], context: 64 };
const gpt2: ModelConfig = { ...smallModels["GPT-2"], context: 64 };
const neox: ModelConfig = { ...smallModels["GPT-NeoX, parallel, partly turned"], context: 64 };

const usual: TrainerOptions = {
  steps: 40,
  batch: 4,
  length: 32,
  topK: 3,
  learningRate: 0.02,
  warmup: 0.1,
  schedule: "cosine",
  weightDecay: 0.1,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  clip: 1,
  threads: 1,
  memoryLimit: 1e9,
};

async function create(
  t: TestContext,
  config: ModelConfig,
  options: Partial<TrainerOptions> = {},
  resume?: TrainerState,
): Promise<Trainer> {
  const weights = initialWeights(config, 3);
  const trainer = await createTrainer(config, weights, { ...usual, ...options }, resume);
  t.after(() => trainer.dispose());
  return trainer;
}

/** A sentence as ids below 31, over and over. */
const sentence = Array.from(
  "the cat sat on the mat and the dog ",
  (c) => 1 + (c.charCodeAt(0) % 30),
);

function blocksOfText(step: number, count: number): PackedBlock[] {
  return Array.from({ length: count }, (_, block) => {
    const start = (7 * step + 3 * block) % sentence.length;
    const ids = Array.from({ length: 31 }, (_, i) => sentence[(start + i) % sentence.length]);
    return { sequences: [labelled(sequenceOfIds(ids))] };
  });
}

async function lossesOf(trainer: Trainer, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++) {
    losses.push((await trainer.step(blocksOfText(step, 4))).loss);
  }
  return losses;
}

const block = (...sequences: TrainingSequence[]): PackedBlock => ({ sequences });

function assertWeightsClose(a: Trainer, b: Trainer, tolerance: number): void {
  for (const [name, weights] of a.currentWeights()) {
    const difference = largestDifference(weights, b.currentWeights().get(name)!);
    assert.ok(difference <= tolerance, `${name} differs by ${difference}`);
  }
}

/** Every position taught half by its label, half by two ids of a teacher. */
function taught(length: number, seed: number, entries = 2): TrainingSequence {
  const sequence = randomSequence(length, 31, seed);
  const rows = Array.from({ length }, (_, row) =>
    Array.from({ length: entries }, (_, k) => [(row + 5 * k) % 31, 0.6 / 2 ** k] as const),
  );
  return {
    ...sequence,
    labelWeight: new Float32Array(length).fill(0.5),
    fusedWeight: new Float32Array(length).fill(0.5),
    fused: sparseRows(rows),
  };
}

for (const [name, config] of Object.entries({ llama, gpt2, neox })) {
  test(`${name}: training on a repeated sentence brings its loss far down`, async (t) => {
    const losses = await lossesOf(await create(t, config), 0, usual.steps);
    assert.ok(losses[0] > 3.2 && losses[0] < 3.7, `ln 31 = 3.43 at the start, not ${losses[0]}`);
    const last = losses.at(-1)!;
    assert.ok(last < 0.5 * losses[0], `from ${losses[0]} to ${last}`);
  });
}

test("a step reports its rate, norm, positions and time", async (t) => {
  const trainer = await create(t, llama, { clip: 0.01 });
  const result = await trainer.step(blocksOfText(0, 4));
  assert.equal(result.step, 1);
  assert.equal(result.positions, 4 * 32);
  assert.equal(result.learningRate, 0.02 / 4);
  assert.equal(result.loss, result.clm + result.fusion);
  assert.ok(result.gradientNorm > 0.01, "the norm is the one before clipping");
  const parts = result.prepareSeconds + result.runSeconds + result.optimiserSeconds;
  assert.ok(parts > 0 && Math.abs(parts - result.seconds) < 1e-9);
});

test("losses are the weighted sums over what the model reads, per position of the step", async (t) => {
  const weights = initialWeights(llama, 3);
  const reader = await openLanguageModel(llama, weights, { threads: 1, memoryLimit: 1e9 });
  t.after(() => reader.dispose());
  const sequences = [
    taught(9, 1),
    taught(14, 2),
    { ...taught(8, 3), labelWeight: new Float32Array(8) },
  ];
  const read = await reader.read(sequences, 31);
  const positions = 9 + 14 + 8;
  let clm = 0;
  let fusion = 0;
  for (const [s, { labelWeight, fusedWeight, fused }] of sequences.entries()) {
    for (let row = 0; row < labelWeight.length; row++) {
      clm += (labelWeight[row] * read[s].nats[row]) / positions;
      const logQ = new Map<number, number>();
      for (let k = row * 31; k < row * 31 + 31; k++) logQ.set(read[s].ids[k], read[s].logProbs[k]);
      let covered = 0;
      let h = 0;
      for (let k = fused!.offsets[row]; k < fused!.offsets[row + 1]; k++) {
        h -= fused!.probs[k] * logQ.get(fused!.ids[k])!;
        covered += Math.exp(logQ.get(fused!.ids[k])!);
      }
      h -= fused!.leftOver[row] * Math.log(1 - covered);
      fusion += (fusedWeight[row] * h) / positions;
    }
  }
  const trainer = await create(t, llama);
  const result = await trainer.step([block(sequences[0], sequences[1]), block(sequences[2])]);
  assert.equal(result.positions, positions);
  assert.ok(Math.abs(result.clm - clm) < 1e-5, `clm ${result.clm}, by reading ${clm}`);
  assert.ok(
    Math.abs(result.fusion - fusion) < 1e-5,
    `fusion ${result.fusion}, by reading ${fusion}`,
  );
});

test("sequences packed into one row train as they do in rows of their own", async (t) => {
  const sequences = [taught(9, 1), taught(12, 2), taught(11, 3)];
  const packed = await create(t, llama);
  const apart = await create(t, llama);
  const one = await packed.step([block(...sequences)]);
  const three = await apart.step(sequences.map((sequence) => block(sequence)));
  assert.equal(one.positions, three.positions);
  assert.ok(Math.abs(one.loss - three.loss) < 1e-6, `${one.loss}, ${three.loss}`);
  assert.ok(Math.abs(one.gradientNorm - three.gradientNorm) < 1e-5);
  for (const [name, { first }] of packed.state().parameters) {
    const other = apart.state().parameters.get(name)!.first;
    const difference = largestDifference(first, other);
    assert.ok(difference < 1e-7, `gradient of ${name} differs by ${difference}`);
  }
});

test("two micro-batches add up to what one batch gives", async (t) => {
  const sequences = [taught(30, 1), taught(8, 2), taught(19, 3), taught(25, 4)];
  const blocks = sequences.map((sequence) => block(sequence));
  const half = estimateTraining(llama, { batch: 2, length: 32, topK: 3, accumulates: true });
  const whole = await create(t, llama);
  const halves = await create(t, llama, { memoryLimit: half });
  assert.deepEqual([whole.microBatch, halves.microBatch], [4, 2]);
  const a = await whole.step(blocks);
  const b = await halves.step(blocks);
  assert.ok(Math.abs(a.loss - b.loss) < 1e-5, `${a.loss}, ${b.loss}`);
  assert.ok(Math.abs(a.gradientNorm - b.gradientNorm) < 1e-5);
  for (const [name, { first }] of whole.state().parameters) {
    const difference = largestDifference(first, halves.state().parameters.get(name)!.first);
    assert.ok(difference < 1e-7, `gradient of ${name} differs by ${difference}`);
  }
});

test("a run stopped, saved, loaded and resumed has the losses of one that never stopped, bit for bit", async (t) => {
  const expected = await lossesOf(await create(t, gpt2), 0, 12);
  const folder = temporaryFolder(t);
  const before = await create(t, gpt2);
  const losses = await lossesOf(before, 0, 5);
  await saveTrainerState(folder, before.state());
  const resumed = await create(t, gpt2, {}, await loadTrainerState(folder));
  losses.push(...(await lossesOf(resumed, 5, 12)));
  assert.deepEqual(losses, expected);
});

test("a resumed training keeps its micro-batch, though memory would allow a larger one", async (t) => {
  const half = estimateTraining(llama, { batch: 2, length: 32, topK: 3, accumulates: true });
  const first = await create(t, llama, { memoryLimit: half });
  const resumed = await create(t, llama, {}, first.state());
  assert.equal(resumed.microBatch, 2);
});

test("fused rows without weight change nothing: the run equals one on labels alone, bit for bit", async (t) => {
  const plain = await create(t, llama, { topK: 0 });
  const beside = await create(t, llama, { topK: 7 });
  for (let step = 0; step < 4; step++) {
    const lengths = [32, 20, 7];
    const sequences = lengths.map((length, i) => {
      const { fused, ...sequence } = taught(length, 10 * step + i, 1 + (step % 3));
      const onLabels = { ...sequence, ...labelled(sequence) };
      return { without: onLabels, with: { ...onLabels, fused: fused! } };
    });
    const a = await plain.step(sequences.map((pair) => block(pair.without)));
    const b = await beside.step(sequences.map((pair) => block(pair.with)));
    assert.equal(a.loss, b.loss);
    assert.equal(a.gradientNorm, b.gradientNorm);
    assert.equal(b.fusion, 0);
  }
  assertWeightsClose(plain, beside, 0);
});

test("weights handed over stay as they are", async (t) => {
  const weights = initialWeights(llama, 3);
  const copy = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  const trainer = await createTrainer(llama, weights, usual);
  t.after(() => trainer.dispose());
  await trainer.step(blocksOfText(0, 4));
  assert.deepEqual(weights, copy);
  assert.notDeepEqual(trainer.currentWeights(), copy);
});

test("a loss that is no number stops the step, by number, and touches no weight", async (t) => {
  const trainer = await create(t, llama);
  await trainer.step(blocksOfText(0, 4));
  trainer.currentWeights().get("model.layers.1.mlp.up_proj.weight")![5] = Number.NaN;
  const before = structuredClone(trainer.state());
  await assert.rejects(
    trainer.step(blocksOfText(1, 4)),
    isProblem("failed", "Step 2", "loss (NaN)"),
  );
  assert.deepEqual(trainer.state(), before);
});

test("a gradient beyond all numbers stops the step though its loss is finite", async (t) => {
  const trainer = await create(t, smallModels["Llama, untied"]);
  // The smaller its input, the more a norm's backward pass enlarges what comes to it: here beyond fp32.
  const weights = trainer.currentWeights();
  for (const values of weights.values()) for (const i of values.keys()) values[i] *= 0.01;
  weights.get("model.norm.weight")!.fill(1);
  weights.get("lm_head.weight")!.fill(0.1, 0, 12);
  const before = structuredClone(trainer.state());
  const heavy = { ...labelled(sequenceOfIds([])), labelWeight: Float32Array.of(5e37) };
  const failing = trainer.step([block(heavy)]);
  await assert.rejects(failing, isProblem("failed", "Step 1", "gradient (norm"));
  assert.deepEqual(trainer.state(), before);
});

test("a row wider than the slots is refused, not cut, and the weights stay", async (t) => {
  const trainer = await create(t, llama);
  const before = structuredClone(trainer.state());
  const wide = taught(6, 1, 4);
  await assert.rejects(trainer.step([block(wide)]), isProblem("badInput", "4 entries", "for 3"));
  assert.deepEqual(trainer.state(), before);
});

test("unsound blocks are refused", async (t) => {
  const trainer = await create(t, llama);
  const good = labelled(randomSequence(20, 31, 1));
  const refusals: [PackedBlock[], string][] = [
    [[], "0 of 0 tokens"],
    [Array(5).fill(block(good)), "not 5"],
    [[block(good, good)], "40 tokens"],
    [[block(labelled(sequenceOfIds([40])))], "Token 40"],
    [[block({ ...good, labelWeight: new Float32Array(3) })], "3 label weights"],
    [[block({ ...good, fusedWeight: new Float32Array(20).fill(1) })], "has none"],
    [[block({ ...good, fused: sparseRows([[[1, 1]]]) })], "1 fused rows"],
  ];
  for (const [blocks, words] of refusals) {
    await assert.rejects(trainer.step(blocks), isProblem("badInput", words));
  }
  assert.equal(trainer.state().step, 0);
});

test("there are no more steps than the schedule has", async (t) => {
  const trainer = await create(t, llama, { steps: 1 });
  await trainer.step(blocksOfText(0, 1));
  await assert.rejects(trainer.step(blocksOfText(1, 1)), isProblem("badInput", "All 1 steps"));
});

test("a model of more than 150M parameters is refused before anything is made, with its size", async () => {
  const large = {
    ...llama,
    hidden: 1024,
    headSize: 512,
    feedForward: 4096,
    layers: 8,
    vocabulary: 32_000,
  };
  const creating = createTrainer(large, new Map(), usual);
  await assert.rejects(creating, isProblem("tooLarge", "167.0M parameters", "150M"));
});

test("a block that does not fit the memory limit is refused with both figures", async (t) => {
  await assert.rejects(
    create(t, llama, { memoryLimit: 20e6 }),
    isProblem("tooLarge", "32 tokens", "limit is 20 MB"),
  );
});

test("a state of another model is refused by the tensor's name", async (t) => {
  const state = (await create(t, llama)).state();
  await assert.rejects(create(t, gpt2, {}, state), isProblem("stale", "wte.weight"));
  await assert.rejects(
    create(t, llama, { steps: 3 }, { ...state, step: 4 }),
    isProblem("stale", "step 4"),
  );
});
