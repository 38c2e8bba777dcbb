/**
 * Calls by verb over any pipe that carries messages: between processes, threads, or a window and its host. One
 * class serves both ends; `Asks` are the verbs of the other side, `Offers` those of this one. Whatever happens,
 * every call is settled: by an answer, by a refusal (a Problem on both ends), by its signal, by its time limit,
 * or by `close`. What is pushed is a whole snapshot with a revision; of one verb's only the newest is heard. What
 * arrives is not trusted: a message that is no envelope is passed over, a body is the verb's own to check.
 */
import { Problem } from "../core/problem.ts";
import {
  isWireMessage,
  maxMessageBytes,
  messageBytes,
  type ProblemBody,
  type WireMessage,
  wireVersion,
} from "../protocol/wire.ts";

/** The side of a channel that is written to. May throw where the channel is gone or cannot carry the message. */
export type Post = (message: WireMessage) => void;

type BodyOf<Verb> = Verb extends (body: infer Body) => unknown ? Body : never;
type AnswerOf<Verb> = Verb extends (body: never) => infer Answer ? Answer : never;

/** How this side meets its verbs. `signal`: the caller no longer wants the answer. */
export type Offered<Verbs> = {
  readonly [Verb in keyof Verbs]: (
    body: unknown,
    signal: AbortSignal,
  ) => AnswerOf<Verbs[Verb]> | Promise<AnswerOf<Verbs[Verb]>>;
};

/** What is done with a snapshot that the other side pushed, by verb. */
export type Heard = { readonly [verb: string]: (body: unknown) => void };

export interface PortOptions {
  /** Milliseconds a call waits where it does not say. */
  readonly timeLimit: number;
  readonly hears?: Heard;
  /** Told of errors that are ours: the caller only learns that something went wrong. */
  readonly onDefect?: (error: unknown) => void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeLimit?: number;
}

/** A call that nobody waits for any longer, by its signal or its time limit: the other side may still be at it. */
export class AbandonedCall extends Problem {}

interface Waiter {
  readonly verb: string;
  resolve(value: unknown): void;
  reject(reason: Problem): void;
}

/** Calls of the other side that are worked on at a time, at most. */
const mostAtWork = 256;

export class Port<Asks, Offers> {
  readonly #post: Post;
  readonly #offers: ReadonlyMap<string, Offered<Offers>[keyof Offers]>;
  readonly #options: PortOptions;
  readonly #waiting = new Map<number, Waiter>();
  readonly #atWork = new Map<number, AbortController>();
  readonly #hears: ReadonlyMap<string, (body: unknown) => void>;
  /** The newest revision by verb: of what was sent, and of what was heard. */
  readonly #pushed = new Map<string, number>();
  readonly #heard = new Map<string, number>();
  #nextId = 1;
  #closed: Problem | undefined;

  constructor(post: Post, offers: Offered<Offers>, options: PortOptions) {
    this.#post = post;
    this.#offers = new Map(Object.entries(offers)); // a verb like "constructor" finds nothing in a map
    this.#options = options;
    this.#hears = new Map(Object.entries(options.hears ?? {}));
  }

