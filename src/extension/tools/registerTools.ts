/** FuseLab's tools for agents: the same services as the commands, in JSON. What trains or stops asks the person first. */
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { problemText } from "../failures.ts";
import { Scope } from "../lifetimes.ts";
import type { Parts } from "../parts.ts";
import type { Runs } from "../runs/registerRuns.ts";
import {
  listRuns,
  readRunMetrics,
  recipeNamed,
  runNamed,
  startRun,
  stopNamedRun,
} from "./runTools.ts";
import { alignText, tokenizeText } from "./textTools.ts";
import { inputOf, nameOf } from "./toolInputs.ts";

interface Tool {
  /** While it runs. */
  readonly saying: string;
  answer(input: unknown, signal: AbortSignal): Promise<string>;
  /** What the person is asked before it does anything. */
  confirm?(input: unknown): Promise<{ title: string; message: string }>;
}

export function registerTools(
  parts: Parts,
  runs: Runs,
  explain: Tool["answer"],
): vscode.Disposable {
  const { t } = vscode.l10n;
  const tools: Readonly<Record<string, Tool>> = {
    fuselab_tokenize_text: {
      saying: t("Cutting the text into tokens"),
      answer: (input, signal) => tokenizeText(parts, input, signal),
    },
    fuselab_align_text: {
      saying: t("Aligning two tokenizers"),
      answer: (input, signal) => alignText(parts, input, signal),
    },
    fuselab_list_runs: { saying: t("Listing runs"), answer: (input) => listRuns(runs, input) },
    fuselab_read_run_metrics: {
      saying: t("Reading a run"),
      answer: (input) => readRunMetrics(runs, input),
    },
    fuselab_explain_fused_row: { saying: t("Reading a fused distribution"), answer: explain },
    fuselab_start_run: {
      saying: t("Starting a run"),
      answer: (input) => startRun(runs, input),
      confirm: async (input) => {
        const { uri } = await recipeNamed(input);
        return {
          title: t("Start a fusion run"),
          message: t(
            "Train with the recipe {0}? It takes the processor for minutes or hours.",
            uri.fsPath,
          ),
        };
      },
    },
    fuselab_stop_run: {
      saying: t("Stopping a run"),
      answer: (input) => stopNamedRun(runs, input),
      confirm: async (input) => {
        const folder = await runNamed(runs, nameOf(inputOf(input), "run"));
        return {
          title: t("Stop a fusion run"),
          message: t("Stop {0}? It can be resumed.", folder),
        };
      },
    },
  };
  const scope = new Scope();
  for (const [name, tool] of Object.entries(tools)) {
    scope.own(vscode.lm.registerTool(name, toolFor(tool, parts)));
  }
  return scope;
}

function toolFor(
  { saying, answer, confirm }: Tool,
  { failures }: Parts,
): vscode.LanguageModelTool<unknown> {
  return {
    prepareInvocation: async ({ input }) => ({
      invocationMessage: saying,
      ...(confirm === undefined
        ? {}
        : { confirmationMessages: await confirm(input).catch((error) => refuse(error, failures)) }),
    }),
    invoke: async ({ input }, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      const text = await answer(input, stop.signal).catch((error) => refuse(error, failures));
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  };
}

/** In words for an agent. */
function refuse(error: unknown, failures: Parts["failures"]): never {
  failures.note(error);
  if (error instanceof Problem) throw new Error(problemText(error));
  throw new Error("FuseLab met an error of its own; its log channel has the details.");
}
