/** A run in words: its events as lines, its scores as a table. */
import { evaluatedName } from "../pipeline/runSummary.ts";
import type { EvaluationEvent, RunEvent, StageEvent, StepEvent } from "../protocol/runEvents.ts";
import type { ProblemBody } from "../protocol/wire.ts";
import { figureText, scoreText } from "./figures.ts";
import { duration, table } from "./terminal.ts";

/** The line that stays because of an event; undefined where none does. */
export function eventLine(event: RunEvent): string | undefined {
  switch (event.t) {
    case "hello":
      return `${event.resumed ? "resumed" : "started"} on ${event.host}, process ${event.pid}: ${event.engine} on ${event.device}, ${event.threads} threads`;
    case "stage":
      return event.phase === "started" ? undefined : stageLine(event);
    case "warning":
      return problemLine("warning", event);
    case "problem":
      return problemLine("problem", event.problem);
    case "stopping":
      return event.by === "file" ? "stopping, as asked" : "stopping";
    case "done":
      return `${event.outcome === "stopped" ? "stopped" : "done"} after ${duration(event.seconds)}`;
    case "failed":
      return problemLine("failed", event.problem);
    case "progress":
    case "step":
    case "evaluation":
    case "checkpoint":
    case "shard":
      return undefined;
  }
}

function stageLine({ stage, phase, seconds, figures }: StageEvent): string {
  const facts = [
    ...(seconds === undefined ? [] : [duration(seconds)]),
    ...(phase === "reused" ? ["was there"] : []),
    ...Object.entries(figures ?? {}).map(([name, value]) => `${name} ${figureText(value)}`),
  ];
  return `${stage}: ${facts.join(", ") || "done"}`;
}

/** `warning: …`, and what to do next on a line of its own. */
export function problemLine(
  kind: string,
  { message, next }: Pick<ProblemBody, "message" | "next">,
): string {
  return `${kind}: ${message}${next === undefined ? "" : `\n  ${next}`}`;
}

/** `loss 3.021 (true next token 2.980)`; the two are one where no fused row is taught. */
export function lossText({ loss: { total, text } }: StepEvent): string {
  const figure = (value: number | null): string =>
    value === null ? "not finite" : value.toFixed(3);
  return `loss ${figure(total)}${text === total ? "" : ` (true next token ${figure(text)})`}`;
}

/** The scores of every model, a row each. Empty where there are none. */
export function scoreTable(evaluations: readonly EvaluationEvent[]): string {
  if (evaluations.length === 0) return "";
  const domains = [
    ...new Set(evaluations.flatMap((event) => event.domains.map(({ domain }) => domain))),
  ];
  const rows = evaluations.map((event) => [
    evaluatedName(event),
    ...domains.map((domain) =>
      scoreText(event.domains.find((one) => one.domain === domain)?.bitsPerByte ?? null),
    ),
    scoreText(event.bitsPerByte),
  ]);
  return table([["bits per byte", ...domains, "average"], ...rows]);
}
