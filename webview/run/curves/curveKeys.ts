/** The keys of the curves: where they are the same in the run view and in the comparison of runs. */
import type { KeyBinding } from "../../shared/keys.ts";
import { stretchSentence } from "../strings.ts";
import type { CurvePanel } from "./curvePanel.ts";
import { type StepRange, walkMarks, walkSteps, zoomed } from "./curveWalk.ts";

export interface CurveKeyActions {
  readonly toggleTable: () => void;
  readonly copy: () => void;
  /** For what a key changes beside the chosen step: nobody should have to see it. */
  readonly say: (sentence: string) => void;
}

export function curveKeys(
  panel: CurvePanel,
  { toggleTable, copy, say }: CurveKeyActions,
): KeyBinding[] {
  let mark: number | null = null;
  const choose = (step: number | undefined, at: number | null = null): void => {
    mark = at;
    if (step !== undefined) panel.choose(step, at ?? undefined);
  };
  const walk = (by: number): void => choose(walkSteps(inSight(), panel.deck.state.chosen, by));
  const inSight = (): ArrayLike<number> => panel.steps;
  const page = (): number => Math.max(1, Math.round(inSight().length / 10));
  const next = (direction: 1 | -1): void => {
    const marks = panel.shown?.marks ?? [];
    if (marks.length === 0) {
      say("There is no checkpoint and no event to go to.");
      return;
    }
    const order = [...marks.keys()].sort((a, b) => marks[a].time - marks[b].time);
    const { chosen } = panel.deck.state;
    const found = walkMarks(
      order.map((i) => marks[i]),
      { chosen: mark === null ? null : order.indexOf(mark), current: chosen },
      direction,
    );
    if (found !== undefined) choose(marks[order[found]].step, order[found]);
  };
  const see = (range: StepRange | null): void => {
    panel.deck.change({ range });
    say(stretchSentence(range, panel.all.to));
  };
  const zoom = (factor: number): void => {
    const { range, chosen } = panel.deck.state;
    const now = range ?? panel.all;
    const around = chosen ?? (now.from + now.to) / 2;
    see(zoomed(now, panel.all, around, factor));
  };
  const layer = (): void => {
    const large = panel.shown?.large ?? [];
    const at = large.findIndex(({ key }) => key === panel.spec?.key);
    if (large.length === 0) return;
    const { key, title } = large[(at + 1) % large.length];
    panel.setLayer(key);
    say(`The chart shows: ${title}.`);
  };
  const again = (): void => {
    panel.refresh();
    say("The curves are read again.");
  };
  return [
    {
      keys: "Left/Right",
      says: "the step before, after",
      run: ({ dx }) => walk(dx),
    },
    { keys: "PageUp", says: "a tenth of the curve back", run: () => walk(-page()) },
    { keys: "PageDown", says: "a tenth of the curve forward", run: () => walk(page()) },
    { keys: "Home", says: "the first step", run: () => choose(inSight()[0]) },
    { keys: "End", says: "the last step", run: () => choose(inSight()[inSight().length - 1]) },
    { keys: "n", says: "the next checkpoint or event", run: () => next(1) },
    { keys: "p", says: "the checkpoint or event before", run: () => next(-1) },
    { keys: ["+", "="], says: "nearer", run: () => zoom(0.5) },
    { keys: "-", says: "farther", run: () => zoom(2) },
    { keys: "0", says: "all steps", run: () => see(null) },
    { keys: "l", says: "the next thing that the chart can show", run: layer },
    { keys: "t", says: "the curves as a table", run: toggleTable },
    { keys: "r", says: "read the curves again", run: again },
    { keys: "y", says: "copy the sentence of the chosen step", run: copy },
  ];
}

/** One level out: the chosen step, then the stretch. `false` where all is in sight and nothing is chosen. */
export function leaveCurves({ deck }: CurvePanel): boolean {
  const { chosen, range } = deck.state;
  if (chosen !== null) deck.change({ chosen: null });
  else if (range !== null) deck.change({ range: null });
  else return false;
  return true;
}
