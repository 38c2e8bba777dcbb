/**
 * A view that has nothing to say: it shows every shared part once, so that the tests can drive them. What it is
 * told in `show.do` it does; words come from the host, so that hostile ones can be sent in.
 */
import "./page.css";
import type { CommonAsks, ViewEvents, ViewHeader, ViewModel } from "../../../src/protocol/views.ts";
import { button, checkbox, dropdown, link, slider, textField } from "../../../webview/controls.ts";
import { modelChips } from "../../../webview/shared/chips.ts";
import { css } from "../../../webview/shared/colour.ts";
import { documentSwitcher } from "../../../webview/shared/documents.ts";
import { make, makeSvg } from "../../../webview/shared/dom.ts";
import { canvasPicture, exportMenu } from "../../../webview/shared/exportDrawing.ts";
import { type FrameState, makeFrame } from "../../../webview/shared/frame.ts";
import type { Working } from "../../../webview/shared/frameParts.ts";
import { connectToHost, viewState } from "../../../webview/shared/host.ts";
import { installKeys } from "../../../webview/shared/keys.ts";
import { legend } from "../../../webview/shared/legend.ts";
import { massBar } from "../../../webview/shared/massBar.ts";
import { type TableTwin, tableTwin } from "../../../webview/shared/table.ts";
import { heat, observeTheme, readTheme } from "../../../webview/shared/theme.ts";
import { tokenElement } from "../../../webview/shared/tokenElement.ts";
import { shownPiece, shownText } from "../../../webview/shared/visibleText.ts";

interface TestShow extends ViewHeader {
  readonly models: readonly ViewModel[];
  readonly pieces: readonly string[];
  readonly rows: number;
  readonly state?: FrameState;
  readonly working?: Omit<Working, "cancel"> | null;
  readonly notices?: readonly string[];
  readonly stale?: boolean;
}

interface Row {
  readonly index: number;
  readonly piece: string;
  readonly cost: number;
}

const stored = viewState(2, (value): value is { at: number } => {
  return (
    typeof value === "object" && value !== null && "at" in value && typeof value.at === "number"
  );
});
const at = stored.get()?.at ?? 0;

const host = connectToHost<CommonAsks, ViewEvents<TestShow>>({
  show: (show) => open(show),
  textChanged: ({ changed }) => setStale(changed),
  progress: (progress) =>
    frame.working(
      progress === null ? null : { ...progress, cancel: () => frame.say("Cancelled.") },
    ),
  press: ({ what }) => frame.press(what),
});

let rows: readonly Row[] = [];
let twin: TableTwin<Row> | undefined;
const frame = makeFrame({
  name: "Test view",
  host: host.common,
  menu: () => [
    ...exportMenu({
      host: host.common,
      frame: () => frame,
      name: () => "picture",
      svg: () => svg,
      csv: () => tableOf().csv(),
    }),
    { label: "Open as table", key: "t", run: toggleTable, separated: true },
    { label: "Not now", run: () => frame.say("never"), disabled: "It cannot be." },
    { label: "Keys in this view", key: "?", run: () => keys.showHelp() },
  ],
  toggleTable,
});

const canvas = make("canvas", "cells");
canvas.tabIndex = 0;
canvas.setAttribute("role", "img");
canvas.setAttribute("aria-label", "Cells");
const svg = makeSvg("svg", { class: "marks", width: 200, height: 60, viewBox: "0 0 200 60" });
const pieces = make("p", "pieces");
frame.drawing.append(canvas, svg, pieces);
const documents = documentSwitcher({ onChoose: (index) => frame.say(`document ${index + 1}`) });

frame.figures.append(
  make(
    "div",
    "controls",
    dropdown({
      label: "colour",
      options: [
        { value: "gain", label: "gain" },
        { value: "entropy", label: "entropy" },
        { value: "weight", label: "weight", disabled: "One source has no say." },
      ],
      value: "entropy",
      onChange: (value) => frame.say(`colour ${value}`),
    }).element,
    checkbox({ label: "log", checked: true, onChange: (on) => frame.say(`log ${on}`) }).element,
    slider({
      label: "λ",
      min: 0,
      max: 1,
      step: 0.05,
      value: 0.9,
      text: (value) => value.toFixed(2),
      onChange: (value) => frame.say(`λ ${value}`),
    }).element,
    textField({ label: "search", value: "", onChange: (text) => frame.say(`search ${text}`) })
      .element,
    button({ label: "Do it", look: "primary", onPress: () => frame.say("done") }),
    button({ label: "Cannot", onPress: () => frame.say("never"), disabled: "Not in this mode." }),
    link({ label: "settings", onPress: () => frame.say("settings") }),
  ),
);

