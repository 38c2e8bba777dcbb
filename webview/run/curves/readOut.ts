/** What the curves say at a step, for the legend and for the sentence of the status line. */
import { count, significant } from "../figures.ts";
import { type ReadValue, readAtStep, type SeriesPoints } from "./curve.ts";

export interface ReadLine {
  readonly label: string;
  /** One for each seed. */
  readonly curves: readonly SeriesPoints[];
}

/** The first curve of the line that has come to the step. */
export function readLine({ curves }: ReadLine, step: number): ReadValue | undefined {
  for (const points of curves) {
    const read = readAtStep(points, step);
    if (read !== undefined) return read;
  }
  return undefined;
}

/** `3.02`, or `≈ 3.02` where the step itself was not sent: the smoothed line stands for it. */
export function readText(read: ReadValue | undefined): string {
  if (read === undefined) return "–";
  return read.isExact ? significant(read.value) : `≈ ${significant(read.value)}`;
}

/** `at step 240`: where the figures of the lines stand; nothing where none has a step yet. */
export function stepsText(steps: readonly (number | undefined)[]): string {
  const known = new Set(steps.filter((step) => step !== undefined));
  if (known.size > 1) return "at the last step of each";
  const [step] = known;
  return step === undefined ? "" : `at step ${count(step)}`;
}

/** `step 240: total 3.02, CLM 2.98, fusion 3.41; checkpoint` */
export function stepSentence(
  step: number,
  lines: readonly ReadLine[],
  marks: readonly string[],
): string {
  const figures = lines.map((line) => `${line.label} ${readText(readLine(line, step))}`);
  const also = marks.length === 0 ? "" : `; ${marks.join("; ")}`;
  return `step ${count(step)}: ${figures.join(", ") || "no figure was recorded"}${also}`;
}
