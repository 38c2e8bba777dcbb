/** Where the texts of a distributions panel come from: ranges of a document that models read, or a run's shards. */
import type * as vscode from "vscode";
import type {
  DistributionsShow,
  DocumentFigures,
  FusionControls,
} from "../../protocol/distributionsView.ts";
import type { FuseRunBody, FuseTextBody } from "../../protocol/inspector.ts";
import type { OpenAt, TextRange } from "../../protocol/views.ts";
import type { ModelChoice } from "../modelChoice.ts";

/** The parts of a snapshot that follow from where the texts come from. */
export type OriginShow = Omit<DistributionsShow, "kept" | "restricted" | "controls" | "remembered">;

export interface Origin extends vscode.Disposable {
  readonly kind: "selection" | "run";
  /** Of the panel's tab. */
  readonly title: string;
  show(): Promise<OriginShow>;
  /** What the inspector is asked about. @throws Problem where there is no such document, or it is not as shown */
  question(document: number): FuseTextBody | FuseRunBody;
  /** An answer to the view. */
  answered(document: number, figures: DocumentFigures, controls: FusionControls): void;
  /** @throws Problem where models cannot be chosen */
  setModels(choice: ModelChoice): Promise<void>;
  readAgain(): void;
  /** Whether it is known here. */
  openAt(place: OpenAt): Promise<boolean>;
  chooseToken?(range: TextRange): void;
  revealText?(range: TextRange | null): Promise<void>;
  onVisible?(visible: boolean): void;
}
