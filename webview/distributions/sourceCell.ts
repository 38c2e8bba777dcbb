/** A source's own pieces beside the target token they stand for: several that merge are tied together. */
import type { OwnCandidate } from "../../src/protocol/distributionsView.ts";
import { make } from "../shared/dom.ts";
import { tokenElement } from "../shared/tokenElement.ts";
import type { DetailCell } from "./detailRows.ts";
import { probability } from "./numbers.ts";
import type { ShowPiece } from "./pieces.ts";
import { exactly, probabilityFigure } from "./probabilityCell.ts";
import { ownSentence } from "./sentences.ts";
import { fateWords } from "./strings.ts";

/** Own pieces written out in one cell; the title names all. */
const mostWritten = 4;

export function sourceCell(
  cell: DetailCell,
  model: number,
  letter: string,
  show: ShowPiece,
): HTMLElement {
  const { own, p } = cell;
  const box = make("div", "source-cell", ownList(own, model, show), probabilityFigure(p, letter));
  if (own.length > 1) box.classList.add("is-merged");
  return box;
}

function ownList(own: readonly OwnCandidate[], model: number, show: ShowPiece): HTMLElement {
  const list = make("div", "own");
  if (own.length === 0) {
    list.append(make("span", "own-note muted", "gold path"));
    list.title =
      "The source's probability of the true next token's bytes; none of its top k stands for it.";
    return list;
  }
  const written = own.slice(0, mostWritten);
  list.append(...written.map((candidate) => ownLine(candidate, model, show, own.length > 1)));
  if (own.some(({ becomes }) => becomes === "goldPath")) {
    list.append(make("span", "own-note muted", "gold path"));
  }
  const rest = own.slice(mostWritten);
  if (rest.length > 0) {
    const mass = rest.reduce((sum, { p }) => sum + p, 0);
    const more = make("span", "own-line muted", `+ ${rest.length} more ${probability(mass)}`);
    more.title = rest
      .map(({ piece, p }) => `${show(model, piece).whole} ${probability(p)}`)
      .join("\n");
    list.append(more);
  }
  return list;
}

function ownLine(
  { id, piece, p, to, becomes }: OwnCandidate,
  model: number,
  show: ShowPiece,
  isMerged: boolean,
): HTMLElement {
  const shown = show(model, piece);
  const line = make("span", "own-line", tokenElement(shown));
  line.dataset.ownId = String(id);
  line.dataset.becomes = becomes;
  const isGold = becomes === "goldPath";
  if (to !== null) {
    const target = show(0, to.piece);
    const becoming = tokenElement(target);
    becoming.classList.add("as-target");
    line.append(make("span", "arrow", isGold ? "⇢" : "→"), becoming);
    line.title = ownSentence(shown.whole, target.whole, p, becomes);
  }
  if (isMerged || isGold) {
    const figure = make("span", "own-p number muted", probability(p));
    figure.dataset.ownProbability = exactly(p);
    line.append(figure);
  }
  return line;
}

/** Candidates that reach no target token, with the reason; `undefined` where all do. */
export function lostList(
  lost: readonly OwnCandidate[],
  model: number,
  show: ShowPiece,
): HTMLElement | undefined {
  if (lost.length === 0) return undefined;
  const list = make("div", "lost");
  for (const { piece, p, to, becomes } of lost.slice(0, mostWritten)) {
    const shown = show(model, piece);
    const line = make(
      "span",
      "own-line",
      tokenElement(shown),
      make("span", "arrow", "→"),
      to === null ? "∅" : tokenElement(show(0, to.piece)),
      make("span", "own-p number", probability(p)),
    );
    if (to !== null) line.dataset.tokenId = String(to.id);
    line.title = ownSentence(shown.whole, to === null ? null : show(0, to.piece).whole, p, becomes);
    list.append(line);
  }
  if (lost.length > mostWritten) {
    const more = make("span", "own-line muted", `+ ${lost.length - mostWritten} more`);
    more.title = lost
      .slice(mostWritten)
      .map(
        ({ piece, p, becomes }) =>
          `${show(model, piece).whole} ${probability(p)} ${fateWords(becomes)}`,
      )
      .join("\n");
    list.append(more);
  }
  return list;
}