const keys = installKeys({
  host: host.common,
  frame,
  bindings: [
    {
      keys: "Arrows",
      says: "move the cell cursor",
      run: ({ dx, dy }) => frame.say(`moved ${dx} ${dy}`),
    },
    {
      keys: ["n", "p"],
      says: "next and previous difference",
      run: ({ key }) => frame.say(`walk ${key}`),
    },
    { keys: "Digits", says: "source", run: ({ digit }) => frame.say(`source ${digit}`) },
    { keys: "t", says: "table", run: toggleTable },
  ],
  goOut: () => {
    if (frame.root.dataset.table === undefined) return false;
    toggleTable();
    return true;
  },
});

function open(show: TestShow): void {
  frame.setTitle(show.title);
  frame.setKept(show.kept);
  frame.models.replaceChildren(
    modelChips(show.models, {
      chosen: "A",
      onChoose: (letter) => frame.say(`chosen ${letter}`),
      notes: { B: "This tokenizer cannot read the text." },
    }),
    documents.element,
  );
  documents.set(
    [
      { title: "12–31", bytes: 10 },
      { title: "40–41", bytes: 20 },
    ],
    at,
  );
  stored.set({ at });
  rows = Array.from({ length: show.rows }, (_, index) => ({
    index,
    piece: show.pieces[index % show.pieces.length] ?? "",
    cost: index % 7 === 0 ? Number.NaN : (index * 37) % 101,
  }));
  twin?.setRows(rows);
  pieces.replaceChildren(...show.pieces.map((piece) => tokenElement(shownText(piece))));
  frame.show(show.state ?? { kind: "ready" });
  frame.notices(show.notices ?? []);
  frame.working(
    show.working === undefined || show.working === null
      ? null
      : { ...show.working, cancel: () => frame.say("Cancelled.") },
  );
  setStale(show.stale === true);
  frame.say(`${show.title}: ${show.rows} rows`);
  paint();
}

function setStale(is: boolean): void {
  frame.stale(is ? { verb: "Align again", again: () => frame.say("again") } : null);
}

function tableOf(): TableTwin<Row> {
  twin ??= tableTwin<Row>({
    name: "Rows",
    columns: [
      {
        label: "row",
        kind: "number",
        text: ({ index }) => String(index),
        sortBy: ({ index }) => index,
      },
      { label: "piece", kind: "token", text: ({ piece }) => shownPiece(piece).shown },
      {
        label: "cost",
        kind: "number",
        title: "edits",
        text: ({ cost }) => (Number.isNaN(cost) ? "–" : String(cost)),
        sortBy: ({ cost }) => cost,
      },
    ],
    rows,
    onChoose: ({ index }) => frame.say(`chosen row ${index}`),
    onCopy: (text) => void host.call("copy", { text }),
  });
  return twin;
}

function toggleTable(): void {
  const isShown = frame.root.toggleAttribute("data-table");
  frame.table(isShown ? tableOf().element : null);
  if (isShown) tableOf().focus();
}

function paint(): void {
  const theme = readTheme();
  const scale = heat(theme, theme.detour);
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  for (let cell = 0; cell <= 12; cell++) {
    pen.fillStyle = css(scale(1 - cell / 12));
    pen.fillRect(cell * 20, 0, 20, 40);
  }
  svg.replaceChildren(
    canvasPicture(canvas, { x: 0, y: 40, width: 200, height: 20 }),
    makeSvg("path", { class: "way", d: "M0 0 L100 30 L200 30" }),
    makeSvg("text", { class: "word", x: 4, y: 20 }, "</script>"),
  );
  const mass = { mapped: 0.74, leftOver: 0.21, lost: 0.05 };
  frame.detail.replaceChildren(
    massBar(mass, { letter: "A" }),
    massBar({ mapped: 1, leftOver: 0, lost: 0 }, { letter: "T" }),
    legend({
      name: "detour",
      unit: "edits",
      stops: [0, 3, 6, 9, 12].map((value) => ({
        value,
        text: value === 12 ? "12+" : String(value),
      })),
      colour: (value) => scale(1 - value / 12),
    }),
  );
}

canvas.width = 260;
canvas.height = 40;
documents.set([], at);
observeTheme(paint);
host.begin();
