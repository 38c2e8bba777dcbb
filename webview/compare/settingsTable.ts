/** Only the settings in which the runs differ, a row each. */
import type { CompareShow } from "../../src/protocol/runView.ts";
import { element } from "../run/patch.ts";
import { letterBadge } from "../shared/chips.ts";

export interface SettingsTable {
  readonly element: HTMLElement;
  show(show: CompareShow): void;
}

export function makeSettingsTable(): SettingsTable {
  const holder = element("div", {
    class: "compared-holder",
    ...{ tabindex: "0", role: "region", "aria-label": "Settings by run" },
  });
  const root = element(
    "section",
    { class: "compared", "aria-label": "Settings that differ" },
    element("h2", {}, "Settings that differ"),
    holder,
  );
  let key = "";
  return {
    element: root,
    show({ runs, settings }) {
      const next = JSON.stringify([runs.map(({ letter }) => letter), settings]);
      if (next === key) return;
      key = next;
      if (settings.length === 0) {
        holder.replaceChildren(element("p", { class: "muted" }, "None: the recipes are the same."));
        return;
      }
      const head = element(
        "tr",
        {},
        element("th", { scope: "col" }, "setting"),
        ...runs.map(({ letter }) => element("th", { scope: "col" }, letterBadge(letter))),
      );
      const rows = settings.map((setting) => {
        const [base] = setting.values;
        return element(
          "tr",
          {},
          element("th", { scope: "row", class: "setting" }, setting.key),
          ...setting.values.map((value, i) =>
            element(
              "td",
              {
                "data-of": runs[i]?.letter ?? "",
                ...(value === base ? {} : { class: "differs" }),
              },
              value,
            ),
          ),
        );
      });
      const table = element(
        "table",
        { class: "compared-table" },
        element("thead", {}, head),
        element("tbody", {}, ...rows),
      );
      holder.replaceChildren(table);
    },
  };
}
