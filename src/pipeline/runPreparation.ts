/** The stages of a run up to the fused rows: each asks for its jobs and answers the figures of its event. */
import { fileExists } from "../model/checkpoint/outsideFile.ts";
import { writeFileAtomically } from "./atomicFile.ts";
import { type RunContext, sum } from "./runContext.ts";
import type { FuseResult } from "./stages/fuse.ts";

export async function splitCorpus(run: RunContext) {
  if (await fileExists(run.paths.chunks)) return {};
  const { recipe, base } = run.input;
  const result = await run.job(
    "split",
    {
      chunks: run.paths.chunks,
      base,
      corpus: recipe.corpus,
      evaluation: recipe.evaluation,
      heldOut: recipe.heldOut,
      target: run.models.target,
      sources: run.models.sources.map(({ folder }) => folder),
      length: recipe.training.length,
      seed: recipe.training.seed,
    },
    "corpus",
    "documents",
  );
  if (result.leftOut > 0) {
    run.input.emit({
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

export async function packChunks(run: RunContext) {
  if (await fileExists(run.paths.plan)) return {};
  const { corpus, training } = run.input.recipe;
  const { steps, epochs, length, batch, seed } = training;
  return run.job(
    "pack",
    {
      chunks: run.paths.chunks,
      plan: run.paths.plan,
      target: run.models.target,
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
export async function extractAll(run: RunContext) {
  const { targetLabel, target, sources } = run.models;
  const all = [{ label: targetLabel, folder: target }, ...sources];
  const results = await Promise.all(
    all.flatMap(({ label, folder }) => [
      readWith(run, folder, label, "representation"),
      readWith(run, folder, label, "heldOut"),
    ]),
  );
  return {
    shards: sum(results, ({ shards }) => shards),
    reused: sum(results, ({ reused }) => reused),
    tokens: sum(results, ({ tokens }) => tokens),
    textDiffers: sum(results, ({ textDiffers }) => textDiffers),
  };
}

export function readWith(
  run: RunContext,
  folder: string,
  label: string,
  what: "representation" | "heldOut",
) {
  const { recipe, memoryLimit, compute } = run.input;
  return run.job(
    "extract",
    {
      model: folder,
      chunks: run.paths.chunks,
      ...(what === "representation" ? { plan: run.paths.plan } : {}),
      out: run.paths[what](label),
      ...(run.reused === undefined ? {} : { reuse: run.reused[what](label) }),
      topK: what === "representation" ? recipe.representation.topK : 0,
      threads: compute.threads,
      memoryLimit,
    },
    what === "representation" ? label : `${label}, held out`,
    "shards",
  );
}

export async function mapVocabularies(run: RunContext) {
  const { alignment, mode } = run.input.recipe;
  const results = await Promise.all(
    run.models.sources.map(({ label, folder }) =>
      run.job(
        "mapVocabulary",
        {
          source: folder,
          target: run.models.target,
          method: alignment.vocabulary,
          mode,
          out: run.paths.vocabularyMap(label, run.models.targetLabel),
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

export async function alignSources(run: RunContext) {
  const { alignment, representation, mode } = run.input.recipe;
  const results = await Promise.all(
    run.models.sources.map(({ label, folder }) =>
      run.job(
        "align",
        {
          source: folder,
          target: run.models.target,
          chunks: run.paths.chunks,
          plan: run.paths.plan,
          representation: run.paths.representation(label),
          map: run.paths.vocabularyMap(label, run.models.targetLabel),
          out: run.paths.aligned(label),
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

export async function fuseCandidates(run: RunContext): Promise<FuseResult> {
  const { recipe } = run.input;
  const { targetLabel, target, sources } = run.models;
  const result = await run.job(
    "fuse",
    {
      chunks: run.paths.chunks,
      plan: run.paths.plan,
      target: { folder: target, representation: run.paths.representation(targetLabel) },
      sources: sources.map(({ label }) => ({
        label,
        representation: run.paths.representation(label),
        aligned: run.paths.aligned(label),
      })),
      fusion: recipe.fusion,
      temperature: recipe.representation.temperature,
      mode: recipe.mode,
      out: run.paths.fused,
    },
    recipe.fusion.rule,
    "shards",
  );
  await writeFileAtomically(run.paths.fusion, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}
