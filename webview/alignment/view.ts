/**
 * The alignment view: how tokenizers cut the same text, and what answers for what. Here its parts are put together:
 * what the host pushes, what the reader does, and what follows from it. What is asked stands in session.ts, what is
 * chosen in chooser.ts, what is shown in drawing.ts.
 */
import {
  type AlignmentAsks,
  type AlignmentEvents,
  type AlignmentShow,
  type MatrixLayer,
  matrixLayers,
} from "../../src/protocol/alignmentView.ts";
import type { CommonEvents } from "../../src/protocol/views.ts";
import { make } from "../shared/dom.ts";
import { type Frame, makeFrame, sentenceOf } from "../shared/frame.ts";
import { connectToHost, type Host, viewState } from "../shared/host.ts";
import { installKeys } from "../shared/keys.ts";
import { observeTheme } from "../shared/theme.ts";
import { Chooser, type ChosenBy } from "./chooser.ts";
import { makeHoverCard } from "./detailPane.ts";
import { Drawing } from "./drawing.ts";
import { makeFiguresTable } from "./figuresTable.ts";
import { makeHeader } from "./header.ts";
import { makeHover } from "./hover.ts";
import { makeMatrixPanel } from "./matrixPanel.ts";
import { makeMatrixView } from "./matrixView.ts";
import { makePaintedMark } from "./paintLoop.ts";
import { makeRibbonView } from "./ribbonView.ts";
import { AlignmentSession } from "./session.ts";
import { followedTokens, watchText } from "./staleText.ts";
import { isStoredState, type StoredState, storedVersion } from "./storedState.ts";
import { makeTabs } from "./tabs.ts";
import { tokenCount, tokenSpan } from "./tokenTrack.ts";
import { makeTwin } from "./twin.ts";
import { type Area, viewKeys } from "./viewKeys.ts";
import { viewMenu } from "./viewMenu.ts";

