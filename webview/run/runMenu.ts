/** What can be done with a run, behind `⋯`; what cannot be done now says why. */
import type { RunAction, RunShow } from "../../src/protocol/runView.ts";
import type { MenuItem } from "../shared/menu.ts";
import { actionFor } from "./stateLine.ts";
import { stateSigns } from "./strings.ts";

export function runMenu(show: RunShow | undefined, act: (what: RunAction) => void): MenuItem[] {
  if (show === undefined) return [];
  const now = actionFor(show.state);
  const has = (path: string): boolean => show.files.some((file) => file.path === path);
  const is = `the run is ${stateSigns[show.state].word}`;
  const item = (what: RunAction, label: string, disabled?: string): MenuItem => ({
    label,
    run: () => act(what),
    ...(disabled === undefined ? {} : { disabled }),
  });
  return [
    item("stop", "Stop", now === "stop" ? undefined : `Nothing to stop: ${is}`),
    item("resume", "Resume", now === "resume" ? undefined : `Nothing to resume: ${is}`),
    {
      ...item(
        "openReport",
        "Open report",
        has("report.html") ? undefined : "The report is written after evaluation",
      ),
      separated: true,
    },
    item(
      "distributions",
      "Show fused distributions",
      hasFused(show) ? undefined : "There are no fused rows yet",
    ),
    item("showLog", "Show log"),
    item("reveal", "Reveal folder"),
    { ...item("rename", "Rename…"), separated: true },
    item("copyRecipe", "Copy recipe"),
  ];
}

const hasFused = ({ stages }: RunShow): boolean =>
  stages.some(({ name, state }) => name === "fuse" && (state === "finished" || state === "reused"));
