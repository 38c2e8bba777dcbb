/** *Show fused distributions*: of selected text, or of the texts of a run. The command, the panels, their return. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type {
  DistributionsAsks,
  DistributionsShow,
  FusedPosition,
  FusionControls,
} from "../../protocol/distributionsView.ts";
import { askModels, chosenModels } from "../askModels.ts";
import type { TextArgument } from "../commandContract.ts";
import { problemText } from "../failures.ts";
import { fittingModels, type ModelChoice, storedChoice } from "../modelChoice.ts";
import { type OpenSubject, PanelShelf } from "../panelShelf.ts";
import type { Parts } from "../parts.ts";
import type { Runs } from "../runs/registerRuns.ts";
import { runFolderOf } from "../runs/runPlace.ts";
import { selectedText, textArgument } from "../selectedText.ts";
import { restoredLink, TextLink } from "../textLink.ts";
import { requireTrust } from "../trust.ts";
import { readControls } from "./controls.ts";
import { DistributionsSubject } from "./distributionsSubject.ts";
import { RunOrigin } from "./runOrigin.ts";
import { SelectionOrigin, type SelectionStart } from "./selectionOrigin.ts";

type Shelf = PanelShelf<DistributionsAsks, DistributionsShow>;
type Open = OpenSubject<DistributionsAsks, DistributionsShow>;

export interface Distributions extends vscode.Disposable {
  /** One position of what an open view shows, under its controls. @throws Problem `missing` where none is open */
  explain(document: number, position: number, signal: AbortSignal): Promise<FusedPosition>;
}

export function registerDistributions(parts: Parts, runs: Runs): Distributions {
  const openRun = (folder: string): void => void shelf.open(ofRun(parts, folder));
  const offerRuns = (problem: Problem): void => void tellTooLarge(runs, problem, openRun);
  const shelf: Shelf = new PanelShelf({
    kind: "distributions",
    parts: parts.views,
    verbs: ["distributions", "row", "setModels", "readAgain", "useInRecipe"],
    restore: (stored) => restored(parts, stored, offerRuns),
  });
  const command = parts.commands.bind("showFusedDistributions", async (place) => {
    requireTrust("No model is read");
    const run = runFolderOf(place);
    if (run !== undefined) openRun(run);
    else await showText(parts, shelf, textArgument(place), offerRuns);
  });
  return {
    explain: async (document, position, signal) => {
      const subject = shelf.subjects.at(-1);
      if (subject === undefined) {
        throw new Problem("missing", "No distributions view is open in this window.", {
          next: "Name a run, or open one with FuseLab: Show fused distributions.",
        });
      }
      const { controls } = await subject.snapshot();
      return subject.offers.row({ document, controls, position }, signal);
    },
    dispose: () => {
      command.dispose();
      shelf.dispose();
    },
  };
}

async function showText(
  parts: Parts,
  shelf: Shelf,
  argument: TextArgument,
  onTooLarge: (problem: Problem) => void,
): Promise<void> {
  const { document, ranges } = await selectedText(argument, parts.context.extensionPath);
  const choice = await modelsFor(parts, argument);
  if (choice === undefined) return;
  const { byte, document: index = 0 } = argument;
  const place = byte === undefined ? undefined : { document: index, byte };
  const link = new TextLink(document, ranges);
  let taken = false;
  const subject = ofSelection(parts, { link, choice, place }, { onTooLarge });
  shelf.open({
    key: keyOf(link, argument.models),
    make: (outlet) => {
      taken = true;
      return subject(outlet);
    },
  });
  if (!taken) link.dispose(); // it is shown already
}

/** The models that were given, if all of them have weights; else the last choice, else what is asked for. */
async function modelsFor(
  parts: Parts,
  { models = [] }: TextArgument,
): Promise<ModelChoice | undefined> {
  const [target, ...sources] = models;
  if (target === undefined) return chosenModels(parts, "models");
  if (sources.length === 0 || !models.every(path.isAbsolute)) {
    throw new Problem(
      "badInput",
      vscode.l10n.t("Two or more folders are needed, the target first."),
    );
  }
  const known = fittingModels(await parts.models.list(), "models");
  const isModel = (folder: string): boolean => known.some((model) => model.folder === folder);
  const choice = { target, sources };
  return models.every(isModel) ? choice : askModels(parts, "models", choice);
}

/** The same text, and the same models where they are given: only the focus moves. */
const keyOf = (link: TextLink, models: readonly string[] | undefined): string =>
  JSON.stringify([link.stored(), models]);

function ofSelection(
  parts: Parts,
  start: SelectionStart,
  more: {
    readonly controls?: FusionControls | undefined;
    readonly onTooLarge: (problem: Problem) => void;
  },
): Open["make"] {
  return (outlet) =>
    new DistributionsSubject(parts, outlet, {
      ...more,
      origin: new SelectionOrigin(parts, outlet, start),
    });
}

interface OfRun {
  readonly controls?: FusionControls | undefined;
  readonly reading?: unknown;
}

function ofRun(parts: Parts, folder: string, { controls, reading }: OfRun = {}): Open {
  return {
    key: folder,
    make: (outlet) =>
      new DistributionsSubject(parts, outlet, {
        controls,
        onTooLarge: () => undefined,
        origin: new RunOrigin(parts, outlet, folder, reading),
      }),
  };
}

/** What `show` gave as `restore`, from outside like any other input. */
async function restored(
  parts: Parts,
  stored: Readonly<Record<string, unknown>>,
  onTooLarge: (problem: Problem) => void,
): Promise<Open | undefined> {
  const controls = controlsIn(stored);
  const { run, reading } = stored;
  if (typeof run === "string" && path.isAbsolute(run)) {
    return ofRun(parts, run, { controls, reading });
  }
  const choice = storedChoice(stored);
  const link = choice && (await restoredLink(stored.link));
  if (choice === undefined || link === undefined) return undefined;
  const start = { link, choice, reading };
  const make = ofSelection(parts, start, { controls, onTooLarge });
  return { key: keyOf(link, undefined), make };
}

function controlsIn({ controls }: Readonly<Record<string, unknown>>): FusionControls | undefined {
  try {
    return readControls(controls);
  } catch {
    return undefined; // of another version: those to reset to
  }
}

/** A run's texts were read with its models already. */
async function tellTooLarge(
  { store }: Runs,
  problem: Problem,
  open: (folder: string) => void,
): Promise<void> {
  const fromRun = vscode.l10n.t("Open from a run…");
  const runs = store.runs.filter((run) => "record" in run);
  const chosen = await vscode.window.showWarningMessage(
    problemText(problem),
    ...(runs.length > 0 ? [fromRun] : []),
  );
  if (chosen !== fromRun) return;
  const picked = await vscode.window.showQuickPick(
    runs.map(({ folder, record }) => ({ label: record.name, description: folder, folder })),
    { title: vscode.l10n.t("Fused distributions of a run") },
  );
  if (picked !== undefined) open(picked.folder);
}
