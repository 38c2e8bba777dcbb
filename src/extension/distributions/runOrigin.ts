/** The texts of a run, from its shards: no model is opened, and the recipe's settings are the point to go back to. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { problemBody } from "../../port/port.ts";
import type { DocumentFigures } from "../../protocol/distributionsView.ts";
import type { FuseRunBody, InspectedRun } from "../../protocol/inspector.ts";
import type { OpenAt } from "../../protocol/views.ts";
import { viewModels } from "../modelChoice.ts";
import type { Parts } from "../parts.ts";
import { requireTrust } from "../trust.ts";
import type { ViewOutlet } from "../viewPanel.ts";
import { modeControls, obstaclesFor } from "./controls.ts";
import type { Origin, OriginShow } from "./origin.ts";

/** Milliseconds: the shards of a run are read through for its worst documents. */
const timeLimit = 120_000;

export class RunOrigin implements Origin {
  readonly kind = "run";
  readonly #parts: Parts;
  readonly #outlet: ViewOutlet;
  readonly #folder: string;
  readonly #ending = new AbortController();
  #run: Promise<InspectedRun> | undefined;
  #known: InspectedRun | undefined;
  /** How many times the run was read: with its folder what the view's place is kept by, also over a reload. */
  #reading: number;
  /** The document that was shown last. */
  #shown: { readonly document: number; readonly text: string } | undefined;

  /** `reading`: as `restore` had it, from outside like any other input. */
  constructor(parts: Parts, outlet: ViewOutlet, folder: string, reading?: unknown) {
    this.#reading = Number.isSafeInteger(reading) ? Number(reading) : 1;
    this.#parts = parts;
    this.#outlet = outlet;
    this.#folder = folder;
  }

  get title(): string {
    return vscode.l10n.t("Fused · {0}", this.#known?.name ?? path.basename(this.#folder));
  }

  async show(): Promise<OriginShow> {
    try {
      return this.#showOf(await this.#opened());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { ...this.#showOf(nothing), problem: problemBody(error) };
    }
  }

  question(document: number): FuseRunBody {
    const found = this.#known?.documents[document];
    if (found !== undefined) return { run: this.#folder, document: found.id };
    throw new Problem("badInput", vscode.l10n.t("The run has no document {0}.", document + 1));
  }

  answered(document: number, { text }: DocumentFigures): void {
    this.#shown = { document, text };
  }

  async setModels(): Promise<void> {
    throw new Problem("unsupported", vscode.l10n.t("A run's models are those of its recipe."), {
      next: vscode.l10n.t("Select a text in the editor to read it with others."),
    });
  }

  readAgain(): void {
    this.#run = undefined;
    this.#reading++;
    this.#outlet.refresh();
  }

  async openAt(place: OpenAt): Promise<boolean> {
    if (place.what !== "alignment") return false;
    const text = this.#shown?.document === place.document ? this.#shown.text : undefined;
    if (text === undefined || this.#known === undefined) {
      throw new Problem("stale", vscode.l10n.t("This document is not shown yet."), {
        next: vscode.l10n.t("Wait until its figures are there."),
      });
    }
    const document = await vscode.workspace.openTextDocument({ content: text });
    await this.#parts.commands.run("alignTokenizers", {
      uri: document.uri.toString(),
      models: this.#known.models.map(({ folder }) => folder),
      byte: place.byte,
    });
    return true;
  }

  dispose(): void {
    this.#ending.abort();
  }

  async #opened(): Promise<InspectedRun> {
    requireTrust("A run's texts are not read");
    const { signal } = this.#ending;
    this.#run ??= this.#parts.inspector
      .call("fuse", { run: this.#folder, want: "documents" }, { signal, timeLimit })
      .then(({ run }) => {
        if (run === undefined) throw new Error("no run in the answer");
        return run;
      });
    try {
      this.#known = await this.#run;
      return this.#known;
    } catch (error) {
      this.#run = undefined; // the next show asks again
      throw error;
    }
  }

  #showOf({ name, models, controls, documents, left }: InspectedRun): OriginShow {
    const [target, ...sources] = models.map(({ folder }) => folder);
    const names = new Map(models.map((model) => [model.folder, model.name]));
    const { topK } = controls;
    const presets = {
      corrected: { ...modeControls("corrected"), topK: Math.min(64, topK) },
      published: { ...modeControls("published"), topK: Math.min(10, topK) },
    };
    return {
      revision: `${this.#folder}.${this.#reading}`,
      title: left === 0 ? name : vscode.l10n.t("{0}, {1} documents not listed", name, left),
      restore: { version: 1, run: this.#folder, reading: this.#reading },
      origin: "run",
      models: target === undefined ? [] : viewModels({ target, sources }, names),
      documents: documents.map(({ id, bytes, bitsPerByte }) => ({
        title: id,
        bytes,
        ...(bitsPerByte === undefined ? {} : { bitsPerByte }),
      })),
      resetTo: controls,
      presets,
      disabled: {},
      obstacles: obstaclesFor(undefined),
      mostTopK: {
        value: topK,
        reason: vscode.l10n.t("the run kept the top {0} of each row", topK),
      },
    };
  }
}

/** What stands where a run cannot be read. */
const nothing: InspectedRun = {
  name: "",
  models: [],
  controls: modeControls("corrected"),
  documents: [],
  left: 0,
};
