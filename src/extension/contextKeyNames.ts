/** The context keys of the extension, without their prefix: what package.json may ask in a `when`. */
import type { ViewKind } from "../protocol/views.ts";

export interface ContextKeys {
  /** The runs folder holds at least one run. */
  hasRuns: boolean;
  /** A run of this host is being executed. */
  runLive: boolean;
  hasModels: boolean;
  /** The package carries the native runtime of this machine. */
  nativeAvailable: boolean;
  /** Which view has the focus, and whether its panel is pinned. */
  panel: ViewKind | "";
  panelKept: boolean;
}

export const contextKeyNames: Readonly<Record<keyof ContextKeys, true>> = {
  hasRuns: true,
  runLive: true,
  hasModels: true,
  nativeAvailable: true,
  panel: true,
  panelKept: true,
};
