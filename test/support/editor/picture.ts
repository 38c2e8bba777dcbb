/** Pixels of a screenshot. Reads what browsers write: 8-bit PNG in RGB or RGBA, not interlaced. */
import { inflateSync } from "node:zlib";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, opacity of each pixel, row by row. */
  readonly data: Uint8Array;
}

export type Colour = readonly [red: number, green: number, blue: number];

/** Channels by PNG's colour type. */
const channelCounts: Readonly<Record<number, number>> = { 2: 3, 6: 4 };
const headerLength = 8;

export function readPicture(png: Buffer): Picture {
  const parts: Buffer[] = [];
  let width = 0;
  let height = 0;
  let channels = 0;
  for (let at = headerLength; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = channelCounts[body.readUInt8(9)] ?? 0;
      if (body.readUInt8(8) !== 8 || channels === 0 || body.readUInt8(12) !== 0) {
        throw new Error("The picture is not a plain 8-bit PNG.");
      }
    }
    if (type === "IDAT") parts.push(body);
    at += length + 12;
  }
  const rows = unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  return { width, height, data: channels === 4 ? rows : withOpacity(rows) };
}

/** The colour of the pixel that holds a point. */
export function colourAt({ width, height, data }: Picture, x: number, y: number): Colour {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= width || row >= height) {
    throw new RangeError(`(${x}, ${y}) lies outside a picture of ${width} x ${height}.`);
  }
  const at = (row * width + column) * 4;
  return [data[at], data[at + 1], data[at + 2]];
}

/** WCAG's contrast of two colours, 1 to 21. */
export function contrastOf(first: Colour, second: Colour): number {
  const [dark, light] = [luminanceOf(first), luminanceOf(second)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(colour: Colour): number {
  const [red, green, blue] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Takes PNG's row filters off (PNG specification, section 9.2). */
function unfilter(bytes: Buffer, rowLength: number, rows: number, pixel: number): Uint8Array {
  const out = new Uint8Array(rowLength * rows);
  for (let row = 0; row < rows; row++) {
    const filter = bytes[row * (rowLength + 1)];
    const from = row * (rowLength + 1) + 1;
    const to = row * rowLength;
    for (let i = 0; i < rowLength; i++) {
      const left = i < pixel ? 0 : out[to + i - pixel];
      const above = row === 0 ? 0 : out[to + i - rowLength];
      const corner = row === 0 || i < pixel ? 0 : out[to + i - rowLength - pixel];
      out[to + i] = bytes[from + i] + predict(filter, left, above, corner);
    }
  }
  return out;
}

function predict(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  return filter === 4 ? paeth(left, above, corner) : 0;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((one) => Math.abs(guess - one));
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function withOpacity(rows: Uint8Array): Uint8Array {
  const out = new Uint8Array((rows.length / 3) * 4);
  for (let from = 0, to = 0; from < rows.length; from += 3, to += 4) {
    out.set(rows.subarray(from, from + 3), to);
    out[to + 3] = 255;
  }
  return out;
}
