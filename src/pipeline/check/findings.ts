/**
 * What the figures of a check mean: each function looks at one part and answers in sentences. What a run would
 * refuse or fail at is an error here, found hours earlier; thresholds of warnings are judgement, and are named.
 */
import { trainingRestriction } from "../../model/checkpoint/licence.ts";
import type { DiskEstimate, MemoryEstimate } from "../estimate.ts";
import type { DomainEstimate } from "../estimateText.ts";
import type { Recipe } from "../recipe.ts";
import { fewestHeldOutChunks } from "../stages/split.ts";
import type { CheckedModel, CheckedSource, CheckedText, Finding } from "./recipeCheck.ts";
import { shareOf } from "./sourceFit.ts";

/** Figures as they stand in sentences. */
const percent = (share: number): string => {
  const value = 100 * share;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
};
const size = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;

/** What the models are, each by itself. */
export function modelFindings(models: readonly CheckedModel[], recipe: Recipe): Finding[] {
  const findings: Finding[] = [];
  for (const { label, role, tokenizer, context, path } of models) {
    if (tokenizer.opening === "none") {
      findings.push({
        severity: "error",
        about: "models",
        message: `The tokenizer of ${label} names neither BOS nor EOS, so the model has nothing to read first.`,
        next: "Set bos_token or eos_token in its tokenizer_config.json.",
        file: path,
      });
    }
    if (tokenizer.tokens < recipe.representation.topK) {
      findings.push({
        severity: "error",
        about: "models",
        message: `${label} has ${tokenizer.tokens} tokens, fewer than representation.topK ${recipe.representation.topK}.`,
        next: "Lower representation.topK.",
      });
    }
    if (role === "target" && context < recipe.training.length) {
      findings.push({
        severity: "note",
        about: "models",
        message: `The target reads ${context} tokens at a time: chunks are no longer than that, and several share a block of ${recipe.training.length}.`,
      });
    }
  }
  return findings;
}

/** The licences of the sources. The target's own binds its user already. */
export function licenceFindings(models: readonly CheckedModel[]): Finding[] {
  return models.flatMap(({ role, label, licence }): Finding[] => {
    if (role === "target") return [];
    if (licence === null || licence === "unknown" || licence === "other") {
      const message = `${label} does not say under which licence it may be used.`;
      return [{ severity: "note", about: "licences", message, next: "Ask where it comes from." }];
    }
    const restriction = trainingRestriction(licence);
    if (restriction === undefined) return [];
    return [
      {
        severity: "warning",
        about: "licences",
        message: `${label}: ${restriction}`,
        next: "Read the licence before you pass the result on, or take another source.",
      },
    ];
  });
}

/** After about four passes the same text again teaches little (Muennighoff et al., NeurIPS 2023). */
const manyEpochs = 4;
const littleOfCorpus = 0.1;

export function textFindings(text: CheckedText, recipe: Recipe): Finding[] {
  const { leftOut, heldOutReadable, copies, epochs, training } = text;
  const findings: Finding[] = [];
  const add = (severity: Finding["severity"], message: string, next?: string): void => {
    findings.push({ severity, about: "text", message, ...(next === undefined ? {} : { next }) });
  };
  if (training.chunks === 0) {
    add(
      "error",
      "The corpus leaves no text to train on.",
      "Add files to `corpus`, or lower `heldOut`; see the target's tokenizer with fuselab align.",
    );
  }
  if (leftOut.count > 0) {
    add(
      "warning",
      `The target's tokenizer cannot reproduce ${percent(shareOf(leftOut))} of the chunks, which are left out (${leftOut.first}).`,
      "fuselab align shows what its tokenizer changes.",
    );
  }
  findings.push(...text.domains.flatMap((domain) => heldOutFindings(domain, text.exact)));
  if (heldOutReadable.of > 0 && heldOutReadable.count === 0) {
    add(
      "error",
      "No held-out chunk can be read by every model, so nothing could be compared.",
      "Remove the source whose tokenizer changes the text.",
    );
  }
  if (copies.count > 0) {
    add(
      "warning",
      `${copies.count} of ${copies.of} held-out texts are in the training text too, word for word (${copies.first}).`,
      "Take them out of `corpus`; scores on text that was trained on say nothing.",
    );
  }
  if (epochs > manyEpochs) {
    add(
      "warning",
      `${text.steps} steps pass over the training text ${epochs.toFixed(1)} times; it will be learnt by heart.`,
      "Lower `steps`, or add text.",
    );
  }
  if (epochs < littleOfCorpus && recipe.training.steps !== undefined) {
    add("note", `${text.steps} steps take in ${percent(epochs)} of the training text.`);
  }
  return findings;
}

