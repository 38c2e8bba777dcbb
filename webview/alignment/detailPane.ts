/** The chosen cell in words and figures; the small card at the pointer says the same in short. */
import { letterBadge } from "../shared/chips.ts";
import { make } from "../shared/dom.ts";
import { tokenElement } from "../shared/tokenElement.ts";
import { shownSlice } from "../shared/visibleText.ts";
import type { AnswerFacts, CellFacts, TokenFacts } from "./cellFacts.ts";
import {
  bytesText,
  count,
  detourText,
  edits,
  named,
  outcomeNames,
  outcomeSigns,
  plural,
  reasonText,
  stepText,
} from "./strings.ts";

/** Bytes of text that are shown before the chosen token. */
const contextBytes = 32;

/** @param bytes of the text; @param cap edits above which a detour is not known */
export function detailContent(facts: CellFacts, bytes: Uint8Array, cap: number): HTMLElement {
  const { source, target } = facts;
  const list = make("dl", "facts");
  const add = (term: string, ...content: readonly (Node | string)[]): void =>
    list.append(make("dt", "", term), make("dd", "", ...content));
  add("target", ...tokenLine(target));
  add("source", ...tokenLine(source));
  add("cost", costLine(facts, cap));
  add("text", bytesLine(facts));
  if (facts.dtw !== undefined) add("DTW", ...answerLine(target, facts.dtw));
  add("bytes", ...answerLine(target, facts.bytes));
  if (facts.outcome !== undefined)
    add("outcome", sign(outcomeSigns[facts.outcome]), outcomeNames[facts.outcome]);
  if (facts.group !== undefined) {
    const { sources, targets } = facts.group;
    add("group", `${plural(sources, "source token")} by ${plural(targets, "target token")}`);
  }
  return make("div", "detail-content", boundaryLine(target, bytes), list);
}

/** The boundary that choosing a token means: what comes after this text? */
function boundaryLine(target: TokenFacts, bytes: Uint8Array): HTMLElement {
  const { from } = target.span;
  const line = make("p", "boundary");
  if (from === 0) {
    line.append("at the start of the text, nothing before → ", tokenElement(target.said));
    return line;
  }
  let start = Math.max(0, from - contextBytes);
  while (start > 0 && (bytes[start] & 0xc0) === 0x80) start++;
  const before = shownSlice(bytes, start, from).whole;
  const context = make("bdi", "token", `${start > 0 ? "…" : ""}${before}`);
  line.append("after ", context, " → ", tokenElement(target.said));
  return line;
}

function tokenLine(token: TokenFacts): (Node | string)[] {
  const whole = make("bdi", "token", token.said.whole);
  return [
    letterBadge(token.letter),
    ` ${count(token.index)} `,
    whole,
    make("span", "muted", ` id ${token.id}, piece `),
    make("bdi", "token muted", token.piece),
  ];
}

function costLine({ local, detour, cumulative, step, dtw }: CellFacts, cap: number): string {
  const parts: string[] = [];
  if (local !== undefined) parts.push(`local ${edits(local)}`);
  if (cumulative !== undefined) parts.push(`cumulative ${count(cumulative)}`);
  const beyond = detourText(detour, cap);
  if (beyond !== undefined) parts.push(`detour ${beyond}`);
  if (dtw !== undefined) parts.push(stepText(step));
  return parts.length === 0 ? "not known without DTW" : parts.join(" · ");
}

function bytesLine({ source, target, shareBytes }: CellFacts): string {
  const common = shareBytes ? "bytes in common" : "no byte in common";
  return `${source.letter} ${bytesText(source)}, ${target.letter} ${bytesText(target)}: ${common}`;
}

function answerLine(target: TokenFacts, answer: AnswerFacts): (Node | string)[] {
  const arrow = `${named(target)} ← `;
  if (answer.source === undefined) {
    const reason = answer.reason ?? "noSharedBoundary";
    return [`${arrow}–  `, make("code", "reason", reason), `: ${reasonText[reason]}`];
  }
  const off = answer.offText ? ["  off text"] : [];
  return [`${arrow}${named(answer.source)} `, tokenElement(answer.source.said), ...off];
}

function sign(text: string): HTMLElement {
  const element = make("span", "sign", `${text} `);
  element.setAttribute("aria-hidden", "true");
  return element;
}

export interface HoverCard {
  readonly element: HTMLElement;
  /** At a point of the window. */
  show(facts: CellFacts, cap: number, x: number, y: number): void;
  hide(): void;
}

export function makeHoverCard(): HoverCard {
  const element = make("div", "card");
  element.setAttribute("aria-hidden", "true"); // the status line says it
  element.hidden = true;
  return {
    element,
    show(facts, cap, x, y) {
      const tokens = [facts.source, facts.target].map((token) =>
        make("div", "", ...tokenLine(token), make("span", "muted", `, bytes ${bytesText(token)}`)),
      );
      element.replaceChildren(...tokens, make("div", "muted", costLine(facts, cap)));
      element.hidden = false;
      const { offsetWidth, offsetHeight } = element;
      const fits = (at: number, size: number, room: number): number =>
        at + 16 + size > room ? Math.max(4, at - size - 12) : at + 16;
      element.style.left = `${fits(x, offsetWidth, innerWidth)}px`;
      element.style.top = `${fits(y, offsetHeight, innerHeight)}px`;
    },
    hide() {
      element.hidden = true;
    },
  };
}
