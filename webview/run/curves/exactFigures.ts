/** The figures of a single step, for one that a reduced curve left out. */
import type { SeriesAnswer } from "../../../src/protocol/runSeries.ts";
import { Latest } from "../../shared/latest.ts";
import { questionKey, type SeriesAnswers, type SeriesQuestion } from "./seriesFeed.ts";

export interface ExactFigures {
  /** Of the step that was asked for last, once they are there; none of any other. */
  at(step: number): SeriesAnswers;
  /** True once they are there; false where another step was asked for meanwhile. @throws as `ask` does. */
  find(step: number, questions: readonly SeriesQuestion[]): Promise<boolean>;
  cancel(): void;
}

export function makeExactFigures(
  ask: (question: SeriesQuestion, signal: AbortSignal) => Promise<SeriesAnswer>,
): ExactFigures {
  const latest = new Latest();
  let known: { readonly step: number; readonly answers: SeriesAnswers } | undefined;
  return {
    at: (step) => (known?.step === step ? known.answers : new Map()),
    async find(step, questions) {
      const wanted = questions.map((one) => ({ ...one, from: step, to: step, points: 2 }));
      const found = await latest.run((signal) =>
        Promise.all(wanted.map((question) => ask(question, signal))),
      );
      if (found === undefined) return false;
      const answers = wanted.map((question, i) => [questionKey(question), found[i]] as const);
      known = { step, answers: new Map(answers) };
      return true;
    },
    cancel: () => latest.cancel(),
  };
}
