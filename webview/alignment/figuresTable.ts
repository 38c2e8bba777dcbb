/** The figures: two rows a source, DTW and bytes, how much each answers, and how the answers compare. */
import { letterBadge } from "../shared/chips.ts";
import { make } from "../shared/dom.ts";
import { outcomes } from "./alignedText.ts";
import type { DtwFigures, SourceFigures } from "./figures.ts";
import { count, edits, outcomeNames, outcomeSigns, plural, shareText } from "./strings.ts";

export interface FiguresTable {
  readonly element: HTMLElement;
  set(figures: FiguresShown): void;
}

export interface FiguresShown {
  readonly figures: readonly SourceFigures[];
  readonly chosen: string;
  /** What these are the figures of: `document 2 of 3`, `all 3 documents`, `the visible part`; empty for the only one. */
  readonly of: string;
  /** Offers the other scope. */
  readonly other?: { readonly label: string; readonly run: () => void };
  /** Why there are no figures of DTW. */
  readonly withoutDtw: string;
}

export function makeFiguresTable(onSource: (letter: string) => void): FiguresTable {
  const element = make("div", "figures-table");
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Figures by source");
  return {
    element,
    set(shown) {
      element.replaceChildren(tableOf(shown, onSource));
    },
  };
}

function tableOf(shown: FiguresShown, onSource: (letter: string) => void): HTMLElement {
  const head = make("tr");
  const corner = make("th", "corner");
  corner.scope = "col";
  corner.colSpan = 2;
  corner.append(scopeElement(shown));
  head.append(corner);
  for (const name of ["answers", "of these", "cost", "against each other"]) {
    const cell = make("th", name === "cost" ? "number" : "", name);
    cell.scope = "col";
    head.append(cell);
  }
  const bodies = shown.figures.map((figures) => sourceRows(figures, shown, onSource));
  return make("table", "", make("thead", "", head), ...bodies);
}

function scopeElement({ of, other }: FiguresShown): HTMLElement {
  if (other === undefined) return make("span", "muted", of);
  const choice = make("button", "scope", other.label);
  choice.type = "button";
  choice.addEventListener("click", other.run);
  return make("span", "muted", `${of} `, choice);
}

function sourceRows(
  figures: SourceFigures,
  { chosen, withoutDtw }: FiguresShown,
  onSource: (letter: string) => void,
): HTMLElement {
  const { letter, name, dtw, bytes, targetTokens, outcomes: counts } = figures;
  const source = make("th", "source");
  source.scope = "rowgroup";
  source.rowSpan = 2;
  const tokens = `${count(figures.sourceTokens)} → ${count(targetTokens)} tokens`;
  source.append(
    make("span", "pair", letterBadge(letter), make("span", "muted", "→"), letterBadge("T")),
    make("span", "source-tokens muted small", tokens),
  );
  source.title = name;

  const compared = make("td", "compared");
  compared.rowSpan = 2;
  if (counts !== undefined)
    for (const outcome of outcomes) {
      const sign = make("span", "sign", outcomeSigns[outcome]);
      sign.setAttribute("aria-hidden", "true");
      const text = make("span", "number", count(counts[outcome]));
      const one = make("span", "outcome", sign, make("span", "", outcomeNames[outcome]), text);
      one.dataset.outcome = outcome;
      one.dataset.count = String(counts[outcome]);
      compared.append(one);
    }

  const first = make(
    "tr",
    "",
    source,
    method("DTW"),
    ...dtwCells(dtw, targetTokens, withoutDtw),
    compared,
  );
  const groups = make("td", "of-these", `groups ${count(bytes.groups)}`);
  const second = make(
    "tr",
    "",
    method("bytes"),
    answersCell(bytes.answers, targetTokens),
    groups,
    make("td", "cost number", "–"),
  );
  const body = make("tbody", "", first, second);
  body.dataset.letter = letter;
  body.dataset.chosen = String(letter === chosen);
  body.addEventListener("click", () => onSource(letter));
  return body;
}

function method(name: string): HTMLElement {
  const cell = make("th", "method", name);
  cell.scope = "row";
  return cell;
}

function dtwCells(dtw: DtwFigures | undefined, of: number, without: string): HTMLElement[] {
  if (dtw === undefined) {
    const reason = make("td", "muted", without);
    reason.colSpan = 3;
    return [reason];
  }
  const equal = dtw.equalPieces === undefined ? [] : [`equal piece ${count(dtw.equalPieces)}`];
  const details = [...equal, `off text ${count(dtw.offText)}`].join(" · ");
  const cost = make("td", "cost number", count(dtw.cost));
  cost.title = edits(dtw.cost);
  return [answersCell(dtw.answers, of), make("td", "of-these", details), cost];
}

/** The share as figure and as length. */
function answersCell(answers: number, of: number): HTMLElement {
  const bar = make("span", "share");
  bar.style.width = `${of === 0 ? 0 : (100 * answers) / of}%`;
  const track = make("span", "share-track", bar);
  track.setAttribute("aria-hidden", "true");
  const cell = make("td", "answers", make("span", "number", shareText(answers, of)), track);
  cell.dataset.answers = String(answers);
  cell.dataset.of = String(of);
  cell.title = `${plural(answers, "target token has", "target tokens have")} an answer`;
  return cell;
}
