/** Selections of a document as models read them: each by itself, linked to the editor as far as NFC allows. */
import { randomUUID } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { utf8Length } from "../../core/text/bytes.ts";
import type { DocumentFigures } from "../../protocol/distributionsView.ts";
import type { FuseTextBody } from "../../protocol/inspector.ts";
import type { CommonEvents, OpenAt, TextRange } from "../../protocol/views.ts";
import { askModels, rememberModels } from "../askModels.ts";
import { Scope, Slot } from "../lifetimes.ts";
import { fittingModels, type ModelChoice, modelNames, viewModels } from "../modelChoice.ts";
import type { Parts } from "../parts.ts";
import type { TextLink } from "../textLink.ts";
import { TextMarks } from "../textMarks.ts";
import type { ViewOutlet } from "../viewPanel.ts";
import { obstaclesFor, selectionPresets } from "./controls.ts";
import { type NfcPlaces, nfcPlaces } from "./nfcPlaces.ts";
import type { Origin, OriginShow } from "./origin.ts";

export interface SelectionStart {
  readonly link: TextLink;
  readonly choice: ModelChoice;
  /** A byte of a document that is chosen once the text is read. */
  readonly place?: { readonly document: number; readonly byte: number } | undefined;
  /** Before a reload: `Reading` as it was stored. */
  readonly reading?: unknown;
}

/** Which panel's text, and how often it was read anew. A reload goes on with it, so that the view finds its place. */
interface Reading {
  readonly id: string;
  readonly version: number;
}

/** Milliseconds without an edit after which a text is read again by itself, if it has at most so many tokens. */
const calmAfterEdits = 400;
const mostFollowed = 1000;

/** Milliseconds after an answer at which the view has taken it up. */
const takingUp = 100;

export class SelectionOrigin implements Origin {
  readonly kind = "selection";
  readonly #parts: Parts;
  readonly #outlet: ViewOutlet;
  readonly #scope = new Scope();
  readonly #marks = this.#scope.own(new Slot<TextMarks>());
  readonly #watched = this.#scope.own(new Slot<vscode.Disposable>());
  readonly #links = this.#scope.own(new Slot<TextLink>());
  #link: TextLink;
  #places: readonly (NfcPlaces | undefined)[] = [];
  #choice: ModelChoice;
  #place: SelectionStart["place"];
  #reading: Reading;
  /** Of the documents answered for; what a text had before, while it is read again. */
  readonly #tokens = new Map<number, number>();
  #calm: NodeJS.Timeout | undefined;

  constructor(parts: Parts, outlet: ViewOutlet, { link, choice, place, reading }: SelectionStart) {
    this.#parts = parts;
    this.#outlet = outlet;
    this.#choice = choice;
    this.#place = place;
    this.#reading = isReading(reading) ? reading : { id: randomUUID(), version: 1 };
    this.#link = link;
    this.#follow(link);
    this.#scope.own(parts.models.onChange(() => outlet.refresh()));
  }

