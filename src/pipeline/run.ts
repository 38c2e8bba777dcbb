/**
 * One execution of a recipe, stage after stage. Every stage is a set of jobs that find for themselves what is
 * already there, so executing a run again after a crash goes on where it ended.
 */
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { openModelFolder } from "../model/checkpoint/folder.ts";
import { type ModelCard, renderModelCard } from "../model/checkpoint/modelCard.ts";
import type { RunEventBody, StageName, TrainingArm } from "../protocol/runEvents.ts";
import { writeFileAtomically } from "./atomicFile.ts";
import type { Compute, JobName, JobResult, JobSpec } from "./compute.ts";
import type { Evaluation } from "./evaluation.ts";
import type { JobContext } from "./jobContext.ts";
import type { Recipe } from "./recipe.ts";
import { writeReport } from "./report/report.ts";
import { runCard } from "./runCard.ts";
import { modelLabels, type RunPaths, runPaths } from "./runPaths.ts";
import { progressReporter } from "./stageProgress.ts";
import type { FuseResult } from "./stages/fuse.ts";

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

interface Models {
  readonly target: string;
  readonly sources: readonly { readonly label: string; readonly folder: string }[];
  readonly targetLabel: string;
}

/** @returns `stopped` where the run was asked to stop; everything made so far is kept. */
export async function executeRun(input: RunInput): Promise<"finished" | "stopped"> {
  const run = new RunExecution(input);
  try {
    await run.execute();
    return "finished";
  } catch (error) {
    if (error instanceof Problem && error.code === "cancelled") return "stopped";
    throw error;
  }
}

class RunExecution {
  private readonly paths: RunPaths;
  private readonly reused: RunPaths | undefined;
  private readonly models: Models;
  private stage: StageName = "split";

  constructor(private readonly input: RunInput) {
    this.paths = runPaths(input.folder);
    this.reused = input.reuse === undefined ? undefined : runPaths(input.reuse);
    const { recipe, base } = input;
    const folders = [recipe.target, ...recipe.sources].map((folder) => path.resolve(base, folder));
    const labels = modelLabels(folders);
    this.models = {
      target: folders[0],
      targetLabel: labels[0],
      sources: folders.slice(1).map((folder, i) => ({ folder, label: labels[i + 1] })),
    };
  }

  async execute(): Promise<void> {
    await this.during("split", () => this.splitCorpus());
    await this.during("pack", () => this.packChunks());
    await this.during("extract", () => this.extractAll());
    await this.during("map", () => this.mapVocabularies());
    await this.during("align", () => this.alignSources());
    const fusion = await this.during("fuse", () => this.fuseCandidates());
    const { steps } = await this.during("train", () => this.trainArms());
    const evaluation = await this.during("evaluate", () => this.evaluateModels(steps));
    await this.describe(evaluation, fusion);
  }

  private async during<Result>(stage: StageName, work: () => Promise<Result>): Promise<Result> {
    if (this.input.stopped()) throw new Problem("cancelled", `Stopped before ${stage}.`);
    this.stage = stage;
    const started = performance.now();
    this.input.emit({ t: "stage", stage, phase: "started" });
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    this.input.emit({ t: "stage", stage, phase: "finished", seconds, figures: figuresOf(result) });
    return result;
  }

  private job<Name extends JobName>(
    name: Name,
    spec: JobSpec<Name>,
    what: string,
    unit: string,
  ): Promise<JobResult<Name>> {
    const { emit, stopped, compute } = this.input;
    const context: JobContext = {
      progress: progressReporter(this.stage, what, unit, emit),
      event: emit,
      stopped,
    };
    return compute.run(name, spec, context);
  }

  private async splitCorpus() {
    if (await exists(this.paths.chunks)) return {};
    const { recipe, base } = this.input;
    const result = await this.job(
      "split",
      {
        chunks: this.paths.chunks,
        base,
        corpus: recipe.corpus,
        evaluation: recipe.evaluation,
        heldOut: recipe.heldOut,
        target: this.models.target,
        sources: this.models.sources.map(({ folder }) => folder),
        length: recipe.training.length,
        seed: recipe.training.seed,
      },
      "corpus",
      "documents",
    );
    if (result.leftOut > 0) {
      this.input.emit({
        t: "warning",
        stage: "split",
        message: `${result.leftOut} chunks are left out because the target's tokenizer cannot reproduce their bytes; the first is ${result.firstLeftOut}.`,
      });
    }
    return {
      trainingChunks: result.chunks.training,
      trainingBytes: result.bytes.training,
      heldOutChunks: result.chunks.heldOut,
      heldOutBytes: result.bytes.heldOut,
      leftOut: result.leftOut,
    };
  }

