/**
 * What a recipe means where it says nothing. `corrected` is our reading of the method; `published` repeats the
 * command that FuseLLM's README gives (Wan et al., ICLR 2024). A key that is written always wins.
 */
import type { EvaluationEntry, WrittenRecipe } from "./recipeSchema.ts";

type Section<Key extends keyof WrittenRecipe> = NonNullable<WrittenRecipe[Key]>;
type Filled<Written> = { readonly [Key in keyof Written]-?: Exclude<Written[Key], undefined> };

export type Mode = Section<"mode">;
export type Representing = Filled<Section<"representation">>;
export type Aligning = Filled<Section<"alignment">>;
export type Fusing = Filled<Section<"fusion">>;
export type Baseline = Section<"baselines">[number];

/** Settings that stay open where nobody sets them; exactly one of `steps` and `epochs` is there. */
type OpenSetting = "steps" | "epochs" | "threads" | "memoryLimitMB";
type WrittenTraining = Section<"training">;
export type Training = Filled<Omit<WrittenTraining, OpenSetting>> & {
  readonly [Setting in OpenSetting]?: number;
};

export interface CorpusPart {
  readonly domain: string;
  readonly files: readonly string[];
  readonly field: string;
  readonly weight: number;
}

/** A recipe with everything said. Paths are as written: relative to the recipe's folder. */
export interface Recipe {
  readonly version: 1;
  readonly name: string;
  readonly target: string;
  readonly sources: readonly string[];
  readonly corpus: readonly CorpusPart[];
  /** Never trained on. Empty where only `heldOut` keeps text apart. */
  readonly evaluation: readonly Omit<CorpusPart, "weight">[];
  readonly heldOut: number;
  readonly representation: Representing;
  readonly alignment: Aligning;
  readonly fusion: Fusing;
  readonly training: Training;
  readonly baselines: readonly Baseline[];
  readonly mode: Mode;
}

type Defaults = Pick<Recipe, "representation" | "alignment" | "fusion" | "training" | "baselines">;

const corrected: Defaults = {
  representation: { topK: 64, temperature: 1 },
  alignment: {
    positions: "bytes",
    vocabulary: "firstToken",
    fallback: "nextToken",
    shorterRows: "candidates",
  },
  fusion: { rule: "minCE", per: "chunk", unit: "byte", tail: "bucket", temperature: 0.25 },
  training: {
    engine: "onnx",
    device: "auto",
    lambda: 0.4,
    epochs: 1,
    batch: 8,
    length: 512,
    lr: 1e-4,
    warmup: 0.05,
    schedule: "cosine",
    weightDecay: 0.1,
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    clip: 1,
    seed: 42,
    checkpointEvery: 100,
    keepCheckpoints: 2,
  },
  baselines: ["sources", "clm", "ensemble"],
};

export const modeDefaults: Readonly<Record<Mode, Defaults>> = {
  corrected,
  published: {
    ...corrected,
    representation: { topK: 10, temperature: 1 },
    alignment: {
      positions: "dtw",
      vocabulary: "minEditDistance",
      fallback: "currentToken",
      shorterRows: "candidates",
    },
    fusion: { ...corrected.fusion, per: "block", unit: "token", tail: "renormalise" },
    training: {
      ...corrected.training,
      lambda: 0.9,
      batch: 128,
      length: 2048,
      lr: 1e-5,
      warmup: 0.008,
    },
  },
};

/** Share of the corpus that is held out where nothing is said: none where texts for evaluation are named. */
const heldOutByDefault = 0.05;

export function fillDefaults(written: WrittenRecipe): Recipe {
  const mode = written.mode ?? "corrected";
  const defaults = modeDefaults[mode];
  return {
    version: written.version,
    name: written.name,
    target: written.target,
    sources: written.sources,
    corpus: written.corpus.map((entry) => ({ ...filesOf(entry), weight: entry.weight ?? 1 })),
    evaluation: (written.evaluation ?? []).map(filesOf),
    heldOut: written.heldOut ?? (written.evaluation === undefined ? heldOutByDefault : 0),
    representation: filled(defaults.representation, written.representation),
    alignment: filled(defaults.alignment, written.alignment),
    fusion: filled(defaults.fusion, written.fusion),
    training: filledTraining(defaults.training, written.training),
    baselines: written.baselines ?? defaults.baselines,
    mode,
  };
}

function filesOf(entry: EvaluationEntry): Omit<CorpusPart, "weight"> {
  return {
    domain: entry.domain,
    files: typeof entry.files === "string" ? [entry.files] : entry.files,
    field: entry.field ?? "text",
  };
}

type Partially<Settings> = { readonly [Key in keyof Settings]?: Settings[Key] | undefined };

/** What is written wins. */
function filled<Settings extends object>(
  defaults: Settings,
  written: Partially<Settings> = {},
): Settings {
  const given = Object.entries(written).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/** Steps that are written take the place of epochs that are not. */
function filledTraining(defaults: Training, written: WrittenTraining = {}): Training {
  if (written.steps === undefined) return filled(defaults, written);
  const { epochs: _, ...others } = defaults;
  return filled<Training>(others, written);
}
