/** What is stored of the curves between two starts of a view, checked as input from outside. */
import { xAxes } from "./curve.ts";
import type { CurveState } from "./curvePanel.ts";

export function isCurveState(value: unknown): value is CurveState {
  if (!isRecord(value)) return false;
  const { axis, y, range, chosen, hidden, layer, areMoreOpen } = value;
  return (
    xAxes.some((one) => one === axis) &&
    (y === "linear" || y === "log") &&
    (range === null || (isRecord(range) && isStep(range.from) && isStep(range.to))) &&
    (chosen === null || isStep(chosen)) &&
    Array.isArray(hidden) &&
    hidden.every((key) => typeof key === "string") &&
    typeof layer === "string" &&
    typeof areMoreOpen === "boolean"
  );
}

const isStep = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
