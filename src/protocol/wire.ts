/**
 * The envelope of every message between two sides that can go away: extension host and webview, extension
 * host and inspector, main thread and worker thread. What travels inside (`verb`, `body`) is each seam's own
 * affair. An error travels as a refusal, a cancel travels too; an event is a whole snapshot with a revision,
 * so that a side that missed some needs only the newest.
 */

export const wireVersion = 1;

/** The largest message either side may send, in bytes. */
export const maxMessageBytes = 4 * 1024 * 1024;

/** Why a request cannot be met. */
export const problemCodes = [
  "badInput",
  "missing",
  "unsupported",
  "tooLarge",
  "stale",
  "busy",
  "cancelled",
  "failed",
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** An error for people, as it travels and as it is kept in files. */
export interface ProblemBody {
  readonly code: ProblemCode;
  readonly message: string;
  readonly next?: string;
}

export interface Call {
  readonly v: 1;
  readonly kind: "call";
  readonly id: number;
  readonly verb: string;
  readonly body: unknown;
}

export interface Answer {
  readonly v: 1;
  readonly kind: "answer";
  readonly id: number;
  readonly value: unknown;
}

export interface Refusal {
  readonly v: 1;
  readonly kind: "refusal";
  readonly id: number;
  readonly problem: ProblemBody;
}

/** The caller no longer wants the answer to `id`. */
export interface Cancel {
  readonly v: 1;
  readonly kind: "cancel";
  readonly id: number;
}

/** A whole snapshot. Of two with the same verb the one with the higher revision counts. */
export interface PushedEvent {
  readonly v: 1;
  readonly kind: "event";
  readonly verb: string;
  readonly revision: number;
  readonly body: unknown;
}

export type WireMessage = Call | Answer | Refusal | Cancel | PushedEvent;

/** Whether a value from the other side is an envelope of this version. Bodies are for the seam to check. */
export function isWireMessage(value: unknown): value is WireMessage {
  if (!isRecord(value) || value.v !== wireVersion) return false;
  switch (value.kind) {
    case "call":
      return isCount(value.id) && isText(value.verb) && "body" in value;
    case "answer":
      return isCount(value.id) && "value" in value;
    case "refusal":
      return isCount(value.id) && isProblemBody(value.problem);
    case "cancel":
      return isCount(value.id);
    case "event":
      return isText(value.verb) && isCount(value.revision) && "body" in value;
    default:
      return false;
  }
}

export function isProblemBody(value: unknown): value is ProblemBody {
  return (
    isRecord(value) &&
    problemCodes.some((code) => code === value.code) &&
    isText(value.message) &&
    (value.next === undefined || isText(value.next))
  );
}

/**
 * About how many bytes a value takes when it travels, counted until `most` is passed and no further. A container
 * counts something too, so that a value cannot be cheap and endless; what is met twice travels once.
 */
export function messageBytes(value: unknown, most = maxMessageBytes): number {
  const seen = new Set<object>();
  const waiting: unknown[] = [value];
  let bytes = 0;
  while (waiting.length > 0 && bytes <= most) {
    const next = waiting.pop();
    bytes += valueOverhead;
    if (isText(next)) bytes += textBytes(next, most - bytes);
    else if (isRecord(next) && !seen.has(next)) {
      seen.add(next);
      if (ArrayBuffer.isView(next) || next instanceof ArrayBuffer) bytes += next.byteLength;
      else bytes += put(waiting, next, most - bytes);
    }
  }
  return bytes;
}

const valueOverhead = 8;

/** One byte a character where all are Latin-1, as V8 writes strings, otherwise two. */
function textBytes(text: string, most: number): number {
  if (text.length > most) return text.length;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return 2 * text.length;
  return text.length;
}

/** Puts what a container holds with what is still to be counted, and counts its keys. */
function put(waiting: unknown[], container: object, most: number): number {
  if (Array.isArray(container)) {
    if (container.length * valueOverhead > most) return container.length * valueOverhead;
    for (const item of container) waiting.push(item);
    return 0;
  }
  if (container instanceof Map || container instanceof Set) {
    if (container.size * valueOverhead > most) return container.size * valueOverhead;
    for (const [key, item] of container.entries()) waiting.push(key, item);
    return 0;
  }
  let bytes = 0;
  for (const [key, item] of Object.entries(container)) {
    bytes += key.length;
    waiting.push(item);
  }
  return bytes;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
