/** A recipe in a few lines for people: everything that will happen, defaults included. */
import type { CorpusPart, Recipe } from "./recipeDefaults.ts";

export interface DescriptionLine {
  readonly label: string;
  readonly text: string;
}

/** The target is T, the sources A, B, C … in the recipe's order, as in every view. */
export function describeRecipe(recipe: Recipe): DescriptionLine[] {
  const { alignment, fusion, representation } = recipe;
  return [
    { label: "name", text: recipe.name },
    { label: "mode", text: recipe.mode },
    { label: "target", text: `T ${recipe.target}` },
    ...recipe.sources.map((source, i) => ({
      label: i === 0 ? "sources" : "",
      text: `${letterOf(i)} ${source}`,
    })),
    ...recipe.corpus.map((part, i) => ({ label: i === 0 ? "corpus" : "", text: partText(part) })),
    { label: "held out", text: heldOutText(recipe) },
    {
      label: "representation",
      text: `top ${representation.topK}, temperature ${representation.temperature}`,
    },
    {
      label: "alignment",
      text: `positions ${alignment.positions}, vocabulary ${alignment.vocabulary}, fall-back ${alignment.fallback}`,
    },
    {
      label: "fusion",
      text: `${fusion.rule}${fusion.rule === "avgCE" ? ` (τ ${fusion.temperature} bits per byte)` : ""} per ${fusion.per}, cross-entropy per ${fusion.unit}, tail ${fusion.tail}`,
    },
    { label: "training", text: trainingText(recipe) },
    { label: "baselines", text: recipe.baselines.join(", ") || "none" },
  ];
}

/** A … Z, then AA: there are at most 32. */
function letterOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `A${letter}`;
}

function partText({ domain, files, weight }: CorpusPart): string {
  const often = weight === 1 ? "" : `, weight ${weight}`;
  return `${domain}: ${files.join(", ")}${often}`;
}

function heldOutText({ heldOut, evaluation }: Recipe): string {
  const share = heldOut === 0 ? [] : [`${round(heldOut * 100)} % of the corpus`];
  const named = evaluation.map(({ domain, files }) => `${domain}: ${files.join(", ")}`);
  return [...share, ...named].join("; ");
}

function trainingText({ training }: Recipe): string {
  const { steps, epochs, batch, length, lambda, lr, schedule, warmup, seed, device } = training;
  const extent = steps === undefined ? `${epochs} epochs` : `${steps} steps`;
  return `${extent} of ${batch} × ${length} tokens, λ ${lambda}, lr ${lr} ${schedule}, warm-up ${round(warmup * 100)} %, seed ${seed}, device ${device}`;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
