/** `fuselab status`: the runs of a folder, or one run in detail, live with --follow. */
import path from "node:path";
import type { Command } from "commander";
import { readEvents } from "../pipeline/runEvents.ts";
import { type ListedRun, listRuns } from "../pipeline/runFolder.ts";
import { shownState } from "../pipeline/runLiveness.ts";
import { readRunRecord } from "../pipeline/runRecord.ts";
import { type RunSummary, type StageSummary, summariseRun } from "../pipeline/runSummary.ts";
import type { RunRecord, ShownRunState } from "../protocol/runState.ts";
import { withoutControls } from "./failure.ts";
import { ageText } from "./figures.ts";
import { followRun } from "./followRun.ts";
import { onInterrupt } from "./interrupt.ts";
import { print, printJson } from "./output.ts";
import { findRun, runsOption } from "./runArgument.ts";
import { lossText, problemLine, scoreTable } from "./runText.ts";
import { duration } from "./terminal.ts";

interface StatusOptions {
  readonly runs: string;
  readonly json?: true;
  readonly follow?: true;
}

export function registerStatus(program: Command): void {
  program
    .command("status")
    .summary("show runs, or one run in detail")
    .description(
      "Shows the runs of a folder, the newest first, or one run in detail: its state, stages, losses and scores. Everything is read from the run folder, so it works for runs of other terminals, of the editor, and of other machines on a shared disk.",
    )
    .argument("[run]", "a run: its folder, its name, or a part of the name")
    .addOption(runsOption())
    .option("--follow", "keep showing the run until it ends; Ctrl-C leaves it running")
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      "\nStates: queued, running, stopping, stopped, done, failed, lost (its process is gone), elsewhere (alive on another host).",
    )
    .action(async (word: string | undefined, options: StatusOptions) => {
      if (word === undefined) await showRuns(options);
      else await showRun(await findRun(word, options.runs), options);
    });
}

async function showRuns({ runs, json }: StatusOptions): Promise<void> {
  const listed = await listRuns(runs);
  if (json === true) printJson(listed.map(jsonOf));
  else if (listed.length === 0) print(withoutControls(`There are no runs in ${runs}.`));
  else print(leftTable([["run", "state", "made", ""], ...listed.map(rowOf)]));
}

function jsonOf(run: ListedRun): unknown {
  return "record" in run
    ? { folder: run.folder, ...run.record, state: run.state }
    : { folder: run.folder, problem: run.problem.message };
}

function rowOf(run: ListedRun): string[] {
  const name = path.basename(run.folder);
  if (!("record" in run)) return [name, "unreadable", "", run.problem.message];
  const { created, problem } = run.record;
  return [name, run.state, ageText(Date.now() - created), problem?.message ?? ""];
}

async function showRun(folder: string, { json, follow }: StatusOptions): Promise<void> {
  if (follow === true) return followUntilLeft(folder);
  const record = await readRunRecord(folder);
  const state = await shownState(record);
  const summary = summariseRun(await readEvents(folder));
  if (json === true) printJson({ folder, ...record, state, ...summary });
  else print(withoutControls(detailText(folder, record, state, summary)));
}

async function followUntilLeft(folder: string): Promise<void> {
  const leaving = new AbortController();
  const stopListening = onInterrupt(
    () => leaving.abort(),
    () => process.exit(),
  );
  try {
    await followRun(folder, { signal: leaving.signal });
  } finally {
    stopListening();
  }
}

function detailText(
  folder: string,
  record: RunRecord,
  state: ShownRunState,
  summary: RunSummary,
): string {
  const failure = state === "failed" ? (summary.problem ?? record.problem) : null;
  const parts = [
    [
      record.name,
      leftTable([
        ["folder", folder],
        ["state", stateText(state, record)],
        ["mode", record.mode],
        ["versions", pairsText(record.versions)],
        ["seeds", pairsText(record.seeds)],
        ["device", `${record.device}, ${record.threads} threads`],
      ]),
    ],
    [
      ...summary.stages.map(stageText),
      ...summary.steps.map(
        (event) => `train ${event.arm}: step ${event.step} of ${event.of}, ${lossText(event)}`,
      ),
    ],
    summary.warnings.map((warning) => problemLine("warning", warning)),
    failure === null ? [] : [problemLine("failed", failure)],
    summary.evaluations.length === 0 ? [] : [scoreTable(summary.evaluations)],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function stateText(state: ShownRunState, record: RunRecord): string {
  const { pid, host, heartbeat, started, ended } = record;
  const owner = `process ${pid} on ${host}`;
  const beat = heartbeat === null ? "" : `, last heard of ${ageText(Date.now() - heartbeat)}`;
  switch (state) {
    case "running":
    case "stopping":
    case "elsewhere":
      return `${state} (${owner}${beat})`;
    case "lost":
      return `lost (${owner} is gone${beat}); go on with: fuselab resume`;
    case "done":
      return started === null || ended === null
        ? "done"
        : `done, ${duration((ended - started) / 1000)} after its first start`;
    default:
      return state;
  }
}

const marks = { waiting: "·", started: "▸", finished: "✓", reused: "✓" } as const;

function stageText({ stage, phase, seconds }: StageSummary): string {
  const time = seconds === undefined ? "" : duration(seconds);
  return `${marks[phase]} ${stage.padEnd(9)} ${time}`.trimEnd();
}

const pairsText = (pairs: Readonly<Record<string, string | number>>): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

/** Columns of text, all to the left. */
function leftTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      withoutControls(
        row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd(),
      ),
    )
    .join("\n");
}
