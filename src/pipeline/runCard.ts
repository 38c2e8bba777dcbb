/** The model card of a trained target: what was done, what it scores, and whose licences it carries. */
import type { ModelFolder } from "../model/checkpoint/folder.ts";
import type { CardSource, CardTable, ModelCard } from "../model/checkpoint/modelCard.ts";
import type { TrainingArm } from "../protocol/runEvents.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Recipe } from "./recipe.ts";

export function runCard(
  recipe: Recipe,
  arm: TrainingArm,
  target: ModelFolder,
  sources: readonly ModelFolder[],
  evaluation?: Evaluation,
): ModelCard {
  const { alignment, fusion, training, representation } = recipe;
  const trained = `${training.steps ?? `${training.epochs} epochs`}${training.steps === undefined ? "" : " steps"} of ${training.batch} blocks of ${training.length} tokens, lr ${training.lr} ${training.schedule}, seed ${training.seed}`;
  const lines =
    arm === "clm"
      ? [
          `Continued language modelling on the corpus of "${recipe.name}": the baseline of a fusion run.`,
          trained,
        ]
      : [
          `L = ${training.lambda}·CLM + ${round(1 - training.lambda)}·fusion (mode ${recipe.mode})`,
          `Positions ${alignment.positions}, vocabulary ${alignment.vocabulary}, fall-back ${alignment.fallback}`,
          `Rule ${fusion.rule} per ${fusion.per} in nats per ${fusion.unit}, tail ${fusion.tail}, top ${representation.topK}`,
          trained,
        ];
  return {
    title: arm === "clm" ? `${recipe.name}, continued CLM` : recipe.name,
    baseModels: [],
    ...(target.licence === undefined ? {} : { licence: target.licence }),
    sources: [
      cardSource(target, "target"),
      ...(arm === "clm" ? [] : sources.map((source) => cardSource(source, "source"))),
    ],
    summary: evaluation === undefined ? lines : [...lines, evaluationLine(evaluation)],
    ...(evaluation === undefined ? {} : { table: tableOf(evaluation) }),
  };
}

function cardSource({ name, licence }: ModelFolder, role: string): CardSource {
  return { name, role, ...(licence === undefined ? {} : { licence }) };
}

function evaluationLine({ unit }: Evaluation): string {
  return `Measured on held-out text in ${unit}; lower is better`;
}

function tableOf({ rows, heldOut }: Evaluation): CardTable {
  const domains = Object.keys(heldOut);
  return {
    columns: ["Model", ...domains, "average"],
    rows: rows.map(({ title, domains: scores, average }) => [
      title,
      ...domains.map((domain) => scores[domain].value.toFixed(4)),
      average.value.toFixed(4),
    ]),
  };
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6;
