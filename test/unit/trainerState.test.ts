import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import {
  loadTrainerState,
  saveTrainerState,
  type TrainerState,
} from "../../src/model/trainerState.ts";
import { temporaryFolder } from "../support/folders.ts";
import { isProblem } from "../support/problems.ts";

const state: TrainerState = {
  step: 17,
  microBatch: 3,
  parameters: new Map(
    ["b.weight", "a:odd.name", "c"].map((name, i) => [
      name,
      {
        weights: Float32Array.of(1.5, -0, 1e-42, i),
        first: Float32Array.of(2, 3, 4, i),
        second: Float32Array.of(5, 6, 7, 1e30),
      },
    ]),
  ),
};

async function saved(t: TestContext): Promise<{ folder: string; file: string }> {
  const folder = path.join(temporaryFolder(t), "step-000017");
  await saveTrainerState(folder, state);
  const names = readdirSync(folder);
  assert.equal(names.length, 1, `one file, not ${names}`);
  return { folder, file: path.join(folder, names[0]) };
}

const sorted = ({ parameters, ...rest }: TrainerState) => ({
  ...rest,
  parameters: [...parameters].sort(([a], [b]) => (a < b ? -1 : 1)),
});

test("a state comes back as it was saved, to the last bit", async (t) => {
  const { folder } = await saved(t);
  assert.deepEqual(sorted(await loadTrainerState(folder)), sorted(state));
});

test("saving over a state replaces it and leaves nothing beside it", async (t) => {
  const { folder } = await saved(t);
  await saveTrainerState(folder, { ...state, step: 18 });
  assert.equal((await loadTrainerState(folder)).step, 18);
  assert.equal(readdirSync(folder).length, 1);
});

test("a flipped bit anywhere in the numbers is found", async (t) => {
  const { folder, file } = await saved(t);
  const bytes = readFileSync(file);
  const data = 8 + Number(bytes.readBigUInt64LE());
  for (const at of [data, data + 50, bytes.length - 1]) {
    const broken = Buffer.from(bytes);
    broken[at] ^= 4;
    writeFileSync(file, broken);
    await assert.rejects(
      loadTrainerState(folder),
      isProblem("badInput", "step-000017", "checksum"),
    );
  }
});

test("a changed step is found", async (t) => {
  const { folder, file } = await saved(t);
  const bytes = readFileSync(file);
  const at = bytes.indexOf('"step":"17"');
  assert.ok(at > 0);
  bytes.write('"step":"18"', at);
  writeFileSync(file, bytes);
  await assert.rejects(loadTrainerState(folder), isProblem("badInput", "step-000017", "checksum"));
});

test("a file cut short is refused by name", async (t) => {
  const { folder, file } = await saved(t);
  truncateSync(file, readFileSync(file).length - 3);
  await assert.rejects(loadTrainerState(folder), isProblem("badInput", "step-000017"));
});

test("another version is refused as such", async (t) => {
  const { folder, file } = await saved(t);
  const bytes = readFileSync(file);
  bytes.write('"version":"9"', bytes.indexOf('"version":"1"'));
  writeFileSync(file, bytes);
  await assert.rejects(loadTrainerState(folder), isProblem("stale", "step-000017", "version 9"));
});

test("a folder without a state is said to have none", async (t) => {
  const { folder, file } = await saved(t);
  rmSync(file);
  await assert.rejects(loadTrainerState(folder), isProblem("missing", "step-000017"));
});
