/** The distributions view: what the target would be taught here, by whom, and what got lost on the way. */
import "./distributions.css";
import { Problem } from "../../src/core/problem.ts";
import type {
  DistributionsAsks,
  DistributionsEvents,
  DistributionsShow,
} from "../../src/protocol/distributionsView.ts";
import type { OpenAt } from "../../src/protocol/views.ts";
import { modelChips } from "../shared/chips.ts";
import { type Action, makeFrame, problemOf, sentenceOf } from "../shared/frame.ts";
import { connectToHost } from "../shared/host.ts";
import { installKeys } from "../shared/keys.ts";
import { isUnreadable } from "../shared/unreadable.ts";
import { candidateTsv } from "./candidateTable.ts";
import { documentColumns } from "./documentTable.ts";
import { type Acts, keyBindings } from "./keyBindings.ts";
import { measures } from "./measures.ts";
import { menuItems } from "./menuItems.ts";
import { positionOfByte } from "./places.ts";
import { candidateSentence } from "./sentences.ts";
import { createSession } from "./session.ts";
import { stateOf } from "./showState.ts";
import { measureNames, walkNames } from "./strings.ts";
import { makeView } from "./view.ts";
import { fitting, isLook, type Look, storedChoice, usualLook } from "./viewChoice.ts";
import { nextStop } from "./walks.ts";

const host = connectToHost<DistributionsAsks, DistributionsEvents>({
  show: (show) => take(show),
  textChanged: ({ changed }) => {
    isTextChanged = changed;
    showStale();
  },
  cursor: (place) => {
    if (place === null || isOfAnotherText() || place.document !== session.open?.index) return;
    void choose(positionOfByte(session.open.figures, place.byte), "byCursor");
  },
  progress: (progress) => {
    if (progress !== null) frame.working({ ...progress, cancel });
    else if (!session.isBusy) frame.working(null);
  },
  press: ({ what }) => (what === "focus" ? view.focus() : frame.press(what)),
});

const stored = storedChoice();
let look: Look = stored.get() ?? usualLook;
let isLookKnown = stored.get() !== undefined;
let isPainted = false;
/** Edited since it was read. */
let isTextChanged = false;
/** The editor hears of choices made here, not of those it made itself. */
let isByCursor = false;

const frame = makeFrame({
  name: "Fused distributions",
  host: host.common,
  menu: () => menuItems({ host: host.common, frame, session, view, onUseInRecipe: useInRecipe }),
  toggleTable: () => view.toggleTable(),
});

const session = createSession(host, {
  onBusy: (isBusy) => {
    frame.working(isBusy ? { what: "Reading and fusing…", cancel } : null);
    showStale(isBusy);
  },
  onControls: () => {
    view.fillControls();
    remember();
  },
  onDocument: (isNewText) => {
    frame.show({ kind: "ready" });
    showStale();
    view.fillDocuments();
    view.fillDocument(isNewText);
  },
  onChoice: () => {
    view.fillChoice();
    frame.say(view.sentenceAt(session.position));
    remember();
    if (!isByCursor) tellEditor();
  },
  onRow: () => {
    frame.notices(session.open?.figures.warnings ?? []);
    view.fillDetail();
    markPainted();
  },
  onFailure: (error) => {
    // What is shown is still right; only what was asked on top of it is refused.
    if (session.open === undefined) frame.fail(error, wayOut(error));
    else frame.notices([sentenceOf(error)]);
  },
  onRowFailure: (error) => frame.notices([sentenceOf(error)]),
});

const view = makeView(frame, session, () => look, {
  onChange: (controls) => void session.setControls(controls),
  onUse: () => useInRecipe(),
  onMeasure: (measure, subject) => changeLook({ measure, subject }),
  onWalk: (walk) => changeLook({ walk }),
  onStep: (direction) => acts.step(direction),
  onForm: () => acts.toggleForm(),
  onAlignment: () => acts.openAlignment(),
  onPosition: (position) => void choose(position),
  onDocument: (index) => void session.setDocument(index),
  onCandidate: (row, index) =>
    frame.say(
      candidateSentence(
        row,
        index,
        view.detail.rows.length,
        session.row!,
        (model, piece) => session.showPiece(model, piece).whole,
      ),
    ),
  onCopy: (text) => send("copy", { text }),
});

const retry: Action = { label: "Try again", run: () => void session.again() };
const readAgain: Action = { label: "Read again", run: () => acts.again() };
const chooseModels: Action = { label: "Choose models", run: () => openAt({ what: "models" }) };

/**
 * Models that cannot be read here will not be read the next time either, unless a run's, which are its recipe's; a
 * text that is gone is not found by asking for it once more.
 */
function wayOut(error: unknown): Action {
  if (error instanceof Problem && error.code === "stale") return readAgain;
  return isUnreadable(problemOf(error)) && session.show?.origin === "selection"
    ? chooseModels
    : retry;
}

