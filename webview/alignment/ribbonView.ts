/**
 * The ribbon on the screen: it scrolls over the whole text, and paints only the lines in sight. Laid out anew when
 * text, lanes, width or font change.
 */
import { make } from "../shared/dom.ts";
import { readTheme } from "../shared/theme.ts";
import { shownSlice } from "../shared/visibleText.ts";
import { type AlignedText, type Pair, pairOfLetter } from "./alignedText.ts";
import { said } from "./cellFacts.ts";
import { lanesOf } from "./geometry/lanes.ts";
import {
  boundaryRoom,
  lineBytes,
  lineCount,
  type RibbonLayout,
  ribbonLayout,
} from "./geometry/ribbon.ts";
import {
  laneTop,
  lineHeight,
  lineOfToken,
  lineTokens,
  type RibbonSizes,
  ribbonAt,
  tokenBox,
} from "./geometry/ribbonLines.ts";
import { paintLoop } from "./paintLoop.ts";
import { gutter, paintRibbon } from "./ribbonPaint.ts";
import { type Span, type TokenTrack, tokenCount } from "./tokenTrack.ts";

export interface RibbonEvents {
  readonly onChoose: (letter: string, token: number) => void;
  readonly onPoint: (hit: RibbonToken | undefined, x: number, y: number) => void;
  readonly onPainted: () => void;
  readonly isVisible: () => boolean;
}

export interface RibbonToken {
  readonly letter: string;
  readonly token: number;
}

export interface RibbonView {
  readonly element: HTMLElement;
  setText(text: AlignedText | undefined, chosenSource: string, pinned: ReadonlySet<string>): void;
  choose(tokens: ReadonlyMap<string, number>, reveal: boolean): void;
  point(tokens: ReadonlyMap<string, number>): void;
  /** Bytes of the text that are in sight. */
  readonly visibleBytes: Span;
  /** The target token in the line above (−1) or below (1), at the same place. */
  besides(token: number, lines: number): number;
  readonly pageLines: number;
  readonly layout: RibbonLayout | undefined;
  readonly sizes: RibbonSizes;
  repaint(): void;
  /** Fonts may have changed. */
  layOutAgain(): void;
}

const plainSizes: RibbonSizes = { lane: 22, gap: 16, line: 14, density: 0 };

