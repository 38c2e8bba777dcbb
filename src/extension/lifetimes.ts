/**
 * Three tools for things that end. A scope closes what it holds, and at once what arrives late; a slot holds one
 * thing and closes the one before; `latest` lets a newer job take the older one's place.
 */
import type * as vscode from "vscode";

type Closeable = Pick<vscode.Disposable, "dispose">;

/** Closes what it owns, newest first, when it is disposed of. */
export class Scope implements Closeable {
  #held: Closeable[] | undefined = [];

  own<Thing extends Closeable>(thing: Thing): Thing {
    if (this.#held === undefined) thing.dispose();
    else this.#held.push(thing);
    return thing;
  }

  dispose(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const thing of held.reverse()) thing.dispose();
  }
}

/** One thing at a time. */
export class Slot<Thing extends Closeable> implements Closeable {
  #thing: Thing | undefined;

  get thing(): Thing | undefined {
    return this.#thing;
  }

  put(thing: Thing | undefined): void {
    const before = this.#thing;
    this.#thing = thing;
    if (before !== thing) before?.dispose();
  }

  dispose(): void {
    this.put(undefined);
  }
}

/** Runs one job at a time: a new one aborts the one before, whose result is then `undefined`. */
export class Latest implements Closeable {
  #current: AbortController | undefined;

  /** `undefined` where a newer job came, or the scope ended; what the job then throws is nobody's concern. */
  async run<Result>(job: (signal: AbortSignal) => Promise<Result>): Promise<Result | undefined> {
    this.#current?.abort();
    const mine = new AbortController();
    this.#current = mine;
    try {
      const result = await job(mine.signal);
      return mine.signal.aborted ? undefined : result;
    } catch (error) {
      if (mine.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#current === mine) this.#current = undefined;
    }
  }

  dispose(): void {
    this.#current?.abort();
    this.#current = undefined;
  }
}
