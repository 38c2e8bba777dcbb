import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../../src/core/problem.ts";
import { claimRun } from "../../src/pipeline/runClaim.ts";
import { readEvents } from "../../src/pipeline/runEvents.ts";
import { askToStop, createRun, listRuns, slugOf, stopAsked } from "../../src/pipeline/runFolder.ts";
import {
  livenessOf,
  shownState,
  startTimeOf,
  thisProcess,
} from "../../src/pipeline/runLiveness.ts";
import { renameRun, wishedName } from "../../src/pipeline/runName.ts";
import { readRunRecord, writeRunRecord } from "../../src/pipeline/runRecord.ts";
import { stopRun } from "../../src/pipeline/runStop.ts";
import type { RunRecord } from "../../src/protocol/runState.ts";
import { temporaryFolder, writeFiles } from "../support/folders.ts";
import { ended, newRun, noon, runIn, startProcess } from "../support/runs.ts";

const isBusy = (error: unknown): boolean => error instanceof Problem && error.code === "busy";

describe("a new run", () => {
  test("is a folder by date and name, with the recipe and a queued record", async (t) => {
    const folder = await runIn(t);
    assert.equal(path.basename(folder), "2026-03-09-three-specialists-one-model");
    assert.equal(readFileSync(path.join(folder, "recipe.yaml"), "utf8"), newRun.recipeText);
    const record = await readRunRecord(folder);
    assert.equal(record.state, "queued");
    assert.equal(record.created, noon.getTime());
    assert.deepEqual(record.seeds, { training: 42 });
    assert.equal(record.pid, null);
    assert.equal(await shownState(record), "queued");
  });

  test("of the same name gets a number", async (t) => {
    const runs = temporaryFolder(t);
    const names = await Promise.all([1, 2, 3].map(() => createRun(runs, newRun, noon)));
    assert.equal(new Set(names).size, 3);
    assert.ok(names.some((name) => name.endsWith("-model-2")));
  });

  const slugs: readonly [name: string, slug: string][] = [
    ["../../etc/passwd", "etc-passwd"],
    ["Ünïcode 三つ", "ünïcode-三つ"],
    ["...", "run"],
    ["a\u0000b:c*d", "a-b-c-d"],
    ["x".repeat(200), "x".repeat(60)],
  ];
  for (const [name, slug] of slugs) {
    test(`named ${JSON.stringify(name.slice(0, 20))} lies in a folder of safe letters`, () => {
      assert.equal(slugOf(name), slug);
    });
  }
});

