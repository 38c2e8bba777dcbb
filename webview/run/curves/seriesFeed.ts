/**
 * When the curves are asked for. What a person changes is asked at once and takes the place of what was under way;
 * what grows by itself at most once a second; what nobody sees not at all. All answers of a round are handed on
 * together, so that curves of one chart never show different moments.
 */
import type { SeriesAnswer, SeriesFigure } from "../../../src/protocol/runSeries.ts";
import { Latest } from "../../shared/latest.ts";

export interface SeriesQuestion {
  /** Absolute. */
  readonly run: string;
  readonly figure: SeriesFigure;
  readonly points: number;
  readonly from?: number;
  readonly to?: number;
}

/** By run and figure: see `questionKey`. */
export type SeriesAnswers = ReadonlyMap<string, SeriesAnswer>;

export interface SeriesFeed {
  /** What the charts in sight show. `urgent`: a person waits for it. */
  want(questions: readonly SeriesQuestion[], urgent: boolean): void;
  /** There is more to be read than at the last round. */
  refresh(): void;
  setVisible(isVisible: boolean): void;
}

/** Milliseconds between the beginnings of two rounds. */
export const roundInterval = 1000;

export const questionKey = ({ run, figure }: Pick<SeriesQuestion, "run" | "figure">): string =>
  `${figure} ${run}`;

export function makeSeriesFeed(options: {
  readonly ask: (question: SeriesQuestion, signal: AbortSignal) => Promise<SeriesAnswer>;
  readonly take: (answers: SeriesAnswers) => void;
  readonly fail: (error: unknown) => void;
  readonly now?: () => number;
}): SeriesFeed {
  const { ask, take, fail, now = () => performance.now() } = options;
  const latest = new Latest();
  let wanted: readonly SeriesQuestion[] = [];
  let isDue = false;
  let isVisible = true;
  let lastRound = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const round = async (): Promise<void> => {
    isDue = false;
    lastRound = now();
    const questions = wanted;
    try {
      const answers = await latest.run((signal) =>
        Promise.all(questions.map((question) => ask(question, signal))),
      );
      if (answers === undefined) return; // another round took its place and goes on from here
      take(new Map(questions.map((question, i) => [questionKey(question), answers[i]])));
    } catch (error) {
      fail(error);
    }
    schedule();
  };

  function schedule(): void {
    if (!isDue || !isVisible || wanted.length === 0 || latest.isBusy || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        if (isDue && isVisible) void round();
      },
      Math.max(0, lastRound + roundInterval - now()),
    );
  }

  return {
    want(questions, urgent) {
      if (JSON.stringify(questions) === JSON.stringify(wanted)) return;
      wanted = questions;
      isDue = true;
      if (urgent && isVisible && wanted.length > 0) {
        clearTimeout(timer);
        timer = undefined;
        void round();
      } else schedule();
    },
    refresh() {
      isDue = true;
      schedule();
    },
    setVisible(visible) {
      if (isVisible === visible) return;
      isVisible = visible;
      if (visible) return schedule();
      clearTimeout(timer);
      timer = undefined;
      if (latest.isBusy) isDue = true;
      latest.cancel();
    },
  };
}
