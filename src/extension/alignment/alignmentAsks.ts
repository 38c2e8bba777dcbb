/** What the alignment view asks, checked: a webview is as little trusted as any other outside. */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import type { MatrixTile } from "../../protocol/alignedPair.ts";
import type { AlignmentAsks } from "../../protocol/alignmentView.ts";
import { type ModelChoice, mostSources } from "../modelChoice.ts";

type Fields = Readonly<Record<string, unknown>>;
type AlignAsk = Parameters<AlignmentAsks["align"]>[0];
type PairAsk = Parameters<AlignmentAsks["costTable"]>[0];

/** How many documents and sources there are: what indices have to stay below. */
export interface Sizes {
  readonly documents: number;
  readonly sources: number;
}

export function readAlignAsk(body: unknown, { documents }: Sizes): AlignAsk {
  const fields = fieldsOf(body);
  const { positions } = fields;
  if (positions !== "bytes" && positions !== "both") throw wrong("positions");
  return { document: index(fields, "document", documents), positions, ...rangeOf(fields) };
}

export function readPairAsk(body: unknown, { documents, sources }: Sizes): PairAsk {
  const fields = fieldsOf(body);
  const document = index(fields, "document", documents);
  return { document, source: index(fields, "source", sources), ...rangeOf(fields) };
}

export function readCap(body: unknown): number {
  return index(fieldsOf(body), "cap", 255);
}

export function readTile(body: unknown): MatrixTile {
  const fields = fieldsOf(body);
  const [row, column, rows, columns, step] = ["row", "column", "rows", "columns", "step"].map(
    (name) => index(fields, name, 1e9),
  ) as [number, number, number, number, number];
  if (step === 0) throw wrong("step");
  return { row, column, rows, columns, step };
}

export function readTokenizers(body: unknown): ModelChoice {
  const { target, sources } = fieldsOf(body);
  if (!isFolder(target)) throw wrong("target");
  if (!Array.isArray(sources) || sources.length === 0 || sources.length > mostSources) {
    throw wrong("sources");
  }
  if (!sources.every(isFolder) || new Set(sources).size < sources.length) throw wrong("sources");
  return { target, sources };
}

function fieldsOf(body: unknown): Fields {
  if (typeof body !== "object" || body === null) throw wrong("body");
  return body as Fields;
}

function index(fields: Fields, name: string, below: number): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || Number(value) < 0 || Number(value) >= below) {
    throw wrong(name);
  }
  return Number(value);
}

function rangeOf({ range }: Fields): Pick<AlignAsk, "range"> {
  if (range === undefined) return {};
  const fields = fieldsOf(range);
  const [from, to] = [index(fields, "from", 1e9), index(fields, "to", 1e9)];
  if (to < from) throw wrong("range");
  return { range: { from, to } };
}

const isFolder = (value: unknown): value is string =>
  typeof value === "string" && path.isAbsolute(value);

const wrong = (field: string): Problem =>
  new Problem("badInput", `The view asked with a wrong ${field}.`);
