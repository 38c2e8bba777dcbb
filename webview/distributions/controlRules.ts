/** The settings that the view can turn: what a preset sets, what departs from it, and what cannot be chosen with what. */
import type { DistributionsShow, FusionControls } from "../../src/protocol/distributionsView.ts";

export type Preset = "recipe" | "corrected" | "published" | "custom";
type Presets = Pick<DistributionsShow, "origin" | "presets" | "resetTo">;

/** In the order in which they stand in the view. */
export const controlKeys = [
  "mode",
  "positions",
  "vocabulary",
  "rule",
  "per",
  "lambda",
  "temperature",
  "topK",
] as const satisfies readonly (keyof FusionControls)[];
export type ControlKey = (typeof controlKeys)[number];

/** The preset that the controls stand at. A run's own recipe comes before the preset it may equal. */
export function presetOf(controls: FusionControls, { origin, presets, resetTo }: Presets): Preset {
  if (origin === "run" && isSame(controls, resetTo)) return "recipe";
  if (isSame(controls, presets.corrected)) return "corrected";
  return isSame(controls, presets.published) ? "published" : "custom";
}

export function presetControls(
  preset: Exclude<Preset, "custom">,
  { presets, resetTo }: Presets,
): FusionControls {
  return preset === "recipe" ? resetTo : presets[preset];
}

/** Presets that can be chosen. A selection has no recipe to go back to. */
export const presetsOf = ({ origin }: Presets): readonly Exclude<Preset, "custom">[] =>
  origin === "run" ? ["recipe", "corrected", "published"] : ["corrected", "published"];

/** Keys that stand elsewhere than at the point to reset to. */
export const departures = (controls: FusionControls, resetTo: FusionControls): ControlKey[] =>
  controlKeys.filter((key) => controls[key] !== resetTo[key]);

const isSame = (a: FusionControls, b: FusionControls): boolean => departures(a, b).length === 0;

/** What of the controls the figures depend on: all but λ, which acts on TAUGHT alone. */
export const figuresKey = (controls: FusionControls): string =>
  controlKeys
    .filter((key) => key !== "lambda")
    .map((key) => controls[key])
    .join(" ");

/** Why a value cannot be chosen beside the others; `undefined` where it can. */
export function obstacle(
  controls: FusionControls,
  key: ControlKey,
  value: string,
): string | undefined {
  if (controls.mode !== "published") return undefined;
  if (key === "positions" && value === "bytes") {
    return "the published code pairs positions by dtw only; preset corrected allows both";
  }
  if (key === "vocabulary" && value === "firstToken") {
    return "the published code knows exact and minEditDistance; preset corrected allows firstToken";
  }
  return undefined;
}
