/** The choices of a recipe that alignment and fusion obey, by the words the recipe uses. */
export type Positions = "bytes" | "dtw";
export type FusionRule = "minCE" | "avgCE";
export type FusionPer = "chunk" | "block" | "token";
export type ScoreUnit = "byte" | "token";
export type Tail = "bucket" | "renormalise";
export type Fallback = "nextToken" | "skip" | "currentToken";
/**
 * At *shorter* positions: map the source's other candidates too, or keep only the gold path and leave their
 * mass over.
 */
export type ShorterRows = "candidates" | "goldOnly";
