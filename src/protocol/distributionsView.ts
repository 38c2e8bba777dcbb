/** The distributions view and its host: what each model says at each place of a text, and what fusion makes of it. */
import type { DocumentFigures, FusedPosition, FusionControls } from "./fusedFigures.ts";
import type { CommonAsks, ViewDocument, ViewEvents, ViewHeader, ViewModel } from "./views.ts";

export type {
  DocumentFigures,
  FusedPosition,
  FusionControls,
  OwnCandidate,
  RowEntry,
} from "./fusedFigures.ts";

export interface DistributionsShow extends ViewHeader {
  readonly origin: "selection" | "run";
  /** The target first. */
  readonly models: readonly ViewModel[];
  readonly documents: readonly (ViewDocument & {
    /** Bits per byte of the target, where the run knows it: worst documents first. */
    readonly bitsPerByte?: number;
  })[];
  readonly controls: FusionControls;
  /** What the preset `corrected` or `published`, or the run's recipe, would set: the point to reset to. */
  readonly resetTo: FusionControls;
  /** Where known: how `controls` are named in the view (`recipe`, `corrected`, `published`, `custom`). */
  readonly presets: { readonly corrected: FusionControls; readonly published: FusionControls };
  /** Controls that cannot apply here, with the reason. */
  readonly disabled: Readonly<Partial<Record<keyof FusionControls, string>>>;
  /** Values that cannot be chosen, with the reason: by mode, by control. */
  readonly obstacles?: Readonly<Record<FusionControls["mode"], ControlObstacles>>;
  /** The largest top k there is, and why. */
  readonly mostTopK?: { readonly value: number; readonly reason: string };
  /** What the view had remembered the last time (`persist`). */
  readonly remembered?: Readonly<Record<string, unknown>>;
}

/** Reasons by value, by control. */
export type ControlObstacles = Readonly<
  Partial<Record<keyof FusionControls, Readonly<Record<string, string>>>>
>;

export interface DistributionsAsks extends CommonAsks {
  /** Figures of every position of a document under the given controls. */
  distributions(body: {
    readonly document: number;
    readonly controls: FusionControls;
  }): DocumentFigures;
  /** One position in full. */
  row(body: {
    readonly document: number;
    readonly controls: FusionControls;
    readonly position: number;
  }): FusedPosition;
  /** Other models, by folder; `show` follows. */
  setModels(body: { readonly target: string; readonly sources: readonly string[] }): null;
  /** Takes the text as it stands in the editor now; `show` with another revision follows. */
  readAgain(body: null): null;
  /** The present controls as YAML of a recipe, on the clipboard. */
  useInRecipe(body: { readonly controls: FusionControls }): null;
}

export type DistributionsEvents = ViewEvents<DistributionsShow>;
