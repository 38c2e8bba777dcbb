/**
 * The inspector's verb `fuse`: what models say of a text and what fusion makes of it, for a text that is given or
 * one of a run, as positions in words, as figures of all positions, or as one position in full.
 */
import { Problem } from "../core/problem.ts";
import { documentFigures } from "../pipeline/inspectFigures.ts";
import type { FusedText, InspectSettings } from "../pipeline/inspectFusion.ts";
import { fusedPosition } from "../pipeline/inspectRow.ts";
import { type RunTexts, settingsOfRun } from "../pipeline/inspectRun.ts";
import type { InspectSession } from "../pipeline/inspectSession.ts";
import { type InspectedChunk, inspectedChunk } from "../pipeline/inspectText.ts";
import { fillDefaults } from "../pipeline/recipeDefaults.ts";
import { checkRules } from "../pipeline/recipeRules.ts";
import type { WrittenRecipe } from "../pipeline/recipeSchema.ts";
import type { FuseAnswer, InspectedRun, InspectorProgress } from "../protocol/inspector.ts";
import type { FolderShelf } from "./folderShelf.ts";
import { createInspectedTexts, type InspectedTexts } from "./inspectedTexts.ts";
import type { Body } from "./inspectorBodies.ts";
import type { LoadedModel } from "./modelShelf.ts";

type Answer = FuseAnswer<InspectedChunk>;

/** Probabilities an answer in words may hold, all rows together: some 300 MB of objects. */
const mostEntries = 2_000_000;
/** Documents of a run that are listed: a message has to hold them. */
const mostListed = 10_000;

export function createFuseVerb(
  models: FolderShelf<LoadedModel>,
  tell: (progress: InspectorProgress) => void,
): (body: Body<"fuse">, signal: AbortSignal) => Promise<Answer> {
  const texts = createInspectedTexts(models);
  const telling =
    (doing: "read" | "map") =>
    (model: string, done: number, of: number): void =>
      tell({ verb: "fuse", what: { doing, model }, done, of });
  return async (body, signal) => {
    if (body.want === "documents") {
      return { ...nothing, run: await runAnswer(await texts.run(body.run as string), signal) };
    }
    const { session, settings, warnings } = await sessionOf(texts, body, {
      signal,
      onRead: telling("read"),
    });
    const fused = await session.fuse(settings, { signal, onProgress: telling("map") });
    if (fused.storedDiffer) warnings.push(storedDiffer);
    return answerOf(body, fused, { approximate: session.isApproximate(settings), warnings });
  };
}

const nothing: Answer = { labels: [], positions: 0, chunks: [], warnings: [] };

const storedDiffer =
  "The rows that the run was trained on are shown. Computed anew from what its models said they come out differently: another version of FuseLab made them.";

interface Asked {
  readonly session: InspectSession;
  readonly settings: InspectSettings;
  readonly warnings: string[];
}

async function sessionOf(
  texts: InspectedTexts,
  { target, sources, text, run: folder, document, settings = {} }: Body<"fuse">,
  asking: Parameters<InspectedTexts["read"]>[1],
): Promise<Asked> {
  if (folder !== undefined && document !== undefined) {
    const run = await texts.run(folder);
    const session = await texts.document(run, document, asking.signal);
    const read = settingsIn(run.written, settings);
    const asked = settings.representation?.topK;
    return { session, ...read, settings: withKeptTop(read.settings, asked, session.topK) };
  }
  if (target === undefined || sources === undefined || text === undefined) {
    throw new Error("neither a run nor a text");
  }
  const read = settingsIn(recipeOf(target, sources), settings);
  const { length } = read.settings;
  return { session: await texts.read({ target, sources, text, length }, asking), ...read };
}

/** A run may have kept less than its recipe means today, where the recipe does not say. */
function withKeptTop(
  settings: InspectSettings,
  asked: number | undefined,
  kept: number,
): InspectSettings {
  const { representation } = settings;
  if (asked !== undefined || representation.topK <= kept) return settings;
  return { ...settings, representation: { ...representation, topK: kept } };
}

function answerOf(
  { want, first = 0, count = Number.POSITIVE_INFINITY }: Body<"fuse">,
  fused: FusedText,
  {
    approximate,
    warnings,
  }: { readonly approximate: boolean; readonly warnings: readonly string[] },
): Answer {
  const positions = fused.chunks.reduce((sum, { fused: { rows } }) => sum + rows, 0);
  const labels = fused.reading.models.map(({ label }) => label);
  const answer = { labels, positions, chunks: [], warnings };
  if (want === "figures") {
    return { ...answer, figures: documentFigures(fused, { approximate, warnings }) };
  }
  if (want === "position") return { ...answer, position: fusedPosition(fused, first) };
  refuseEndless(fused, Math.min(count, positions - first));
  const isWanted = (index: number): boolean => index >= first && index < first + count;
  const chunks = fused.chunks.map((chunk) => inspectedChunk(chunk, isWanted));
  return { ...answer, chunks: chunks.filter((chunk) => chunk.positions.length > 0) };
}

function refuseEndless({ reading, settings }: FusedText, positions: number): void {
  const rows = 2 * reading.models.length + 2;
  if (positions * rows * settings.representation.topK <= mostEntries) return;
  throw new Problem(
    "tooLarge",
    `A text of ${positions} positions is too long to be fused at once.`,
    { next: "Ask for a few positions at a time, or lower representation.topK." },
  );
}

async function runAnswer(run: RunTexts, signal: AbortSignal): Promise<InspectedRun> {
  const { mode, representation, alignment, fusion, lambda } = settingsOfRun(run.recipe);
  const { positions, vocabulary } = alignment;
  const { rule, per } = fusion;
  const { documents, topK } = await run.documents(signal);
  return {
    name: run.name,
    models: run.models.map(({ label, folder }) => ({ name: label, folder })),
    controls: {
      mode,
      positions,
      vocabulary,
      rule,
      per,
      lambda,
      temperature: representation.temperature,
      topK,
    },
    documents: documents.slice(0, mostListed),
    left: Math.max(0, documents.length - mostListed),
  };
}

/** What a recipe with these models says before anything is set. */
export function recipeOf(target: string, sources: readonly string[]): WrittenRecipe {
  return { version: 1, name: "inspect", target, sources: [...sources], corpus: [] };
}

/** The recipe with other settings. The rules of a recipe hold here too: what they forbid is refused. */
export function settingsIn(
  recipe: WrittenRecipe,
  { lambda, length, mode, ...sections }: NonNullable<Body<"fuse">["settings"]>,
): { readonly settings: InspectSettings; readonly warnings: string[] } {
  const written: WrittenRecipe = {
    ...recipe,
    mode: mode ?? recipe.mode,
    representation: { ...recipe.representation, ...sections.representation },
    alignment: { ...recipe.alignment, ...sections.alignment },
    fusion: { ...recipe.fusion, ...sections.fusion },
    training: {
      ...recipe.training,
      ...(lambda === undefined ? {} : { lambda }),
      ...(length === undefined ? {} : { length }),
    },
  };
  const filled = fillDefaults(written);
  const findings = checkRules(written, filled);
  for (const { severity, message, next } of findings) {
    if (severity === "error") throw new Problem("badInput", message, { next });
  }
  return {
    settings: settingsOfRun(filled),
    warnings: findings.map(({ message }) => message),
  };
}
