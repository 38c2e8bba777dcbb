/** What the view looks like, computed from what is drawn: texts that are cut off, and the contrast of its bars. */
import type { Page } from "playwright-core";

/**
 * Texts of which a part can never be seen: beyond the window, or beyond the box of something that cuts and neither
 * scrolls nor says the whole in its title.
 */
export function clippedTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const clipped: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || node.textContent?.trim() === "" || !element.checkVisibility()) {
        continue;
      }
      if (element.closest("script, style, svg, .visually-hidden, vscode-option") !== null) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width === 0) continue;
      let [left, right] = [0, document.documentElement.clientWidth];
      for (let outer: Element | null = element; outer !== null; outer = outer.parentElement) {
        const { overflowX, textOverflow } = getComputedStyle(outer);
        if (overflowX === "auto" || overflowX === "scroll") {
          [left, right] = [-Infinity, Infinity]; // it can be brought into sight
          break;
        }
        if (overflowX === "visible") continue;
        if (textOverflow === "ellipsis" && outer.closest("[title]") !== null) continue;
        const edge = outer.getBoundingClientRect();
        [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      }
      if (box.left < left - 1 || box.right > right + 1) {
        const where = `${element.tagName}.${element.className}`;
        clipped.push(`${where} ${node.textContent?.trim().slice(0, 60)}`);
      }
    }
    return clipped;
  });
}

export interface BarContrast {
  readonly what: string;
  readonly ratio: number;
}

/** Contrast (WCAG 2) of filled boxes with what lies behind them, opacity and transparent layers counted in. */
export function barContrasts(page: Page, bars: string): Promise<BarContrast[]> {
  return page.evaluate((selector) => {
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
        const luminances = [layers.slice(0, -1), layers].map((drawn) => {
          pen.globalAlpha = 1;
          pen.fillStyle = "white";
          pen.fillRect(0, 0, 1, 1);
          for (const { colour, opacity } of drawn) {
            pen.globalAlpha = opacity;
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
          }
          const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((part) =>
            part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
          );
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        });
        const [low, high] = luminances.sort((a, b) => a - b);
        const what = `${bar.className} in ${bar.closest("td, .cell")?.className}`;
        return { what, ratio: (high + 0.05) / (low + 0.05) };
      });
  }, bars);
}
