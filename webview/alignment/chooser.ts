/**
 * What is chosen in the view: a source, a target token, and with them a cell of the matrix. Every way of choosing
 * (pointer, keys, the cursor in the editor, the table) ends here, and all parts are told the same.
 */
import { type AlignedText, type Pair, pairOfLetter } from "./alignedText.ts";
import { differenceAt, differences, nextDifference } from "./differences.ts";
import type { Cell } from "./geometry/matrix.ts";
import { alongPath, cellOfByte, cellOfSource, cellOfTarget, movedCell } from "./selection.ts";
import { tokenAt, tokenCount, tokenSpan } from "./tokenTrack.ts";

/**
 * Who chose. What the editor chose (or what is only chosen again after a reload) is not told it; what the view chose by
 * itself gives way to the first difference, once that is known.
 */
export type ChosenBy = "reader" | "editor" | "view";

export interface ChooserEvents {
  readonly onSource: () => void;
  readonly onChoose: (by: ChosenBy) => void;
}

export class Chooser {
  readonly #events: ChooserEvents;
  #text: AlignedText | undefined;
  #source = "";
  #cell: Cell | undefined;
  #token = 0;
  #by: ChosenBy = "view";
  #differences: Int32Array = new Int32Array(0);
  #asDifference = false;
  /** Left and right go along the path. */
  follows = false;

  constructor(events: ChooserEvents) {
    this.#events = events;
  }

  get source(): string {
    return this.#source;
  }

  get pair(): Pair | undefined {
    return this.#text && pairOfLetter(this.#text, this.#source);
  }

  /** `undefined` where the source is not aligned. */
  get cell(): Cell | undefined {
    return this.#cell;
  }

  /** Index among the text's target tokens; −1 where there are none. */
  get token(): number {
    return this.#token;
  }

  get byte(): number {
    const target = this.#text?.target;
    return target === undefined || this.#token < 0 ? 0 : tokenSpan(target, this.#token).from;
  }

  /** Where the chosen token stands among the differences, if it was reached as one. */
  get difference(): { readonly index: number; readonly of: number } | undefined {
    const index = this.#asDifference ? differenceAt(this.#differences, this.#token) : -1;
    return index < 0 ? undefined : { index, of: this.#differences.length };
  }

  /** The next text is another one: no place in it has been chosen yet. */
  forget(): void {
    this.#text = undefined;
    this.#by = "view";
  }

  /**
   * Another text, or more of it. What was chosen is chosen again by its place in the text, else the first difference.
   *
   * @param cell from before a reload
   */
  setText(text: AlignedText, source: string, cell?: Cell): void {
    const byte = this.#text !== undefined && this.#by !== "view" ? this.byte : undefined;
    this.#text = text;
    const isKnown = text.sources.some(({ letter }) => letter === source);
    this.#source = isKnown ? source : (text.sources[0]?.letter ?? "");
    this.#differences = this.pair === undefined ? new Int32Array(0) : differences(this.pair);
    if (cell !== undefined && this.#holds(cell)) this.#take(cell, "editor");
    else if (byte !== undefined) this.chooseByte(byte, this.#by === "reader" ? "editor" : this.#by);
    else this.#chooseFirst();
  }

  chooseSource(letter: string): void {
    const text = this.#text;
    if (text === undefined || letter === this.#source) return;
    if (!text.sources.some((source) => source.letter === letter)) return;
    this.#source = letter;
    this.#differences = this.pair === undefined ? new Int32Array(0) : differences(this.pair);
    // The old cell's row is one of the other source's, which may have more of them.
    const { pair } = this;
    this.#cell = pair && this.#token >= 0 ? cellOfTarget(pair, this.#token) : undefined;
    this.#asDifference = false;
    this.#events.onSource();
    if (this.#by !== "view") this.#chooseTarget(this.#token, "editor");
    else this.#chooseFirst();
  }

  /** The next source, or the one before. */
  stepSource(by: number): void {
    const letters = this.#text?.sources.map(({ letter }) => letter) ?? [];
    const at = Math.min(letters.length - 1, Math.max(0, letters.indexOf(this.#source) + by));
    if (at >= 0) this.chooseSource(letters[at]);
  }

  chooseCell(cell: Cell, by: ChosenBy = "reader"): void {
    if (this.#holds(cell)) this.#take(cell, by);
  }

  /** A token of the target or of a source, by its index among those of the text. */
  chooseToken(letter: string, token: number, by: ChosenBy = "reader"): void {
    if (letter === this.#text?.target.letter) {
      this.#chooseTarget(token, by);
      return;
    }
    this.chooseSource(letter);
    if (this.pair !== undefined) this.#take(cellOfSource(this.pair, token), by);
  }

  chooseByte(byte: number, by: ChosenBy): void {
    if (this.pair !== undefined && tokenCount(this.pair.target) > 0)
      this.#take(cellOfByte(this.pair, byte), by);
    else if (this.#text !== undefined) this.#chooseTarget(tokenAt(this.#text.target, byte), by);
  }

  nextDifference(direction: -1 | 1): boolean {
    const index = nextDifference(this.#differences, this.#token, direction);
    if (index < 0) return false;
    this.#takeDifference(index, "reader");
    return true;
  }

  move(dx: number, dy: number): void {
    const { pair } = this;
    if (pair === undefined || this.#cell === undefined) {
      this.moveToken(dx + dy);
      return;
    }
    const path = pair.dtw?.path;
    const isAlong = this.follows && path !== undefined && dx !== 0;
    this.#take(
      isAlong ? alongPath(path, this.#cell, dx) : movedCell(pair, this.#cell, dx, dy),
      "reader",
    );
  }

  /** To another target token, with what answers for it. */
  moveToken(by: number): void {
    this.#chooseTarget(this.#token + by, "reader");
  }

  /** The first or the last target token. */
  moveToEdge(direction: -1 | 1): void {
    const last = this.#text === undefined ? 0 : tokenCount(this.#text.target) - 1;
    this.#chooseTarget(direction < 0 ? 0 : last, "reader");
  }

  #chooseTarget(token: number, by: ChosenBy): void {
    const text = this.#text;
    if (text === undefined) return;
    const within = Math.min(tokenCount(text.target) - 1, Math.max(0, token));
    if (this.pair !== undefined && within >= 0) this.#take(cellOfTarget(this.pair, within), by);
    else {
      this.#cell = undefined;
      this.#token = within;
      this.#asDifference = false;
      this.#by = by;
      this.#events.onChoose(by);
    }
  }

  /** What the view shows before anybody chooses. */
  #chooseFirst(): void {
    if (this.#differences.length > 0) this.#takeDifference(0, "view");
    else this.#chooseTarget(0, "view");
  }

  #takeDifference(index: number, by: ChosenBy): void {
    if (this.pair === undefined) return;
    this.#take(cellOfTarget(this.pair, this.#differences[index]), by, true);
  }

  #take(cell: Cell, by: ChosenBy, asDifference = false): void {
    this.#cell = cell;
    this.#token = cell.column;
    this.#asDifference = asDifference;
    this.#by = by;
    this.#events.onChoose(by);
  }

  #holds({ row, column }: Cell): boolean {
    const { pair } = this;
    return pair !== undefined && row < tokenCount(pair.source) && column < tokenCount(pair.target);
  }
}
