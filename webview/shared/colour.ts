/**
 * Arithmetic of colours, without a DOM. Mixing happens in OKLab (Björn Ottosson, "A perceptual color space for
 * image processing", 2020), where equal steps look equal; contrast is that of WCAG 2.2. Colours are opaque sRGB
 * with channels 0…1: what is translucent in a theme is laid over its background when it is read.
 */

export interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** A colour for each share; shares outside the scale's range get the colour at its end. */
export type Scale = (share: number) => Colour;

export interface ScaleOptions {
  /** So many flat steps from end to end instead of a gradient (at least 2). */
  readonly steps?: number;
}

export const black: Colour = { r: 0, g: 0, b: 0 };
export const white: Colour = { r: 1, g: 1, b: 1 };

/** `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)`; `undefined` for anything else. */
export function parseColour(css: string): (Colour & { readonly alpha: number }) | undefined {
  const text = css.trim().toLowerCase();
  return text.startsWith("#") ? parseHex(text.slice(1)) : parseRgb(text);
}

function parseHex(digits: string): (Colour & { alpha: number }) | undefined {
  if (!/^(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits)) return undefined;
  const width = digits.length < 6 ? 1 : 2;
  const channel = (at: number) => {
    const part = digits.slice(at * width, (at + 1) * width);
    return part === "" ? 1 : Number.parseInt(width === 1 ? part + part : part, 16) / 255;
  };
  return { r: channel(0), g: channel(1), b: channel(2), alpha: channel(3) };
}

const rgbForm =
  /^rgba?\(\s*([\d.]+%?)[\s,]+([\d.]+%?)[\s,]+([\d.]+%?)(?:\s*[,/]\s*([\d.]+%?))?\s*\)$/;

function parseRgb(text: string): (Colour & { alpha: number }) | undefined {
  const parts = rgbForm.exec(text);
  if (parts === null) return undefined;
  const share = (part: string, whole: number) =>
    clamp(
      part.endsWith("%") ? Number.parseFloat(part) / 100 : Number.parseFloat(part) / whole,
      0,
      1,
    );
  const [, r, g, b, alpha = "1"] = parts;
  return { r: share(r, 255), g: share(g, 255), b: share(b, 255), alpha: share(alpha, 1) };
}

/** `rgb(12 34 56)`, channels rounded to whole numbers. */
export function css({ r, g, b }: Colour): string {
  return `rgb(${byte(r)} ${byte(g)} ${byte(b)})`;
}

/** A translucent colour as it looks over an opaque one. */
export function over(top: Colour, alpha: number, under: Colour): Colour {
  const blend = (a: number, b: number) => a * alpha + b * (1 - alpha);
  return { r: blend(top.r, under.r), g: blend(top.g, under.g), b: blend(top.b, under.b) };
}

/** From `a` (share 0) to `b` (share 1), through OKLab. */
export function mix(a: Colour, b: Colour, share: number): Colour {
  if (share <= 0) return a;
  if (share >= 1) return b;
  const from = oklab(a);
  const to = oklab(b);
  return fromOklab(from.map((value, i) => value + (to[i] - value) * share) as Triple);
}

/** Relative luminance of WCAG: 0 black, 1 white. */
export function luminance({ r, g, b }: Colour): number {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** Contrast ratio of WCAG: 1…21. */
export function contrast(a: Colour, b: Colour): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** OKLab's L: 0 black, 1 white, equal steps look equal. */
export const lightness = (colour: Colour): number => oklab(colour)[0];

/**
 * The colour itself, or the nearest one towards black or white that has the wanted contrast (else that end): as it is
 * drawn, in whole channels, which may take a little of the contrast away.
 */
export function readableOn(text: Colour, background: Colour, least: number): Colour {
  if (contrast(text, background) >= least) return text;
  const end = contrast(white, background) > contrast(black, background) ? white : black;
  const drawn = (at: number): Colour => inBytes(mix(text, end, at));
  return drawn(smallestShare((at) => contrast(drawn(at), background) >= least));
}

const inBytes = ({ r, g, b }: Colour): Colour => ({
  r: byte(r) / 255,
  g: byte(g) / 255,
  b: byte(b) / 255,
});

/** Share 0 is the background (nothing of interest), share 1 the hue. */
export function sequential(background: Colour, hue: Colour, { steps }: ScaleOptions = {}): Scale {
  return (share) => mix(background, hue, stepped(clamp(share, 0, 1), steps));
}

/** Share −1 is `below`, 0 the background, 1 `above`. */
export function diverging(
  background: Colour,
  below: Colour,
  above: Colour,
  { steps }: ScaleOptions = {},
): Scale {
  return (share) =>
    mix(background, share < 0 ? below : above, stepped(clamp(Math.abs(share), 0, 1), steps));
}

/** Opaque RGBA of `count` (at least 2) shares from `from` to `to`, [count * 4]: for ImageData. */
export function paletteOf(
  scale: Scale,
  from: number,
  to: number,
  count: number,
): Uint8ClampedArray<ArrayBuffer> {
  const palette = new Uint8ClampedArray(count * 4);
  for (let i = 0; i < count; i++) {
    const { r, g, b } = scale(from + ((to - from) * i) / (count - 1));
    palette.set([byte(r), byte(g), byte(b), 255], i * 4);
  }
  return palette;
}

/** The least share at which something that comes true with growing shares is true, to a thousandth; else 1. */
export function smallestShare(isEnough: (share: number) => boolean): number {
  let low = 0;
  let high = 1;
  while (high - low > 0.001) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Of equal widths, the first at 0, the last at 1. */
function stepped(share: number, steps: number | undefined): number {
  if (steps === undefined) return share;
  return Math.min(steps - 1, Math.floor(share * steps)) / (steps - 1);
}

type Triple = [number, number, number];

function oklab({ r, g, b }: Colour): Triple {
  const [red, green, blue] = [linear(r), linear(g), linear(b)];
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Triple): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return {
    r: encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    g: encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    b: encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  };
}

/** sRGB's transfer curve and its inverse (IEC 61966-2-1). */
const linear = (channel: number): number =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;

function encoded(light: number): number {
  const value = clamp(light, 0, 1);
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}

const byte = (channel: number): number => Math.round(channel * 255);

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));
