/** Several runs set beside each other: which settings differ, what the first is better or worse by. Knows no editor. */
import { parse } from "yaml";
import type { Evaluation, EvaluationRow } from "../../pipeline/evaluation.ts";
import type { ComparedRunShow, CompareShow } from "../../protocol/runView.ts";
import type { RunReading } from "./runReading.ts";
import { noRunFiles, runShow } from "./runShow.ts";

export interface ComparedRunFiles {
  readonly reading: RunReading;
  readonly evaluation: Evaluation | undefined;
  readonly recipe: string;
}

export const mostComparedRuns = 6;
const letters = "ABCDEF";

export function compareShow(
  runs: readonly ComparedRunFiles[],
): Pick<CompareShow, "runs" | "settings"> {
  const settings = runs.map(({ recipe }) => flatSettings(recipe));
  const spread: Spread = (value) => spreadOverSeeds(runs, settings, value);
  return {
    runs: runs.map((run, i) => comparedRun(run, letters[i] ?? "?", runs[0]!, spread)),
    settings: differingSettings(settings),
  };
}

function comparedRun(
  run: ComparedRunFiles,
  letter: string,
  first: ComparedRunFiles,
  spread: Spread,
): ComparedRunShow {
  const { folder, name, state, scores, lastStep } = runShow(run.reading, {
    ...noRunFiles,
    evaluation: run.evaluation,
    recipe: run.recipe,
  });
  const shown = { letter, folder, name, state, scores, lastStep };
  if (run === first) return shown;
  const reason = whyNotComparable(run.evaluation, first.evaluation);
  if (reason !== undefined) return { ...shown, notComparable: reason };
  const own = fusedRow(run.evaluation);
  const other = fusedRow(first.evaluation);
  if (own === undefined || other === undefined) return shown;
  const difference = (value: (row: EvaluationRow) => number) => {
    const bitsPerByte = value(own) - value(other);
    const size = spread(value);
    return {
      bitsPerByte,
      spread: size,
      beyondSpread: size !== null && Math.abs(bitsPerByte) > size,
    };
  };
  return {
    ...shown,
    difference: {
      ...difference(({ average }) => average.value),
      domains: Object.keys(other.domains).map((domain) => ({
        domain,
        ...difference(({ domains }) => domains[domain]?.value ?? Number.NaN),
      })),
    },
  };
}

/** The same held-out text: as many chunks and bytes in each domain. */
function whyNotComparable(
  own: Evaluation | undefined,
  first: Evaluation | undefined,
): string | undefined {
  if (own === undefined) return "it has no evaluation yet";
  if (first === undefined) return "run A has no evaluation yet";
  if (JSON.stringify(sorted(own.heldOut)) !== JSON.stringify(sorted(first.heldOut))) {
    return "it was measured on other held-out text than run A";
  }
  return undefined;
}

const sorted = <Value>(record: Readonly<Record<string, Value>>): readonly [string, Value][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

const fusedRow = (evaluation: Evaluation | undefined) =>
  evaluation?.rows.find(({ kind }) => kind === "fused");

/** Of a figure of the fused target, between runs that are the same but for their seed. */
type Spread = (value: (row: EvaluationRow) => number) => number | null;

/** Keys that say nothing about the method: two runs that differ in them alone are the same run again. */
const incidental = new Set(["name", "training.seed", "training.threads"]);

/**
 * Standard deviation of a figure of the fused target over runs that differ in their seed alone, pooled over the
 * groups of such runs; null where no two of the runs are so.
 */
function spreadOverSeeds(
  runs: readonly ComparedRunFiles[],
  settings: readonly ReadonlyMap<string, string>[],
  figure: (row: EvaluationRow) => number,
): number | null {
  const groups = new Map<string, number[]>();
  for (const [i, { evaluation }] of runs.entries()) {
    const row = fusedRow(evaluation);
    if (row === undefined) continue;
    const value = figure(row);
    const method = [...settings[i]!].filter(([key]) => !incidental.has(key)).sort();
    const key = JSON.stringify(method);
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  let squares = 0;
  let freedom = 0;
  for (const values of groups.values()) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const value of values) squares += (value - mean) ** 2;
    freedom += values.length - 1;
  }
  return freedom === 0 ? null : Math.sqrt(squares / freedom);
}

function differingSettings(
  settings: readonly ReadonlyMap<string, string>[],
): CompareShow["settings"] {
  const keys = new Set(settings.flatMap((one) => [...one.keys()]));
  return [...keys]
    .map((key) => ({ key, values: settings.map((one) => one.get(key) ?? "") }))
    .filter(({ values }) => new Set(values).size > 1);
}

const deepest = 8;

/** A recipe as `section.key` and value. A recipe that cannot be read has none. */
function flatSettings(recipe: string): ReadonlyMap<string, string> {
  const flat = new Map<string, string>();
  const put = (value: unknown, key: string, depth: number): void => {
    if (typeof value !== "object" || value === null || depth === deepest) {
      flat.set(key, String(value));
    } else if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
      flat.set(key, value.join(", "));
    } else {
      for (const [name, inner] of Object.entries(value)) {
        put(inner, key === "" ? name : `${key}.${name}`, depth + 1);
      }
    }
  };
  try {
    put(parse(recipe, { maxAliasCount: 20 }), "", 0);
  } catch {
    return new Map();
  }
  return flat;
}
