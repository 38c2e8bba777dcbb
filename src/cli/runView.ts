/**
 * A run's events as lines: what stays on the screen, and what is drawn again while it changes. Knows nothing of
 * terminals but colours, so that it can be read in tests.
 */
import { evaluatedName } from "../pipeline/runSummary.ts";
import type {
  EvaluationEvent,
  ProgressEvent,
  RunEvent,
  StageEvent,
  StepEvent,
} from "../protocol/runEvents.ts";
import { barText, countText, durationText, rateText, scoreText } from "./figures.ts";
import { printable, type Style, tableLines } from "./terminal.ts";

export interface RunView {
  /** Takes an event; answers the lines that stay because of it. */
  accept(event: RunEvent): string[];
  /** The lines that show how things stand. */
  current(): string[];
}

const barWidth = 24;
const labelWidth = 20;

export function createRunView(style: Style): RunView {
  const progress = new Map<string, ProgressEvent>();
  const steps = new Map<string, { readonly first: StepEvent & { time: number }; last: StepEvent & { time: number } }>();
  const evaluations = new Map<string, EvaluationEvent>();

  const accept = (event: RunEvent): string[] => {
    switch (event.t) {
      case "hello": {
        steps.clear();
        progress.clear();
        const how = event.resumed ? "resumed" : "started";
        return [
          style.dim(
            printable(
              `${how} on ${event.host}, process ${event.pid}, ${event.engine} on ${event.device}, ${event.threads} threads`,
            ),
          ),
        ];
      }
      case "stage":
        progress.clear();
        return event.phase === "started" ? [] : [stageLine(event, style)];
      case "progress":
        progress.set(event.what ?? "", event);
        return [];
      case "step": {
        const known = steps.get(event.arm);
        if (known === undefined) steps.set(event.arm, { first: event, last: event });
        else known.last = event;
        return [];
      }
      case "evaluation":
        evaluations.set(evaluatedName(event), event);
        return [];
      case "warning":
        return [noteLine(style.attention("warning"), event.message, event.next)];
      case "problem":
        return [noteLine(style.bad("problem"), event.problem.message, event.problem.next)];
      case "stopping":
        return [style.attention(event.by === "file" ? "stopping, as asked" : "stopping")];
      case "done":
      case "failed":
        return endLines(event, [...evaluations.values()], style);
      case "checkpoint":
      case "shard":
        return [];
    }
  };

  return {
    accept,
    current: () => [
      ...[...steps.values()].map(stepLine),
      // Steps say more about a training than the progress of its job does.
      ...[...progress.values()].filter(({ stage }) => stage !== "train").map(progressLine),
    ],
  };
}

function stageLine({ stage, phase, seconds, figures }: StageEvent, style: Style): string {
  const time = seconds === undefined ? "" : `  ${durationText(seconds)}`;
  const facts = Object.entries(figures ?? {}).map(
    ([name, value]) => `${printable(name)} ${figureText(value)}`,
  );
  const reused = phase === "reused" ? ["was there"] : [];
  return `${style.good("✓")} ${stage.padEnd(9)}${time}  ${style.dim([...reused, ...facts].join(", "))}`.trimEnd();
}

const figureText = (value: number): string =>
  Number.isInteger(value) ? countText(value) : String(Number(value.toPrecision(4)));

function progressLine({ stage, done, of, unit, what, rate }: ProgressEvent): string {
  const label = printable(what ?? stage).slice(0, labelWidth).padEnd(labelWidth);
  const share = of > 0 ? done / of : 0;
  const pace = rate === undefined || rate <= 0 ? [] : [rateText(rate, unit)];
  const left = pace.length > 0 && done < of ? [`${durationText((of - done) / (rate ?? 1))} left`] : [];
  const count = `${countText(done)} of ${countText(of)} ${unit}`;
  return `  ${label} ${barText(share, barWidth)} ${[count, ...pace, ...left].join("  ")}`;
}

function stepLine({
  first,
  last,
}: {
  readonly first: StepEvent & { readonly time: number };
  readonly last: StepEvent & { readonly time: number };
}): string {
  const { arm, step, of, loss, tokensPerSecond } = last;
  const seconds = (last.time - first.time) / 1000;
  const pace = seconds > 0 ? (step - first.step) / seconds : 0;
  const parts = [
    `step ${countText(step)} of ${countText(of)}`,
    lossText(loss),
    rateText(tokensPerSecond, "tokens"),
    ...(pace > 0 && step < of ? [`${durationText((of - step) / pace)} left`] : []),
  ];
  return `  ${`train ${arm}`.padEnd(labelWidth)} ${barText(step / of, barWidth)} ${parts.join("  ")}`;
}

function lossText({ total, clm, fusion }: StepEvent["loss"]): string {
  const text = (value: number | null): string => (value === null ? "not finite" : value.toFixed(3));
  const parts = fusion === null || fusion === 0 ? "" : ` (text ${text(clm)}, fusion ${text(fusion)})`;
  return `loss ${text(total)}${parts}`;
}

function noteLine(kind: string, message: string, next: string | undefined): string {
  const then = next === undefined ? "" : `\n  ${printable(next)}`;
  return `${kind}: ${printable(message, { lines: true })}${then}`;
}

function endLines(
  event: Extract<RunEvent, { t: "done" | "failed" }>,
  evaluations: readonly EvaluationEvent[],
  style: Style,
): string[] {
  if (event.t === "failed") {
    return [noteLine(style.bad("failed"), event.problem.message, event.problem.next)];
  }
  if (event.outcome === "stopped") return [style.attention("stopped")];
  return [
    ...scoreLines(evaluations, style),
    style.good(`done in ${durationText(event.seconds)}`),
  ];
}

/** The scores of every model as a table, bits per byte. */
export function scoreLines(evaluations: readonly EvaluationEvent[], style: Style): string[] {
  if (evaluations.length === 0) return [];
  const domains = [
    ...new Set(evaluations.flatMap((event) => event.domains.map(({ domain }) => domain))),
  ];
  const columns = [
    { title: "bits per byte" },
    ...[...domains.map((domain) => printable(domain)), "mean"].map((title) => ({
      title,
      align: "right" as const,
    })),
  ];
  const rows = evaluations.map((event) => [
    printable(evaluatedName(event)),
    ...domains.map((domain) =>
      scoreText(event.domains.find((one) => one.domain === domain)?.bitsPerByte ?? null),
    ),
    scoreText(event.bitsPerByte),
  ]);
  const [title = "", ...lines] = tableLines(columns, rows);
  return [style.dim(title), ...lines];
}
