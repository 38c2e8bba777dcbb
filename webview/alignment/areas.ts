/** The places that take keys, one tab stop each: matrix, ribbon, figures, and the table where it stands for the drawing. */
import type { Tabs } from "./tabs.ts";
import type { Twin } from "./twin.ts";
import type { Area } from "./viewKeys.ts";

export interface Areas {
  /** Where keys act: what has the focus, else what had it last. */
  current(): Area;
  focus(area: Area): void;
  next(): void;
}

export interface AreaParts {
  readonly matrix: HTMLElement;
  readonly ribbon: HTMLElement;
  readonly figures: HTMLElement;
  readonly twin: Twin;
  readonly tabs: Tabs;
}

export function makeAreas({ matrix, ribbon, figures, twin, tabs }: AreaParts): Areas {
  let last: Area = "matrix";
  const elements = { matrix, ribbon, figures } as const;
  for (const [area, element] of Object.entries(elements))
    element.addEventListener("focus", () => {
      last = area as Area;
    });
  const focus = (area: Area): void => {
    last = area;
    if (area === "table") twin.focus();
    else {
      if (area !== "figures") tabs.show(area);
      elements[area].focus();
    }
  };
  const current = (): Area => {
    if (twin.isShown && last !== "figures") return "table";
    return last === "matrix" && !matrix.checkVisibility() ? "ribbon" : last;
  };
  return {
    current,
    focus,
    next() {
      const order: readonly Area[] = twin.isShown
        ? ["table", "figures"]
        : ["matrix", "ribbon", "figures"];
      focus(order[(order.indexOf(current()) + 1) % order.length]);
    },
  };
}
