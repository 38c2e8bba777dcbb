/** Paints a chart's geometry into an SVG. Nodes are kept from one painting to the next; colours come from the style sheet. */
import { line, type Selection, select } from "d3";
import { type ChartGeometry, type MarkGroup, markLane, type Point } from "./chartGeometry.ts";

export type Dash = "solid" | "dashed" | "dotted";

/** How a curve looks: `colour` is any CSS colour, usually a variable. */
export interface LineLook {
  readonly dash: Dash;
  readonly colour: string;
}

export interface ChartText {
  /** Of the values: `nats per position`. */
  readonly unit: string;
  /** Of the axis: `step`. */
  readonly axis: string;
  /** What a mark says when it is pointed at. */
  readonly mark: (group: MarkGroup) => string;
  readonly resume: (index: number) => string;
}

type Layer = Selection<SVGGElement, unknown, null, undefined>;

export interface ChartLayers {
  readonly svg: SVGSVGElement;
  paint(geometry: ChartGeometry, look: (key: string) => LineLook, text: ChartText): void;
  /** A line through the chart with a dot on every curve; `null` takes it away. */
  crosshair(which: "hover" | "chosen", at: Crosshair | null): void;
  /** Where d3's brush lives. */
  readonly brush: SVGGElement;
}

export interface Crosshair {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
  readonly dots: readonly (Point & { readonly colour: string })[];
}

let charts = 0;

export function makeChartLayers(): ChartLayers {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "chart-svg");
  svg.setAttribute("aria-hidden", "true");
  const root = select(svg);
  const clip = `chart-plot-${++charts}`;
  const clipped = root.append("defs").append("clipPath").attr("id", clip).append("rect");
  const layer = (name: string): Layer => root.append("g").attr("class", name);
  const grid = layer("chart-grid");
  const resumes = layer("chart-resumes");
  const lines = layer("chart-lines").attr("clip-path", `url(#${clip})`);
  const axis = layer("chart-axis");
  const crosses = layer("chart-crosses");
  const hairs = { hover: layer("chart-hover"), chosen: layer("chart-chosen") };
  const brush = layer("chart-brush");
  const marks = layer("chart-marks");
  return {
    svg,
    brush: brush.node() as SVGGElement,
    paint(geometry, look, text) {
      const { width, height, plot } = geometry;
      root.attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
      clipped
        .attr("x", plot.left)
        .attr("y", plot.top - 2)
        .attr("width", plot.right - plot.left)
        .attr("height", plot.bottom - plot.top + 4);
      paintAxes(grid, axis, geometry, text);
      paintResumes(resumes, geometry, text);
      paintLines(lines, geometry, look);
      paintCrosses(crosses, geometry, look);
      paintMarks(marks, geometry, text);
    },
    crosshair(which, at) {
      paintCrosshair(hairs[which], at);
    },
  };
}

function paintAxes(grid: Layer, axis: Layer, geometry: ChartGeometry, text: ChartText): void {
  const { plot, width, height } = geometry;
  // A label in the middle of the last tick would be cut off.
  const isAtEnd = (at: number): boolean => at > plot.right - 8;
  grid
    .selectAll("line")
    .data(geometry.yTicks)
    .join("line")
    .attr("x1", plot.left)
    .attr("x2", plot.right)
    .attr("y1", ({ at }) => at)
    .attr("y2", ({ at }) => at);
  axis
    .selectAll("line.base")
    .data([plot])
    .join("line")
    .attr("class", "base")
    .attr("x1", plot.left)
    .attr("x2", plot.right)
    .attr("y1", plot.bottom)
    .attr("y2", plot.bottom);
  axis
    .selectAll("text.y")
    .data(geometry.yTicks)
    .join("text")
    .attr("class", "y")
    .attr("x", plot.left - 6)
    .attr("y", ({ at }) => at + 4)
    .attr("text-anchor", "end")
    .text(({ label }) => label);
  axis
    .selectAll("text.x")
    .data(geometry.xTicks)
    .join("text")
    .attr("class", "x")
    .attr("x", ({ at }) => (isAtEnd(at) ? width - 1 : at))
    .attr("y", plot.bottom + 26)
    .attr("text-anchor", ({ at }) => (isAtEnd(at) ? "end" : "middle"))
    .text(({ label }) => label);
  axis
    .selectAll("text.unit")
    .data([
      { x: 2, y: 11, anchor: "start", label: text.unit },
      { x: plot.right, y: height - 2, anchor: "end", label: text.axis },
    ])
    .join("text")
    .attr("class", "unit")
    .attr("x", ({ x }) => x)
    .attr("y", ({ y }) => y)
    .attr("text-anchor", ({ anchor }) => anchor)
    .text(({ label }) => label);
}