  get title(): string {
    return vscode.l10n.t("Fused · {0}", path.posix.basename(this.#link.uri.path));
  }

  async show(): Promise<OriginShow> {
    const names = modelNames(await this.#parts.models.list());
    const link = this.#link;
    // The view takes a new picture for a fresh one: that the text is another is said after it.
    if (link.changed) setTimeout(() => this.#tellChanged(true), 0);
    return {
      revision: this.#revision,
      title: this.#header,
      restore: { version: 1, link: link.stored(), ...this.#choice, reading: this.#reading },
      origin: "selection",
      models: viewModels(this.#choice, names),
      documents: link.titles.map((title, i) => ({
        title,
        bytes: utf8Length(link.texts[i] ?? ""),
      })),
      resetTo: selectionPresets.corrected,
      presets: selectionPresets,
      disabled: {},
      obstacles: obstaclesFor(
        vscode.l10n.t("a selection is no packed block: what would be fused per block is one chunk"),
      ),
    };
  }

  question(document: number): FuseTextBody {
    const text = this.#link.texts[document];
    if (text === undefined) {
      throw new Problem("badInput", vscode.l10n.t("There is no selection {0}.", document + 1));
    }
    if (this.#link.lost) {
      throw new Problem("stale", vscode.l10n.t("The text in the editor is another than before."), {
        next: vscode.l10n.t("Read it again (r)."),
      });
    }
    return { ...this.#choice, text };
  }

  answered(document: number, { positions }: DocumentFigures): void {
    this.#tokens.set(document, positions);
    const place = this.#place;
    if (place?.document !== document) return;
    this.#place = undefined;
    setTimeout(() => this.#pushCursor(place), takingUp);
  }

  async setModels(choice: ModelChoice): Promise<void> {
    const known = fittingModels(await this.#parts.models.list(), "models");
    const folders = new Set(known.map(({ folder }) => folder));
    const stranger = [choice.target, ...choice.sources].find((folder) => !folders.has(folder));
    if (stranger !== undefined) {
      throw new Problem("missing", vscode.l10n.t("{0} is not among the known models.", stranger), {
        next: vscode.l10n.t("Add its folder first."),
      });
    }
    await rememberModels(this.#parts, "models", choice);
    this.#take(choice);
  }

  readAgain(): void {
    const link = this.#link.again();
    if (link.texts.some((text) => text === "")) {
      link.dispose();
      throw new Problem("badInput", vscode.l10n.t("Nothing is left of the text."), {
        next: vscode.l10n.t("Select some text and show it again."),
      });
    }
    this.#link = link;
    this.#follow(link);
    this.#showAnew();
  }

  async openAt(place: OpenAt): Promise<boolean> {
    switch (place.what) {
      case "models":
      case "tokenizers": {
        const choice = await askModels(this.#parts, "models", this.#choice);
        if (choice !== undefined) this.#take(choice);
        return true;
      }
      case "alignment": {
        const { uri, ranges } = this.#link;
        const { target, sources } = this.#choice;
        const places = this.#places[place.document];
        await this.#parts.commands.run("alignTokenizers", {
          uri: uri.toString(),
          ranges: ranges.map(({ from, to }) => [from, to] as const),
          models: [target, ...sources],
          document: place.document,
          byte: places?.toText(place.byte, place.byte).from ?? place.byte,
        });
        return true;
      }
      default:
        return false;
    }
  }

  chooseToken(range: TextRange): void {
    const found = this.#inText(range);
    if (found !== undefined) this.#marks.thing?.choose(found);
  }

  async revealText(range: TextRange | null): Promise<void> {
    await this.#marks.thing?.reveal(range === null ? null : (this.#inText(range) ?? null));
  }

  onVisible(visible: boolean): void {
    this.#marks.thing?.setVisible(visible);
  }

  dispose(): void {
    clearTimeout(this.#calm);
    this.#scope.dispose();
  }

  get #revision(): string {
    const { id, version } = this.#reading;
    return `${this.#link.hash.slice(0, 12)}.${id}.${version}`;
  }

  get #header(): string {
    const { titles, uri } = this.#link;
    const file = path.posix.basename(uri.path);
    return titles.length === 1
      ? `${file} ${titles[0]}`
      : vscode.l10n.t("{0}, {1} selections", file, titles.length);
  }

  #follow(link: TextLink): void {
    const outlet = this.#outlet;
    this.#links.put(link);
    this.#places = link.texts.map(nfcPlaces);
    this.#marks.put(
      new TextMarks(link, {
        get visible() {
          return outlet.visible;
        },
        push: (verb, body) => {
          if (verb === "cursor") this.#pushCursor(body as CommonEvents["cursor"]);
        },
      }),
    );
    this.#watched.put(link.onChange((changed) => this.#edited(changed)));
  }

  /** In bytes of what the models read. */
  #pushCursor(place: CommonEvents["cursor"]): void {
    const places = place === null ? undefined : this.#places[place.document];
    const told =
      place === null || places === undefined
        ? null
        : { document: place.document, byte: places.toNfc(place.byte) };
    this.#outlet.push("cursor", told);
  }

  #inText({ document, from, to }: TextRange): TextRange | undefined {
    const places = this.#places[document];
    return places && { document, ...places.toText(from, to) };
  }

  #edited(changed: boolean): void {
    this.#tellChanged(changed);
    clearTimeout(this.#calm);
    const { settings } = this.#parts;
    const tokens = [...this.#tokens.values()].reduce((sum, count) => sum + count, 0);
    const isFollowed =
      tokens > 0 && tokens <= mostFollowed && settings.get("alignment.followEdits");
    if (!changed || !isFollowed || this.#link.lost) return;
    this.#calm = setTimeout(() => this.#readFollowed(), calmAfterEdits);
  }

  #readFollowed(): void {
    const isEmpty = this.#link.ranges.some(({ from, to }) => from === to);
    if (this.#link.changed && this.#outlet.visible && !isEmpty) this.readAgain();
  }

  #tellChanged(changed: boolean): void {
    this.#outlet.push("textChanged", { revision: this.#revision, changed });
  }

  #take(choice: ModelChoice): void {
    this.#choice = choice;
    this.#tokens.clear();
    this.#showAnew();
  }

  #showAnew(): void {
    const { id, version } = this.#reading;
    this.#reading = { id, version: version + 1 };
    this.#outlet.refresh();
  }
}

/** It comes from what the view stored, like any other input from outside. */
function isReading(value: unknown): value is Reading {
  if (typeof value !== "object" || value === null) return false;
  const { id, version } = value as Partial<Record<keyof Reading, unknown>>;
  return typeof id === "string" && /^[\da-f-]{36}$/.test(id) && Number.isSafeInteger(version);
}
