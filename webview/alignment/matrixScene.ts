/** All that one picture of the matrix is made from. */
import type { Theme } from "../shared/theme.ts";
import type { Pair } from "./alignedText.ts";
import type { CellTiles } from "./cellTiles.ts";
import type { Cell, MatrixFrame, MatrixPlace } from "./geometry/matrix.ts";

/** Pixels around the pane: axes above and left, the overview below. */
export interface Margins {
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
}

export interface MatrixScene {
  readonly frame: MatrixFrame;
  readonly place: MatrixPlace;
  readonly margins: Margins;
  readonly pair: Pair;
  /** `undefined`: this layer is not known (yet). */
  readonly tiles: CellTiles | undefined;
  readonly theme: Theme;
  /** Pixels of the device in one of CSS. */
  readonly ratio: number;
  readonly chosen: Cell | undefined;
  readonly pointed: Cell | undefined;
  readonly label: (side: "source" | "target", token: number) => string;
}
