/** What stands behind `⋯`: the table, exports, lanes to be pinned, and the same place in the other view. */
import { dtwMatrix } from "../../src/core/alignment/dtw.ts";
import { pairCost } from "../../src/core/alignment/pieceCosts.ts";
import type { CostTable } from "../../src/protocol/alignmentView.ts";
import { exportMenu } from "../shared/exportDrawing.ts";
import type { Frame } from "../shared/frame.ts";
import type { CommonHost } from "../shared/host.ts";
import type { MenuItem } from "../shared/menu.ts";
import { csvText } from "../shared/separated.ts";
import { readTheme } from "../shared/theme.ts";
import type { Chooser } from "./chooser.ts";
import type { Drawing } from "./drawing.ts";
import { mostLanes } from "./geometry/lanes.ts";
import { localCost } from "./matrixLayers.ts";
import { matrixPicture } from "./matrixPicture.ts";
import { ribbonPicture } from "./ribbonPicture.ts";
import type { RibbonView } from "./ribbonView.ts";
import type { AlignmentSession } from "./session.ts";
import { csvHead, csvRows } from "./tableRows.ts";

export interface MenuParts {
  readonly host: CommonHost;
  readonly frame: () => Frame;
  readonly session: AlignmentSession;
  readonly chooser: Chooser;
  readonly drawing: Drawing;
  readonly ribbon: RibbonView;
  readonly title: () => string;
  /** Which drawing was last worked in. */
  readonly isRibbon: () => boolean;
  readonly toggleTable: () => void;
  readonly onPin: (letter: string) => void;
  readonly onDistributions: () => void;
}

export function viewMenu(parts: MenuParts): readonly MenuItem[] {
  const { session, drawing, chooser } = parts;
  const sources = session.whole?.sources ?? [];
  const pins = sources.flatMap(({ kind, letter, name }, i): MenuItem[] => {
    if (kind !== "aligned" || sources.length <= mostLanes) return [];
    const isPinned = drawing.pinned.has(letter);
    const label = `${isPinned ? "Unpin" : "Pin"} the lane of ${letter} (${name})`;
    return [{ label, run: () => parts.onPin(letter), separated: i === 0 }];
  });
  const distributions = { label: "Show fused distributions here", run: parts.onDistributions };
  return [
    { label: "Table", key: "t", run: parts.toggleTable },
    distributions,
    ...exports(parts).map((item, i) => ({ ...item, separated: i === 0 })),
    ...pins,
  ].map((item) =>
    session.text === undefined || (item === distributions && chooser.token < 0)
      ? { ...item, disabled: "Nothing is aligned yet." }
      : item,
  );
}

function exports(parts: MenuParts): MenuItem[] {
  const { host, frame, title, isRibbon, chooser, session } = parts;
  return exportMenu({
    host,
    frame,
    name: () => `alignment ${title()} ${isRibbon() ? "ribbon" : `${chooser.source} to T`}`,
    svg: () => pictureOf(parts),
    csv: () =>
      csvText(
        csvHead,
        session.text === undefined ? [] : csvRows(session.text, `${session.document + 1}`),
      ),
  });
}

/** The view itself only knows tiles; for a picture of the whole the sums are made again. */
function cumulativeCosts(table: CostTable): (row: number, column: number) => number {
  const [rows, columns] = [table.sourceKinds.length, table.targetKinds.length];
  const matrix = dtwMatrix(rows, columns, pairCost(table));
  return (row, column) => matrix[row * columns + column];
}

function pictureOf({ isRibbon, ribbon, session, chooser, drawing }: MenuParts): SVGSVGElement {
  const { pair } = chooser;
  const theme = readTheme();
  const layer = drawing.layerView;
  if (!isRibbon() && pair !== undefined && layer !== undefined) {
    const table = session.costs(chooser.source)?.table;
    return matrixPicture({
      pair,
      theme,
      scale: layer.scale,
      value: layer.value ?? (table && cumulativeCosts(table)),
      localCost: table && ((row, column) => localCost(table, row, column)),
      label: (side, token) => drawing.label(side, token),
    });
  }
  return ribbonPicture(ribbon, session.whole, theme);
}
