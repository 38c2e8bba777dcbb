/** "Latest wins": on one surface a newer piece of work takes the place of the one before, whose answer is not wanted any more. */
import { Problem } from "../../src/core/problem.ts";

export class Latest {
  #work: AbortController | undefined;

  /** What the work gives; `undefined` where it was cancelled or overtaken meanwhile. @throws as the work does. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.cancel();
    const own = new AbortController();
    this.#work = own;
    try {
      const value = await work(own.signal);
      return own.signal.aborted ? undefined : value;
    } catch (error) {
      if (own.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#work === own) this.#work = undefined;
    }
  }

  cancel(): void {
    this.#work?.abort(new Problem("cancelled", "No longer wanted."));
    this.#work = undefined;
  }

  get isBusy(): boolean {
    return this.#work !== undefined;
  }
}
