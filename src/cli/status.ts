/** `fuselab status`: the runs of a folder, or one run in detail, live with --follow. */
import path from "node:path";
import type { Command } from "commander";
import { readEvents } from "../pipeline/runEvents.ts";
import { type ListedRun, listRuns } from "../pipeline/runFolder.ts";
import { shownState } from "../pipeline/runLiveness.ts";
import { readRunRecord } from "../pipeline/runRecord.ts";
import { type RunSummary, type StageSummary, summariseRun } from "../pipeline/runSummary.ts";
import type { RunRecord, ShownRunState } from "../protocol/runState.ts";
import { ageText, durationText } from "./figures.ts";
import { followRun } from "./followRun.ts";
import { onInterrupt, printJson } from "./output.ts";
import { findRun, runsOption } from "./runArgument.ts";
import { scoreLines } from "./runView.ts";
import { createTerminal, printable, type Style, tableLines } from "./terminal.ts";

interface StatusOptions {
  readonly runs: string;
  readonly json?: true;
  readonly follow?: true;
}

export function register(program: Command): void {
  program
    .command("status")
    .summary("show runs, or one run in detail")
    .description(
      "Shows the runs of a folder, the newest first, or one run in detail: its state, stages, losses and scores. Everything is read from the run folder, so it works for runs of other terminals, of the editor, and of other machines on a shared disk.",
    )
    .argument("[run]", "a run: its folder, its name, or a part of the name")
    .addOption(runsOption())
    .option("--follow", "keep showing the run until it ends")
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      "\nStates: queued, running, stopping, stopped, done, failed, lost (its process is gone), elsewhere (alive on another host).",
    )
    .action(async (word: string | undefined, options: StatusOptions) => {
      if (word === undefined) return showRuns(options);
      return showRun(await findRun(word, options.runs), options);
    });
}

async function showRuns({ runs, json }: StatusOptions): Promise<void> {
  const listed = await listRuns(runs);
  if (json === true) return printJson(listed.map(jsonOf));
  const { style, print } = createTerminal(process.stdout, process.env);
  if (listed.length === 0) return print(`There are no runs in ${printable(runs)}.`);
  const rows = listed.map((run) =>
    "record" in run
      ? [
          printable(path.basename(run.folder)),
          run.state,
          ageText(Date.now() - run.record.created),
          printable(run.record.problem?.message ?? ""),
        ]
      : [printable(path.basename(run.folder)), "unreadable", "", printable(run.problem.message)],
  );
  const columns = ["run", "state", "made", ""].map((title) => ({ title }));
  const [title = "", ...lines] = tableLines(columns, rows);
  print(style.dim(title), ...lines);
}

function jsonOf(run: ListedRun): unknown {
  return "record" in run
    ? { folder: run.folder, ...run.record, state: run.state }
    : { folder: run.folder, problem: run.problem.message };
}

async function showRun(folder: string, { json, follow }: StatusOptions): Promise<void> {
  const record = await readRunRecord(folder);
  const state = await shownState(record);
  const summary = summariseRun(await readEvents(folder));
  if (json === true) return printJson({ folder, ...record, state, ...summary });
  const terminal = createTerminal(process.stdout, process.env);
  if (follow !== true) return terminal.print(...detailLines(folder, record, state, summary, terminal.style));
  const leaving = new AbortController();
  const stopListening = onInterrupt(
    () => leaving.abort(),
    () => process.exit(0),
  );
  try {
    await followRun(folder, terminal, { signal: leaving.signal });
  } finally {
    stopListening();
  }
}

function detailLines(
  folder: string,
  record: RunRecord,
  state: ShownRunState,
  summary: RunSummary,
  style: Style,
): string[] {
  const failure = summary.problem ?? record.problem;
  return [
    style.bold(printable(record.name)),
    ...tableLines([{ title: "folder" }, { title: printable(folder) }], [
      ["state", stateText(state, record)],
      ["mode", record.mode],
      ["versions", printable(Object.entries(record.versions).map((pair) => pair.join(" ")).join(", "))],
      ["seeds", printable(Object.entries(record.seeds).map((pair) => pair.join(" ")).join(", "))],
      ["device", `${printable(record.device)}, ${record.threads} threads`],
    ]),
    "",
    ...summary.stages.map((stage) => stageText(stage, style)),
    ...summary.steps.map(({ arm, step, of, loss }) => {
      return `  train ${arm}: step ${step} of ${of}, loss ${loss.total?.toFixed(4) ?? "not finite"}`;
    }),
    ...summary.warnings.map(({ message }) => `${style.attention("warning")}: ${printable(message)}`),
    ...(state === "failed" && failure !== undefined && failure !== null
      ? [`${style.bad("failed")}: ${printable(failure.message)}`]
      : []),
    ...(summary.evaluations.length > 0 ? [""] : []),
    ...scoreLines(summary.evaluations, style),
  ];
}

function stateText(state: ShownRunState, record: RunRecord): string {
  const owner = `process ${record.pid} on ${printable(record.host ?? "")}`;
  const beat = record.heartbeat === null ? "" : `, last heard of ${ageText(Date.now() - record.heartbeat)}`;
  switch (state) {
    case "running":
    case "stopping":
    case "elsewhere":
      return `${state} (${owner}${beat})`;
    case "lost":
      return `lost (${owner} is gone${beat}); go on with: fuselab resume`;
    case "done":
      return `done in ${durationText(((record.ended ?? 0) - (record.started ?? 0)) / 1000)}`;
    default:
      return state;
  }
}

const marks = { waiting: "·", started: "▸", finished: "✓", reused: "✓" } as const;

function stageText({ stage, phase, seconds }: StageSummary, style: Style): string {
  const time = seconds === undefined ? "" : durationText(seconds);
  const line = `${marks[phase]} ${stage.padEnd(9)} ${time}`.trimEnd();
  return phase === "waiting" ? style.dim(line) : line;
}
