/** The menu behind `⋯`: the strip as a picture, all figures and the chosen position as CSV, and the way to the table. */
import { exportDrawing, exportMenu } from "../shared/exportDrawing.ts";
import type { Frame } from "../shared/frame.ts";
import type { CommonHost } from "../shared/host.ts";
import type { MenuItem } from "../shared/menu.ts";
import { candidatesCsv } from "./candidateTable.ts";
import { documentCsv } from "./documentTable.ts";
import type { Session } from "./session.ts";
import { stripSvg } from "./stripSvg.ts";
import type { DistributionsView } from "./view.ts";

export interface MenuParts {
  readonly host: CommonHost;
  readonly frame: Frame;
  readonly session: Session;
  readonly view: DistributionsView;
  readonly onUseInRecipe: () => void;
}

/** Nothing while there is nothing to draw. */
export function menuItems(parts: MenuParts): readonly MenuItem[] {
  const { host, frame, session, view, onUseInRecipe } = parts;
  const { open, show } = session;
  const { picture } = view;
  if (open === undefined || show === undefined || picture === undefined) return [];
  const letters = view.letters();
  const name = (): string => `fused ${show.title} ${show.documents[open.index].title}`;
  const exportPosition = (): void =>
    void exportDrawing(host, frame, {
      name: `${name()} position ${session.position}`,
      type: "csv",
      content: candidatesCsv(view.detail.all, letters, session.showPiece),
    });
  return [
    ...exportMenu({
      host,
      frame: () => frame,
      name,
      svg: () => stripSvg(open.tokens, picture, name()),
      csv: () => documentCsv({ ...open, letters }),
    }),
    { label: "Export this position as CSV…", run: exportPosition },
    { label: "Open as table", key: "t", run: () => view.toggleTable(), separated: true },
    { label: "Use these settings in a recipe", run: onUseInRecipe },
  ];
}
