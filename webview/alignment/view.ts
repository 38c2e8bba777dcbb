/**
 * The alignment view: how tokenizers cut the same text, and what answers for what. Here its parts are put together:
 * what the host pushes, what the reader does, and what follows from it. What is asked stands in session.ts, what is
 * chosen in chooser.ts, what is shown in drawing.ts.
 */
import type {
  AlignmentAsks,
  AlignmentEvents,
  AlignmentShow,
  MatrixLayer,
} from "../../src/protocol/alignmentView.ts";
import { type Frame, makeFrame, problemOf, sentenceOf } from "../shared/frame.ts";
import { connectToHost, type Host } from "../shared/host.ts";
import { installKeys } from "../shared/keys.ts";
import { observeTheme } from "../shared/theme.ts";
import { pairOfLetter } from "./alignedText.ts";
import { makeAreas } from "./areas.ts";
import { Chooser, type ChosenBy } from "./chooser.ts";
import { makeHoverCard } from "./detailPane.ts";
import { Drawing } from "./drawing.ts";
import { makeFiguresTable } from "./figuresTable.ts";
import type { Cell } from "./geometry/matrix.ts";
import { makeHeader } from "./header.ts";
import { makeHover } from "./hover.ts";
import { makeMatrixPanel } from "./matrixPanel.ts";
import { makeMatrixView } from "./matrixView.ts";
import { makePaintedMark } from "./paintLoop.ts";
import { makeRibbonView } from "./ribbonView.ts";
import { cellOfSource, cellOfTarget } from "./selection.ts";
import { AlignmentSession } from "./session.ts";
import { alignAgain, stateOf, type Ways, wayOut } from "./showState.ts";
import { followedTokens, watchText } from "./staleText.ts";
import { keepState, type StoredState } from "./storedState.ts";
import { makeTabs } from "./tabs.ts";
import { tokenCount, tokenSpan, wholeCharacters } from "./tokenTrack.ts";
import { makeTwin } from "./twin.ts";
import { viewActs } from "./viewActs.ts";
import { viewKeys } from "./viewKeys.ts";
import { viewMenu } from "./viewMenu.ts";

