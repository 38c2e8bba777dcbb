/**
 * The demo's recipes, as a person would write them: ours, the published method in both modes, and ours with one
 * thing changed. They differ only in what is under test; corpus, steps, blocks and seed are the same, so their
 * results can stand in one table.
 */
import { stringify } from "yaml";
import { domains } from "./corpusParts.ts";
import { zooModels } from "./zooPlan.ts";

export interface DemoRecipe {
  /** Of the file and of the run. */
  readonly name: string;
  /** Of the row in the demo's table. */
  readonly title: string;
  readonly text: string;
}

const training = {
  lambda: 0.4,
  steps: 200,
  batch: 8,
  length: 128,
  lr: 0.001,
  warmup: 0.05,
  threads: 2,
} as const;

/** The three that the demo runs; ours first, with the baselines that all are compared with. */
export function demoRecipes(seed: number): readonly DemoRecipe[] {
  const baselines = ["sources", "clm", "ensemble"];
  return [
    recipe(seed, "ours", "FuseLab", { baselines }),
    recipe(
      seed,
      "fusellm-corrected",
      "FuseLLM, corrected",
      {
        mode: "corrected",
        representation: { topK: 10 },
        alignment: { positions: "dtw", vocabulary: "minEditDistance" },
      },
      { lambda: 0.9 },
    ),
    recipe(
      seed,
      "fusellm-published",
      "FuseLLM, as published",
      { mode: "published" },
      { lambda: 0.9 },
    ),
  ];
}

/** Ours with one thing changed at a time: what docs/methods.md reports. */
export function ablationRecipes(seed: number): readonly DemoRecipe[] {
  const topK = [10, 32, 128].map((k) =>
    recipe(seed, `top-${k}`, `top ${k} instead of 64`, { representation: { topK: k } }),
  );
  const lambda = [0.2, 0.3, 0.5, 0.9].map((value) =>
    recipe(seed, `lambda-${value}`, `λ ${value} instead of 0.4`, {}, { lambda: value }),
  );
  return [
    ...topK,
    ...lambda,
    recipe(seed, "exact", "vocabulary exact", { alignment: { vocabulary: "exact" } }),
    recipe(seed, "min-edit-distance", "vocabulary minEditDistance", {
      alignment: { vocabulary: "minEditDistance" },
    }),
    recipe(seed, "gold-only", "shorter rows goldOnly", { alignment: { shorterRows: "goldOnly" } }),
    recipe(seed, "dtw", "positions dtw", { alignment: { positions: "dtw" } }),
    recipe(seed, "renormalise", "tail renormalise", { fusion: { tail: "renormalise" } }),
    recipe(seed, "skip", "fall-back skip", { alignment: { fallback: "skip" } }),
    recipe(seed, "avg-ce", "rule avgCE", { fusion: { rule: "avgCE" } }),
    recipe(seed, "per-token", "minCE per token (sees the label)", { fusion: { per: "token" } }),
  ];
}

function recipe(
  seed: number,
  name: string,
  title: string,
  own: object,
  trainingOwn: object = {},
): DemoRecipe {
  const target = zooModels.find(({ role }) => role === "target");
  if (target === undefined) throw new Error("the zoo has no target");
  const sources = zooModels.filter(({ role }) => role === "source");
  const content = {
    version: 1,
    name,
    target: `./zoo/${target.name}`,
    sources: sources.map((source) => `./zoo/${source.name}`),
    corpus: domains.map((domain) => ({ domain, files: `corpora/fusion/${domain}/*` })),
    evaluation: domains.map((domain) => ({ domain, files: `corpora/heldOut/${domain}/*` })),
    baselines: [],
    ...own,
    training: { ...training, seed, ...trainingOwn },
  };
  return { name, title, text: stringify(content, { lineWidth: 0 }) };
}
