/**
 * What an alignment panel shows: the texts of a link in the tokens of a target and its sources. Nothing is
 * computed here; every question of the view becomes one or more of the inspector's.
 */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { utf8Length } from "../../core/text/bytes.ts";
import type { Offered } from "../../port/port.ts";
import {
  type AlignmentAsks,
  type AlignmentShow,
  type MatrixLayer,
  matrixLayers,
} from "../../protocol/alignmentView.ts";
import type { CommonAsks, OpenAt, TextRange } from "../../protocol/views.ts";
import { askModels, rememberModels } from "../askModels.ts";
import { Scope, Slot } from "../lifetimes.ts";
import { fittingModels, type ModelChoice, modelNames, viewModels } from "../modelChoice.ts";
import type { Parts } from "../parts.ts";
import type { TextLink } from "../textLink.ts";
import { TextMarks } from "../textMarks.ts";
import type { ViewOutlet, ViewSubject } from "../viewPanel.ts";
import { type AskInspector, alignDocument, ownArrays } from "./alignedDocument.ts";
import { readAlignAsk, readCap, readPairAsk, readTile, readTokenizers } from "./alignmentAsks.ts";
import { WorkTold } from "./workTold.ts";

type OwnAsks = Omit<AlignmentAsks, keyof CommonAsks>;

export interface AlignmentStart {
  readonly link: TextLink;
  readonly choice: ModelChoice;
  /** A byte of a document that is chosen once the text is aligned. */
  readonly place?: { readonly document: number; readonly byte: number } | undefined;
}

/** Where the workspace keeps the layer that was looked at last. */
export const layerKey = "alignment.layer";

/** Milliseconds after an answer at which the view has taken it up. */
const takingUp = 100;

let subjects = 0;

export class AlignmentSubject implements ViewSubject<AlignmentAsks, AlignmentShow> {
  readonly offers: Offered<OwnAsks>;
  readonly #parts: Parts;
  readonly #outlet: ViewOutlet;
  readonly #scope = new Scope();
  readonly #marks = this.#scope.own(new Slot<TextMarks>());
  readonly #watched = this.#scope.own(new Slot<vscode.Disposable>());
  readonly #links = this.#scope.own(new Slot<TextLink>());
  readonly #work: WorkTold;
  readonly #number = ++subjects;
  #link: TextLink;
  #choice: ModelChoice;
  #place: AlignmentStart["place"];
  #version = 1;

  constructor(parts: Parts, outlet: ViewOutlet, { link, choice, place }: AlignmentStart) {
    this.#parts = parts;
    this.#outlet = outlet;
    this.#choice = choice;
    this.#place = place;
    this.#link = link;
    this.#work = this.#scope.own(new WorkTold(parts.inspector, outlet));
    this.#follow(link);
    this.#warm();
    const { settings, models } = parts;
    const refresh = (): void => outlet.refresh();
    this.#scope.own(models.onChange(refresh));
    this.#scope.own(vscode.workspace.onDidGrantWorkspaceTrust(refresh));
    this.#scope.own(settings.onChange(["alignment.layer", "alignment.followEdits"], refresh));
    this.#scope.own(settings.onChange(["alignment.maxTokens"], () => this.#showAnew()));
    this.offers = {
      align: (body, signal) => this.#align(body, signal),
      costTable: (body, signal) => this.#askPair("costTable", body, {}, signal),
      detourBand: (body, signal) =>
        this.#askPair("detourBand", body, { cap: readCap(body) }, signal),
      cumulativeTile: (body, signal) =>
        this.#askPair("cumulativeTile", body, readTile(body), signal),
      setTokenizers: (body) => this.#setTokenizers(readTokenizers(body)),
      alignAgain: () => this.#alignAgain(),
    };
  }

