/** Widths of short texts in a font, in pixels, remembered by text: a vocabulary's pieces come again and again. */

const mostRemembered = 20_000;

export function createTextMeasure(): (text: string, font: string) => number {
  const pen = document.createElement("canvas").getContext("2d");
  const known = new Map<string, number>();
  let font = "";
  return (text, wanted) => {
    if (wanted !== font) {
      known.clear();
      font = wanted;
      if (pen !== null) pen.font = wanted;
    }
    let width = known.get(text);
    if (width === undefined) {
      width = pen?.measureText(text).width ?? 8 * text.length;
      if (known.size >= mostRemembered) known.clear();
      known.set(text, width);
    }
    return width;
  };
}
