/**
 * What the view has asked and been answered: the shown document's alignment, first by bytes where the text is long,
 * then with DTW; the costs of the shown source; and the figures of the other documents, for sums. One piece of work a
 * surface: what is no longer wanted is cancelled.
 */
import { Problem } from "../../src/core/problem.ts";
import type {
  AlignmentAsks,
  AlignmentShow,
  CostTable,
  CumulativeTile,
  DetourBand,
} from "../../src/protocol/alignmentView.ts";
import type { Host } from "../shared/host.ts";
import { Latest } from "../shared/latest.ts";
import { type AlignedText, alignedText } from "./alignedText.ts";
import { costCap } from "./costScale.ts";
import { type SourceFigures, textFigures } from "./figures.ts";
import { type TilePlace, tileCells, tileSide } from "./matrixLayers.ts";
import { type Span, tokenCount } from "./tokenTrack.ts";

/** Texts up to so many bytes have at most as many tokens: bytes and DTW are asked for at once. */
const atOnceBytes = 4000;

export interface PairCosts {
  readonly table: CostTable | undefined;
  readonly band: DetourBand | undefined;
  /** Why one of them is not there. */
  readonly problem: Problem | undefined;
}

/** Where DTW of the shown document stands. */
export type WarpState = "none" | "working" | "done" | "tooLarge" | "cancelled";

export interface SessionEvents {
  /** What is shown has changed: another text, or DTW was added. */
  readonly onText: () => void;
  readonly onCosts: (letter: string) => void;
  /** Of another document, or why they are missing. */
  readonly onFigures: () => void;
  readonly onWorking: (what: string | null) => void;
  readonly onError: (error: unknown) => void;
  /** It was cancelled before anything was known. */
  readonly onNothing: () => void;
}

export class AlignmentSession {
  readonly #host: Host<AlignmentAsks>;
  readonly #events: SessionEvents;
  readonly #aligning = new Latest();
  readonly #costing = new Latest();
  readonly #summing = new Latest();
  readonly #texts = new Map<number, AlignedText>();
  readonly #figures = new Map<number, readonly SourceFigures[]>();
  readonly #costs = new Map<string, PairCosts>();
  #show: AlignmentShow | undefined;
  #document = 0;
  #part: { readonly text: AlignedText; readonly range: Span } | undefined;
  #warp: WarpState = "none";
  /** The source whose costs are being waited for. */
  #costed: string | undefined;

  constructor(host: Host<AlignmentAsks>, events: SessionEvents) {
    this.#host = host;
    this.#events = events;
  }

  get document(): number {
    return this.#document;
  }

  get warp(): WarpState {
    return this.#warp;
  }

  /** The whole text of the shown document. */
  get whole(): AlignedText | undefined {
    return this.#texts.get(this.#document);
  }

  /** The part that was aligned where the whole is too large. */
  get part(): Span | undefined {
    return this.#part?.range;
  }

  /** What is aligned as well as it can be: the part, else the whole. */
  get text(): AlignedText | undefined {
    return this.#part?.text ?? this.whole;
  }

  /** By document, those known so far. */
  get figures(): ReadonlyMap<number, readonly SourceFigures[]> {
    return this.#figures;
  }

  costs(letter: string): PairCosts | undefined {
    return this.#costs.get(letter);
  }

  /** Another text, or other tokenizers: what was known is forgotten. */
  open(show: AlignmentShow, document: number): void {
    this.#show = show;
    this.#texts.clear();
    this.#figures.clear();
    this.load(Math.min(document, Math.max(0, show.documents.length - 1)));
  }

  /** Shown again: what was left off while it was hidden goes on. */
  resume(): void {
    if (this.whole !== undefined) void this.#guarded(() => this.#sumUp());
  }

