/**
 * What the keys of a recipe mean to each other: combinations that contradict themselves are errors, those that
 * work but probably are not what was meant are warnings.
 */
import type { Recipe } from "./recipeDefaults.ts";
import type { RecipeFinding } from "./recipeProblems.ts";
import type { WrittenRecipe } from "./recipeSchema.ts";

export function checkRules(written: WrittenRecipe, recipe: Recipe): RecipeFinding[] {
  return [
    ...publishedRules(recipe),
    ...trainingRules(written, recipe),
    ...fusionRules(written, recipe),
    ...modelRules(recipe),
    ...heldOutRules(recipe),
  ];
}

/** The published code knows no other alignment, so there is nothing to repeat. */
function publishedRules({ mode, alignment }: Recipe): RecipeFinding[] {
  if (mode !== "published") return [];
  const findings: RecipeFinding[] = [];
  if (alignment.positions !== "dtw") {
    findings.push({
      path: ["alignment", "positions"],
      part: "value",
      severity: "error",
      message: `mode published repeats the released code, which pairs positions by dtw only, not by ${alignment.positions}.`,
      next: "Write dtw, or mode: corrected.",
    });
  }
  if (alignment.vocabulary === "firstToken") {
    findings.push({
      path: ["alignment", "vocabulary"],
      part: "value",
      severity: "error",
      message:
        "mode published repeats the released code, which maps tokens by minEditDistance or exact; firstToken is not in it.",
      next: "Write minEditDistance or exact, or mode: corrected.",
    });
  }
  return findings;
}

function trainingRules(written: WrittenRecipe, { training }: Recipe): RecipeFinding[] {
  const findings: RecipeFinding[] = [];
  if (written.training?.steps !== undefined && written.training.epochs !== undefined) {
    findings.push({
      path: ["training", "epochs"],
      part: "key",
      severity: "error",
      message: "training has both steps and epochs.",
      next: "Keep one of the two.",
    });
  }
  if (training.lambda === 1) {
    findings.push(
      warning(["training", "lambda"], {
        message: "With lambda 1 the sources have no say: this is training on the text alone.",
        next: "Write a number below 1, such as 0.4.",
      }),
    );
  }
  return findings;
}

function fusionRules(written: WrittenRecipe, { fusion, mode }: Recipe): RecipeFinding[] {
  const findings: RecipeFinding[] = [];
  if (fusion.per === "token" && fusion.rule === "minCE") {
    findings.push(
      warning(["fusion", "per"], {
        message:
          "minCE per token chooses each row by its own label, so the choice tells the label.",
        next: "Write chunk, unless that is what you study.",
      }),
    );
  }
  if (fusion.unit === "token" && mode === "corrected") {
    findings.push(
      warning(["fusion", "unit"], {
        message: "Cross-entropy per token favours the model that cuts text into more tokens.",
        next: "Write byte to compare models with different tokenizers.",
      }),
    );
  }
  if (written.fusion?.temperature !== undefined && fusion.rule !== "avgCE") {
    findings.push(
      warning(["fusion", "temperature"], {
        message: `fusion.temperature has no effect with the rule ${fusion.rule}.`,
        next: "Remove it, or write rule: avgCE.",
      }),
    );
  }
  return findings;
}

function modelRules({ target, sources, baselines }: Recipe): RecipeFinding[] {
  const findings: RecipeFinding[] = [];
  for (const [i, source] of sources.entries()) {
    if (sources.indexOf(source) < i) {
      findings.push({
        path: ["sources", i],
        part: "value",
        severity: "error",
        message: `The source ${source} is listed twice.`,
        next: "Keep one of the two.",
      });
    }
    if (source === target) {
      findings.push(
        warning(["sources", i], {
          message: "The target is listed as a source; its frozen original is a candidate already.",
          next: "Remove it from the sources.",
        }),
      );
    }
  }
  for (const [i, baseline] of baselines.entries()) {
    if (baselines.indexOf(baseline) < i) {
      findings.push(
        warning(["baselines", i], {
          message: `The baseline ${baseline} is listed twice.`,
          next: "Keep one of the two.",
        }),
      );
    }
  }
  return findings;
}

function heldOutRules({ heldOut, evaluation }: Recipe): RecipeFinding[] {
  if (heldOut > 0 || evaluation.length > 0) return [];
  return [
    {
      path: ["heldOut"],
      part: "value",
      severity: "error",
      message: "With heldOut 0 and no evaluation there is no text to measure on.",
      next: "Write a share such as 0.05, or name texts under evaluation.",
    },
  ];
}

const warning = (
  path: readonly PropertyKey[],
  words: { readonly message: string; readonly next: string },
): RecipeFinding => ({ path, part: "value", severity: "warning", ...words });
