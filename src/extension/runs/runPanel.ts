/** The run view's subject: one run's folder, read on while someone looks. */
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { type SeriesBody, seriesFigures } from "../../protocol/runSeries.ts";
import type { ShownRunState } from "../../protocol/runState.ts";
import { type RunAction, type RunAsks, type RunShow, runActions } from "../../protocol/runView.ts";
import type { CommandId } from "../commandContract.ts";
import type { OpenSubject } from "../panelShelf.ts";
import type { Parts } from "../parts.ts";
import type { ViewOutlet, ViewSubject } from "../viewPanel.ts";
import {
  RunReader,
  type RunReading,
  readEvaluation,
  readFiles,
  readFusion,
  readLogTail,
  readRecipeText,
} from "./runReading.ts";
import { type RunFiles, runShow } from "./runShow.ts";
import type { RunStore } from "./runStore.ts";

/** Milliseconds for which the small files of a live run need not be read again. */
const freshness = 2_000;

export const runVerbs = ["series", "act", "logTail"] as const;

/** What a view's action is as a command. */
const commandOf: Readonly<Record<RunAction, CommandId>> = {
  stop: "run.stop",
  resume: "run.resume",
  rename: "run.rename",
  reveal: "run.reveal",
  copyRecipe: "run.copyRecipe",
  openReport: "run.openReport",
  showLog: "run.showLog",
  distributions: "showFusedDistributions",
};

export function runSubject(
  folder: string,
  parts: Parts,
  store: RunStore,
): OpenSubject<RunAsks, RunShow> {
  return { key: folder, make: (outlet) => new RunSubject(folder, outlet, parts, store) };
}

class RunSubject implements ViewSubject<RunAsks, RunShow> {
  readonly #folder: string;
  readonly #outlet: ViewOutlet;
  readonly #parts: Parts;
  readonly #reader: RunReader;
  readonly #deletion: vscode.Disposable;
  #following: AbortController | undefined;
  #reading: RunReading | undefined;
  #files:
    | { readonly files: RunFiles; readonly state: ShownRunState; readonly read: number }
    | undefined;
  #problem: Problem | undefined;

  constructor(folder: string, outlet: ViewOutlet, parts: Parts, store: RunStore) {
    this.#folder = folder;
    this.#outlet = outlet;
    this.#parts = parts;
    this.#reader = new RunReader(folder);
    this.#deletion = store.onDelete((deleted) => {
      if (deleted === folder) outlet.panel.dispose();
    });
    this.onVisible(outlet.visible);
  }

  get title(): string {
    return this.#reading?.record.name ?? vscode.l10n.t("Run");
  }

  readonly offers = {
    series: (body: unknown, signal: AbortSignal) =>
      this.#parts.inspector.call("series", seriesBody(body, [this.#folder]), { signal }),
    act: async (body: unknown) => {
      const { what } = body as { readonly what: unknown };
      const action = runActions.find((one) => one === what);
      if (action === undefined) throw new Problem("badInput", "A run knows no such action.");
      await this.#parts.commands.run(commandOf[action], this.#folder);
      return null;
    },
    logTail: async () => ({ text: await readLogTail(this.#folder) }),
  };

  async snapshot(): Promise<Omit<RunShow, "kept">> {
    const reading = this.#reading ?? (await this.#firstReading());
    return {
      ...runShow(reading, await this.#filesAt(reading)),
      restricted: !vscode.workspace.isTrusted,
      restore: { run: this.#folder },
      ...(this.#problem === undefined
        ? {}
        : { problem: { code: this.#problem.code, message: this.#problem.message } }),
    };
  }

  onVisible(visible: boolean): void {
    if (!visible) {
      this.#following?.abort();
      this.#following = undefined;
      return;
    }
    if (this.#following !== undefined) return;
    const following = new AbortController();
    this.#following = following;
    this.#reader
      .follow(following.signal, (reading) => {
        this.#reading = reading;
        this.#logEvents(reading);
        this.#outlet.refresh();
      })
      .catch((error) => {
        this.#problem = error instanceof Problem ? error : undefined;
        this.#parts.failures.note(error);
        if (this.#reading !== undefined) this.#outlet.refresh();
      });
  }

  dispose(): void {
    this.#following?.abort();
    this.#deletion.dispose();
  }

  /** Events come several times a second; what stands beside them changes with a stage. */
  async #filesAt({ state }: RunReading): Promise<RunFiles> {
    const known = this.#files;
    const isFresh = known?.state === state && Date.now() - known.read < freshness;
    if (known !== undefined && isFresh) return known.files;
    const files = await readRunFiles(this.#folder);
    this.#files = { files, state, read: Date.now() };
    return files;
  }

  async #firstReading(): Promise<RunReading> {
    const reading = await new RunReader(this.#folder).now();
    this.#reading ??= reading;
    return this.#reading;
  }

  #logEvents({ offset, state }: RunReading): void {
    if (!this.#parts.settings.get("logEvents")) return;
    this.#parts.log.info(`${this.#folder}: ${state}, ${offset} bytes of events read`);
  }
}

async function readRunFiles(folder: string): Promise<RunFiles> {
  const [evaluation, fusion, recipe, logTail, files] = await Promise.all([
    readEvaluation(folder),
    readFusion(folder),
    readRecipeText(folder),
    readLogTail(folder),
    readFiles(folder),
  ]);
  return { evaluation, fusion, recipe, logTail, files };
}

/** A view's question for a curve, checked: only of the runs that it shows. */
export function seriesBody(body: unknown, runs: readonly string[]): SeriesBody {
  const { run, figure, points, from, to } = body as Readonly<Record<string, unknown>>;
  const shown = runs.find((one) => one === run);
  const known = seriesFigures.find((one) => one === figure);
  if (shown === undefined || known === undefined || !isStep(points)) {
    throw new Problem("badInput", "A curve is of a run that is shown, one of its figures.");
  }
  return {
    run: shown,
    figure: known,
    points: Math.min(Number(points), 20_000),
    ...(isStep(from) ? { from: Number(from) } : {}),
    ...(isStep(to) ? { to: Number(to) } : {}),
  };
}

const isStep = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
