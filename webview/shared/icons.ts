/** The few signs that stand beside words, 16 by 16, in the colour of the text. Never the only thing that says something. */
import { makeSvg } from "./dom.ts";

const shapes = {
  pin: ["M5.5 2h5l-.6 4.2 2.1 2.3H4l2.1-2.3z*", "M8 8.5V14"],
  more: ["M3.5 8h.01M8 8h.01M12.5 8h.01!"],
  warning: ["M8 2.2 14.4 13.5H1.6z", "M8 6.2v3.6M8 11.7v.01"],
  failed: [
    "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z",
    "M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6",
  ],
  empty: ["M2 3h5v4H2zM9 3h5v4H9zM2 9h3v4H2zM7 9h7v4H7z"],
  lock: ["M3.5 7h9v6.5h-9z", "M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2"],
  note: ["M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z", "M8 7.3v4M8 4.9v.01"],
  again: ["M13.5 8a5.5 5.5 0 1 1-1.7-4", "M13.6 1.6v3h-3"],
  back: ["M9.8 3.5 5.3 8l4.5 4.5"],
  forth: ["M6.2 3.5 10.7 8l-4.5 4.5"],
  close: ["M4 4l8 8M12 4l-8 8"],
} as const;

export type IconName = keyof typeof shapes;

/** In a shape `*` marks what is filled when the thing is on, `!` a thicker line. */
export function icon(name: IconName): SVGSVGElement {
  const paths = shapes[name].map((shape) => {
    const path = makeSvg("path", { d: shape.replace(/[*!]$/, "") });
    if (shape.endsWith("*")) path.classList.add("fillable");
    if (shape.endsWith("!")) path.setAttribute("stroke-width", "2");
    return path;
  });
  return makeSvg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, ...paths);
}
