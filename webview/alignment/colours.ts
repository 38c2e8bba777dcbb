/** Stops of the matrix's scale as colours of the theme: for pixels, legend and pictures alike. */
import { type Colour, css, mix } from "../shared/colour.ts";
import type { Theme } from "../shared/theme.ts";
import type { CostScale } from "./costScale.ts";

export function stopColours({ stops }: CostScale, { background, detour }: Theme): Colour[] {
  return stops.map(({ strength }) => mix(background, detour, strength));
}

/** Colours as words of an ImageData's buffer; browsers run on little-endian machines only. */
export function pixelWords(colours: readonly Colour[]): Uint32Array {
  return Uint32Array.from(colours, ({ r, g, b }) => {
    const [red, green, blue] = [r, g, b].map((channel) => Math.round(channel * 255));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/** A colour with an alpha, for marks that let what is below shine through. */
export const translucent = (colour: Colour, alpha: number): string =>
  css(colour).replace(")", ` / ${alpha})`);

/** The editor's fonts at another size. */
export const sized = (font: string, pixels: number): string =>
  font.replace(/^[\d.]+px/, `${pixels}px`);
