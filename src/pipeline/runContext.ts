/** What the stages of one execution share: the recipe, where things stand, and a way to have jobs done. */
import type { RunEventBody } from "../protocol/runEvents.ts";
import type { Compute, JobName, JobResult, JobSpec } from "./compute.ts";
import type { Recipe } from "./recipe.ts";
import type { RunPaths } from "./runPaths.ts";

export interface RunInput {
  readonly folder: string;
  readonly recipe: Recipe;
  /** Relative paths of the recipe start here. */
  readonly base: string;
  /** Another run folder, whose representations are taken where they match. */
  readonly reuse?: string;
  readonly compute: Compute;
  /** Threads of the whole run. */
  readonly threads: number;
  /** Bytes one job may take. */
  readonly memoryLimit: number;
  emit(event: RunEventBody): void;
  stopped(): boolean;
}

/** Folders and labels of the models. */
export interface RunModels {
  readonly target: string;
  readonly sources: readonly { readonly label: string; readonly folder: string }[];
  readonly targetLabel: string;
}

export interface RunContext {
  readonly input: RunInput;
  readonly paths: RunPaths;
  readonly reused: RunPaths | undefined;
  readonly models: RunModels;
  /** Has a job done; its progress is told as `what`, in `unit`s. */
  job<Name extends JobName>(
    name: Name,
    spec: JobSpec<Name>,
    what: string,
    unit: string,
  ): Promise<JobResult<Name>>;
}

export function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
