/**
 * The panels of one kind in this window. A new subject takes the place of the old one, unless that panel is
 * pinned: then another opens. A panel opens beside the editor, which keeps the focus; asked for the same thing a
 * second time, the focus moves into the view. After a reload the panels come back from what their views stored.
 */
import * as vscode from "vscode";
import type { CommonAsks, ViewHeader, ViewKind } from "../protocol/views.ts";
import {
  type OwnVerb,
  type ViewOutlet,
  ViewPanel,
  type ViewParts,
  type ViewSubject,
} from "./viewPanel.ts";

type Maker<Asks, Show extends ViewHeader> = (outlet: ViewOutlet) => ViewSubject<Asks, Show>;

export interface OpenSubject<Asks, Show extends ViewHeader> {
  /** Tells the same subject from another: text and models, or a run's folder. */
  readonly key: string;
  readonly make: Maker<Asks, Show>;
  /** Into the view at once. */
  readonly focus?: boolean;
}

export interface ShelfOptions<Asks extends CommonAsks, Show extends ViewHeader> {
  readonly kind: ViewKind;
  readonly parts: ViewParts;
  /** What this kind of view asks besides the common verbs. */
  readonly verbs: readonly OwnVerb<Asks>[];
  /** From what `show` gave as `restore`; undefined where it can no longer be made. */
  readonly restore: (
    stored: Readonly<Record<string, unknown>>,
  ) => Promise<OpenSubject<Asks, Show> | undefined>;
}

interface Shelved<Asks extends CommonAsks, Show extends ViewHeader> {
  readonly view: ViewPanel<Asks, Show>;
  key: string;
}

/** The panels of every kind, for the commands that act on the one with the focus. */
const all = new Set<ViewPanel<CommonAsks, ViewHeader>>();

/** The view that has the focus. */
export function activeView(): ViewPanel<CommonAsks, ViewHeader> | undefined {
  return [...all].find(({ panel }) => panel.active);
}

export class PanelShelf<Asks extends CommonAsks, Show extends ViewHeader>
  implements vscode.Disposable
{
  readonly #options: ShelfOptions<Asks, Show>;
  readonly #panels: Shelved<Asks, Show>[] = [];
  readonly #serializer: vscode.Disposable;

  constructor(options: ShelfOptions<Asks, Show>) {
    this.#options = options;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(`fuselab.${options.kind}`, {
      deserializeWebviewPanel: (panel, state: unknown) => this.#revive(panel, state),
    });
  }

  /** What the panels show, the latest opened last. */
  get subjects(): readonly ViewSubject<Asks, Show>[] {
    return this.#panels.flatMap(({ view }) => (view.subject === undefined ? [] : [view.subject]));
  }

  /** The panel that is not pinned, with the new subject. */
  open(subject: OpenSubject<Asks, Show>): ViewPanel<Asks, Show> {
    const same = this.#panels.find(({ key }) => key === subject.key);
    if (same !== undefined) {
      same.view.panel.reveal(undefined, false);
      same.view.press("focus");
      return same.view;
    }
    const free = this.#panels.find(({ view }) => !view.kept);
    const shelved = free ?? this.#shelve(this.#create(subject), subject.key);
    shelved.key = subject.key;
    shelved.view.put(subject.make);
    shelved.view.panel.reveal(undefined, subject.focus !== true);
    return shelved.view;
  }

  dispose(): void {
    this.#serializer.dispose();
    for (const { view } of [...this.#panels]) view.dispose();
  }

  #create({ focus }: OpenSubject<Asks, Show>): vscode.WebviewPanel {
    return vscode.window.createWebviewPanel(
      `fuselab.${this.#options.kind}`,
      "FuseLab",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: focus !== true },
      { enableScripts: true },
    );
  }

  #shelve(panel: vscode.WebviewPanel, key: string): Shelved<Asks, Show> {
    const { kind, parts, verbs } = this.#options;
    const view = new ViewPanel<Asks, Show>(kind, panel, parts, verbs);
    const shelved = { view, key };
    this.#panels.push(shelved);
    all.add(view as unknown as ViewPanel<CommonAsks, ViewHeader>);
    panel.onDidDispose(() => {
      this.#panels.splice(this.#panels.indexOf(shelved), 1);
      all.delete(view as unknown as ViewPanel<CommonAsks, ViewHeader>);
      view.dispose();
    });
    return shelved;
  }

  async #revive(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const stored = storedOf(state);
    const subject =
      stored === undefined
        ? undefined
        : await this.#options.restore(stored.restore).catch((error) => {
            this.#options.parts.failures.note(error);
            return undefined;
          });
    if (subject === undefined) {
      panel.dispose();
      return;
    }
    const { view } = this.#shelve(panel, subject.key);
    view.put(subject.make);
    if (stored?.kept === true) view.keep(true);
  }
}

/** What a view stored (webview/shared/host.ts): input from outside like any other. */
function storedOf(
  state: unknown,
): { restore: Readonly<Record<string, unknown>>; kept: boolean } | undefined {
  if (typeof state !== "object" || state === null || !("restore" in state)) return undefined;
  const { restore } = state;
  if (typeof restore !== "object" || restore === null) return undefined;
  return {
    restore: restore as Readonly<Record<string, unknown>>,
    kept: "kept" in state && state.kept === true,
  };
}
