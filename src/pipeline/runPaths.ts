/** Where things stand in a run folder. Labels of models are the last part of their paths, made unique. */
import path from "node:path";

export interface RunPaths {
  readonly folder: string;
  readonly recipe: string;
  readonly chunks: string;
  readonly plan: string;
  readonly evaluation: string;
  readonly fusion: string;
  readonly report: string;
  /** The fused target as a Hugging Face folder. */
  readonly target: string;
  representation(label: string): string;
  heldOut(label: string): string;
  vocabularyMap(source: string, target: string): string;
  aligned(source: string): string;
  readonly fused: string;
  checkpoints(arm: string): string;
  /** The model an arm of the training ends in. */
  trained(arm: string): string;
}

export function runPaths(folder: string): RunPaths {
  const at = (...parts: string[]): string => path.join(folder, ...parts);
  return {
    folder,
    recipe: at("recipe.yaml"),
    chunks: at("chunks.jsonl"),
    plan: at("plan.json"),
    evaluation: at("evaluation.json"),
    fusion: at("fusion.json"),
    report: at("report.html"),
    target: at("target"),
    representation: (label) => at("representation", label),
    heldOut: (label) => at("heldOut", label),
    vocabularyMap: (source, target) => at("vocabulary", `${source}--${target}.arrow`),
    aligned: (source) => at("aligned", source),
    fused: at("fused"),
    checkpoints: (arm) =>
      arm === "fused" ? at("checkpoints") : at("baselines", arm, "checkpoints"),
    trained: (arm) => (arm === "fused" ? at("target") : at("baselines", arm, "model")),
  };
}

/** Names for models by their folders: unique, safe in paths, stable for a given recipe. */
export function modelLabels(folders: readonly string[]): string[] {
  const used = new Set<string>();
  return folders.map((folder) => {
    const base =
      path
        .basename(folder)
        .replace(/[^A-Za-z0-9._-]+/g, "-")
        .replace(/^[.-]+/, "") || "model";
    let label = base;
    for (let i = 2; used.has(label); i++) label = `${base}-${i}`;
    used.add(label);
    return label;
  });
}
