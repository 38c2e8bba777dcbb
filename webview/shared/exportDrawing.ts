/**
 * A drawing as a file: SVG with the theme's colours written into it, so that it looks the same elsewhere; PNG painted from
 * that SVG; CSV from the figures. The host asks where to. Dense cells go in as one picture (`canvasPicture`).
 */
import type { ExportedDrawing } from "../../src/protocol/views.ts";
import { css } from "./colour.ts";
import { makeSvg } from "./dom.ts";
import { type Frame, sentenceOf } from "./frame.ts";
import type { CommonHost } from "./host.ts";
import type { MenuItem } from "./menu.ts";
import { readTheme } from "./theme.ts";

/** What makes a mark look as it does. */
const properties = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
  "white-space",
  "visibility",
] as const;

/** What a property is where nobody says anything: it need not be written. */
const initial: Readonly<Partial<Record<(typeof properties)[number], string>>> = {
  "fill-opacity": "1",
  "stroke-opacity": "1",
  stroke: "none",
  "stroke-width": "1px",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  opacity: "1",
  "font-weight": "400",
  "text-anchor": "start",
  "dominant-baseline": "auto",
  "white-space": "normal",
  visibility: "visible",
};

/** A file of its own from an element that is on the page, on the theme's background. */
export function svgText(svg: SVGSVGElement, { title }: { readonly title: string }): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  writeStyles(svg, copy);
  const { width, height } = sizeOf(svg);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const [x, y, w, h] = (copy.getAttribute("viewBox") ?? "").split(/[\s,]+/);
  const ground = makeSvg("rect", { x, y, width: w, height: h, fill: css(readTheme().background) });
  copy.prepend(makeSvg("title", {}, title), ground);
  return new XMLSerializer().serializeToString(copy);
}

function sizeOf(svg: SVGSVGElement): { readonly width: number; readonly height: number } {
  const { width, height } = svg.getBoundingClientRect();
  if (width > 0 && height > 0) return { width, height };
  return { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
}

function writeStyles(from: Element, to: Element): void {
  const styles = getComputedStyle(from);
  if (styles.display === "none") {
    to.remove();
    return;
  }
  for (const property of properties) {
    const value = styles.getPropertyValue(property);
    if (value !== "" && value !== initial[property]) to.setAttribute(property, value);
    else to.removeAttribute(property);
  }
  for (const name of ["class", "style", "tabindex"]) to.removeAttribute(name);
  // From a list: what is not shown is taken out on the way.
  const copies = [...to.children];
  [...from.children].forEach((child, i) => {
    writeStyles(child, copies[i]);
  });
}

/** Painted at `scale` pixels a unit. @throws where the browser cannot read the SVG. */
export async function pngOf(svg: string, scale = 2): Promise<ArrayBuffer> {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(image.naturalWidth * scale);
    canvas.height = Math.ceil(image.naturalHeight * scale);
    const pen = canvas.getContext("2d");
    if (pen === null) throw new Error("There is no canvas to paint on.");
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob === null) throw new Error("The picture is too large to be painted.");
    return await blob.arrayBuffer();
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A canvas inside an SVG, pixel by pixel. */
export function canvasPicture(
  canvas: HTMLCanvasElement,
  { x, y, width, height }: Pick<DOMRectReadOnly, "x" | "y" | "width" | "height">,
): SVGImageElement {
  const href = canvas.toDataURL("image/png");
  const image = makeSvg("image", { href, x, y, width, height, preserveAspectRatio: "none" });
  image.style.imageRendering = "pixelated";
  return image;
}

/** Sends it to the host and says in the status line what became of it. */
export async function exportDrawing(
  host: CommonHost,
  frame: Frame,
  drawing: ExportedDrawing,
): Promise<void> {
  try {
    const { saved } = await host.call("export", drawing, { timeLimit: 3_600_000 });
    frame.say(saved ? `${drawing.name}.${drawing.type} saved.` : "Nothing was saved.");
  } catch (error) {
    frame.say(sentenceOf(error));
  }
}

export interface ExportMenuOptions {
  readonly host: CommonHost;
  readonly frame: () => Frame;
  /** Of the file, without ending; also the picture's title. */
  readonly name: () => string;
  /** An element of the page, or one that is made for it. */
  readonly svg: () => SVGSVGElement;
  readonly csv: () => string;
}

/** *Export SVG*, *PNG*, *CSV* for the menu. */
export function exportMenu({ host, frame, name, svg, csv }: ExportMenuOptions): MenuItem[] {
  const send =
    (
      type: ExportedDrawing["type"],
      make: () => ExportedDrawing["content"] | Promise<ArrayBuffer>,
    ) =>
    async (): Promise<void> => {
      try {
        const content = await make();
        await exportDrawing(host, frame(), { name: name(), type, content });
      } catch (error) {
        frame().say(sentenceOf(error));
      }
    };
  const picture = (): string => inPage(svg(), (element) => svgText(element, { title: name() }));
  const entry = (label: string, run: () => Promise<void>): MenuItem => ({
    label,
    run: () => void run(),
  });
  return [
    entry("Export as SVG…", send("svg", picture)),
    entry(
      "Export as PNG…",
      send("png", () => pngOf(picture())),
    ),
    entry("Export figures as CSV…", send("csv", csv)),
  ];
}

/** Styles are only computed for what is on the page. */
function inPage<T>(svg: SVGSVGElement, read: (svg: SVGSVGElement) => T): T {
  if (svg.isConnected) return read(svg);
  svg.style.position = "fixed";
  svg.style.left = "-10000px";
  document.body.append(svg);
  try {
    return read(svg);
  } finally {
    svg.remove();
  }
}
