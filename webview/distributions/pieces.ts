/** Tokens as text: true next tokens from the bytes of the document, all others from their vocabulary's spelling. */
import { utf8Encode } from "../../src/core/text/bytes.ts";
import type { DocumentFigures } from "../../src/protocol/distributionsView.ts";
import { type ShownText, shownPiece, shownSlice } from "../shared/visibleText.ts";
import { isEnd } from "./places.ts";

/** A piece of a model's vocabulary, the target being model 0. */
export type ShowPiece = (model: number, piece: string) => ShownText;

export function showPieces({ families }: Pick<DocumentFigures, "families">): ShowPiece {
  return (model, piece) => shownPiece(piece, families[model]);
}

/** The true next token of every position. The end of a chunk has no bytes and is called by its piece. */
export function shownTokens(figures: DocumentFigures, show: ShowPiece): readonly ShownText[] {
  const bytes = utf8Encode(figures.text);
  return figures.tokens.map((piece, i) =>
    isEnd(figures, i)
      ? show(0, piece)
      : shownSlice(bytes, figures.byteStarts[i], figures.byteEnds[i]),
  );
}

/** The text before a position, its last characters, visible: what every model has read there. */
export function shownBefore(
  figures: DocumentFigures,
  tokens: readonly ShownText[],
  position: number,
): string {
  const chunk = figures.chunks[position];
  let before = "";
  let first = position - 1;
  for (; first >= 0 && figures.chunks[first] === chunk && before.length < mostBefore; first--) {
    before = tokens[first].whole + before;
  }
  const isWhole = first < 0 || figures.chunks[first] !== chunk;
  const cut = Array.from(before).slice(-mostBefore).join("");
  return isWhole && cut.length === before.length ? before : `…${cut}`;
}

const mostBefore = 32;