  private async packChunks() {
    if (await exists(this.paths.plan)) return {};
    const { corpus, training } = this.input.recipe;
    const { steps, epochs, length, batch, seed } = training;
    return this.job(
      "pack",
      {
        chunks: this.paths.chunks,
        plan: this.paths.plan,
        target: this.models.target,
        weights: Object.fromEntries(corpus.map(({ domain, weight }) => [domain, weight])),
        length,
        batch,
        extent: steps === undefined ? { epochs: epochs ?? 1 } : { steps },
        seed,
      },
      "chunks",
      "chunks",
    );
  }

  /** The target and every source read the training chunks for rows and the held-out chunks for scores. */
  private async extractAll() {
    const { targetLabel, target, sources } = this.models;
    const all = [{ label: targetLabel, folder: target }, ...sources];
    const results = await Promise.all(
      all.flatMap(({ label, folder }) => [
        this.read(folder, label, "representation"),
        this.read(folder, label, "heldOut"),
      ]),
    );
    return {
      shards: sum(results, ({ shards }) => shards),
      reused: sum(results, ({ reused }) => reused),
      tokens: sum(results, ({ tokens }) => tokens),
      textDiffers: sum(results, ({ textDiffers }) => textDiffers),
    };
  }

  private read(folder: string, label: string, what: "representation" | "heldOut") {
    const { recipe, memoryLimit, compute } = this.input;
    return this.job(
      "extract",
      {
        model: folder,
        chunks: this.paths.chunks,
        ...(what === "representation" ? { plan: this.paths.plan } : {}),
        out: this.paths[what](label),
        ...(this.reused === undefined ? {} : { reuse: this.reused[what](label) }),
        topK: what === "representation" ? recipe.representation.topK : 0,
        threads: compute.threads,
        memoryLimit,
      },
      what === "representation" ? label : `${label}, held out`,
      "shards",
    );
  }

  private async mapVocabularies() {
    const { alignment, mode } = this.input.recipe;
    const results = await Promise.all(
      this.models.sources.map(({ label, folder }) =>
        this.job(
          "mapVocabulary",
          {
            source: folder,
            target: this.models.target,
            method: alignment.vocabulary,
            mode,
            out: this.paths.vocabularyMap(label, this.models.targetLabel),
          },
          label,
          "tokens",
        ),
      ),
    );
    return {
      tokens: sum(results, ({ tokens }) => tokens),
      mapped: sum(results, ({ mapped }) => mapped),
    };
  }

  private async alignSources() {
    const { alignment, representation, mode } = this.input.recipe;
    const results = await Promise.all(
      this.models.sources.map(({ label, folder }) =>
        this.job(
          "align",
          {
            source: folder,
            target: this.models.target,
            chunks: this.paths.chunks,
            plan: this.paths.plan,
            representation: this.paths.representation(label),
            map: this.paths.vocabularyMap(label, this.models.targetLabel),
            out: this.paths.aligned(label),
            positions: alignment.positions,
            shorterRows: alignment.shorterRows,
            temperature: representation.temperature,
            mode,
          },
          label,
          "shards",
        ),
      ),
    );
    const positions = sum(results, (result) => result.positions);
    const rows = sum(results, (result) => result.rows);
    return { positions, rows, share: positions === 0 ? 0 : rows / positions };
  }

  private async fuseCandidates(): Promise<FuseResult> {
    const { recipe } = this.input;
    const { targetLabel, target, sources } = this.models;
    const result = await this.job(
      "fuse",
      {
        chunks: this.paths.chunks,
        plan: this.paths.plan,
        target: { folder: target, representation: this.paths.representation(targetLabel) },
        sources: sources.map(({ label }) => ({
          label,
          representation: this.paths.representation(label),
          aligned: this.paths.aligned(label),
        })),
        fusion: recipe.fusion,
        temperature: recipe.representation.temperature,
        mode: recipe.mode,
        out: this.paths.fused,
      },
      recipe.fusion.rule,
      "shards",
    );
    await writeFileAtomically(this.paths.fusion, `${JSON.stringify(result, null, 2)}\n`);
    return result;
  }

  private async trainArms() {
    const arms: TrainingArm[] = this.input.recipe.baselines.includes("clm")
      ? ["fused", "clm"]
      : ["fused"];
    const { compute, threads } = this.input;
    const perArm = Math.max(1, Math.floor(threads / Math.min(arms.length, compute.slots)));
    const results = await Promise.all(arms.map((arm) => this.trainArm(arm, perArm)));
    if (results.some(({ stopped }) => stopped))
      throw new Problem("cancelled", "Stopped while training.");
    return { steps: results[0].steps };
  }

