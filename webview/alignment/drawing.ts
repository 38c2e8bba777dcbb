/**
 * The parts of the view that show something, filled from what the session knows and the chooser chose. Nothing is
 * decided here but what goes where, and why there is nothing where nothing can be drawn.
 */
import type { AlignmentShow, MatrixLayer } from "../../src/protocol/alignmentView.ts";
import type { ViewDocument } from "../../src/protocol/views.ts";
import { make } from "../shared/dom.ts";
import { type Action, type Frame, sentenceOf } from "../shared/frame.ts";
import { readTheme } from "../shared/theme.ts";
import { pairOfLetter } from "./alignedText.ts";
import { type CellFacts, cellFacts, said } from "./cellFacts.ts";
import type { Chooser } from "./chooser.ts";
import { costCap } from "./costScale.ts";
import { detailContent } from "./detailPane.ts";
import { sumFigures, textFigures } from "./figures.ts";
import type { FiguresTable } from "./figuresTable.ts";
import type { Cell, MatrixPlace } from "./geometry/matrix.ts";
import { type LayerView, layerView, undetermined } from "./matrixLayerView.ts";
import type { MatrixPanel } from "./matrixPanel.ts";
import type { MatrixView } from "./matrixView.ts";
import type { RibbonView } from "./ribbonView.ts";
import type { AlignmentSession, WarpState } from "./session.ts";
import { type Ways, wayOut } from "./showState.ts";
import {
  cellSentence,
  differenceSentence,
  identicalText,
  plural,
  refusedText,
  undeterminedText,
} from "./strings.ts";
import { tokenCount } from "./tokenTrack.ts";

export interface DrawingParts {
  readonly show: () => AlignmentShow | undefined;
  readonly ways: Ways;
  readonly frame: Frame;
  readonly session: AlignmentSession;
  readonly chooser: Chooser;
  readonly matrix: MatrixView;
  readonly panel: MatrixPanel;
  readonly ribbon: RibbonView;
  readonly figures: FiguresTable;
  readonly onError: (error: unknown) => void;
}

export class Drawing {
  readonly #parts: DrawingParts;
  layer: MatrixLayer = "detour";
  #layerView: LayerView | undefined;
  #sumsAll = true;
  pinned: ReadonlySet<string> = new Set();

  constructor(parts: DrawingParts) {
    this.#parts = parts;
  }

  get layerView(): LayerView | undefined {
    return this.#layerView;
  }

  /** Whether the matrix has cells to show, now or soon. */
  get awaitsCells(): boolean {
    const { session, chooser } = this.#parts;
    if (chooser.pair?.dtw === undefined) return session.warp === "working";
    return session.costs(chooser.source)?.problem === undefined;
  }

  label(side: "source" | "target", token: number): string {
    const { session, chooser } = this.#parts;
    const track = side === "target" ? session.text?.target : chooser.pair?.source;
    const bytes = session.text?.bytes;
    return track === undefined || bytes === undefined ? "" : said(track, token, bytes).shown;
  }

  /** @param place where the matrix stood, for one that is shown again */
  drawPair(place?: MatrixPlace): void {
    const { session, chooser, matrix, panel } = this.#parts;
    const { pair } = chooser;
    const why = this.#whyNoMatrix();
    panel.explain(why?.sentences, why?.action);
    matrix.setPair(why === undefined ? pair : undefined, place);
    session.loadCosts(chooser.source);
    this.drawLayer();
    this.drawRibbon();
    this.drawFigures();
    this.drawNotices();
  }

  /** Why a source shows nothing, by letter. */
  sourceNotes(): Readonly<Record<string, string>> {
    const notes: Record<string, string> = {};
    for (const source of this.#parts.session.text?.sources ?? []) {
      if (source.kind === "identical") notes[source.letter] = "same tokenizer as T";
      if (source.kind === "unreadable") notes[source.letter] = source.problem.message;
    }
    return notes;
  }

  drawRibbon(): void {
    const { session, chooser, ribbon } = this.#parts;
    ribbon.setText(session.whole, chooser.source, this.pinned);
  }

  togglePin(letter: string): void {
    const pinned = new Set(this.pinned);
    if (!pinned.delete(letter)) pinned.add(letter);
    this.pinned = pinned;
    this.drawRibbon();
  }