function paintResumes(layer: Layer, { resumes, plot }: ChartGeometry, text: ChartText): void {
  const groups = layer.selectAll<SVGGElement, number>("g").data(resumes).join("g");
  groups.attr("class", "resume");
  groups
    .selectAll("path")
    .data(({ x, again }) => [
      { name: "resume-from", d: `M${x} ${plot.top}V${plot.bottom}` },
      ...(again > x
        ? [{ name: "resume-again", d: `M${x} ${plot.bottom - 4}H${Math.min(again, plot.right)}` }]
        : []),
    ])
    .join("path")
    .attr("class", ({ name }) => name)
    .attr("d", ({ d }) => d);
  groups
    .selectAll("title")
    .data(({ index }) => [text.resume(index)])
    .join("title")
    .text((sentence) => sentence);
}

const pathOf = line<Point>(
  ({ x }) => round(x),
  ({ y }) => round(y),
);

/** A piece of one point is a line of no length: its round ends make it a dot. */
function pathData(pieces: readonly (readonly Point[])[]): string {
  return pieces
    .map((piece) =>
      piece.length === 1
        ? `M${round(piece[0].x)},${round(piece[0].y)}h0`
        : (pathOf(piece as Point[]) ?? ""),
    )
    .join("");
}

function paintLines(layer: Layer, { lines }: ChartGeometry, look: (key: string) => LineLook): void {
  const paths = [
    ...lines.map(({ key, raw }) => ({ key, part: "raw", d: pathData(raw) })),
    ...lines.map(({ key, smoothed }) => ({ key, part: "smoothed", d: pathData(smoothed) })),
  ];
  layer
    .selectAll<SVGPathElement, (typeof paths)[number]>("path")
    .data(paths, ({ key, part }) => `${part} ${key}`)
    .join("path")
    .attr("class", ({ key, part }) => `line ${part} ${look(key).dash}`)
    .attr("data-curve", ({ key }) => key)
    .style("stroke", ({ key }) => look(key).colour)
    .attr("d", ({ d }) => d)
    .order();
}

function paintCrosses(
  layer: Layer,
  { crosses, plot }: ChartGeometry,
  look: (key: string) => LineLook,
): void {
  layer
    .selectAll("path")
    .data(crosses)
    .join("path")
    .attr("class", "cross")
    .style("stroke", ({ key }) => look(key).colour)
    .attr("d", ({ x }) => `M${x - 4} ${plot.bottom - 4}l8 8m0 -8l-8 8`);
}

const markPaths = {
  checkpoint: "M0 -4.5L4.5 0L0 4.5L-4.5 0Z",
  event: "M0 -4.5L4.8 4H-4.8Z",
} as const;

function paintMarks(layer: Layer, { marks, plot }: ChartGeometry, text: ChartText): void {
  const y = plot.bottom + markLane;
  const groups = layer
    .selectAll<SVGGElement, MarkGroup>("g")
    .data(marks)
    .join("g")
    .attr("class", ({ shape }) => `mark ${shape}`)
    .attr("transform", ({ x }) => `translate(${round(x)} ${y})`);
  groups
    .selectAll("path")
    .data(({ shape }) => [markPaths[shape]])
    .join("path")
    .attr("d", (d) => d);
  groups
    .selectAll("title")
    .data((group) => [text.mark(group)])
    .join("title")
    .text((sentence) => sentence);
}

function paintCrosshair(layer: Layer, at: Crosshair | null): void {
  layer
    .selectAll("line")
    .data(at === null ? [] : [at])
    .join("line")
    .attr("x1", ({ x }) => x)
    .attr("x2", ({ x }) => x)
    .attr("y1", ({ top }) => top)
    .attr("y2", ({ bottom }) => bottom);
  layer
    .selectAll("circle")
    .data(at?.dots ?? [])
    .join("circle")
    .attr("r", 3.5)
    .attr("cx", ({ x }) => x)
    .attr("cy", ({ y }) => y)
    .style("stroke", ({ colour }) => colour);
}

const round = (value: number): number => Math.round(value * 10) / 10;