  get title(): string {
    return vscode.l10n.t("Align · {0}", this.#fileName);
  }

  async snapshot(): Promise<Omit<AlignmentShow, "kept">> {
    const { settings, models, context } = this.#parts;
    const known = fittingModels(await models.list(), "tokenizers");
    const names = modelNames(known);
    const link = this.#link;
    const layer = matrixLayers.find((one) => one === context.workspaceState.get(layerKey));
    // The view takes a new picture for a fresh one: that the text is another is said after it.
    if (link.changed) setTimeout(() => this.#tellChanged(true), 0);
    return {
      revision: this.#revision,
      title: this.#header,
      restricted: !vscode.workspace.isTrusted,
      restore: { version: 1, link: link.stored(), ...this.#choice },
      tokenizers: viewModels(this.#choice, names),
      documents: link.titles.map((title, i) => ({
        title,
        bytes: utf8Length(link.texts[i] ?? ""),
      })),
      mode: "corrected",
      maxTokens: settings.get("alignment.maxTokens"),
      layer: layer ?? settings.get("alignment.layer"),
      followEdits: settings.get("alignment.followEdits"),
      known: known.map(({ folder, builtIn }) => {
        const name = names.get(folder) ?? folder;
        return { folder, name: builtIn ? vscode.l10n.t("{0} (built-in)", name) : name };
      }),
    };
  }

  chooseToken(range: TextRange): void {
    this.#marks.thing?.choose(range);
  }

  async revealText(range: TextRange | null): Promise<void> {
    await this.#marks.thing?.reveal(range);
  }

  async openAt(place: OpenAt): Promise<boolean> {
    switch (place.what) {
      case "tokenizers":
      case "models": {
        const choice = await askModels(this.#parts, "tokenizers", this.#choice);
        if (choice !== undefined) this.#take(choice);
        return true;
      }
      case "distributions": {
        const { uri, ranges } = this.#link;
        const { target, sources } = this.#choice;
        await this.#parts.commands.run("showFusedDistributions", {
          uri: uri.toString(),
          ranges: ranges.map(({ from, to }) => [from, to] as const),
          models: [target, ...sources],
          document: place.document,
          byte: place.byte,
        });
        return true;
      }
      default:
        return false;
    }
  }

  remember({ layer }: Readonly<Record<string, unknown>>): void {
    const known = matrixLayers.find((one): one is MatrixLayer => one === layer);
    if (known !== undefined) void this.#parts.context.workspaceState.update(layerKey, known);
  }

  onVisible(visible: boolean): void {
    this.#marks.thing?.setVisible(visible);
  }

  dispose(): void {
    this.#scope.dispose();
  }

  get #revision(): string {
    return `${this.#link.hash.slice(0, 12)}.${this.#number}.${this.#version}`;
  }

  get #fileName(): string {
    return path.posix.basename(this.#link.uri.path);
  }

  get #header(): string {
    const titles = this.#link.titles;
    return titles.length === 1
      ? `${this.#fileName} ${titles[0]}`
      : vscode.l10n.t("{0}, {1} selections", this.#fileName, titles.length);
  }

  #follow(link: TextLink): void {
    this.#link = link;
    this.#links.put(link);
    this.#marks.put(new TextMarks(link, this.#outlet));
    this.#watched.put(link.onChange((changed) => this.#tellChanged(changed)));
  }

  /** Opens the tokenizers while the view is being loaded. What is wrong with one is told when it is asked. */
  #warm(): void {
    for (const folder of [this.#choice.target, ...this.#choice.sources]) {
      this.#parts.inspector.call("loadTokenizer", { folder }).catch(() => undefined);
    }
  }

  #tellChanged(changed: boolean): void {
    this.#outlet.push("textChanged", { revision: this.#revision, changed });
  }

