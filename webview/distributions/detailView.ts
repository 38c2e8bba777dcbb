/** The detail of the chosen position: its header in words, the table or the matrix, and the candidate in hand. */
import type { FusedPosition } from "../../src/protocol/distributionsView.ts";
import { button } from "../controls.ts";
import { make } from "../shared/dom.ts";
import { tokenElement } from "../shared/tokenElement.ts";
import type { ShownText } from "../shared/visibleText.ts";
import { type DetailRow, detailRows, shownRows } from "./detailRows.ts";
import { detailTable } from "./detailTable.ts";
import { matrixTable } from "./matrixTable.ts";
import { count } from "./numbers.ts";
import type { ShowPiece } from "./pieces.ts";
import { fallbackWords } from "./strings.ts";
import { taughtAt } from "./taught.ts";

export type DetailForm = "columns" | "matrix";

export interface DetailInput {
  readonly position: FusedPosition;
  readonly lambda: number;
  /** See DetailTableInput. */
  readonly bound: number | undefined;
  readonly names: readonly string[];
  readonly show: ShowPiece;
  /** The text before, the true next token, and where in the text it stands: `512–516`. */
  readonly before: string;
  readonly token: ShownText;
  readonly bytes: string;
  readonly of: number;
}

export interface DetailView {
  readonly element: HTMLElement;
  set(input: DetailInput, form: DetailForm): void;
  /** The lines shown at present. */
  readonly rows: readonly DetailRow[];
  /** All lines, shown or not. */
  readonly all: readonly DetailRow[];
  /** The line in hand, −1 for none. */
  readonly candidate: number;
  /** Takes another line in hand; more are shown where it lies beyond them. */
  moveCandidate(by: number): void;
  /** Brings a model's column (its number) into sight. */
  goToColumn(letter: string): void;
}

export interface DetailListeners {
  readonly onForm: () => void;
  readonly onAlignment: () => void;
  readonly onCandidate: (row: DetailRow, index: number) => void;
}

/** Lines at first, and how many more at a time. */
const fewLines = { columns: 12, matrix: 20 };

