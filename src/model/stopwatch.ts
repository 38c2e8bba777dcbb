/** Where the time of a training step goes. */

export type StepPart = "prepare" | "run" | "optimiser";

/** Adds up what the parts of a step take. */
export class Stopwatch {
  readonly #milliseconds = { prepare: 0, run: 0, optimiser: 0 };
  #last = performance.now();

  /** Everything since the last lap went into this part. */
  lap(part: StepPart): void {
    const now = performance.now();
    this.#milliseconds[part] += now - this.#last;
    this.#last = now;
  }

  seconds() {
    const { prepare, run, optimiser } = this.#milliseconds;
    return {
      seconds: (prepare + run + optimiser) / 1000,
      prepareSeconds: prepare / 1000,
      runSeconds: run / 1000,
      optimiserSeconds: optimiser / 1000,
    };
  }
}