export function openAlignmentView(): void {
  let show: AlignmentShow | undefined;
  /** Kept through another text or other tokenizers: the place in the text. */
  let keptByte: number | undefined;
  let lastArea: Area = "matrix";
  const storage = viewState<StoredState>(storedVersion, isStoredState);
  let restored = storage.get();

  const host: Host<AlignmentAsks> = connectToHost<AlignmentAsks, AlignmentEvents>({
    show: (next) => open(next),
    textChanged: ({ revision, changed }) => {
      if (show === undefined || revision !== show.revision) return;
      const tokens = session.whole === undefined ? 0 : tokenCount(session.whole.target);
      text.changed(changed, show.followEdits && tokens <= followedTokens);
    },
    cursor: (place) => followCursor(place),
    progress: (progress) => {
      if (progress !== null) frame.working({ ...progress, cancel: () => session.cancelWarp() });
    },
    press: ({ what }) => frame.press(what),
  });
  const toggleTable = (): void => {
    twin.toggle();
    store();
  };
  const frame: Frame = makeFrame({
    name: "Alignment",
    host: host.common,
    toggleTable,
    menu: () => viewMenu({ host, frame, drawing, session, chooser, ribbon, toggleTable, pin, area, title }),
  });
  const session = new AlignmentSession(host, {
    onText: () => drawText(),
    onCosts: (letter) => {
      if (letter !== chooser.source) return;
      drawing.drawLayer();
      drawing.drawNotices();
      drawing.drawChoice(false);
    },
    onFigures: () => drawing.drawFigures(),
    onWorking: (what) =>
      frame.working(what === null ? null : { what, cancel: () => session.cancelWarp() }),
    onError: (error) => fail(error),
  });
  const chooser = new Chooser({
    onSource: () => {
      drawHeader();
      drawing.drawPair();
      drawing.drawNotices();
      twin.setPair(chooser.pair, session.text);
    },
    onChoose: (by) => onChoose(by),
  });
  const isVisible = (): boolean => host.visible;
  const painted = makePaintedMark(() => drawing.awaitsCells && !matrix.element.hidden);
  const hover = makeHover(makeHoverCard(), {
    facts: (cell) => drawing.facts(cell),
    onPoint: (cell) => drawing.drawPointed(cell),
  });
  const matrix = makeMatrixView({
    onChoose: (cell) => chooser.chooseCell(cell),
    onPoint: (cell, x, y) => hover.point(cell, x, y),
    onPlace: () => store(),
    onPainted: () => painted("matrix"),
    label: (side, token) => drawing.label(side, token),
    isVisible,
  });
  const ribbon = makeRibbonView({
    onChoose: (letter, token) => chooseInRibbon(letter, token),
    onPoint: (at, x, y) => hover.point(at && cellOfRibbon(at.letter, at.token), x, y),
    onPainted: () => painted("ribbon"),
    isVisible,
  });
  const panel = makeMatrixPanel(matrix, (layer) => setLayer(layer));
  const figures = makeFiguresTable((letter) => chooser.chooseSource(letter));
  const drawing = new Drawing({
    show: () => show,
    frame,
    session,
    chooser,
    matrix,
    panel,
    ribbon,
    figures,
    onError: (error) => fail(error),
  });
  const twin = makeTwin({ host: host.common, frame, onChoose: (token) => chooser.chooseToken("T", token) });
  const header = makeHeader({
    onSource: (letter) => chooser.chooseSource(letter),
    onDocument: (index) => loadDocument(index, undefined),
    onTokenizers: (target, sources) => ask(host.call("setTokenizers", { target, sources })),
    onAdd: () => ask(host.call("openAt", { what: "tokenizers" })),
  });
  const again = (): void => {
    if (session.warp === "cancelled" && !text.isStale) session.alignWarp();
    else ask(host.call("alignAgain", null));
  };
  const text = watchText(frame, again, () => drawing.drawChoice(false));
  const tabs = makeTabs(frame.body);
  frame.models.append(...header.elements);
  frame.figures.append(figures.element);
  frame.drawing.append(tabs.element, panel.element, ribbon.element);
  document.body.append(hover.element);

  function open(next: AlignmentShow): void {
    const isSame = show !== undefined && sameWork(show, next);
    const isFirst = show === undefined;
    if (!isFirst && !isSame) keptByte = chooser.byte;
    show = next;
    frame.setTitle(next.title);
    frame.setKept(next.kept);
    if (next.problem !== undefined) return frame.show({ kind: "failed", problem: next.problem });
    if (next.documents.length === 0 || next.tokenizers.length < 2) return showEmpty(next);
    frame.show({ kind: "ready" });
    if (isSame) return session.resume();
    text.reset();
    const stored = restored?.revision === next.revision ? restored : undefined;
    if (isFirst) drawing.setLayer(stored?.layer ?? next.layer);
    if (stored !== undefined) drawing.pinned = new Set(stored.pinned);
    if (stored?.isTable === true) twin.toggle();
    painted.reset();
    session.open(next, stored?.document ?? (isFirst ? 0 : session.document));
    drawHeader();
  }

  function showEmpty({ documents }: AlignmentShow): void {
    const choose = { label: "Choose tokenizers", run: () => ask(host.call("openAt", { what: "tokenizers" })) };
    frame.show(
      documents.length === 0
        ? { kind: "empty", sentence: "Select text in an editor and align it." }
        : { kind: "empty", sentence: "Two tokenizers or more are needed.", action: choose },
    );
  }

  function drawHeader(): void {
    if (show === undefined) return;
    const notes = (session.text?.sources ?? []).flatMap((source) => {
      if (source.kind === "aligned") return [];
      const note = source.kind === "identical" ? "same tokenizer as T" : source.problem.message;
      return [[source.letter, note] as const];
    });
    header.set(show, session.document, chooser.source, Object.fromEntries(notes));
  }

  /** Another text, DTW added to it, or a part of it. */
  function drawText(): void {
    const shown = session.text;
    if (shown === undefined || show === undefined) return;
    const stored = restored?.revision === show.revision ? restored : undefined;
    const source = chooser.source === "" ? (stored?.source ?? "A") : chooser.source;
    const cell = stored?.document === session.document ? (stored.cell ?? undefined) : undefined;
    const place = stored?.document === session.document ? (stored.place ?? undefined) : undefined;
    const isMore = shown.target.letter === drawnTarget;
    const byte = keptByte ?? (isMore ? chooser.byte : undefined);
    drawnTarget = shown.target.letter;
    chooser.setText(shown, source, byte, cell);
    drawHeader();
    drawing.drawPair(place);
    drawing.drawNotices();
    twin.setPair(chooser.pair, shown);
    drawing.drawChoice(true);
  }
  let drawnTarget = "";