describe("a claim", () => {
  test("makes this process the owner and refuses a second start", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    assert.equal(claim.resumed, false);
    const record = await readRunRecord(folder);
    assert.equal(record.state, "running");
    assert.equal(record.pid, process.pid);
    assert.equal(record.host, hostname());
    assert.equal(await shownState(record), "running");
    await assert.rejects(claimRun(folder), isBusy);
    await claim.release("done");
    assert.equal((await readRunRecord(folder)).state, "done");
  });

  test("takes up the name that the run is wished to have, and keeps it", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    assert.equal(await renameRun(folder, " second try "), "asked");
    await claim.update({});
    assert.equal((await readRunRecord(folder)).name, "second try");
    await claim.release("done");
    assert.equal((await readRunRecord(folder)).name, "second try");
    assert.equal(await renameRun(folder, "third"), "renamed");
    assert.equal((await readRunRecord(folder)).name, "third");
  });

  test("a wish that nobody took up is forgotten with the next name", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    await renameRun(folder, "wished");
    await writeRunRecord(folder, { ...claim.record(), pid: 2 ** 22 + 1, heartbeat: 0 });
    assert.equal(await renameRun(folder, "given"), "renamed");
    assert.equal(await wishedName(folder), undefined);
    for (const name of ["  ", "x".repeat(201)]) {
      await assert.rejects(renameRun(folder, name), /1 to 200 characters/);
    }
    await claim.release("stopped").catch(() => undefined);
  });

  test("given back can be taken again, and then counts as resumed", async (t) => {
    const folder = await runIn(t);
    await (await claimRun(folder)).release("stopped");
    const again = await claimRun(folder);
    assert.equal(again.resumed, true);
    assert.equal((await readRunRecord(folder)).ended, null);
    await again.release("failed", { code: "failed", message: "no space" });
    assert.equal((await readRunRecord(folder)).problem?.message, "no space");
  });

  test("goes to one of many that want it at once", async (t) => {
    const folder = await runIn(t);
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => claimRun(folder)));
    const won = attempts.filter((attempt) => attempt.status === "fulfilled");
    assert.equal(won.length, 1);
    assert.ok(attempts.every((one) => one.status === "fulfilled" || isBusy(one.reason)));
    for (const { value } of won) await value.release("done");
  });

  test("of a living process elsewhere in the system is refused by its pid", async (t) => {
    const folder = await runIn(t);
    const { child, words } = await startProcess(t, folder, "hold");
    assert.equal(words, "claimed");
    await assert.rejects(claimRun(folder), (error: Error) => {
      assert.match(error.message, new RegExp(`process ${child.pid}`));
      return isBusy(error);
    });
    child.kill("SIGTERM");
    await ended(child);
    assert.equal((await readRunRecord(folder)).state, "stopped");
  });

  test("of a killed process shows as lost, is taken over, and its events go on", async (t) => {
    const folder = await runIn(t);
    const { child } = await startProcess(t, folder, "crash");
    await ended(child);
    const record = await readRunRecord(folder);
    assert.equal(record.state, "running");
    assert.equal(await shownState(record), "lost");
    const { words, child: second } = await startProcess(t, folder, "hold");
    assert.equal(words, "claimed");
    const events = await readEvents(folder);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      [0, 1],
    );
    second.kill("SIGKILL");
    await ended(second);
  });

  test("by a pid that was used again is dead", async (t) => {
    const folder = await runIn(t);
    await (await claimRun(folder)).update({});
    const owner = await thisProcess();
    assert.equal(await livenessOf(owner, 0), "here");
    assert.equal(await livenessOf({ ...owner, pidStartTime: "1" }, Date.now()), "gone");
    assert.equal(await startTimeOf(2 ** 22 + 1), undefined);
  });

  test("that was taken over writes nothing more", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    writeFiles(folder, { "claims/0002": "{}" });
    await assert.rejects(claim.update({ state: "stopping" }), isBusy);
    assert.equal(claim.lost.aborted, true);
    assert.equal((await readRunRecord(folder)).state, "running");
    await assert.rejects(claim.release("done"), isBusy);
  });

  test("does not bring back a folder that was deleted", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    rmSync(folder, { recursive: true });
    await assert.rejects(claim.update({}), isBusy);
    assert.equal(existsSync(folder), false);
  });

  test("file that was never written is respected while it is new", async (t) => {
    const folder = await runIn(t);
    writeFiles(folder, { "claims/0001": "" });
    await assert.rejects(claimRun(folder), isBusy);
  });

  test("keeps a wish to stop from before the first start, and forgets one of an earlier process", async (t) => {
    const folder = await runIn(t);
    await askToStop(folder);
    await (await claimRun(folder)).release("stopped");
    assert.equal(await stopAsked(folder), true);
    await (await claimRun(folder)).release("stopped");
    assert.equal(await stopAsked(folder), false);
  });

  test("writes changes in the order they were asked for", async (t) => {
    const folder = await runIn(t);
    const claim = await claimRun(folder);
    await Promise.all([1, 2, 3, 4, 5].map((threads) => claim.update({ threads })));
    assert.equal((await readRunRecord(folder)).threads, 5);
    await claim.release("done");
  });
});

describe("an owner on another host", () => {
  const elsewhere = (heartbeat: number): Partial<RunRecord> => ({
    state: "running",
    host: `not-${hostname()}`,
    bootId: "b",
    pid: process.pid,
    pidStartTime: "s",
    heartbeat,
  });

  test("lives as long as its heartbeat is young", async (t) => {
    const record = await readRunRecord(await runIn(t));
    const at = 1_000_000;
    assert.equal(await shownState({ ...record, ...elsewhere(at) }, at + 29_000), "elsewhere");
    assert.equal(await shownState({ ...record, ...elsewhere(at) }, at + 31_000), "lost");
  });

  test("keeps others from starting the run", async (t) => {
    const folder = await runIn(t);
    const record = { ...(await readRunRecord(folder)), ...elsewhere(Date.now()) };
    await writeRunRecord(folder, record);
    const { host, bootId, pid, pidStartTime } = record;
    const note = { host, bootId, pid, pidStartTime, time: Date.now() };
    writeFiles(folder, { "claims/0001": JSON.stringify(note) });
    await assert.rejects(claimRun(folder), isBusy);
  });

  test("of the same name with another boot is taken for this host before it was started anew", async () => {
    const owner = { ...(await thisProcess()), bootId: "another" };
    assert.equal(await livenessOf(owner, Date.now() - 60_000), "gone");
    assert.equal(await livenessOf(owner, Date.now()), "elsewhere");
  });
});

