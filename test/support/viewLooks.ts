/** What a page looks like, computed from what is drawn: contrast of text and marks, and text that is cut off. */
import type { Page } from "playwright-core";
import { type Colour, contrastOf } from "./editor/picture.ts";

export interface Contrast {
  readonly what: string;
  readonly ratio: number;
}

/** A drawn thing and what lies behind it. */
interface Drawn {
  readonly what: string;
  readonly colours: readonly Colour[];
  readonly behind: Colour;
}

/** Of a thing in several colours the one that stands out most. */
const contrastOfDrawn = ({ what, colours, behind }: Drawn): Contrast => ({
  what,
  ratio: Math.max(...colours.map((colour) => contrastOf(colour, behind))),
});

/**
 * Contrast (WCAG 2) of every text, and of the lines and dots that `marks` selects, with what lies behind them: the
 * colours as computed, those that let something through laid over each other.
 */
export async function contrasts(
  page: Page,
  marks: string,
): Promise<{ text: Contrast[]; marks: Contrast[] }> {
  const found = await page.evaluate((selector) => {
    type Layer = readonly [number, number, number, number];
    const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    if (pen === null) throw new Error("no canvas");
    const parse = (text: string): Layer => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = "transparent";
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top: Layer, below: Layer): Layer => {
      const mix = (i: 0 | 1 | 2): number => top[i] * top[3] + below[i] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const behind = (element: Element): Layer => {
      const parent = element.parentElement;
      const below: Layer = parent === null ? [255, 255, 255, 1] : behind(parent);
      if (element.namespaceURI !== "http://www.w3.org/1999/xhtml") return below;
      return over(parse(getComputedStyle(element).backgroundColor), below);
    };
    const opaque = ([r, g, b]: Layer): [number, number, number] => [r, g, b];
    const drawn = (element: Element, colours: readonly string[]) => {
      const below = behind(element);
      const seen = colours.map((colour) => {
        const [r, g, b, a] = parse(colour);
        return opaque(over([r, g, b, a * opacityOf(element)], below));
      });
      return { what: name(element), colours: seen, behind: opaque(below) };
    };
    const opacityOf = (element: Element): number => {
      const own = Number(getComputedStyle(element).opacity);
      return element.parentElement === null ? own : own * opacityOf(element.parentElement);
    };
    const name = (element: Element): string =>
      `${element.tagName}.${element.getAttribute("class") ?? ""} ${element.textContent?.trim().slice(0, 40)}`;

    const text: ReturnType<typeof drawn>[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || node.textContent?.trim() === "") continue;
      if (!element.checkVisibility() || element.closest("script, style, .visually-hidden, title"))
        continue;
      if (element.closest(".chart-export") !== null || element.matches(selector)) continue;
      const style = getComputedStyle(element);
      const colour = element instanceof SVGElement ? style.fill : style.color;
      text.push(drawn(element, [colour]));
    }
    const marked = [...document.querySelectorAll(selector)]
      .filter((element) => element.checkVisibility())
      .map((element) => {
        const { stroke, fill, color } = getComputedStyle(element);
        const own = element instanceof SVGElement ? [stroke, fill] : [color];
        return drawn(
          element,
          own.filter((one) => one !== "none" && !one.startsWith("url")),
        );
      });
    return { text, marks: marked };
  }, marks);
  return { text: found.text.map(contrastOfDrawn), marks: found.marks.map(contrastOfDrawn) };
}

/** Contrast (WCAG 2) of filled boxes with what lies behind them, opacity and transparent layers counted in. */
export async function barContrasts(page: Page, bars: string): Promise<Contrast[]> {
  const found = await page.evaluate((selector) => {
    const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    if (pen === null) throw new Error("There is no canvas.");
    return [...document.querySelectorAll<HTMLElement>(selector)]
      .filter((bar) => bar.checkVisibility() && bar.getBoundingClientRect().height >= 2)
      .map((bar) => {
        const layers: { colour: string; opacity: number }[] = [];
        for (let one: HTMLElement | null = bar; one !== null; one = one.parentElement) {
          const { backgroundColor, backgroundImage, boxShadow, opacity, borderTopColor } =
            getComputedStyle(one);
          const isHollow = one === bar && backgroundColor === "rgba(0, 0, 0, 0)";
          // A shadow's colour comes first in it, and so does the colour of stripes.
          const [line] = /(?:color|oklab|rgba?)\([^)]+\)/.exec(
            backgroundImage === "none" ? boxShadow : backgroundImage,
          ) ?? [borderTopColor];
          layers.unshift({
            colour: isHollow ? line : backgroundColor,
            opacity: Number(opacity),
          });
        }
        const [behind, colour] = [layers.slice(0, -1), layers].map((drawn) => {
          pen.globalAlpha = 1;
          pen.fillStyle = "white";
          pen.fillRect(0, 0, 1, 1);
          for (const { colour, opacity } of drawn) {
            pen.globalAlpha = opacity;
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
          }
          const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
          return [r, g, b] as [number, number, number];
        });
        const what = `${bar.className} in ${bar.closest("td, .cell")?.className}`;
        return { what, colours: [colour], behind };
      });
  }, bars);
  return found.map(contrastOfDrawn);
}

export interface CutOptions {
  /** What scrolls, or is cut with an ellipsis and says the whole in its title, counts as seen. */
  readonly isReachableEnough?: boolean;
  /** Left out besides what is never read. */
  readonly apart: string;
}

/** Texts of which a part cannot be seen: beyond the page's edge, or beyond the box of something that cuts. */
export function cutTexts(page: Page, options: CutOptions): Promise<string[]> {
  return page.evaluate(({ isReachableEnough = false, apart }) => {
    const cut: string[] = [];
    const unread = `script, style, .visually-hidden, ${apart}`;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || node.textContent?.trim() === "") continue;
      if (!element.checkVisibility() || element.closest(unread) !== null) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width === 0) continue;
      let [left, right] = [0, document.documentElement.clientWidth];
      for (let outer: Element | null = element; outer !== null; outer = outer.parentElement) {
        const { overflowX, textOverflow } = getComputedStyle(outer);
        if (overflowX === "visible") continue;
        if (isReachableEnough && (overflowX === "auto" || overflowX === "scroll")) {
          [left, right] = [-Infinity, Infinity];
          break;
        }
        const isTold = textOverflow === "ellipsis" && outer.closest("[title]") !== null;
        if (isReachableEnough && isTold) continue;
        const edge = outer.getBoundingClientRect();
        [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      }
      if (box.left < left - 1 || box.right > right + 1) {
        const [from, to] = [box.left, box.right].map(Math.round);
        const shown = [left, right].map(Math.round).join("–");
        cut.push(`${node.textContent?.trim().slice(0, 60)} (${from}–${to} in ${shown})`);
      }
    }
    return cut;
  }, options);
}
