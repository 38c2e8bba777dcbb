/** What the figures rest on: hashes, versions, seeds, mode, host, and what was reused, refused or warned of. */
import type { RunShow } from "../../src/protocol/runView.ts";
import { count, timeOfDay } from "./figures.ts";
import { element, setShown } from "./patch.ts";
import { markSentence } from "./strings.ts";

export interface Provenance {
  /** A disclosure. */
  readonly element: HTMLDetailsElement;
  show(show: RunShow): void;
}

type Facts = readonly (readonly [name: string, value: string])[];

export function makeProvenance(isOpen: boolean, onToggle: (isOpen: boolean) => void): Provenance {
  const content = element("div", { class: "provenance-content" });
  const root = element(
    "details",
    { class: "provenance" },
    element("summary", {}, "provenance"),
    content,
  );
  root.open = isOpen;
  root.addEventListener("toggle", () => onToggle(root.open));
  let key = "";
  return {
    element: root,
    show(show) {
      const groups = groupsOf(show);
      const next = JSON.stringify(groups);
      if (next === key) return;
      key = next;
      content.replaceChildren(...groups.map(([title, facts]) => groupElement(title, facts)));
      setShown(root, true);
    },
  };
}

function groupsOf({ record, stages, warnings, marks, folder, recipe }: RunShow) {
  const reused = stages.filter(({ state }) => state === "reused").map(({ name }) => name);
  const problems = marks.filter(({ kind }) => kind === "problem").map(markSentence);
  const resumed = marks.filter(({ kind }) => kind === "resumed").map(markSentence);
  const groups: [string, Facts][] = [
    [
      "Run",
      [
        ["name", record.name],
        ["mode", record.mode],
        ...Object.entries(record.seeds).map(
          ([name, seed]) => [`seed, ${name}`, String(seed)] as const,
        ),
        ["folder", folder],
        ["recipe from", record.recipeFolder],
        ["created", timeOfDay(record.created)],
        ["started", record.started === null ? "not yet" : timeOfDay(record.started)],
        ["ended", record.ended === null ? "not yet" : timeOfDay(record.ended)],
      ],
    ],
    [
      "Machine",
      [
        ["host", record.host ?? "none yet"],
        ["process", record.pid === null ? "none yet" : String(record.pid)],
        ["last sign of life", record.heartbeat === null ? "none" : timeOfDay(record.heartbeat)],
        ["device", record.device],
        ["threads", count(record.threads)],
      ],
    ],
    ["Versions", Object.entries(record.versions)],
    ["SHA-256", Object.entries(record.hashes)],
    ["Taken as it was", reused.map((name) => [name, "everything it would make was already there"])],
    ["Resumed", resumed.map((sentence, i) => [String(i + 1), sentence])],
    ["Refused", problems.map((sentence, i) => [String(i + 1), sentence])],
    ["Warnings", warnings.map((sentence, i) => [String(i + 1), sentence])],
    ["Recipe", recipe === "" ? [] : [["", recipe]]],
  ];
  return groups.filter(([, facts]) => facts.length > 0);
}

function groupElement(title: string, facts: Facts): HTMLElement {
  const heading = element("h3", {}, title);
  if (title === "Recipe") {
    const text = element(
      "pre",
      { class: "log", tabindex: "0", "aria-label": "Recipe" },
      facts[0][1],
    );
    return element("section", { class: "provenance-recipe" }, heading, text);
  }
  const entries = facts.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
  return element("section", { "data-group": title }, heading, element("dl", {}, ...entries));
}
