/**
 * `events.jsonl`: appended by the one process that has the run, read by anyone by offset, at any time. A writer
 * that was killed leaves at most one torn line; the next one closes it off and goes on counting, readers pass
 * over it.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../core/problem.ts";
import { eventVersion, type RunEvent, type RunEventBody } from "../protocol/runEvents.ts";
import { parseEventLine } from "./runEventSchema.ts";

const blockSize = 256 * 1024;
/** A line longer than this is no event. */
const longestLine = 1024 * 1024;
const lineFeed = 10;

const fileOf = (folder: string): string => path.join(folder, "events.jsonl");

export interface RunEventLog {
  /** Writes the event before it returns. Answers it as it stands in the file. */
  append(body: RunEventBody): RunEvent;
  close(): void;
}

/** Opens the log of a run that this process has claimed: there is one writer at a time. */
export function openEventLog(folder: string, now: () => number = Date.now): RunEventLog {
  const file = openSync(fileOf(folder), "a+");
  let seq = lastSeqOf(file) + 1;
  closeTornLine(file);
  return {
    append: (body) => {
      const event: RunEvent = { v: eventVersion, seq, time: now(), ...body };
      writeWhole(file, `${JSON.stringify(event)}\n`);
      seq++;
      return event;
    },
    close: () => closeSync(file),
  };
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

/** The number of the last whole event, −1 in an empty log. Looks at the end first, and further back only where it must. */
function lastSeqOf(file: number): number {
  const { size } = fstatSync(file);
  for (let length = blockSize; ; length *= 4) {
    const start = Math.max(0, size - length);
    const lines = readRange(file, start, size).toString("utf8").split("\n");
    const whole = start === 0 ? lines : lines.slice(1);
    const last = whole.findLast((line) => parseEventLine(line) !== undefined);
    if (last !== undefined) return parseEventLine(last)?.seq ?? -1;
    if (start === 0) return -1;
  }
}

function closeTornLine(file: number): void {
  const { size } = fstatSync(file);
  if (size > 0 && readRange(file, size - 1, size)[0] !== lineFeed) writeWhole(file, "\n");
}

function readRange(file: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(file, bytes, done, bytes.length - done, from + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/** An event and where the next one begins: what a reader keeps to go on later. */
export interface ReadEvent {
  readonly event: RunEvent;
  readonly offset: number;
}

/** All events of a run so far. A run that has not started has none. */
export async function readEvents(folder: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const { event } of wholeEvents(folder, 0)) events.push(event);
  return events;
}

export interface FollowOptions {
  /** Ends the following, without an error. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks. Looking works on every disk; notifications do not. */
  readonly pollInterval?: number;
}

/**
 * The events of a run from an offset on, then those to come, until the signal or the reader ends it. Throws a
 * Problem `stale` where the file became shorter: it is another run's.
 */
export async function* followEvents(
  folder: string,
  fromOffset = 0,
  { signal, pollInterval = 200 }: FollowOptions = {},
): AsyncGenerator<ReadEvent> {
  const ended = (): boolean => signal?.aborted === true;
  let offset = fromOffset;
  while (!ended()) {
    for await (const read of wholeEvents(folder, offset)) {
      yield read;
      offset = read.offset;
      if (ended()) return;
    }
    await delay(pollInterval, undefined, signal === undefined ? {} : { signal }).catch(
      () => undefined,
    );
  }
}

/** Events whose lines are complete now. What is no event is passed over. */
async function* wholeEvents(folder: string, fromOffset: number): AsyncGenerator<ReadEvent> {
  const handle = await openIfThere(fileOf(folder));
  if (handle === undefined) return;
  try {
    if ((await handle.stat()).size < fromOffset) throw replaced(folder);
    for await (const { line, end } of wholeLines(handle, fromOffset)) {
      const event = parseEventLine(line);
      if (event !== undefined) yield { event, offset: end };
    }
  } finally {
    await handle.close();
  }
}

async function* wholeLines(
  handle: FileHandle,
  fromOffset: number,
): AsyncGenerator<{ line: string; end: number }> {
  const block = Buffer.alloc(blockSize);
  let begun: Buffer[] = [];
  let length = 0;
  let position = fromOffset;
  for (;;) {
    const { bytesRead } = await handle.read(block, 0, block.length, position);
    if (bytesRead === 0) return;
    let start = 0;
    for (;;) {
      const end = block.subarray(0, bytesRead).indexOf(lineFeed, start);
      if (end < 0) break;
      length += end - start;
      begun.push(block.subarray(start, end));
      if (length <= longestLine) {
        yield { line: Buffer.concat(begun).toString("utf8"), end: position + end + 1 };
      }
      [begun, length, start] = [[], 0, end + 1];
    }
    length += bytesRead - start;
    if (length <= longestLine) begun.push(Buffer.from(block.subarray(start, bytesRead)));
    else begun = [];
    position += bytesRead;
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  return open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

const replaced = (folder: string): Problem =>
  new Problem("stale", "The events of this run are fewer than were read before.", {
    file: fileOf(folder),
    next: "Open the run again.",
  });
