/** The table in the place of the drawing. Its rows are made when it is first shown. */
import { type Frame, sentenceOf } from "../shared/frame.ts";
import type { CommonHost } from "../shared/host.ts";
import { type TableTwin, tableTwin } from "../shared/table.ts";
import type { AlignedText, Pair } from "./alignedText.ts";
import { type AnswerRow, answerColumns, answerRows } from "./tableRows.ts";

export interface Twin {
  readonly isShown: boolean;
  toggle(): void;
  focus(): void;
  setPair(pair: Pair | undefined, text: AlignedText | undefined): void;
  choose(token: number): void;
  /** The chosen row as TSV. */
  chosen(): string;
}

export function makeTwin({
  host,
  frame,
  onChoose,
}: {
  readonly host: CommonHost;
  readonly frame: Frame;
  readonly onChoose: (token: number) => void;
}): Twin {
  let pair: Pair | undefined;
  let text: AlignedText | undefined;
  let rows: readonly AnswerRow[] = [];
  let table: TableTwin<AnswerRow> | undefined;
  let isShown = false;

  const fill = (): void => {
    if (!isShown) return;
    if (pair === undefined || text === undefined) {
      table = undefined;
      frame.table(null);
      return;
    }
    rows = answerRows(pair, text.bytes);
    table = tableTwin<AnswerRow>({
      name: `Answers of ${pair.source.letter} for the target's tokens`,
      columns: answerColumns(pair.source.letter),
      rows,
      onChoose: ({ token }) => onChoose(token),
      onCopy: (copied) =>
        void host.call("copy", { text: copied }).catch((error) => frame.say(sentenceOf(error))),
    });
    frame.table(table.element);
  };

  return {
    get isShown() {
      return isShown && table !== undefined;
    },
    toggle() {
      isShown = !isShown;
      if (isShown) fill();
      else frame.table(null);
      if (!isShown) table = undefined;
    },
    focus: () => table?.focus(),
    setPair(nextPair, nextText) {
      pair = nextPair;
      text = nextText;
      fill();
    },
    choose: (token) => table?.choose(rows[token]),
    chosen: () => table?.chosenTsv() ?? "",
  };
}