const acts: Acts = {
  isTable: () => view.twin !== undefined,
  move: (by) => void choose(session.position + by),
  moveCandidate: (by) => view.detail.moveCandidate(by),
  moveLines: (by) => void choose(view.strip.above(session.position, by)),
  goTo: (end) => void choose(end === "first" ? 0 : (session.open?.figures.positions ?? 0) - 1),
  step(direction) {
    const at = nextStop(view.stops, session.position, direction);
    if (at < 0) return frame.say(`No place in this document: ${walkNames[look.walk]}.`);
    void choose(view.stops[at]);
    frame.say(
      `${walkNames[look.walk]} ${at + 1} of ${view.stops.length}. ${view.sentenceAt(view.stops[at])}`,
    );
  },
  toggleForm: () => changeLook({ form: look.form === "matrix" ? "columns" : "matrix" }),
  toggleTable: () => view.toggleTable(),
  nextMeasure() {
    const measure = measures[(measures.indexOf(look.measure) + 1) % measures.length];
    changeLook({ measure });
    frame.say(`Colour: ${measureNames[measure]}.`);
  },
  openAlignment() {
    const { open, position } = session;
    if (open === undefined || position < 0) return;
    openAt({ what: "alignment", document: open.index, byte: open.figures.byteStarts[position] });
  },
  goToSource(number) {
    const letter = view.letters()[number];
    if (letter === undefined) return frame.say(`There are ${view.letters().length - 1} sources.`);
    view.detail.goToColumn(letter);
    frame.say(`${letter}: ${session.show!.models[number].name}`);
  },
  copy() {
    const row = view.detail.rows[view.detail.candidate];
    const text = view.twin?.chosenTsv() || (row === undefined ? positionTsv() : undefined);
    send("copy", { text: text ?? candidateTsv(row, view.letters(), session.showPiece) });
  },
  again: () => send("readAgain", null),
};

installKeys({
  host: host.common,
  frame,
  bindings: keyBindings(acts),
  goOut: () => {
    if (view.twin === undefined) return false;
    view.toggleTable();
    return true;
  },
});
host.onVisible((visible) => {
  if (!visible) session.pause();
});
host.begin();

function take(show: DistributionsShow): void {
  if (!isLookKnown && isLook(show.remembered)) look = show.remembered;
  isLookKnown = true;
  look = fitting(look, show.models.length);
  if (show.revision !== session.show?.revision) isTextChanged = false;
  frame.setTitle(show.title);
  frame.setKept(show.kept);
  frame.models.replaceChildren(modelChips(show.models), ...view.topLine);
  view.fillDocuments();
  const state = stateOf(show, openAt);
  if (state !== undefined) {
    frame.show(state);
    return;
  }
  if (session.open !== undefined) frame.show({ kind: "ready" });
  const known = stored.get();
  void session.begin(show, known?.revision === show.revision ? known : undefined);
}

async function choose(position: number, by: "byUser" | "byCursor" = "byUser"): Promise<void> {
  const last = (session.open?.figures.positions ?? 0) - 1;
  const wanted = Math.max(0, Math.min(last, position));
  if (wanted === session.position || last < 0) return;
  isByCursor = by === "byCursor";
  await session.choose(wanted);
}

function changeLook(part: Partial<Look>): void {
  look = fitting({ ...look, ...part }, view.letters().length);
  remember();
  send("persist", { remember: { ...look } });
  if (session.open === undefined) return;
  if (part.form === undefined) view.fillPicture();
  else view.fillDetail();
}

function remember(): void {
  const { show, open, controls, position } = session;
  if (show === undefined || open === undefined || controls === undefined) return;
  const { measure, subject, walk, form } = look;
  stored.set({
    revision: show.revision,
    document: open.index,
    position,
    controls,
    measure,
    subject,
    walk,
    form,
  });
}

const isOfAnotherText = (): boolean => isTextChanged || session.isOutdated;

/** An edit, or a reading that failed or was given up: the picture is of another text. */
function showStale(isBusy = session.isBusy): void {
  if (!isOfAnotherText()) frame.stale(null);
  else if (isBusy && !isTextChanged) frame.stale("beingRenewed");
  else frame.stale({ verb: "Read again", again: () => acts.again() });
}

function tellEditor(): void {
  const { open, position } = session;
  if (open === undefined || isOfAnotherText() || position < 0) return;
  const { byteStarts, byteEnds } = open.figures;
  send("chooseToken", { document: open.index, from: byteStarts[position], to: byteEnds[position] });
}

function useInRecipe(): void {
  if (session.controls === undefined) return;
  host
    .call("useInRecipe", { controls: session.controls })
    .then(() => frame.say("The settings are on the clipboard, as YAML of a recipe."))
    .catch((error) => frame.say(sentenceOf(error)));
}

function send<Verb extends "copy" | "chooseToken" | "readAgain" | "persist">(
  verb: Verb,
  body: Parameters<DistributionsAsks[Verb]>[0],
): void {
  host
    .call(verb, body as never)
    .then(() => verb === "copy" && frame.say("Copied."))
    .catch((error) => frame.say(sentenceOf(error)));
}

function openAt(place: OpenAt): void {
  host.common.call("openAt", place).catch((error) => frame.say(sentenceOf(error)));
}

function cancel(): void {
  session.cancel();
  if (session.open === undefined) {
    frame.show({
      kind: "empty",
      sentence: "Cancelled before there was anything to show.",
      action: retry,
    });
  }
}

function positionTsv(): string {
  const columns = documentColumns({ ...session.open!, letters: view.letters() });
  const cells = columns.map(({ text }) => text(session.position));
  return `${columns.map(({ label }) => label).join("\t")}\n${cells.join("\t")}`;
}

/** The first picture with its detail is on the screen, not only in the document. */
function markPainted(): void {
  if (isPainted) return;
  isPainted = true;
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("fuselab.painted")));
}