export function openAlignmentView(): void {
  let show: AlignmentShow | undefined;
  const host: Host<AlignmentAsks> = connectToHost<AlignmentAsks, AlignmentEvents>({
    show: (next) => open(next),
    textChanged: ({ revision, changed }) => {
      if (revision !== show?.revision) return;
      const tokens = session.whole === undefined ? 0 : tokenCount(session.whole.target);
      stale.changed(changed, show.followEdits && tokens <= followedTokens);
    },
    cursor: (place) => {
      if (place === null || stale.isStale || show === undefined) return;
      if (place.document === session.document) chooser.chooseByte(place.byte, "editor");
      else if (place.document < show.documents.length) loadDocument(place.document, place.byte);
    },
    progress: (progress) => {
      frame.working(progress && { ...progress, cancel: () => session.cancel() });
    },
    press: ({ what }) => frame.press(what),
  });
  const ask = (asked: Promise<unknown>): void =>
    void asked.catch((error) => frame.say(sentenceOf(error)));
  const isVisible = (): boolean => host.visible;

  const ways: Ways = {
    chooseTokenizers: () => ask(host.call("openAt", { what: "tokenizers" })),
    again: () => again(),
  };
  const frame: Frame = makeFrame({
    name: "Alignment",
    host: host.common,
    toggleTable: () => toggleTable(),
    menu: () =>
      viewMenu({
        host: host.common,
        frame: () => frame,
        session,
        chooser,
        drawing,
        ribbon,
        title: () => show?.title ?? "",
        isRibbon: () => areas.current() === "ribbon",
        toggleTable: () => toggleTable(),
        onPin: (letter) => {
          drawing.togglePin(letter);
          state.keep();
        },
        onDistributions: () => {
          const place = { document: session.document, byte: chooser.byte };
          ask(host.call("openAt", { what: "distributions", ...place }));
        },
      }),
  });
  const session = new AlignmentSession(host, {
    onText: () => {
      stale.renewed();
      drawText();
    },
    onCosts: (letter) => {
      if (letter === chooser.source) drawing.drawCosts();
    },
    onFigures: () => {
      drawing.drawFigures();
      drawing.drawNotices();
    },
    onWorking: (what) =>
      frame.working(what === null ? null : { what, cancel: () => session.cancel() }),
    onError: (error) => {
      if (session.whole !== undefined) return frame.say(sentenceOf(error));
      stale.renewed();
      frame.fail(error, wayOut(problemOf(error), ways));
    },
    onNothing: () => {
      stale.renewed();
      const sentence = "Cancelled: nothing is aligned yet.";
      frame.show({ kind: "empty", sentence, action: alignAgain(ways) });
    },
  });
  const chooser: Chooser = new Chooser({
    onSource: () => drawPair(),
    onChoose: (by) => onChoose(by),
  });
  const painted = makePaintedMark(() => drawing.awaitsCells && matrix.element.checkVisibility());
  const hover = makeHover(makeHoverCard(), {
    facts: (cell) => drawing.facts(cell),
    onPoint: (cell) => drawing.drawPointed(cell),
  });
  const matrix = makeMatrixView({
    onChoose: (cell) => chooser.chooseCell(cell),
    onPoint: (cell, x, y) => hover.point(cell, x, y),
    onPlace: () => state.keep(),
    onPainted: () => painted("matrix"),
    label: (side, token) => drawing.label(side, token),
    isVisible,
  });
  const ribbon = makeRibbonView({
    onChoose: (letter, token) => chooseInRibbon(letter, token),
    onPoint: (at, x, y) => hover.point(at && cellInRibbon(at.letter, at.token), x, y),
    onPainted: () => painted("ribbon"),
    isVisible,
  });
  const panel = makeMatrixPanel(matrix, (layer) => setLayer(layer));
  const figures = makeFiguresTable((letter) => chooser.chooseSource(letter));
  const parts = { show: () => show, ways, frame, session, chooser, matrix, panel, ribbon, figures };
  const drawing = new Drawing({ ...parts, onError: (error) => frame.say(sentenceOf(error)) });
  const twin = makeTwin({
    host: host.common,
    frame,
    onChoose: (token) => chooser.chooseToken("T", token),
  });
  const header = makeHeader({
    onSource: (letter) => chooser.chooseSource(letter),
    onDocument: (index) => loadDocument(index),
    onTokenizers: (target, sources) => ask(host.call("setTokenizers", { target, sources })),
    onAdd: () => ways.chooseTokenizers(),
  });
  const again = (): void => {
    if (session.warp === "cancelled" && !stale.isStale) session.alignWarp();
    else ask(host.call("alignAgain", null));
  };
  const stale = watchText(frame, again);
  const tabs = makeTabs(frame.body);
  const areas = makeAreas({
    matrix: matrix.pane,
    ribbon: ribbon.element,
    figures: figures.element,
    twin,
    tabs,
  });
  const state = keepState((): StoredState | undefined =>
    show === undefined || session.text === undefined
      ? undefined
      : {
          revision: show.revision,
          document: session.document,
          source: chooser.source,
          layer: drawing.layer,
          pinned: [...drawing.pinned],
          isTable: twin.isShown,
          cell: chooser.cell ?? null,
          place: matrix.place ?? null,
        },
  );
  frame.models.append(...header.elements);
  frame.figures.append(figures.element);
  frame.drawing.append(tabs.element, panel.element, ribbon.element);
  document.body.append(hover.element);

  function open(next: AlignmentShow): void {
    const before = show;
    show = next;
    frame.setTitle(next.title);
    frame.setKept(next.kept);
    const instead = stateOf(next, ways);
    if (instead !== undefined) frame.show(instead);
    else {
      frame.show({ kind: "ready" });
      if (before !== undefined && sameWork(before, next)) session.resume();
      else begin(before, next);
    }
  }

  function begin(before: AlignmentShow | undefined, next: AlignmentShow): void {
    stale.reset();
    painted.reset();
    // The same place of the same text, cut by others or edited, stays chosen.
    if (before?.title !== next.title) chooser.forget();
    const stored = state.restored(next.revision);
    if (before === undefined) drawing.layer = stored?.layer ?? next.layer;
    drawing.pinned = new Set(stored?.pinned ?? drawing.pinned);
    if (stored?.isTable === true) twin.toggle();
    session.open(next, stored?.document ?? (before?.title === next.title ? session.document : 0));
    drawHeader();
  }

  function loadDocument(index: number, byte?: number): void {
    chooser.forget();
    wantedByte = byte;
    session.load(index);
    drawHeader();
    drawing.drawFigures();
  }
  let wantedByte: number | undefined;

  function drawHeader(): void {
    if (show !== undefined)
      header.set(show, session.document, chooser.source, drawing.sourceNotes());
  }

  /** Another text, DTW added to it, or a part of it. */
  function drawText(): void {
    if (session.text === undefined || show === undefined) return;
    const stored = state.take(show.revision);
    const source = chooser.source === "" ? (stored?.source ?? "A") : chooser.source;
    chooser.setText(session.text, source, stored?.cell ?? undefined);
    if (wantedByte !== undefined) chooser.chooseByte(wantedByte, "editor");
    wantedByte = undefined;
    drawPair(stored?.place ?? undefined);
  }

  function drawPair(place?: StoredState["place"]): void {
    drawHeader();
    drawing.drawPair(place ?? undefined);
    twin.setPair(chooser.pair, session.text);
    drawing.drawChoice(place === undefined);
    state.keep();
  }

  function onChoose(by: ChosenBy): void {
    drawing.drawChoice(true);
    twin.choose(chooser.token);
    state.keep();
    const { text } = session;
    if (by !== "reader" || text === undefined || chooser.token < 0 || stale.isStale) return;
    const range = wholeCharacters(tokenSpan(text.target, chooser.token), text.bytes);
    ask(host.call("chooseToken", { document: session.document, ...range }));
  }

  /** The ribbon shows the whole text, also where only a part of it is warped. */
  function chooseInRibbon(letter: string, token: number): void {
    const { whole, text } = session;
    const track = letter === "T" ? text?.target : text && pairOfLetter(text, letter)?.source;
    if (whole === undefined || track === undefined) return;
    const own = token - track.first;
    const isInPart = own >= 0 && own < tokenCount(track);
    if (!isInPart) session.leavePart();
    chooser.chooseToken(letter, isInPart ? own : token);
  }

  function cellInRibbon(letter: string, token: number): Cell | undefined {
    const { pair } = chooser;
    if (pair === undefined) return undefined;
    const track =
      letter === "T" ? pair.target : letter === chooser.source ? pair.source : undefined;
    const own = token - (track?.first ?? 0);
    if (track === undefined || own < 0 || own >= tokenCount(track)) return undefined;
    return letter === "T" ? cellOfTarget(pair, own) : cellOfSource(pair, own);
  }

  function setLayer(layer: MatrixLayer): void {
    drawing.layer = layer;
    drawing.drawLayer();
    state.keep();
    ask(host.call("persist", { remember: { layer } }));
  }

  function toggleTable(): void {
    twin.toggle();
    if (twin.isShown) twin.choose(chooser.token);
    areas.focus(twin.isShown ? "table" : "matrix");
    state.keep();
  }

  const acts = viewActs({
    session,
    chooser,
    drawing,
    matrix,
    ribbon,
    twin,
    areas,
    frame,
    stale,
    ask,
    host,
    again,
    toggleTable,
    setLayer,
    sourceLetter: (number) => show?.tokenizers[number]?.letter,
  });
  installKeys({
    host: host.common,
    frame,
    bindings: viewKeys(acts),
    goOut: () => {
      if (!twin.isShown) return false;
      toggleTable();
      return true;
    },
  });
  host.onVisible((visible) => {
    if (visible) drawing.repaint();
  });
  observeTheme(() => drawing.drawTheme());
  host.begin();
}

/** Whether the same texts are cut by the same tokenizers: then only what stands around them has changed. */
function sameWork(a: AlignmentShow, b: AlignmentShow): boolean {
  const folders = ({ tokenizers }: AlignmentShow): string =>
    tokenizers.map(({ folder }) => folder).join("\n");
  return a.revision === b.revision && a.mode === b.mode && folders(a) === folders(b);
}
