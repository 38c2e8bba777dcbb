/** Models by their letters: the target is `T`, sources are `A`, `B`, …; colour repeats the letter and never stands alone. */
import type { ViewModel } from "../../src/protocol/views.ts";
import { make } from "./dom.ts";

export function letterBadge(letter: string): HTMLElement {
  const badge = make("span", "letter", letter);
  badge.dataset.letter = letter;
  return badge;
}

export interface ChipsOptions {
  /** The letter of the one that is looked at. */
  readonly chosen?: string;
  /** Makes the chips pressable, all of them or the sources only. */
  readonly onChoose?: (letter: string) => void;
  readonly canChoose?: (letter: string) => boolean;
  /** Why a model shows nothing, by letter: its slot stays, with the reason. */
  readonly notes?: Readonly<Record<string, string>>;
}

export function modelChips(
  models: readonly ViewModel[],
  { chosen, onChoose, canChoose = () => true, notes = {} }: ChipsOptions = {},
): HTMLElement {
  const list = make(
    "ul",
    "chips",
    ...models.map(({ letter, name, folder }) => {
      const content = [letterBadge(letter), make("span", "chip-name", name)];
      const isButton = onChoose !== undefined && canChoose(letter);
      const chip = isButton ? make("button", "chip", ...content) : make("span", "chip", ...content);
      chip.dataset.letter = letter;
      const note = notes[letter];
      chip.title = note === undefined ? folder : `${note}\n${folder}`;
      if (note !== undefined) {
        chip.dataset.noted = "";
        chip.append(make("span", "visually-hidden", ` (${note})`));
      }
      if (isButton) {
        chip.setAttribute("aria-pressed", String(letter === chosen));
        chip.addEventListener("click", () => onChoose(letter));
      }
      return make("li", "", chip);
    }),
  );
  list.setAttribute("aria-label", "Models");
  return list;
}
