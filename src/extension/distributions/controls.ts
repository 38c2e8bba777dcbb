/**
 * The view's controls as keys of a recipe, and back: what a preset sets, what the rules of a recipe forbid, what
 * is asked of the inspector, and the YAML that a recipe takes.
 */
import { Problem } from "../../core/problem.ts";
import { fillDefaults, modeDefaults } from "../../pipeline/recipeDefaults.ts";
import { checkRules } from "../../pipeline/recipeRules.ts";
import type { WrittenRecipe } from "../../pipeline/recipeSchema.ts";
import type { ControlObstacles, FusionControls } from "../../protocol/distributionsView.ts";

type Mode = FusionControls["mode"];
type Words = { readonly [Key in WordKey]: readonly FusionControls[Key][] };
type WordKey = "mode" | "positions" | "vocabulary" | "rule" | "per";

const words: Words = {
  mode: ["corrected", "published"],
  positions: ["bytes", "dtw"],
  vocabulary: ["firstToken", "exact", "minEditDistance"],
  rule: ["minCE", "avgCE"],
  per: ["chunk", "token", "block"],
};

/** Least and most, as in a recipe. */
const bounds = {
  lambda: [0, 1],
  temperature: [0.05, 20],
  topK: [1, 256],
} as const satisfies Partial<Record<keyof FusionControls, readonly [number, number]>>;

/** A selection is read in chunks of this many tokens whatever the mode, so that turning it reads nothing again. */
const selectionLength = modeDefaults.corrected.training.length;

/** What a mode sets where nothing is written. */
export function modeControls(mode: Mode): FusionControls {
  const { representation, alignment, fusion, training } = modeDefaults[mode];
  return {
    mode,
    positions: alignment.positions,
    vocabulary: alignment.vocabulary,
    rule: fusion.rule,
    per: fusion.per,
    lambda: training.lambda,
    temperature: representation.temperature,
    topK: representation.topK,
  };
}

/** The presets for a selection, which is no packed block: what is fused per block there is fused per chunk. */
export const selectionPresets: Readonly<Record<Mode, FusionControls>> = {
  corrected: modeControls("corrected"),
  published: { ...modeControls("published"), per: "chunk" },
};

/** What the view sent, from outside like any other input. @throws Problem `badInput` that names the control */
export function readControls(value: unknown): FusionControls {
  if (typeof value !== "object" || value === null) throw wrong("controls");
  const fields = value as Readonly<Record<string, unknown>>;
  for (const [key, allowed] of Object.entries(words)) {
    if (!(allowed as readonly unknown[]).includes(fields[key])) throw wrong(key);
  }
  for (const [key, [least, most]] of Object.entries(bounds)) {
    const number = fields[key];
    if (typeof number !== "number" || !(number >= least && number <= most)) throw wrong(key);
  }
  if (!Number.isInteger(fields.topK)) throw wrong("topK");
  const { mode, positions, vocabulary, rule, per, lambda, temperature, topK } =
    value as FusionControls;
  return { mode, positions, vocabulary, rule, per, lambda, temperature, topK };
}

const wrong = (key: string): Problem =>
  new Problem("badInput", `The control ${key} cannot have this value.`);

/** As the inspector is asked: keys of a recipe. */
export function settingsOf(
  controls: FusionControls,
  origin: "selection" | "run",
): Readonly<Record<string, unknown>> {
  const { mode, positions, vocabulary, rule, per, lambda, temperature, topK } = controls;
  return {
    mode,
    representation: { topK, temperature },
    alignment: { positions, vocabulary },
    fusion: { rule, per },
    lambda,
    ...(origin === "selection" ? { length: selectionLength } : {}),
  };
}

/** Values that a recipe may not have in a mode, with the rule's own words; and what a selection cannot have. */
export function obstaclesFor(
  blockless: string | undefined,
): Readonly<Record<Mode, ControlObstacles>> {
  const ofMode = (mode: Mode): ControlObstacles => ({
    positions: forbidden(mode, "positions"),
    vocabulary: forbidden(mode, "vocabulary"),
    ...(blockless === undefined ? {} : { per: { block: blockless } }),
  });
  return { corrected: ofMode("corrected"), published: ofMode("published") };
}

function forbidden(mode: Mode, key: "positions" | "vocabulary"): Readonly<Record<string, string>> {
  const reasons = words[key].flatMap((word) => {
    const written: WrittenRecipe = {
      version: 1,
      name: "controls",
      target: "target",
      sources: ["source"],
      corpus: [],
      mode,
      alignment: { [key]: word },
    };
    const found = checkRules(written, fillDefaults(written)).find(
      ({ severity, path }) => severity === "error" && path.at(-1) === key,
    );
    return found === undefined ? [] : [[word, found.message] as const];
  });
  return Object.fromEntries(reasons);
}

/** Sections of a recipe, every control written out. */
export function recipeText(controls: FusionControls): string {
  const { mode, positions, vocabulary, rule, per, lambda, temperature, topK } = controls;
  return `mode: ${mode}
representation:
  topK: ${topK}
  temperature: ${temperature}
alignment:
  positions: ${positions}
  vocabulary: ${vocabulary}
fusion:
  rule: ${rule}
  per: ${per}
training:
  lambda: ${lambda}
`;
}
