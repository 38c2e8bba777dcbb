/**
 * The demo's three recipes, as a person would write them: ours, the published method in both modes. They differ
 * only in what is under test; corpus, steps, blocks and seed are the same, so their tables can be put together.
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
  steps: 200,
  batch: 8,
  length: 128,
  lr: 0.001,
  threads: 2,
} as const;

export function demoRecipes(seed: number): readonly DemoRecipe[] {
  const target = zooModels.find(({ role }) => role === "target");
  if (target === undefined) throw new Error("the zoo has no target");
  const sources = zooModels.filter(({ role }) => role === "source");
  const recipe = (name: string, title: string, own: object, trainingOwn: object): DemoRecipe => ({
    name,
    title,
    text: stringify(
      {
        version: 1,
        name,
        target: `./zoo/${target.name}`,
        sources: sources.map((source) => `./zoo/${source.name}`),
        corpus: domains.map((domain) => ({ domain, files: `corpora/fusion/${domain}/*` })),
        evaluation: domains.map((domain) => ({ domain, files: `corpora/heldOut/${domain}/*` })),
        ...own,
        training: { ...training, seed, ...trainingOwn },
      },
      { lineWidth: 0 },
    ),
  });
  return [
    recipe("ours", "FuseLab", { baselines: ["sources", "clm", "ensemble"] }, { lambda: 0.4 }),
    recipe(
      "fusellm-corrected",
      "FuseLLM, corrected",
      {
        mode: "corrected",
        representation: { topK: 10 },
        alignment: { positions: "dtw", vocabulary: "minEditDistance" },
        baselines: [],
      },
      { lambda: 0.9 },
    ),
    recipe(
      "fusellm-published",
      "FuseLLM, as published",
      { mode: "published", baselines: [] },
      { lambda: 0.9 },
    ),
  ];
}