  load(document: number): void {
    this.#document = document;
    this.#part = undefined;
    this.#costs.clear();
    this.#costing.cancel();
    this.#costed = undefined;
    this.#summing.cancel();
    this.#warp = "none";
    void this.#guarded(async () => {
      if (this.whole === undefined) await this.#align();
      else this.#settle(this.whole);
      await this.#sumUp();
    });
  }

  /** Ends what is being waited for; what is known stays. */
  cancel(): void {
    if (this.#warp === "working") this.#cancelWarp();
    else if (this.#costed !== undefined) this.#cancelCosts(this.#costed);
    else if (this.#aligning.isBusy) {
      this.#aligning.cancel();
      this.#events.onWorking(null);
      if (this.whole === undefined) this.#events.onNothing();
    }
  }

  #cancelCosts(letter: string): void {
    this.#costing.cancel();
    this.#events.onWorking(null);
    const problem = new Problem("cancelled", "The costs were cancelled: r aligns again.");
    this.#costs.set(letter, { table: undefined, band: undefined, problem });
    this.#events.onCosts(letter);
  }

  #cancelWarp(): void {
    this.#aligning.cancel();
    this.#warp = "cancelled";
    this.#events.onWorking(null);
    this.#events.onText();
    void this.#guarded(() => this.#sumUp());
  }

  /** DTW after all, where it was cancelled. */
  alignWarp(): void {
    void this.#guarded(() => this.#addWarp());
  }

  /** DTW of a part of a text that is too large as a whole. */
  alignPart(range: Span): void {
    void this.#guarded(async () => {
      this.#events.onWorking("Aligning the visible part");
      const body = { document: this.#document, positions: "both", range } as const;
      const answer = await this.#aligning.run((signal) =>
        this.#host.call("align", body, { signal }),
      );
      this.#events.onWorking(null);
      if (answer === undefined || this.#show === undefined) return;
      const text = alignedText(answer, this.#show.tokenizers, this.whole, range);
      this.#part = { text, range };
      this.#costs.clear();
      this.#warp = "done";
      this.#events.onText();
    });
  }

  /** The whole text again, by bytes. */
  leavePart(): void {
    if (this.#part === undefined || this.whole === undefined) return;
    this.#part = undefined;
    this.#costs.clear();
    this.#settle(this.whole);
  }

  /** Local costs and detours of a source, once. */
  loadCosts(letter: string): void {
    const show = this.#show;
    if (show === undefined || this.#costs.has(letter) || this.#warp !== "done") return;
    const source = show.tokenizers.findIndex((model) => model.letter === letter) - 1;
    const pair = { document: this.#document, source, ...this.#range() };
    void this.#guarded(async () => {
      this.#costed = letter;
      const costs = await this.#costing.run(async (signal): Promise<PairCosts> => {
        const [table, band] = await Promise.allSettled([
          this.#host.call("costTable", pair, { signal }),
          this.#host.call("detourBand", { ...pair, cap: costCap }, { signal }),
        ]);
        const failure = [table, band].find((one) => one.status === "rejected");
        return {
          table: table.status === "fulfilled" ? table.value : undefined,
          band: band.status === "fulfilled" ? band.value : undefined,
          problem: failure?.reason,
        };
      });
      if (costs === undefined) return;
      this.#costed = undefined;
      this.#costs.set(letter, costs);
      this.#events.onCosts(letter);
    });
  }

  /** One tile of cumulative costs, by the place of a tile of the picture. */
  async cumulative(
    letter: string,
    place: TilePlace,
    rows: number,
    columns: number,
  ): Promise<Float32Array> {
    const source = (this.#show?.tokenizers.findIndex((model) => model.letter === letter) ?? 0) - 1;
    const cells = tileCells(place, rows, columns);
    const tile: CumulativeTile = await this.#host.call("cumulativeTile", {
      document: this.#document,
      source,
      ...this.#range(),
      row: cells.row0,
      column: cells.column0,
      rows: cells.row1 - cells.row0,
      columns: cells.column1 - cells.column0,
      step: 1 << place.level,
    });
    const across = Math.ceil(tile.columns / tile.step);
    const whole = new Float32Array(tileSide * tileSide).fill(Number.POSITIVE_INFINITY);
    for (let row = 0; row * across < tile.cells.length; row++)
      whole.set(tile.cells.subarray(row * across, (row + 1) * across), row * tileSide);
    return whole;
  }

  #range(): { readonly range?: Span } {
    return this.#part === undefined ? {} : { range: this.#part.range };
  }

  async #align(): Promise<void> {
    const show = this.#show;
    const document = this.#document;
    if (show === undefined || show.documents.length === 0) return;
    const isShort = show.documents[document].bytes <= Math.min(atOnceBytes, show.maxTokens);
    this.#events.onWorking("Aligning");
    const positions = isShort ? "both" : "bytes";
    const answer = await this.#aligning.run((signal) =>
      this.#host.call("align", { document, positions }, { signal }),
    );
    if (answer === undefined) return;
    this.#events.onWorking(null);
    const text = alignedText(answer, show.tokenizers);
    this.#texts.set(document, text);
    this.#settle(text);
    if (this.#warp === "none") await this.#addWarp();
  }

  async #addWarp(): Promise<void> {
    const show = this.#show;
    const document = this.#document;
    if (show === undefined) return;
    this.#warp = "working";
    this.#events.onFigures();
    this.#events.onWorking("Warping (DTW)");
    const answer = await this.#aligning.run((signal) =>
      this.#host.call("align", { document, positions: "both" }, { signal }),
    );
    if (answer === undefined) return;
    this.#events.onWorking(null);
    const text = alignedText(answer, show.tokenizers);
    this.#texts.set(document, text);
    this.#settle(text);
  }

  /** What is known of a text is shown; whether more can be had. */
  #settle(text: AlignedText): void {
    const pairs = text.sources.flatMap((source) =>
      source.kind === "aligned" ? [source.pair] : [],
    );
    const most = this.#show?.maxTokens ?? 0;
    const isTooLarge = pairs.some(
      ({ source, target }) => tokenCount(source) > most || tokenCount(target) > most,
    );
    const isWarped = pairs.every(({ dtw, warpProblem }) => dtw ?? warpProblem);
    this.#warp = isWarped ? "done" : isTooLarge ? "tooLarge" : "none";
    this.#figures.set(this.#document, textFigures(text));
    this.#events.onText();
  }

  /** The other documents, one after the other; their texts are not kept. */
  async #sumUp(): Promise<void> {
    const show = this.#show;
    if (show === undefined) return;
    await this.#summing.run(async (signal) => {
      for (const document of show.documents.keys()) {
        if (this.#figures.has(document) || !this.#host.visible) continue;
        // Of one that is too large the host tells what bytes say.
        const body = { document, positions: "both" } as const;
        const answer = await this.#host.call("align", body, { signal });
        if (signal.aborted) return;
        this.#figures.set(document, textFigures(alignedText(answer, show.tokenizers)));
        this.#events.onFigures();
      }
    });
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#events.onWorking(null);
      this.#events.onError(error);
    }
  }
}