  /** @throws Problem as the other side refuses, or AbandonedCall, or the reason of `close`. */
  call<Verb extends keyof Asks & string>(
    verb: Verb,
    body: BodyOf<Asks[Verb]>,
    { signal, timeLimit = this.#options.timeLimit }: CallOptions = {},
  ): Promise<AnswerOf<Asks[Verb]>> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(cancelled(verb));
    const id = this.#nextId++;
    return new Promise<unknown>((resolve, reject) => {
      const abandon = (reason: Problem): void => {
        settle();
        reject(reason);
        this.#tryPost({ v: wireVersion, kind: "cancel", id });
      };
      const onAbort = (): void => abandon(cancelled(verb));
      const timer = setTimeout(() => abandon(late(verb, timeLimit)), timeLimit);
      const settle = (): void => {
        this.#waiting.delete(id);
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      signal?.addEventListener("abort", onAbort);
      this.#waiting.set(id, {
        verb,
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      });
      try {
        this.#send({ v: wireVersion, kind: "call", id, verb, body });
      } catch (error) {
        this.#waiting.get(id)?.reject(asProblem(error, verb));
      }
    }) as Promise<AnswerOf<Asks[Verb]>>;
  }

  /** Sends a whole snapshot that asks for no answer. It may get lost where the other side is hidden. */
  push(verb: string, body: unknown): void {
    if (this.#closed !== undefined) return;
    const revision = (this.#pushed.get(verb) ?? 0) + 1;
    this.#pushed.set(verb, revision);
    this.#send({ v: wireVersion, kind: "event", verb, revision, body });
  }

  /** Takes what came through the pipe. */
  receive(message: unknown): void {
    if (this.#closed !== undefined || !isWireMessage(message)) return;
    const tooLarge = messageBytes(message) > maxMessageBytes;
    switch (message.kind) {
      case "call":
        if (tooLarge) this.#refuse(message.id, oversized(message.verb));
        else void this.#work(message.id, message.verb, message.body);
        return;
      case "answer": {
        const waiter = this.#waiting.get(message.id);
        if (tooLarge) waiter?.reject(oversized(waiter.verb));
        else waiter?.resolve(message.value);
        return;
      }
      case "refusal": {
        const { code, message: text, next } = message.problem;
        const problem = new Problem(code, text, next === undefined ? {} : { next });
        this.#waiting.get(message.id)?.reject(problem);
        return;
      }
      case "cancel":
        this.#atWork.get(message.id)?.abort();
        this.#atWork.delete(message.id);
        return;
      case "event":
        if (!tooLarge) this.#hear(message.verb, message.revision, message.body);
        return;
    }
  }

  /** The other side is gone, or is no longer wanted. Every call, also later ones, is refused with the reason. */
  close(reason: Problem): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const waiter of [...this.#waiting.values()]) waiter.reject(reason);
    for (const work of this.#atWork.values()) work.abort();
    this.#atWork.clear();
  }

  /** Calls that wait, and calls of the other side that are worked on. */
  get open(): { readonly waiting: number; readonly atWork: number } {
    return { waiting: this.#waiting.size, atWork: this.#atWork.size };
  }

  async #work(id: number, verb: string, body: unknown): Promise<void> {
    if (this.#atWork.has(id)) return; // an id stands for one call
    const meet = this.#offers.get(verb);
    if (meet === undefined) return this.#refuse(id, unknownVerb(verb));
    if (this.#atWork.size >= mostAtWork) return this.#refuse(id, overrun());
    const work = new AbortController();
    this.#atWork.set(id, work);
    try {
      const value = await meet(body, work.signal);
      if (!work.signal.aborted) this.#send({ v: wireVersion, kind: "answer", id, value });
    } catch (error) {
      if (!(error instanceof Problem)) this.#options.onDefect?.(error);
      if (!work.signal.aborted) this.#refuse(id, asProblem(error, verb));
    } finally {
      if (this.#atWork.get(id) === work) this.#atWork.delete(id);
    }
  }

  #hear(verb: string, revision: number, body: unknown): void {
    const hear = this.#hears.get(verb);
    if (hear === undefined || revision <= (this.#heard.get(verb) ?? 0)) return;
    this.#heard.set(verb, revision);
    try {
      hear(body);
    } catch (error) {
      this.#options.onDefect?.(error);
    }
  }

  #refuse(id: number, problem: Problem): void {
    this.#tryPost({ v: wireVersion, kind: "refusal", id, problem: problemBody(problem) });
  }

  #send(message: WireMessage & { readonly verb?: string }): void {
    if (messageBytes(message) > maxMessageBytes) throw oversized(message.verb ?? "The answer");
    this.#post(message);
  }

  #tryPost(message: WireMessage): void {
    try {
      this.#post(message);
    } catch (error) {
      this.#options.onDefect?.(error); // nobody is left to be told
    }
  }
}

/** What of a Problem travels. Its file goes into the sentence. */
export function problemBody({ code, message, next, file }: Problem): ProblemBody {
  return {
    code,
    message: file === undefined || message.includes(file) ? message : `${message} (${file})`,
    ...(next === undefined ? {} : { next }),
  };
}

function asProblem(error: unknown, verb: string): Problem {
  if (error instanceof Problem) return error;
  const what = error instanceof Error ? error.message : String(error);
  return new Problem("failed", `${verb} went wrong inside: ${what}`, { cause: error });
}

const cancelled = (verb: string): AbandonedCall =>
  new AbandonedCall("cancelled", `${verb} was cancelled.`);

const late = (verb: string, limit: number): AbandonedCall =>
  new AbandonedCall("failed", `${verb} gave no answer within ${limit / 1000} s.`, {
    next: "Try a shorter text or a smaller model. A tokenizer whose regular expression never comes to an end does this too.",
  });

const unknownVerb = (verb: string): Problem =>
  new Problem("unsupported", `${JSON.stringify(verb.slice(0, 40))} cannot be asked here.`);

const overrun = (): Problem => new Problem("busy", `More than ${mostAtWork} calls at a time.`);

const oversized = (what: string): Problem =>
  new Problem("tooLarge", `${what} is over the ${maxMessageBytes / 2 ** 20} MB of a message.`, {
    next: "Ask for less at a time.",
  });