export function makeRibbonView(events: RibbonEvents): RibbonView {
  const canvas = make("canvas", "ribbon-canvas");
  canvas.setAttribute("aria-hidden", "true");
  const spacer = make("div", "ribbon-spacer");
  const element = make("div", "ribbon", canvas, spacer);
  element.hidden = true; // an opaque canvas is black until it is painted
  element.tabIndex = 0;
  element.setAttribute("role", "application");
  element.setAttribute("aria-roledescription", "ribbon");
  element.setAttribute("aria-label", "Ribbon: the text in every tokenizer's tokens, one lane each");

  let text: AlignedText | undefined;
  let shown: { source: string; pinned: ReadonlySet<string> } = { source: "A", pinned: new Set() };
  let layout: RibbonLayout | undefined;
  let sizes = plainSizes;
  let others: readonly TokenTrack[] = [];
  let pairs: ReadonlyMap<string, Pair> = new Map();
  let chosen: ReadonlyMap<string, number> = new Map();
  let pointed: ReadonlyMap<string, number> = new Map();
  let ratio = 1;
  let width = 0;

  const loop = paintLoop(() => {
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null || layout === undefined || text === undefined) return true;
    const [top, height] = [element.scrollTop, element.clientHeight];
    const scene = { layout, sizes, pairs, others, ratio, top, height, chosen, pointed };
    paintRibbon(context, { ...scene, bytes: text.bytes, theme: readTheme() });
    events.onPainted();
    return true;
  }, events.isVisible);

  const layOut = (): void => {
    if (text === undefined || width < 60) return;
    const sources = text.sources
      .filter(({ kind }) => kind === "aligned")
      .map(({ letter }) => letter);
    const { target } = text;
    const lanes = lanesOf(target.letter, sources, shown.source, shown.pinned);
    const trackOf = (letter: string): TokenTrack =>
      letter === target.letter ? target : (pairOfLetter(text!, letter)?.source ?? target);
    const tracks = lanes.shown.map(trackOf);
    others = lanes.others.map(trackOf);
    pairs = new Map(sources.map((letter) => [letter, pairOfLetter(text!, letter)!]));
    sizes = { ...plainSizes, density: others.length > 0 ? 14 : 0 };
    const bytes = text.bytes;
    const pen = textPen();
    layout = ribbonLayout({
      bytes,
      lanes: tracks,
      target: lanes.shown.indexOf(target.letter),
      width: width - gutter - 8,
      measure: (from, to) => pen(shownSlice(bytes, from, to).whole),
      measureEmpty: (lane, token) => pen(said(lane, token, bytes).whole),
    });
    const height = `${lineCount(layout) * lineHeight(tracks.length, sizes) + sizes.line}px`;
    spacer.style.height = height;
    element.style.setProperty("--ribbon-height", height);
    loop.ask();
  };

  const resize = (): void => {
    const { clientWidth, clientHeight } = element;
    if (clientWidth === 0 || clientHeight === 0) return;
    ratio = devicePixelRatio;
    canvas.width = Math.round(clientWidth * ratio);
    canvas.height = Math.round(clientHeight * ratio);
    canvas.style.width = `${clientWidth}px`;
    canvas.style.height = `${clientHeight}px`;
    if (clientWidth !== width) {
      width = clientWidth;
      layOut();
      reveal();
    }
    loop.ask();
  };
  new ResizeObserver(resize).observe(element);

  const hit = (event: MouseEvent): RibbonToken | undefined => {
    if (layout === undefined) return undefined;
    const { left, top } = element.getBoundingClientRect();
    const x = event.clientX - left - gutter + boundaryRoom / 2;
    const at = ribbonAt(layout, sizes, x, event.clientY - top + element.scrollTop);
    return at && { letter: layout.lanes[at.lane].letter, token: at.token };
  };
  element.addEventListener("click", (event) => {
    const at = hit(event);
    if (at !== undefined) events.onChoose(at.letter, at.token);
  });
  element.addEventListener("mousemove", (event) =>
    events.onPoint(hit(event), event.clientX, event.clientY),
  );
  element.addEventListener("mouseleave", () => events.onPoint(undefined, 0, 0));
  element.addEventListener("scroll", () => loop.ask(), { passive: true });

  /** The chosen target token's line, moved as little as possible. */
  const reveal = (): void => {
    if (layout === undefined || text === undefined) return;
    const token = chosen.get(text.target.letter);
    if (token === undefined || token >= tokenCount(text.target)) return;
    const lanes = layout.lanes.length;
    const line = lineOfToken(layout, text.target, token);
    const top = laneTop(line, 0, lanes, sizes) - sizes.line;
    const bottom = top + lineHeight(lanes, sizes) + sizes.line;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight)
      element.scrollTop = bottom - element.clientHeight;
  };

  const linesInSight = (): Span => {
    const each = lineHeight(layout?.lanes.length ?? 1, sizes);
    return {
      from: Math.floor(element.scrollTop / each),
      to: Math.ceil((element.scrollTop + element.clientHeight) / each),
    };
  };

  return {
    element,
    setText(next, source, pinned) {
      text = next;
      shown = { source, pinned };
      element.hidden = next === undefined;
      layout = undefined;
      resize();
      layOut();
    },
    choose(tokens, isRevealed) {
      chosen = tokens;
      if (isRevealed) reveal();
      loop.ask();
    },
    point(tokens) {
      pointed = tokens;
      loop.ask();
    },
    get visibleBytes() {
      if (layout === undefined) return { from: 0, to: 0 };
      const { from, to } = linesInSight();
      const last = Math.min(lineCount(layout), to) - 1;
      return { from: lineBytes(layout, from).from, to: lineBytes(layout, last).to };
    },
    besides(token, lines) {
      if (layout === undefined || text === undefined) return token;
      const line = lineOfToken(layout, text.target, token);
      const x = tokenBox(layout, text.target, token, line)?.x ?? 0;
      const next = Math.min(lineCount(layout) - 1, Math.max(0, line + lines));
      if (next === line) return lines < 0 ? 0 : tokenCount(text.target) - 1;
      const tokens = lineTokens(layout, text.target, next);
      for (let other = tokens.from; other < tokens.to; other++) {
        const box = tokenBox(layout, text.target, other, next);
        if (box !== undefined && box.x + box.width > x) return other;
      }
      return Math.max(tokens.from, tokens.to - 1);
    },
    get pageLines() {
      const { from, to } = linesInSight();
      return Math.max(1, to - from - 1);
    },
    get layout() {
      return layout;
    },
    get sizes() {
      return sizes;
    },
    repaint: () => loop.ask(),
    layOutAgain: layOut,
  };
}

/** Widths in the editor's font, each text measured once. */
function textPen(): (text: string) => number {
  const context = document.createElement("canvas").getContext("2d");
  const known = new Map<string, number>();
  if (context !== null) context.font = readTheme().editorFont;
  return (text) => {
    let width = known.get(text);
    if (width === undefined) {
      width = context?.measureText(text).width ?? 8 * text.length;
      known.set(text, width);
    }
    return width;
  };
}
