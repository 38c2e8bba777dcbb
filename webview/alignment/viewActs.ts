/** What the keys do, depending on where the focus is. */
import {
  type AlignmentAsks,
  type MatrixLayer,
  matrixLayers,
} from "../../src/protocol/alignmentView.ts";
import type { Frame } from "../shared/frame.ts";
import type { Host } from "../shared/host.ts";
import type { Areas } from "./areas.ts";
import type { Chooser } from "./chooser.ts";
import type { Drawing } from "./drawing.ts";
import type { MatrixView } from "./matrixView.ts";
import type { RibbonView } from "./ribbonView.ts";
import type { AlignmentSession } from "./session.ts";
import type { StaleText } from "./staleText.ts";
import { tokenSpan, wholeCharacters } from "./tokenTrack.ts";
import type { Twin } from "./twin.ts";
import type { ViewActs } from "./viewKeys.ts";

export interface ActParts {
  readonly host: Host<AlignmentAsks>;
  readonly frame: Frame;
  readonly session: AlignmentSession;
  readonly chooser: Chooser;
  readonly drawing: Drawing;
  readonly matrix: MatrixView;
  readonly ribbon: RibbonView;
  readonly twin: Twin;
  readonly areas: Areas;
  readonly stale: StaleText;
  /** Says in the status line what became of a call that failed. */
  readonly ask: (asked: Promise<unknown>) => void;
  readonly again: () => void;
  readonly toggleTable: () => void;
  readonly setLayer: (layer: MatrixLayer) => void;
  /** Of the source with this number, from 1. */
  readonly sourceLetter: (number: number) => string | undefined;
}

export function viewActs(parts: ActParts): ViewActs {
  const { chooser, drawing, matrix, ribbon, areas, frame, session } = parts;

  const moveLines = (lines: number): void => {
    const first = session.text?.target.first ?? 0;
    const token = first + chooser.token;
    chooser.moveToken(ribbon.besides(token, lines) - token);
  };
  return {
    area: areas.current,
    move(dx, dy) {
      const area = areas.current();
      if (area === "figures") chooser.stepSource(Math.sign(dx + dy));
      else if (area === "matrix") chooser.move(dx, dy);
      else if (dy === 0) chooser.moveToken(dx);
      else moveLines(dy);
    },
    toEdge: (direction) => chooser.moveToEdge(direction),
    page(direction) {
      if (areas.current() === "ribbon") moveLines(direction * ribbon.pageLines);
      else chooser.move(0, direction * matrix.pageRows);
    },
    zoom: (factor) => matrix.zoomBy(factor),
    fit: () => matrix.showWhole(),
    zoomToGroup() {
      if (chooser.cell !== undefined) matrix.zoomToGroup(chooser.cell);
    },
    nextDifference(direction) {
      if (!chooser.nextDifference(direction)) frame.say(drawing.noDifferences());
    },
    chooseSource(number) {
      const letter = parts.sourceLetter(number);
      if (letter !== undefined) chooser.chooseSource(letter);
    },
    nextLayer() {
      const next = matrixLayers.indexOf(drawing.layer) + 1;
      parts.setLayer(matrixLayers[next % matrixLayers.length]);
    },
    toggleTable: parts.toggleTable,
    again: parts.again,
    copy() {
      const copied = (parts.twin.isShown && parts.twin.chosen()) || drawing.sentence();
      parts.ask(parts.host.call("copy", { text: copied }).then(() => frame.say("Copied.")));
    },
    toggleFollow() {
      chooser.follows = !chooser.follows;
      frame.say(
        chooser.follows ? "Left and right follow the path." : "Left and right move by columns.",
      );
    },
    nextArea: areas.next,
    reveal() {
      const { text } = session;
      if (text === undefined || chooser.token < 0 || parts.stale.isStale) return;
      const range = wholeCharacters(tokenSpan(text.target, chooser.token), text.bytes);
      parts.ask(parts.host.call("revealText", { document: session.document, ...range }));
    },
  };
}
