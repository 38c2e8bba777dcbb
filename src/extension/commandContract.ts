/**
 * The commands by their ids (without the prefix) and what they take. Every argument may be absent: then the
 * palette asks. A test holds these ids against package.json both ways.
 */
import type * as vscode from "vscode";
import type { RunPlace } from "./runs/runPlace.ts";

/** A text to look at: the selections of an editor, or of a document that is given. */
export interface TextArgument {
  readonly uri?: string;
  /** Ranges of UTF-16 offsets; the whole text where they are absent. */
  readonly ranges?: readonly (readonly [from: number, to: number])[];
  /** Folders of the models, target first. */
  readonly models?: readonly string[];
  /** A place in UTF-8 bytes of the first range that is chosen at once. */
  readonly byte?: number;
  readonly document?: number;
}

/** A model's folder: its path, or the tree's row. */
export type ModelPlace = string | { readonly model: string };

/** A recipe's file: its address, or what a lens or the explorer hands over. */
export type RecipePlace = string | vscode.Uri;

export interface CommandContract {
  alignTokenizers(text?: TextArgument): Promise<void>;
  showFusedDistributions(text?: TextArgument | RunPlace): Promise<void>;
  compareVocabularies(source?: ModelPlace, target?: ModelPlace): Promise<void>;
  newRun(): Promise<void>;
  runRecipe(recipe?: RecipePlace): Promise<void>;
  checkRecipe(recipe?: RecipePlace): Promise<void>;
  runDemo(): Promise<void>;
  "run.open"(run?: RunPlace): Promise<void>;
  "run.stop"(run?: RunPlace): Promise<void>;
  "run.resume"(run?: RunPlace): Promise<void>;
  "run.compare"(run?: RunPlace, all?: readonly RunPlace[]): Promise<void>;
  "run.rename"(run?: RunPlace): Promise<void>;
  "run.delete"(run?: RunPlace, all?: readonly RunPlace[]): Promise<void>;
  "run.reveal"(run?: RunPlace): Promise<void>;
  "run.copyRecipe"(run?: RunPlace): Promise<void>;
  "run.openReport"(run?: RunPlace): Promise<void>;
  "run.showLog"(run?: RunPlace): Promise<void>;
  "model.addFolder"(): Promise<void>;
  "model.addFromHub"(id?: string): Promise<void>;
  "model.remove"(model?: ModelPlace): Promise<void>;
  "model.buildVocabularyMap"(source?: ModelPlace, target?: ModelPlace): Promise<void>;
  "runs.refresh"(): Promise<void>;
  "models.refresh"(): Promise<void>;
  "view.keep"(): Promise<void>;
  "view.export"(): Promise<void>;
  "view.openAsTable"(): Promise<void>;
  restartInspector(): Promise<void>;
  showLog(): Promise<void>;
  openWalkthrough(): Promise<void>;
}
export type CommandId = keyof CommandContract;

export const commandIds: Readonly<Record<CommandId, true>> = {
  alignTokenizers: true,
  showFusedDistributions: true,
  compareVocabularies: true,
  newRun: true,
  runRecipe: true,
  checkRecipe: true,
  runDemo: true,
  "run.open": true,
  "run.stop": true,
  "run.resume": true,
  "run.compare": true,
  "run.rename": true,
  "run.delete": true,
  "run.reveal": true,
  "run.copyRecipe": true,
  "run.openReport": true,
  "run.showLog": true,
  "model.addFolder": true,
  "model.addFromHub": true,
  "model.remove": true,
  "model.buildVocabularyMap": true,
  "runs.refresh": true,
  "models.refresh": true,
  "view.keep": true,
  "view.export": true,
  "view.openAsTable": true,
  restartInspector: true,
  showLog: true,
  openWalkthrough: true,
};
