/** The parts of the view on the page, and how they are filled from the session. No part asks the host by itself. */
import { documentSwitcher } from "../shared/documents.ts";
import { make } from "../shared/dom.ts";
import type { Frame } from "../shared/frame.ts";
import { type TableTwin, tableTwin } from "../shared/table.ts";
import { observeTheme } from "../shared/theme.ts";
import { type ControlsListeners, makeControlsLine } from "./controlsLine.ts";
import { type DetailListeners, makeDetail } from "./detailView.ts";
import { makeDocumentSearch } from "./documentSearch.ts";
import { documentColumns } from "./documentTable.ts";
import { figuresLine } from "./figuresLine.ts";
import { type Picture, pictureOf } from "./marks.ts";
import { makeOverview } from "./overviewView.ts";
import { shownBefore } from "./pieces.ts";
import { isEnd } from "./places.ts";
import { positionSentence } from "./sentences.ts";
import type { Session } from "./session.ts";
import { makeStripHead, type StripHeadListeners } from "./stripHead.ts";
import { makeStrip } from "./stripView.ts";
import type { Look } from "./viewChoice.ts";
import { stopsOf } from "./walks.ts";

export interface ViewListeners extends ControlsListeners, StripHeadListeners, DetailListeners {
  readonly onPosition: (position: number) => void;
  readonly onDocument: (index: number) => void;
  readonly onCopy: (text: string) => void;
}

export type DistributionsView = ReturnType<typeof makeView>;

/** Text lines from which on an overview helps. */
const linesWithoutOverview = 5;

export function makeView(
  frame: Frame,
  session: Session,
  look: () => Look,
  listeners: ViewListeners,
) {
  const controls = makeControlsLine(listeners);
  const figuresBox = make("div", "figures-line");
  frame.figures.append(controls.element, figuresBox);

  const switcher = documentSwitcher({ onChoose: listeners.onDocument });
  const search = makeDocumentSearch(listeners.onDocument);
  const head = makeStripHead(listeners);
  const overview = makeOverview(listeners.onPosition);
  const strip = makeStrip({
    onChoose: listeners.onPosition,
    onScroll: () => paintOverview(),
    sentence: (position) => sentenceAt(position),
  });
  frame.drawing.append(head.element, overview.element, strip.element);
  const detail = makeDetail(listeners);
  frame.detail.append(detail.element);

  let picture: Picture | undefined;
  let stops = new Int32Array(0);
  let twin: TableTwin<number> | undefined;

  const letters = (): string[] => session.show?.models.map(({ letter }) => letter) ?? [];

  function sentenceAt(position: number): string {
    const { figures, tokens } = session.open!;
    return positionSentence(figures, position, tokens[position].whole, letters());
  }

  function paintOverview(): void {
    if (picture === undefined) return;
    const isLong = strip.geometry.lines > linesWithoutOverview;
    overview.element.hidden = !isLong;
    if (isLong) overview.paint(picture, strip.inSight(), session.position);
  }

  const fillPicture = (isNewText: boolean): void => {
    const { figures, places, tokens } = session.open!;
    const { measure, subject, walk } = look();
    picture = pictureOf(figures, places, letters(), measure, subject);
    stops = stopsOf(figures, places, walk) as Int32Array<ArrayBuffer>;
    head.set(picture, walk, stops.length);
    if (isNewText) strip.setText(tokens, picture);
    else strip.setPicture(picture);
    paintOverview();
  };

  const fillTwin = (): void => {
    if (session.open === undefined) return;
    twin = tableTwin<number>({
      name: "Positions of the document",
      columns: documentColumns({ ...session.open, letters: letters() }),
      rows: Array.from({ length: session.open.figures.positions }, (_, i) => i),
      onChoose: listeners.onPosition,
      onCopy: listeners.onCopy,
    });
    frame.table(twin.element);
    if (session.position >= 0) twin.choose(session.position);
  };

  const focus = (): void => {
    if (twin === undefined && strip.element.checkVisibility()) strip.element.focus();
    else frame.focus();
  };

  let width = 0;
  new ResizeObserver(() => {
    const now = strip.element.clientWidth;
    if (now === width || now === 0) return;
    width = now;
    strip.layAnew();
    paintOverview();
  }).observe(strip.element);
  observeTheme(() => {
    if (picture === undefined) return;
    head.set(picture, look().walk, stops.length);
    strip.layAnew();
    paintOverview();
  });

  return {
    letters,
    sentenceAt,
    strip,
    detail,
    get picture() {
      return picture;
    },
    get stops() {
      return stops;
    },
    get twin() {
      return twin;
    },
    fillControls(): void {
      if (session.show !== undefined && session.controls !== undefined) {
        controls.set(session.controls, session.show);
      }
    },
    fillDocuments(): void {
      const { show, open } = session;
      if (show === undefined) return;
      const isRun = show.origin === "run" && show.documents.length > 1;
      switcher.element.hidden = isRun;
      search.element.hidden = !isRun;
      const chosen = open?.index ?? 0;
      if (isRun) search.set(show.documents, chosen);
      else switcher.set(show.documents, chosen);
    },
    topLine: [switcher.element, search.element],
    /** Everything that depends on the document's figures. */
    fillDocument(isNewText: boolean): void {
      const { figures } = session.open!;
      figuresBox.replaceChildren(...figuresLine(figures, letters()));
      fillPicture(isNewText);
      if (twin !== undefined) fillTwin();
    },
    fillPicture: () => fillPicture(false),
    fillChoice(): void {
      strip.choose(session.position);
      paintOverview();
      twin?.choose(session.position);
    },
    fillDetail(): void {
      const { open, row, show, controls: present, showPiece } = session;
      // A row of other settings or of another text is no longer what is shown.
      if (open === undefined || row === undefined || show === undefined || present === undefined)
        return;
      const at = row.position;
      if (at >= open.figures.positions) return;
      const { figures, tokens } = open;
      detail.set(
        {
          position: row,
          lambda: present.lambda,
          bound: figures.fusedBound[at] === 1 ? figures.fusedBits[at] : undefined,
          names: show.models.map(({ name }) => name),
          show: showPiece,
          before: shownBefore(figures, tokens, at),
          token: tokens[at],
          bytes: isEnd(figures, at)
            ? `${figures.byteStarts[at]}, the end`
            : `${figures.byteStarts[at]}–${figures.byteEnds[at]}`,
          of: figures.positions,
        },
        look().form,
      );
    },
    /** To where tokens are walked, not to the fields above them. */
    focus,
    toggleTable(): void {
      if (twin === undefined) {
        fillTwin();
        focus();
      } else {
        twin = undefined;
        frame.table(null);
        strip.layAnew();
        paintOverview();
        focus();
      }
    },
  };
}
