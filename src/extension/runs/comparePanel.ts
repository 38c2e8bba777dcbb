/** The comparison's subject: up to six run folders, read again while someone looks. */
import * as vscode from "vscode";
import type { CompareAsks, CompareShow } from "../../protocol/runView.ts";
import type { OpenSubject } from "../panelShelf.ts";
import type { Parts } from "../parts.ts";
import type { ViewOutlet, ViewSubject } from "../viewPanel.ts";
import { compareShow } from "./compareShow.ts";
import { seriesBody } from "./runPanel.ts";
import { RunReader, readEvaluation, readRecipeText } from "./runReading.ts";
import { isEnded } from "./runShow.ts";

export const compareVerbs = ["series"] as const;

/** Milliseconds between two looks while visible, and while one of the runs may still change. */
const interval = 5_000;

export function compareSubject(
  folders: readonly string[],
  parts: Parts,
): OpenSubject<CompareAsks, CompareShow> {
  return { key: folders.join("\n"), make: (outlet) => new CompareSubject(folders, outlet, parts) };
}

class CompareSubject implements ViewSubject<CompareAsks, CompareShow> {
  readonly title = vscode.l10n.t("Compare runs");
  readonly offers;
  readonly #folders: readonly string[];
  readonly #outlet: ViewOutlet;
  #timer: NodeJS.Timeout | undefined;
  #visible = false;

  constructor(folders: readonly string[], outlet: ViewOutlet, parts: Parts) {
    this.#folders = folders;
    this.#outlet = outlet;
    this.offers = {
      series: (body: unknown, signal: AbortSignal) =>
        parts.inspector.call("series", seriesBody(body, folders), { signal }),
    };
    this.onVisible(outlet.visible);
  }

  async snapshot(): Promise<Omit<CompareShow, "kept">> {
    const runs = await Promise.all(
      this.#folders.map(async (folder) => ({
        reading: await new RunReader(folder).now(),
        evaluation: await readEvaluation(folder),
        recipe: await readRecipeText(folder),
      })),
    );
    this.#lookAgain(runs.some(({ reading }) => !isEnded(reading.state)));
    return {
      ...compareShow(runs),
      revision: this.#folders.join("\n"),
      title: runs.map(({ reading }) => reading.record.name).join(" · "),
      restricted: !vscode.workspace.isTrusted,
      restore: { runs: this.#folders },
    };
  }

  onVisible(visible: boolean): void {
    this.#visible = visible;
    if (!visible) clearTimeout(this.#timer); // shown again, the panel asks for a snapshot
  }

  dispose(): void {
    this.onVisible(false);
  }

  #lookAgain(isLive: boolean): void {
    clearTimeout(this.#timer);
    if (isLive && this.#visible) this.#timer = setTimeout(() => this.#outlet.refresh(), interval);
  }
}