  private async trainArm(arm: TrainingArm, threads: number) {
    const { recipe, memoryLimit } = this.input;
    const { training } = recipe;
    return this.job(
      "train",
      {
        arm,
        target: this.models.target,
        chunks: this.paths.chunks,
        plan: this.paths.plan,
        ...(arm === "fused" ? { fused: this.paths.fused } : {}),
        fallback: recipe.alignment.fallback,
        lambda: training.lambda,
        length: training.length,
        seed: training.seed,
        learningRate: training.lr,
        warmup: training.warmup,
        schedule: training.schedule,
        weightDecay: training.weightDecay,
        betas: training.betas,
        epsilon: training.epsilon,
        clip: training.clip,
        threads,
        memoryLimit,
        checkpoints: this.paths.checkpoints(arm),
        checkpointEvery: training.checkpointEvery,
        keepCheckpoints: training.keepCheckpoints,
        out: this.paths.trained(arm),
        card: await this.card(arm),
      },
      arm,
      "steps",
    );
  }

  private async evaluateModels(steps: number): Promise<Evaluation> {
    const { recipe } = this.input;
    const arms: TrainingArm[] = recipe.baselines.includes("clm") ? ["clm", "fused"] : ["fused"];
    await Promise.all(arms.map((arm) => this.read(this.paths.trained(arm), arm, "heldOut")));
    const { targetLabel, target, sources } = this.models;
    const evaluation = await this.job(
      "evaluate",
      {
        chunks: this.paths.chunks,
        plan: this.paths.plan,
        target: {
          label: targetLabel,
          folder: target,
          heldOut: this.paths.heldOut(targetLabel),
          representation: this.paths.representation(targetLabel),
        },
        sources: sources.map(({ label, folder }) => ({
          label,
          folder,
          heldOut: this.paths.heldOut(label),
          representation: this.paths.representation(label),
        })),
        arms: arms.map((arm) => ({ arm, heldOut: this.paths.heldOut(arm) })),
        withSources: recipe.baselines.includes("sources"),
        withEnsemble: recipe.baselines.includes("ensemble"),
        seed: recipe.training.seed,
      },
      "held-out text",
      "models",
    );
    await writeFileAtomically(this.paths.evaluation, `${JSON.stringify(evaluation, null, 2)}\n`);
    this.emitScores(evaluation, steps);
    return evaluation;
  }

  private emitScores(evaluation: Evaluation, step: number): void {
    const bytes = sum(Object.values(evaluation.heldOut), (part) => part.bytes);
    for (const row of evaluation.rows) {
      const of = evaluatedModel(row.label, this.input.recipe.training.seed, step);
      if (of === undefined) continue;
      const domains = Object.entries(row.domains).map(([domain, { value }]) => ({
        domain,
        bitsPerByte: value,
        bytes: evaluation.heldOut[domain].bytes,
      }));
      this.input.emit({ t: "evaluation", of, bitsPerByte: row.average.value, bytes, domains });
    }
  }

  /** The model cards get their numbers, and the run its report, once there are numbers. */
  private async describe(evaluation: Evaluation, fusion: FuseResult): Promise<void> {
    const card = renderModelCard(await this.card("fused", evaluation));
    await writeFileAtomically(path.join(this.paths.target, "README.md"), card);
    const recipeText = await readFile(this.paths.recipe, "utf8").catch(() => "");
    await writeReport(this.paths, { recipe: this.input.recipe, recipeText, evaluation, fusion });
  }

  private async card(arm: TrainingArm, evaluation?: Evaluation): Promise<ModelCard> {
    const { target, sources } = this.models;
    const [base, ...others] = await Promise.all(
      [target, ...sources.map(({ folder }) => folder)].map((folder) => openModelFolder(folder)),
    );
    return runCard(this.input.recipe, arm, base, others, evaluation);
  }
}

function evaluatedModel(label: string, seed: number, step: number) {
  if (label === "target") return { kind: "target" } as const;
  if (label === "ensemble") return { kind: "ensemble" } as const;
  if (label === "clm" || label === "fused") {
    return { kind: "arm", arm: label, seed, step } as const;
  }
  const source = /^source:(.+)$/.exec(label);
  return source === null ? undefined : ({ kind: "source", name: source[1] } as const);
}

/** The numbers of a stage's result, for the log. */
function figuresOf(result: unknown): Record<string, number> {
  if (typeof result !== "object" || result === null) return {};
  const numbers = Object.entries(result).filter(([, value]) => typeof value === "number");
  return Object.fromEntries(numbers) as Record<string, number>;
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
