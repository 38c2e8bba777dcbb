/**
 * Who may execute a run. The process that does holds a claim and gives a sign of life every few seconds; a
 * second start of a live run is refused, that of a dead one goes on where it ended.
 *
 * Claims are numbered files made exclusively, so that of two processes that both see a dead owner only one gets
 * the next number. They are never removed: the highest number is the owner.
 */

import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../core/problem.ts";
import { fileExists } from "../model/checkpoint/outsideFile.ts";
import { ownerOf, type RunOwner, type RunRecord } from "../protocol/runState.ts";
import type { ProblemBody } from "../protocol/wire.ts";
import { stopFile } from "./runFolder.ts";
import {
  heartbeatInterval,
  heartbeatLimit,
  type Liveness,
  livenessOf,
  thisProcess,
} from "./runLiveness.ts";
import { forgetWish, wishedName } from "./runName.ts";
import { readRunRecord, writeRunRecord } from "./runRecord.ts";

/** A run as this process holds it. */
export interface RunClaim {
  readonly folder: string;
  /** True where another process has had the run before. */
  readonly resumed: boolean;
  /** Aborted when another process has taken the run over, having thought this one dead, or the folder is gone: write nothing more. */
  readonly lost: AbortSignal;
  record(): RunRecord;
  /** Changes run.json; the heartbeat goes with it. */
  update(change: Partial<RunRecord>): Promise<void>;
  /** Writes the last state and gives the run back. */
  release(state: "stopped" | "done" | "failed", problem?: ProblemBody): Promise<void>;
}

/**
 * Takes a run for this process. A file `stop` that an earlier process was asked by is removed. Throws a Problem `busy` where another
 * process lives that has it.
 */
export async function claimRun(folder: string): Promise<RunClaim> {
  const before = await readRunRecord(folder);
  const number = await takeNextClaim(folder, before);
  // A wish to stop was meant for the process before; before the first start it is meant for this one.
  if (number > 1) await rm(stopFile(folder), { force: true });
  const owner = await thisProcess();
  const claim = openClaim(folder, number, before);
  await claim.update({
    ...owner,
    state: "running",
    started: before.started ?? Date.now(),
    ended: null,
    problem: null,
  });
  return claim;
}

function openClaim(folder: string, number: number, before: RunRecord): RunClaim {
  let record = before;
  let lastWrite: Promise<void> = Promise.resolve();
  const lost = new AbortController();

  // One write after the other: they share a temporary name, and the newest must come last.
  const update = (change: Partial<RunRecord>): Promise<void> => {
    const write = async (): Promise<void> => {
      if (!(await isNewest(folder, number))) lost.abort();
      if (lost.signal.aborted) throw takenOver(folder);
      const name = await wishedName(folder);
      record = { ...record, ...change, heartbeat: Date.now(), ...(name && { name }) };
      await writeRunRecord(folder, record);
      if (name !== undefined) await forgetWish(folder);
    };
    const next = lastWrite.then(write);
    lastWrite = next.catch(() => undefined);
    return next;
  };

  // A beat that cannot be written is no reason to give up the run: on this host the pid tells as well.
  const beat = setInterval(() => void update({}).catch(() => undefined), heartbeatInterval);
  beat.unref();

  return {
    folder,
    resumed: number > 1,
    lost: lost.signal,
    record: () => record,
    update,
    release: (state, problem) => {
      clearInterval(beat);
      return update({ state, ended: Date.now(), problem: problem ?? null });
    },
  };
}

/** False also where the run was deleted: what is gone must not come back by a heartbeat. */
async function isNewest(folder: string, number: number): Promise<boolean> {
  return (
    (await fileExists(claimFile(folder, number))) &&
    !(await fileExists(claimFile(folder, number + 1)))
  );
}

const takenOver = (folder: string): Problem =>
  new Problem("busy", "Another process has taken this run over, or its folder was deleted.", {
    file: folder,
    next: "Look at the run's state with: fuselab status.",
  });

interface ClaimNote extends RunOwner {
  readonly time: number;
}

/** Makes the claim after the newest, if the newest one's owner is dead. */
async function takeNextClaim(folder: string, record: RunRecord): Promise<number> {
  await mkdir(path.join(folder, "claims"), { recursive: true });
  const newest = await newestClaim(folder);
  if (newest > 0) await refuseLiving(folder, newest, record);
  const note: ClaimNote = { ...(await thisProcess()), time: Date.now() };
  try {
    await writeFile(claimFile(folder, newest + 1), JSON.stringify(note), { flag: "wx" });
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw busy(folder, "has just been taken by another process");
    throw error;
  }
  return newest + 1;
}

async function newestClaim(folder: string): Promise<number> {
  const names = await readdir(path.join(folder, "claims"));
  return Math.max(0, ...names.filter((name) => /^\d{1,9}$/.test(name)).map(Number));
}

async function refuseLiving(folder: string, number: number, record: RunRecord): Promise<void> {
  const note = await readClaim(folder, number);
  if (note === "new") throw busy(folder, "is just being taken by another process");
  if (note === undefined || isOver(record, note)) return;
  const liveness = await watchedLiveness(folder, note, record);
  if (liveness === "here") throw busy(folder, `is being executed by process ${note.pid}`);
  if (liveness === "elsewhere") throw busy(folder, `is being executed on ${note.host}`);
}

/** The owner ended the run in order, and may live on for other work. */
const isOver = (record: RunRecord, note: ClaimNote): boolean =>
  sameOwner(ownerOf(record), note) && ["stopped", "done", "failed"].includes(record.state);

/** Clocks of two hosts may differ, so an owner elsewhere that looks dead is given the time of two beats to show itself. */
async function watchedLiveness(
  folder: string,
  note: ClaimNote,
  record: RunRecord,
): Promise<Liveness> {
  const heartbeat = sameOwner(ownerOf(record), note) ? (record.heartbeat ?? 0) : note.time;
  const liveness = await livenessOf(note, heartbeat);
  if (liveness !== "gone" || note.host === (await thisProcess()).host) return liveness;
  await delay(2 * heartbeatInterval);
  const later = await readRunRecord(folder);
  return later.heartbeat === record.heartbeat ? "gone" : "elsewhere";
}

const sameOwner = (one: RunOwner | undefined, other: RunOwner): boolean =>
  one !== undefined &&
  one.host === other.host &&
  one.bootId === other.bootId &&
  one.pid === other.pid &&
  one.pidStartTime === other.pidStartTime;

/** `new`: made a moment ago and not written yet. Undefined: never written, its maker died. */
async function readClaim(folder: string, number: number): Promise<ClaimNote | "new" | undefined> {
  const file = claimFile(folder, number);
  try {
    const note = JSON.parse(await readFile(file, "utf8")) as Partial<ClaimNote>;
    if (isNote(note)) return note;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const { mtimeMs } = await stat(file);
  return Math.abs(Date.now() - mtimeMs) < heartbeatLimit ? "new" : undefined;
}

const isNote = (note: Partial<ClaimNote>): note is ClaimNote =>
  typeof note.host === "string" &&
  typeof note.bootId === "string" &&
  Number.isSafeInteger(note.pid) &&
  Number(note.pid) > 0 &&
  typeof note.pidStartTime === "string" &&
  typeof note.time === "number";

const busy = (folder: string, what: string): Problem =>
  new Problem("busy", `The run ${path.basename(folder)} ${what}.`, {
    file: folder,
    next: "Wait until it has ended, or stop it with: fuselab stop.",
  });

const claimFile = (folder: string, number: number): string =>
  path.join(folder, "claims", String(number).padStart(4, "0"));

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