describe("run.json", () => {
  test("that is broken is refused by name", async (t) => {
    const folder = temporaryFolder(t);
    for (const content of ["", "{", "[]", '{"v":2}', '{"v":1,"state":"lost"}']) {
      writeFileSync(path.join(folder, "run.json"), content);
      await assert.rejects(readRunRecord(folder), (error: unknown) => {
        assert.ok(error instanceof Problem, content);
        return error.code === "badInput" && path.basename(error.file ?? "") === "run.json";
      });
    }
  });

  test("that is missing means the folder is no run", async (t) => {
    await assert.rejects(readRunRecord(temporaryFolder(t)), /is not the folder of a run/);
    await assert.rejects(askToStop(temporaryFolder(t)), /is not the folder of a run/);
  });
});

describe("a list of runs", () => {
  test("has the newest first and names those that cannot be read", async (t) => {
    const runs = temporaryFolder(t);
    await createRun(runs, { ...newRun, name: "old" }, new Date(2026, 0, 1));
    await createRun(runs, { ...newRun, name: "new" }, new Date(2026, 5, 1));
    writeFiles(runs, { "broken/run.json": "{", "notes.txt": "", "empty/x": "" });
    const listed = await listRuns(runs);
    assert.deepEqual(
      listed.map((run) => ("record" in run ? run.record.name : run.problem.code)),
      ["new", "old", "badInput"],
    );
  });

  test("of a folder that is not there is empty", async (t) => {
    assert.deepEqual(await listRuns(path.join(temporaryFolder(t), "none")), []);
  });
});

describe("stopping a run", () => {
  test("waits for a process that obeys", async (t) => {
    const folder = await runIn(t);
    const { child } = await startProcess(t, folder, "obey");
    assert.equal(await stopRun(folder), "stopped");
    await ended(child);
    assert.equal((await readRunRecord(folder)).state, "stopped");
  });

  test("ends a process that does not listen to the file", async (t) => {
    const folder = await runIn(t);
    const { child } = await startProcess(t, folder, "hold");
    assert.equal(await stopRun(folder, { patience: 300 }), "ended");
    await ended(child);
    assert.equal((await readRunRecord(folder)).state, "stopped");
  });

  test("ends a process that listens to nothing, and leaves a run that can be taken", async (t) => {
    const folder = await runIn(t);
    const { child } = await startProcess(t, folder, "deaf");
    assert.equal(await stopRun(folder, { patience: 300 }), "ended");
    await ended(child);
    assert.equal(child.signalCode, "SIGKILL");
    assert.equal((await readRunRecord(folder)).state, "stopped");
    await (await claimRun(folder)).release("done");
  });

  test("of a run on another host only asks", async (t) => {
    const folder = await runIn(t);
    const owner = { host: `not-${hostname()}`, bootId: "b", pid: process.pid, pidStartTime: "s" };
    const record = await readRunRecord(folder);
    await writeRunRecord(folder, { ...record, ...owner, state: "running", heartbeat: Date.now() });
    assert.equal(await stopRun(folder, { patience: 100 }), "asked");
    assert.equal(await stopAsked(folder), true);
  });

  test("that is not running is refused", async (t) => {
    const folder = await runIn(t);
    await (await claimRun(folder)).release("done");
    await assert.rejects(stopRun(folder), /it is done/);
  });
});

test("a heartbeat is given every five seconds until the run is given back", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const folder = await runIn(t);
  const claim = await claimRun(folder);
  const heartbeat = async () => (await readRunRecord(folder)).heartbeat ?? 0;
  const first = await heartbeat();
  await delay(5);
  t.mock.timers.tick(5_000);
  await claim.update({}); // comes after the beat
  assert.ok((await heartbeat()) > first);
  await claim.release("done");
  const last = await heartbeat();
  t.mock.timers.tick(60_000);
  await delay(50);
  assert.equal(await heartbeat(), last);
});
