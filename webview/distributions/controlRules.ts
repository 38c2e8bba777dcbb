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
export const obstacle = (
  { obstacles }: Pick<DistributionsShow, "obstacles">,
  { mode }: FusionControls,
  key: ControlKey,
  value: string,
): string | undefined => obstacles?.[mode][key]?.[value];

/** Widths worth comparing, beside those that presets and the point to reset to have. */
const usualTopKs = [10, 64, 128];

/** What top k can be set to, in order. */
export function topKsOf({ topK }: FusionControls, { presets, resetTo }: Presets): number[] {
  const { corrected, published } = presets;
  const all = [...usualTopKs, topK, resetTo.topK, corrected.topK, published.topK];
  return [...new Set(all)].sort((a, b) => a - b);
}
