/** The words of this view. Tokens and names are handed in; figures come from numbers.ts. */
import type { ControlKey, Preset } from "./controlRules.ts";
import type { Measure } from "./measures.ts";
import type { Fallback } from "./taught.ts";
import type { Walk } from "./walks.ts";

export const measureNames: Readonly<Record<Measure, string>> = {
  crossEntropy: "cross-entropy",
  entropy: "entropy",
  gain: "gain (fused − T)",
  weight: "weight",
  lost: "lost mass",
};

/** What a measure says, for titles and the legend. */
export const measureMeanings: Readonly<Record<Measure, string>> = {
  crossEntropy: "bits at the true next token (of the token's bytes, for sources)",
  entropy: "bits, of the row as far as it is known",
  gain: "bits at the true next token, fused less T: below zero the fused row is better",
  weight: "what the model's row weighs in the fused row",
  lost: "mass of the source's candidates without a place in the target's vocabulary",
};

export const walkNames: Readonly<Record<Walk, string>> = {
  fallback: "fall-backs",
  loss: "highest loss of T",
  disagree: "T and fused disagree",
};

export const walkMeanings: Readonly<Record<Walk, string>> = {
  fallback: "where a source has no row",
  loss: "by the target's loss, the highest first",
  disagree: "by 1 bit or more at the true next token",
};

export const controlNames: Readonly<Record<ControlKey, string>> = {
  mode: "mode",
  positions: "positions",
  vocabulary: "map",
  rule: "rule",
  per: "per",
  lambda: "λ",
  temperature: "temperature",
  topK: "top k",
};

export const presetNames: Readonly<Record<Preset, string>> = {
  recipe: "recipe",
  corrected: "corrected",
  published: "published",
  custom: "custom",
};

export const controlValues = {
  positions: ["bytes", "dtw"],
  vocabulary: ["firstToken", "exact", "minEditDistance"],
  rule: ["minCE", "avgCE"],
  per: ["chunk", "token", "block"],
} as const;

const reasons: Readonly<Record<string, string>> = {
  nothingBefore: "nothing before it",
  notOneToOne: "not paired one to one",
  piecesDiffer: "the paired pieces differ",
  noSharedBoundary: "no shared boundary",
  textDiffers: "its tokenizer changes the text",
  truncated: "the text was cut off for it",
};

/** Why a source has no row, in words. */
export const reasonWords = (reason: string): string => reasons[reason] ?? reason;

const cases: Readonly<Record<string, string>> = {
  same: "its true next token is the same",
  longer: "its true next token is longer",
  shorter: "its true next token is shorter: the ones after it are multiplied in",
  overshoot: "its tokens pass the true one's end: an upper bound",
};

export const caseWords = (name: string): string => cases[name] ?? name;

const fates: Readonly<Record<string, string>> = {
  leftOver: "left over: only the gold path is wanted here",
  noTargetToken: "lost: no target token",
  duplicateDropped: "dropped: the target token has mass already",
  merged: "merged into mass already there",
  goldPath: "the source's true next token: the gold path takes its place",
  kept: "kept",
};

export const fateWords = (becomes: string): string => fates[becomes] ?? becomes;

export const fallbackWords: Readonly<Record<Fallback, string>> = {
  nextToken: "nothing is fused here: the true next token has the whole weight",
  skip: "nothing is fused here: the true next token keeps its λ, the rest is left out",
  currentToken: "nothing is fused here: the rest repeats the token just read, as published",
};

export const approximateWhy =
  "≈: rows hold their top k only, and at this temperature what lies beyond counts as one token; with all logits the figure could differ.";

export const perWords: Readonly<Record<string, string>> = {
  chunk:
    "weights by chunk: the letters under the text say which model is best at each token, which the rule did not look at",
  block:
    "weights by block: the letters under the text say which model is best at each token, which the rule did not look at",
  token: "weights by token: the rule looks at the true next token, and the letters are its choice",
};

export const taughtFormula = "λ·true + (1−λ)·fused";