export function makeDetail(listeners: DetailListeners): DetailView {
  const title = make("h2", "detail-title");
  const note = make("span", "detail-note muted");
  const formButton = button({
    label: "Matrix or columns",
    content: "Matrix",
    title: "Columns or matrix (x)",
    onPress: listeners.onForm,
  });
  const tools = make(
    "div",
    "detail-tools",
    formButton,
    button({
      label: "Open the alignment here",
      content: "Alignment",
      title: "Open the alignment view at this place (o)",
      onPress: listeners.onAlignment,
    }),
  );
  const scroller = make("div", "detail-scroller");
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", "Candidates at the chosen position");
  const more = make("div", "detail-more");
  const element = make(
    "div",
    "detail-box",
    make("div", "detail-head", title, note, tools),
    scroller,
  );

  let input: DetailInput | undefined;
  let form: DetailForm = "columns";
  let all: readonly DetailRow[] = [];
  let rows: readonly DetailRow[] = [];
  let lines: number = fewLines.columns;
  let candidate = -1;

  const build = (): void => {
    if (input === undefined) return;
    const { position, lambda, bound, names, show } = input;
    const taught = taughtAt(position, lambda);
    all = detailRows(position, taught);
    rows = shownRows(all, lines);
    candidate = Math.min(candidate, rows.length - 1);
    const table = (form === "matrix" ? matrixTable : detailTable)({
      position,
      taught,
      rows,
      names,
      lambda,
      bound,
      show,
      candidateId,
    });
    fillMore();
    const place = { left: scroller.scrollLeft, top: scroller.scrollTop };
    scroller.replaceChildren(table, more);
    const headHeight = table.tHead?.offsetHeight ?? 0;
    table.style.setProperty("--head-height", `${headHeight}px`);
    scroller.scrollTo(place.left, place.top);
    note.textContent = taught.fallback === undefined ? "" : fallbackWords[taught.fallback];
    markCandidate();
  };

  const fillMore = (): void => {
    const hidden = all.length - rows.length;
    more.replaceChildren();
    if (hidden <= 0) return;
    more.append(
      make("span", "muted", `${rows.length} of ${count(all.length)} candidates`),
      button({
        label: `Show ${Math.min(hidden, lines)} more`,
        onPress: () => showMore(),
      }),
    );
  };

  const showMore = (): void => {
    lines *= 2;
    build();
  };

  const markCandidate = (): void => {
    for (const line of scroller.querySelectorAll("tr.is-candidate")) {
      line.classList.remove("is-candidate");
      line.removeAttribute("aria-current");
    }
    const line = candidate < 0 ? null : scroller.querySelector(`#${candidateId(candidate)}`);
    line?.classList.add("is-candidate");
    line?.setAttribute("aria-current", "true");
    lightUp(scroller, candidate < 0 ? undefined : String(rows[candidate].id));
  };

  scroller.addEventListener("pointerover", (event) => {
    const carrier =
      event.target instanceof Element ? event.target.closest("[data-token-id]") : null;
    lightUp(scroller, carrier instanceof HTMLElement ? carrier.dataset.tokenId : undefined);
  });
  scroller.addEventListener("pointerleave", () => markCandidate());
  scroller.addEventListener("click", (event) => {
    const line = event.target instanceof Element ? event.target.closest("tbody tr") : null;
    if (!(line instanceof HTMLElement)) return;
    candidate = Number(line.dataset.index);
    markCandidate();
    listeners.onCandidate(rows[candidate], candidate);
  });

  return {
    element,
    get rows() {
      return rows;
    },
    get all() {
      return all;
    },
    get candidate() {
      return candidate;
    },
    set(newInput, newForm) {
      const isElsewhere =
        input?.position.position !== newInput.position.position || form !== newForm;
      input = newInput;
      form = newForm;
      if (isElsewhere) {
        lines = fewLines[form];
        candidate = -1;
        scroller.scrollTop = 0;
      }
      fillTitle(title, newInput);
      formButton.replaceChildren(form === "matrix" ? "Columns" : "Matrix");
      element.dataset.position = String(newInput.position.position);
      element.dataset.form = form;
      build();
    },
    moveCandidate(by) {
      if (rows.length === 0) return;
      const wanted = candidate < 0 && by < 0 ? 0 : candidate + by;
      while (wanted >= rows.length && rows.length < all.length) showMore();
      candidate = Math.max(0, Math.min(rows.length - 1, wanted));
      markCandidate();
      scroller.querySelector(`#${candidateId(candidate)}`)?.scrollIntoView({ block: "nearest" });
      listeners.onCandidate(rows[candidate], candidate);
    },
    goToColumn(letter) {
      const column = scroller.querySelector(`thead th[data-letter="${letter}"]`);
      column?.scrollIntoView({ block: "nearest", inline: "center" });
      for (const cell of scroller.querySelectorAll(".is-lit-column")) {
        cell.classList.remove("is-lit-column");
      }
      column?.classList.add("is-lit-column");
    },
  };
}

const candidateId = (index: number): string => `candidate-${index}`;

/** The same target token wherever it stands: in its line, and among what was dropped for it. */
function lightUp(scroller: HTMLElement, tokenId: string | undefined): void {
  for (const lit of scroller.querySelectorAll(".is-lit")) lit.classList.remove("is-lit");
  if (tokenId === undefined) return;
  for (const carrier of scroller.querySelectorAll(`[data-token-id="${tokenId}"]`)) {
    carrier.classList.add("is-lit");
  }
}

/** `after "…·on·the" → "·Val"`. */
function fillTitle(title: HTMLElement, { before, token, bytes, position, of }: DetailInput): void {
  const quoted = (element: HTMLElement): HTMLElement => make("span", "quoted", element);
  const after =
    before === "" ? ["at the beginning"] : ["after ", quoted(make("bdi", "token", before))];
  title.replaceChildren(
    ...after,
    make("span", "arrow", " → "),
    quoted(tokenElement(token)),
    make(
      "span",
      "muted small",
      `  ${count(position.position + 1)} of ${count(of)} · bytes ${bytes}`,
    ),
  );
}