  #showAnew(): void {
    this.#version++;
    this.#outlet.refresh();
  }

  async #align(body: unknown, signal: AbortSignal): ReturnType<typeof alignDocument> {
    const { document, positions, range } = readAlignAsk(body, this.#sizes);
    const { inspector, settings } = this.#parts;
    const { target, sources } = this.#choice;
    const letters = this.#letters;
    const told = this.#work.begin("align");
    try {
      return await alignDocument(
        ((verb, question) => inspector.call(verb, question as never, { signal })) as AskInspector,
        {
          target,
          sources,
          text: this.#textOf(document),
          positions,
          ...(range === undefined ? {} : { range }),
          maxTokens: settings.get("alignment.maxTokens"),
        },
        {
          signal,
          tooLarge,
          onPair: (source) => told.name(`${letters[source]} → T`),
        },
      );
    } finally {
      told.end();
      this.#choosePlace(document);
    }
  }

  get #letters(): readonly string[] {
    return viewModels(this.#choice, new Map())
      .slice(1)
      .map(({ letter }) => letter);
  }

  async #askPair<Verb extends "costTable" | "detourBand" | "cumulativeTile">(
    verb: Verb,
    body: unknown,
    more: object,
    signal: AbortSignal,
  ): Promise<ReturnType<OwnAsks[Verb]>> {
    const { document, source, range } = readPairAsk(body, this.#sizes);
    const told = this.#work.begin(verb);
    told.name(vscode.l10n.t("Matrix {0} → T", this.#letters[source] ?? ""));
    try {
      const question = {
        target: this.#choice.target,
        source: this.#choice.sources[source],
        text: this.#textOf(document),
        ...(range === undefined ? {} : { range }),
        maxTokens: this.#parts.settings.get("alignment.maxTokens"),
        ...more,
      };
      const answer: unknown = await this.#parts.inspector.call(verb, question as never, { signal });
      return ownArrays(answer) as ReturnType<OwnAsks[Verb]>;
    } finally {
      told.end();
    }
  }

  get #sizes(): { documents: number; sources: number } {
    return { documents: this.#link.texts.length, sources: this.#choice.sources.length };
  }

  #textOf(document: number): string {
    const text = this.#link.texts[document];
    if (text !== undefined && !this.#link.lost) return text;
    throw new Problem(
      "stale",
      vscode.l10n.t("The text in the editor is another than the one that was aligned."),
      { next: vscode.l10n.t("Align again (r).") },
    );
  }

  #choosePlace(document: number): void {
    const place = this.#place;
    if (place?.document !== document) return;
    this.#place = undefined;
    setTimeout(() => this.#outlet.push("cursor", place), takingUp);
  }

  async #setTokenizers(choice: ModelChoice): Promise<null> {
    const known = fittingModels(await this.#parts.models.list(), "tokenizers");
    const folders = new Set(known.map(({ folder }) => folder));
    for (const folder of [this.#choice.target, ...this.#choice.sources]) folders.add(folder);
    const stranger = [choice.target, ...choice.sources].find((folder) => !folders.has(folder));
    if (stranger !== undefined) {
      throw new Problem(
        "missing",
        vscode.l10n.t("{0} is not among the known tokenizers.", stranger),
        { next: vscode.l10n.t("Add its folder first.") },
      );
    }
    await rememberModels(this.#parts, "tokenizers", choice);
    this.#take(choice);
    return null;
  }

  #take(choice: ModelChoice): void {
    this.#choice = choice;
    this.#warm();
    this.#showAnew();
  }

  #alignAgain(): null {
    const link = this.#link.again();
    if (link.texts.some((text) => text === "")) {
      link.dispose();
      throw new Problem("badInput", vscode.l10n.t("Nothing is left of the text."), {
        next: vscode.l10n.t("Select some text and align it."),
      });
    }
    this.#follow(link);
    this.#showAnew();
    return null;
  }
}

function tooLarge(): Problem {
  return new Problem(
    "tooLarge",
    vscode.l10n.t("The tokens of this text are more than one message to the view can carry."),
    { next: vscode.l10n.t("Align a part of the text, or fewer tokenizers.") },
  );
}
