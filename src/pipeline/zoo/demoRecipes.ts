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
  const topK = (k: number): DemoRecipe =>
    recipe(seed, `top-${k}`, `top ${k} instead of 64`, { representation: { topK: k } });
  const lambda = (value: number): DemoRecipe =>
    recipe(seed, `lambda-${value}`, `λ ${value} instead of 0.4`, {}, { lambda: value });
  const alignment = (name: string, title: string, own: object): DemoRecipe =>
    recipe(seed, name, title, { alignment: own });
  const fusion = (name: string, title: string, own: object): DemoRecipe =>
    recipe(seed, name, title, { fusion: own });
  return [
    topK(10),
    alignment("exact", "vocabulary exact", { vocabulary: "exact" }),
    alignment("min-edit-distance", "vocabulary minEditDistance", { vocabulary: "minEditDistance" }),
    fusion("renormalise", "tail renormalise", { tail: "renormalise" }),
    fusion("avg-ce", "rule avgCE", { rule: "avgCE" }),
    lambda(0.9),
    lambda(0.2),
    alignment("gold-only", "shorter rows goldOnly", { shorterRows: "goldOnly" }),
    alignment("dtw", "positions dtw", { positions: "dtw" }),
    alignment("skip", "fall-back skip", { fallback: "skip" }),
    fusion("per-token", "minCE per token (sees the label)", { per: "token" }),
    topK(128),
    topK(32),
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
