/** A run that takes seconds: two of the demo's models, cuts of its texts, one thread, so that losses can be compared. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { RunEvent } from "../../src/protocol/runEvents.ts";
import type { RunRecord } from "../../src/protocol/runState.ts";

export const demoFolder = path.join(import.meta.dirname, "..", "..", "demo");

const cut = (file: string, characters: number): string =>
  readFileSync(path.join(demoFolder, "texts", file), "utf8").slice(0, characters);

/** Beside a copy of the demo's models: the texts of `smallRecipe`. */
export const smallTexts: Readonly<Record<string, string>> = {
  "small/declarations.txt": cut("declarations/fusion/01.txt", 9_000),
  "small/prose.txt": cut("prose/fusion/01.md", 9_000),
  "small/heldOut/declarations.txt": cut("declarations/heldOut/01.txt", 4_000),
  "small/heldOut/prose.txt": cut("prose/heldOut/02.md", 4_000),
};

export function smallRecipe(name: string, training: { steps: number; lambda?: number }): string {
  const { steps, lambda = 0.4 } = training;
  return `version: 1
name: ${name}
target: ./models/generalist-llama
sources: [./models/prose-gpt2, ./models/declarations-llama]
corpus:
  - { domain: declarations, files: small/declarations.txt }
  - { domain: prose, files: small/prose.txt }
evaluation:
  - { domain: declarations, files: small/heldOut/declarations.txt }
  - { domain: prose, files: small/heldOut/prose.txt }
baselines: [clm]
training: { lambda: ${lambda}, steps: ${steps}, batch: 4, length: 128, lr: 0.001, seed: 1, threads: 1 }
`;
}

export const recordOf = (run: string): RunRecord =>
  JSON.parse(readFileSync(path.join(run, "run.json"), "utf8"));

/** Whole lines only: the last may be on its way. */
export function eventsOf(run: string): readonly RunEvent[] {
  const lines = readFileSync(path.join(run, "events.jsonl"), "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** Total loss by arm and step; a step that was taken again after a pause counts as the last time. */
export function lossesOf(run: string): ReadonlyMap<string, number | null> {
  const steps = eventsOf(run).filter((event) => event.t === "step");
  return new Map(steps.map(({ arm, step, loss }) => [`${arm} ${step}`, loss.total]));
}