  /** Costs of the shown source have come, or a reason why not. */
  drawCosts(): void {
    this.drawLayer();
    this.drawNotices();
    this.drawChoice(false);
  }

  /** Colours, and maybe fonts, are others. */
  drawTheme(): void {
    this.drawLayer();
    this.#parts.ribbon.layOutAgain();
    this.repaint();
  }

  repaint(): void {
    this.#parts.matrix.repaint();
    this.#parts.ribbon.repaint();
  }

  drawLayer(): void {
    const { session, chooser, matrix, panel } = this.#parts;
    const { pair, source } = chooser;
    panel.setLayer(this.layer);
    if (pair === undefined) return;
    const theme = readTheme();
    const costs = session.costs(source);
    const { rows, columns } = { rows: tokenCount(pair.source), columns: tokenCount(pair.target) };
    this.#layerView = layerView({
      layer: this.layer,
      pair,
      costs,
      theme,
      cumulative: (tile) => session.cumulative(source, tile, rows, columns),
      onTile: () => matrix.repaint(),
      onError: this.#parts.onError,
    });
    const { scale, tiles, note } = this.#layerView;
    panel.setScale(scale, theme, note);
    matrix.setTiles(tiles);
  }

  drawNotices(): void {
    const { session, chooser, frame, show } = this.#parts;
    const notices: string[] = [];
    if (show()?.restricted)
      notices.push("This workspace is not trusted: tokenizers of its own folders are left alone.");
    for (const source of session.text?.sources ?? []) {
      if (source.kind === "identical") notices.push(identicalText(source.letter));
      if (source.kind === "unreadable")
        notices.push(`${source.letter} (${source.name}): ${source.problem.message}`);
    }
    const costs = session.costs(chooser.source);
    if (costs?.problem !== undefined) notices.push(sentenceOf(costs.problem));
    if (session.warp === "cancelled")
      notices.push("DTW was cancelled: what is shown is what bytes say. r aligns again.");
    const { pair } = chooser;
    const share = pair === undefined ? 0 : undetermined(pair, costs);
    if (share > undeterminedFrom) notices.push(undeterminedText(share));
    frame.notices(notices);
  }

  drawFigures(): void {
    const { session, chooser, figures } = this.#parts;
    const documents = this.#parts.show()?.documents ?? [];
    const { part, text } = session;
    const isSum = documents.length > 1 && this.#sumsAll && part === undefined;
    const known = [...session.figures.values()];
    const own = text === undefined ? [] : (session.figures.get(session.document) ?? []);
    const shown = part !== undefined && text !== undefined ? textFigures(text) : own;
    const other = {
      label: isSum ? "this one" : `all ${documents.length}`,
      run: () => {
        this.#sumsAll = !this.#sumsAll;
        this.drawFigures();
      },
    };
    figures.set({
      figures: isSum ? sumFigures(known) : shown,
      chosen: chooser.source,
      of: this.#scope(isSum, known.length, documents),
      ...(documents.length > 1 && part === undefined ? { other } : {}),
      withoutDtw: isSum && session.warp === "done" ? partlyWithoutDtw : withoutDtw[session.warp],
    });
  }

  #scope(isSum: boolean, known: number, documents: readonly ViewDocument[]): string {
    const { session } = this.#parts;
    if (session.part !== undefined) return "the visible part";
    if (documents.length < 2) return "";
    if (!isSum) return `document ${session.document + 1} of ${documents.length}`;
    const all = plural(documents.length, "document");
    return known < documents.length ? `${known} of ${all}` : `all ${all}`;
  }

  /** All parts show what is chosen. */
  drawChoice(reveal: boolean): void {
    const { session, chooser, matrix, ribbon, frame } = this.#parts;
    const { text } = session;
    if (text === undefined) return;
    matrix.choose(chooser.cell, reveal);
    ribbon.choose(this.#lit(chooser.cell, chooser.token), reveal);
    const facts = this.facts(chooser.cell);
    frame.detail.replaceChildren(
      facts === undefined
        ? make("p", "muted", this.sentence())
        : detailContent(facts, text.bytes, costCap),
    );
    frame.say(this.sentence());
  }

  /** What the pointer is at, in all parts. */
  drawPointed(cell: Cell | undefined): void {
    const { matrix, ribbon } = this.#parts;
    matrix.point(cell);
    ribbon.point(cell === undefined ? new Map() : this.#lit(cell, cell.column));
  }

  facts(cell: Cell | undefined): CellFacts | undefined {
    const { session, chooser } = this.#parts;
    const { pair } = chooser;
    if (cell === undefined || pair === undefined || session.text === undefined) return undefined;
    const costs = session.costs(chooser.source);
    return cellFacts(pair, session.text.bytes, cell, { table: costs?.table, band: costs?.band });
  }

  /** The status line. */
  sentence(): string {
    const { session, chooser } = this.#parts;
    const { text } = session;
    if (text === undefined) return "";
    if (tokenCount(text.target) === 0) return "The text is empty: there are no tokens.";
    const facts = this.facts(chooser.cell);
    if (facts === undefined) {
      const token = `target "${this.label("target", chooser.token)}", column ${chooser.token}`;
      const source = text.sources.find(({ letter }) => letter === chooser.source);
      if (source?.kind === "identical") return `${token}; ${identicalText(source.letter)}`;
      if (source?.kind === "unreadable") return `${token}; ${source.problem.message}`;
      return token;
    }
    const { difference } = chooser;
    return difference === undefined
      ? cellSentence(facts, costCap)
      : differenceSentence(facts, difference.index, difference.of);
  }

  /** Why `n` and `p` lead nowhere. */
  noDifferences(): string {
    const { session, chooser } = this.#parts;
    return chooser.pair?.outcome === undefined
      ? `There are no differences to walk: DTW ${withoutDtw[session.warp]}.`
      : "No difference: DTW and bytes give the same answers.";
  }

  /** Tokens to be lit in the ribbon, which shows the whole text. */
  #lit(cell: Cell | undefined, token: number): ReadonlyMap<string, number> {
    const { session, chooser } = this.#parts;
    const { pair } = chooser;
    const target = session.text?.target;
    const lit = new Map<string, number>();
    if (target !== undefined) lit.set(target.letter, target.first + token);
    if (cell !== undefined && pair !== undefined)
      lit.set(pair.source.letter, pair.source.first + cell.row);
    return lit;
  }

  #whyNoMatrix(): { readonly sentences: readonly string[]; readonly action?: Action } | undefined {
    const { session, chooser, ribbon } = this.#parts;
    const { text } = session;
    if (text === undefined) return undefined;
    const source = text.sources.find(({ letter }) => letter === chooser.source);
    if (tokenCount(text.target) === 0) return { sentences: ["The text is empty."] };
    if (source?.kind === "identical") return { sentences: [identicalText(source.letter)] };
    if (source?.kind === "unreadable") {
      const { message, next } = source.problem;
      const sentences = next === undefined ? [message] : [message, next];
      return { sentences, action: wayOut(source.problem, this.#parts.ways) };
    }
    const pair = pairOfLetter(text, chooser.source);
    if (pair === undefined) return { sentences: ["There is no source to align."] };
    if (pair.dtw !== undefined) return undefined;
    const { warpProblem } = pair;
    if (warpProblem === undefined && session.warp !== "tooLarge") return undefined;
    const [rows, columns] = [tokenCount(pair.source), tokenCount(pair.target)];
    const why =
      warpProblem?.message ?? refusedText(rows, columns, this.#parts.show()?.maxTokens ?? 0);
    const action = {
      label: "Align the visible part",
      run: () => session.alignPart(ribbon.visibleBytes),
    };
    return { sentences: [why, "Bytes and ribbon are shown for the whole text."], action };
  }
}

/** Share of cells on cheapest paths from which the costs are said to decide little. */
const undeterminedFrom = 0.1;

const partlyWithoutDtw = "not known for every document";

/** Why the figures of DTW are missing. */
const withoutDtw: Readonly<Record<WarpState, string>> = {
  none: "not asked yet",
  working: "at work…",
  done: "none for this text",
  tooLarge: "too many tokens: see below",
  cancelled: "cancelled",
};