function heldOutFindings({ domain, training, heldOut }: DomainEstimate, exact: boolean): Finding[] {
  const { fewest, most } = heldOut.chunks;
  const findings: Finding[] = [];
  if (fewest < fewestHeldOutChunks) {
    const certain = most < fewestHeldOutChunks;
    const count = exact || fewest === most ? `${most}` : `about ${fewest} to ${most}`;
    findings.push({
      severity: certain ? "error" : "warning",
      about: "text",
      message: `Domain "${domain}" has ${count} held-out chunks; with fewer than ${fewestHeldOutChunks} the run ends there.`,
      next: "Raise `heldOut`, add text to this domain, or name files under `evaluation`.",
    });
  }
  if (training.chunks === 0 && most > 0) {
    findings.push({
      severity: "note",
      about: "text",
      message: `Domain "${domain}" is measured on, and not trained on.`,
    });
  }
  return findings;
}

/** Below these a source has little to say: positions it answers at, true tokens that are mapped. */
const fewAnswered = 0.5;
const fewMapped = 0.75;
/** Above these it gets in the way. */
const manyDiffering = 0.01;
const manyTooLong = 0.1;

export function sourceFindings(sources: readonly CheckedSource[], recipe: Recipe): Finding[] {
  return sources.flatMap((source) => findingsOfSource(source, recipe));
}

function findingsOfSource(source: CheckedSource, { alignment, mode }: Recipe): Finding[] {
  const { label, differing, sharedEnds, rows, nextMapped, tooLong } = source;
  const findings: Finding[] = [];
  const add = (severity: Finding["severity"], message: string, next: string): void => {
    findings.push({ severity, about: "sources", message, next });
  };
  if (differing.count > 0) {
    add(
      shareOf(differing) > manyDiffering ? "warning" : "note",
      `${label} cannot reproduce ${differing.count} of ${differing.of} chunks and has no say there (${differing.first}).`,
      "fuselab align shows what its tokenizer changes.",
    );
  }
  const answered = rows ?? sharedEnds;
  if (answered.of > 0 && shareOf(answered) < fewAnswered) {
    add(
      "warning",
      `${label} answers at ${percent(shareOf(answered))} of the target's positions; the others fall back on ${alignment.fallback}.`,
      alignment.positions === "dtw"
        ? compareWith("`positions: bytes`", mode)
        : "Their tokenizers cut text too differently; take another source or target.",
    );
  }
  const goldPath = alignment.vocabulary === "firstToken";
  if (nextMapped !== undefined && !goldPath && shareOf(nextMapped) < fewMapped) {
    add(
      "warning",
      `With ${alignment.vocabulary}, the true next token of ${label} stands for the target's at ${percent(shareOf(nextMapped))} of the positions they share.`,
      compareWith("`vocabulary: firstToken`, which keeps its probability exactly", mode),
    );
  }
  if (tooLong.of > 0 && shareOf(tooLong) > manyTooLong) {
    add(
      "warning",
      `The context of ${label} is too short for ${percent(shareOf(tooLong))} of the chunks of training.length, which are cut again for all models.`,
      "Lower training.length, or take a source with a longer context.",
    );
  }
  return findings;
}

/** The published mode repeats the released code and allows no other alignment. */
const compareWith = (what: string, mode: Recipe["mode"]): string =>
  mode === "published" ? "Compare with `mode: corrected`." : `Compare with ${what}.`;

export function memoryFindings(memory: MemoryEstimate, recipe: Recipe, free: number): Finding[] {
  const { limit, jobs, microBatch, peak } = memory;
  const { batch, memoryLimitMB } = recipe.training;
  const findings: Finding[] = jobs
    .filter(({ fits }) => !fits)
    .map(({ kind, label, tokens, bytes }) => ({
      severity: "error",
      about: "memory",
      message:
        kind === "read"
          ? `${label} takes about ${size(bytes)} of memory to read a chunk of ${tokens} tokens, and the limit is ${size(limit)}.`
          : `Training (${label}) takes about ${size(bytes)} of memory for one block of ${tokens} tokens, and the limit is ${size(limit)}.`,
      next:
        memoryLimitMB === undefined
          ? "End other programs, lower training.length, or take a smaller model."
          : "Raise training.memoryLimitMB, lower training.length, or take a smaller model.",
    }));
  if (findings.length > 0) return findings;
  if (peak > free) {
    findings.push({
      severity: "warning",
      about: "memory",
      message: `The run takes up to ${size(peak)} of memory, and ${size(free)} are free.`,
      next: "Lower training.memoryLimitMB, or end other programs.",
    });
  }
  if (microBatch < batch) {
    const parts = Math.ceil(batch / microBatch);
    findings.push({
      severity: "note",
      about: "memory",
      message: `A step of ${batch} blocks is computed in ${parts} parts of ${microBatch}, as memory allows.`,
    });
  }
  return findings;
}

/** Rows hold fewer entries than they may; what is certain to be written is about this share. */
const certainShare = 0.7;

export function diskFindings({ total }: DiskEstimate, free: number): Finding[] {
  if (total <= free) return [];
  return [
    {
      severity: total * certainShare > free ? "error" : "warning",
      about: "disk",
      message: `The run writes up to ${size(total)}, and ${size(free)} are free on the disk of the runs.`,
      next: "Make room, choose another folder for runs, or lower representation.topK or steps.",
    },
  ];
}
