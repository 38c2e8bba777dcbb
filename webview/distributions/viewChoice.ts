/** What the view wants back after a reload: what is chosen and how it is shown, by ids and a revision, never data. */
import type { FusionControls } from "../../src/protocol/distributionsView.ts";
import { viewState } from "../shared/host.ts";
import type { DetailForm } from "./detailView.ts";
import { type Measure, measures, type Subject } from "./measures.ts";
import { type Walk, walks } from "./walks.ts";

export interface ViewChoice {
  /** Of the text and models that document, position and controls belong to. */
  readonly revision: string;
  readonly document: number;
  readonly position: number;
  readonly controls: FusionControls;
  readonly measure: Measure;
  readonly subject: Subject;
  readonly walk: Walk;
  readonly form: DetailForm;
}

export const storedChoice = () => viewState<ViewChoice>(1, isViewChoice);

export function isViewChoice(value: unknown): value is ViewChoice {
  if (typeof value !== "object" || value === null) return false;
  const { revision, document, position, controls, measure, subject, walk, form } = value as Partial<
    Record<keyof ViewChoice, unknown>
  >;
  return (
    typeof revision === "string" &&
    isIndex(document) &&
    Number.isInteger(position) &&
    isControls(controls) &&
    measures.includes(measure as Measure) &&
    (subject === "fused" || isIndex(subject)) &&
    walks.includes(walk as Walk) &&
    (form === "columns" || form === "matrix")
  );
}

const isIndex = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

const kinds: Readonly<Record<keyof FusionControls, "string" | "number">> = {
  mode: "string",
  positions: "string",
  vocabulary: "string",
  rule: "string",
  per: "string",
  lambda: "number",
  temperature: "number",
  topK: "number",
};

function isControls(value: unknown): value is FusionControls {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(kinds).every(
    ([key, kind]) => typeof (value as Record<string, unknown>)[key] === kind,
  );
}
