/** What a page looks like, computed from what is drawn: contrast of text and marks, and text that is cut off. */
import type { Page } from "playwright-core";

export interface Contrast {
  readonly what: string;
  readonly ratio: number;
}

/**
 * Contrast (WCAG 2) of every text, and of the lines and dots that `marks` selects, with what lies behind them: the
 * colours as computed, those that let something through laid over each other.
 */
export function contrasts(
  page: Page,
  marks: string,
): Promise<{ text: Contrast[]; marks: Contrast[] }> {
  return page.evaluate((selector) => {
    type Colour = readonly [number, number, number, number];
    const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    if (pen === null) throw new Error("no canvas");
    const parse = (text: string): Colour => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = "transparent";
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top: Colour, below: Colour): Colour => {
      const mix = (i: 0 | 1 | 2): number => top[i] * top[3] + below[i] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const behind = (element: Element): Colour => {
      const parent = element.parentElement;
      const below: Colour = parent === null ? [255, 255, 255, 1] : behind(parent);
      if (element.namespaceURI !== "http://www.w3.org/1999/xhtml") return below;
      return over(parse(getComputedStyle(element).backgroundColor), below);
    };
    const luminance = ([r, g, b]: Colour): number => {
      const linear = [r, g, b].map((one) =>
        one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const ratio = (colour: string, opacity: number, element: Element): number => {
      const below = behind(element);
      const [r, g, b, a] = parse(colour);
      const [x, y] = [over([r, g, b, a * opacity], below), below].map(luminance);
      return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    };
    const opacityOf = (element: Element): number => {
      const own = Number(getComputedStyle(element).opacity);
      return element.parentElement === null ? own : own * opacityOf(element.parentElement);
    };
    const name = (element: Element): string =>
      `${element.tagName}.${element.getAttribute("class") ?? ""} ${element.textContent?.trim().slice(0, 40)}`;

    const text: Contrast[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || node.textContent?.trim() === "") continue;
      if (!element.checkVisibility() || element.closest("script, style, .visually-hidden, title"))
        continue;
      if (element.closest(".chart-export") !== null || element.matches(selector)) continue;
      const style = getComputedStyle(element);
      const colour = element instanceof SVGElement ? style.fill : style.color;
      text.push({ what: name(element), ratio: ratio(colour, opacityOf(element), element) });
    }
    const drawn = [...document.querySelectorAll(selector)]
      .filter((element) => element.checkVisibility())
      .map((element) => {
        const { stroke, fill, color } = getComputedStyle(element);
        const own = element instanceof SVGElement ? [stroke, fill] : [color];
        const colours = own.filter((one) => one !== "none" && !one.startsWith("url"));
        const best = Math.max(...colours.map((one) => ratio(one, opacityOf(element), element)));
        return { what: name(element), ratio: best };
      });
    return { text, marks: drawn };
    interface Contrast {
      readonly what: string;
      readonly ratio: number;
    }
  }, marks);
}

/** Texts of which a part cannot be seen: beyond the page's edge, or beyond the box of something that cuts. */
export function cutTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cut: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element === null || node.textContent?.trim() === "") continue;
      if (
        !element.checkVisibility() ||
        element.closest("script, style, .visually-hidden, title, .chart-export")
      )
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width === 0) continue;
      let left = 0;
      let right = document.documentElement.clientWidth;
      for (let outer: Element | null = element; outer !== null; outer = outer.parentElement) {
        if (getComputedStyle(outer).overflowX === "visible") continue;
        const edge = outer.getBoundingClientRect();
        [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      }
      if (box.left < left - 1 || box.right > right + 1) {
        cut.push(
          `${node.textContent?.trim().slice(0, 60)} (${Math.round(box.left)}–${Math.round(box.right)} in ${Math.round(left)}–${Math.round(right)})`,
        );
      }
    }
    return cut;
  });
}
