/** What the distributions view shows of a position, read off its page, and ways to move in it without a mouse. */
import type { Frame, Locator } from "playwright-core";
import { until } from "../support/waiting.ts";

/** The mass of a column, a model's letter, `fused` or `taught`: its figures, the words under them, and how much of the bar's length is drawn. */
export interface ShownMass {
  readonly column: string;
  /** Mapped, left over, without a target token, dropped as a duplicate. */
  readonly parts: readonly number[];
  readonly words: string;
  readonly drawn: number;
}

export interface ShownPosition {
  readonly position: number;
  /** By letter. */
  readonly weights: ReadonlyMap<string, number>;
  /** Probability by token. */
  readonly fused: ReadonlyMap<number, number>;
  readonly taught: ReadonlyMap<number, number>;
  readonly masses: readonly ShownMass[];
  /** Letters of the sources without a row, with the reason. */
  readonly empty: ReadonlyMap<string, string>;
  /** FUSED on the line of the true next token. */
  readonly trueFused: {
    readonly words: string;
    readonly atMost: number | null;
    readonly isOpen: boolean;
  };
}

export const detail = (frame: Frame): Locator => frame.locator("[data-position][data-form]");

export const positionOf = async (frame: Frame): Promise<number> =>
  Number(await detail(frame).first().getAttribute("data-position"));

/** By keys alone; the row of the position is there afterwards. */
export async function goTo(frame: Frame, position: number): Promise<void> {
  await frame.locator(".strip").focus();
  const { keyboard } = frame.page();
  await keyboard.press("Home");
  for (let i = 0; i < Math.floor(position / 10); i++) await keyboard.press("Shift+ArrowRight");
  for (let i = 0; i < position % 10; i++) await keyboard.press("ArrowRight");
  await until(`position ${position}`, async () => (await positionOf(frame)) === position);
}

export async function choosePreset(frame: Frame, preset: string): Promise<void> {
  const fold = frame.locator('[data-control="fold"][aria-expanded="false"]');
  if (await fold.isVisible()) await fold.click();
  const field = frame.locator('[data-control="preset"] vscode-dropdown');
  await field.click();
  await field.locator("vscode-option", { hasText: preset }).click();
}

/** All of it at one moment. No function in it has a name: the loader would want to keep it in the page. */
export async function positionShown(frame: Frame): Promise<ShownPosition> {
  const found = await detail(frame)
    .first()
    .evaluate((box) => {
      const trueFused = box.querySelector<HTMLElement>("tr.is-true .col-fused");
      const atMost = trueFused?.querySelector<HTMLElement>("[data-at-most]")?.dataset.atMost;
      const rows = ["fused", "taught"].map((column) =>
        [...box.querySelectorAll<HTMLElement>(`tbody .col-${column} [data-probability]`)].map(
          (cell): [number, number] => [
            Number(cell.closest<HTMLElement>("tr")?.dataset.tokenId),
            Number(cell.dataset.probability),
          ],
        ),
      );
      return {
        position: Number((box as HTMLElement).dataset.position),
        rows,
        weights: [...box.querySelectorAll<HTMLElement>("thead [data-weight]")].map(
          (head): [string, number] => [head.dataset.letter ?? "", Number(head.dataset.weight)],
        ),
        empty: [...box.querySelectorAll<HTMLElement>(".empty-slot")].map(
          (slot): [string, string] => [slot.dataset.letter ?? "", slot.dataset.reason ?? ""],
        ),
        masses: [...box.querySelectorAll<HTMLElement>("[data-mass]")].map((mass) => {
          const bar = mass.querySelector("svg");
          const parts = [...mass.querySelectorAll<SVGRectElement>("[data-part]")];
          const letter = bar?.dataset.letter ?? "";
          return {
            column:
              letter === "" ? (mass.closest("td")?.className.replace("col-", "") ?? "") : letter,
            parts: (mass.dataset.mass ?? "").split(" ").map(Number),
            words: mass.innerText,
            drawn: parts.map((part) => ({
              kind: part.dataset.part ?? "",
              share: part.width.baseVal.value / (bar?.width.baseVal.value ?? 0),
              pixel: 1 / (bar?.width.baseVal.value ?? 0),
            })),
          };
        }),
        trueFused: {
          words: trueFused?.innerText ?? "",
          atMost: atMost === undefined ? null : Number(atMost),
          isOpen: trueFused?.querySelector(".is-open") != null,
        },
      };
    });
  const { rows, masses, ...rest } = found;
  return {
    ...rest,
    weights: new Map(found.weights),
    empty: new Map(found.empty),
    fused: new Map(rows[0]),
    taught: new Map(rows[1]),
    masses: masses.map((mass) => ({
      ...mass,
      // Outlines are drawn half a pixel inside of their part.
      drawn: mass.drawn.reduce(
        (sum, { kind, share, pixel }) => sum + share + (kind === "mapped" ? 0 : pixel),
        0,
      ),
    })),
  };
}
