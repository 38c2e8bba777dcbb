/** The one status item: a run that is live, with how far it is; gone when none is. */
import * as vscode from "vscode";
import type { ListedRun } from "../../pipeline/runFolder.ts";
import { Scope } from "../lifetimes.ts";
import { RunReader } from "./runReading.ts";
import { isEnded, stateSentence } from "./runShow.ts";
import { isLive, type RunStore } from "./runStore.ts";

/** Milliseconds between two looks at the live run. */
const interval = 3_000;

export class RunStatus implements vscode.Disposable {
  readonly #store: RunStore;
  readonly #scope = new Scope();
  readonly #item: vscode.StatusBarItem;
  #following: { readonly folder: string; readonly stop: AbortController } | undefined;
  #sentence = "";

  constructor(store: RunStore) {
    this.#store = store;
    this.#item = this.#scope.own(
      vscode.window.createStatusBarItem("fuselab.run", vscode.StatusBarAlignment.Left, 10),
    );
    this.#item.name = vscode.l10n.t("FuseLab run");
    this.#scope.own(store.onChange(() => this.#update()));
    this.#update();
  }

  dispose(): void {
    this.#following?.stop.abort();
    this.#scope.dispose();
  }

  #update(): void {
    const live = this.#store.runs.filter(isLive);
    const [first] = live;
    if (first?.folder !== this.#following?.folder) {
      this.#following?.stop.abort();
      this.#sentence = "";
      this.#following = first === undefined ? undefined : this.#follow(first);
    }
    if (first === undefined) this.#item.hide();
    else if ("record" in first) this.#show(first.record.name, live.length);
  }

  #follow(run: ListedRun): { folder: string; stop: AbortController } {
    const stop = new AbortController();
    let last = 0;
    new RunReader(run.folder)
      .follow(stop.signal, (reading) => {
        if (isEnded(reading.state)) void this.#store.refresh();
        if (Date.now() - last < interval) return;
        last = Date.now();
        const count = this.#store.runs.filter(isLive).length;
        this.#sentence = stateSentence(reading, Date.now());
        this.#show(reading.record.name, count);
      })
      .catch(() => undefined); // the next look at the runs says what became of it
    return { folder: run.folder, stop };
  }

  #show(name: string, live: number): void {
    const sentence = this.#sentence;
    const more = live > 1 ? ` +${live - 1}` : "";
    this.#item.text = `$(sync~spin) ${sentence === "" ? name : sentence}${more}`;
    this.#item.tooltip = `${name}\n${sentence}`;
    this.#item.command = {
      command: "fuselab.run.open",
      title: vscode.l10n.t("Open run"),
      arguments: [this.#following?.folder],
    };
    this.#item.accessibilityInformation = { label: `FuseLab: ${name}. ${sentence}` };
    this.#item.show();
  }
}
