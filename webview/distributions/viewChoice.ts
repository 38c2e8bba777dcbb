/** What the view wants back after a reload: what is chosen and how it is shown, by ids and a revision, never data. */
import type { FusionControls } from "../../src/protocol/distributionsView.ts";
import { viewState } from "../shared/host.ts";
import type { DetailForm } from "./detailView.ts";
import { type Measure, measures, type Subject, subjectsOf } from "./measures.ts";
import { type Walk, walks } from "./walks.ts";

/** How things are shown: what the view, not the host, decides. */
export interface Look {
  readonly measure: Measure;
  readonly subject: Subject;
  readonly walk: Walk;
  readonly form: DetailForm;
}

export interface ViewChoice extends Look {
  /** Of the text and models that document, position and controls belong to. */
  readonly revision: string;
  readonly document: number;
  readonly position: number;
  readonly controls: FusionControls;
}

export const usualLook: Look = {
  measure: "crossEntropy",
  subject: "fused",
  walk: "fallback",
  form: "columns",
};

export const storedChoice = () => viewState<ViewChoice>(1, isViewChoice);

/** The look with a measure's own subject where it was made for other models, or for another measure. */
export function fitting(look: Look, models: number): Look {
  const subjects = subjectsOf(look.measure, models);
  return subjects.includes(look.subject) ? look : { ...look, subject: subjects[0] };
}

export function isViewChoice(value: unknown): value is ViewChoice {
  if (!isLook(value)) return false;
  const { revision, document, position, controls } = value as Fields<ViewChoice>;
  return (
    typeof revision === "string" &&
    isIndex(document) &&
    Number.isInteger(position) &&
    isControls(controls)
  );
}

export function isLook(value: unknown): value is Look {
  if (typeof value !== "object" || value === null) return false;
  const { measure, subject, walk, form } = value as Fields<Look>;
  return (
    measures.includes(measure as Measure) &&
    (subject === "fused" || isIndex(subject)) &&
    walks.includes(walk as Walk) &&
    (form === "columns" || form === "matrix")
  );
}

type Fields<Shape> = Partial<Record<keyof Shape, unknown>>;

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
