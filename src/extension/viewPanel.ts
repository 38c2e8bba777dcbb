/**
 * One panel with a view in it: the port to the view, what every view may ask, and the newest snapshot, which is
 * shown again whenever the view says that it can hear. What a kind of view adds comes in as its subject.
 */
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";
import { type Offered, Port } from "../port/port.ts";
import type {
  CommonAsks,
  CommonEvents,
  ExportedDrawing,
  OpenAt,
  TextRange,
  ViewHeader,
  ViewKind,
} from "../protocol/views.ts";
import { setContextKey } from "./contextKeys.ts";
import type { Failures } from "./failures.ts";
import { Scope } from "./lifetimes.ts";
import { viewFolder, viewHtml } from "./viewHtml.ts";

/** Milliseconds a view may take to answer; nothing is asked of views today. */
const timeLimit = 10_000;

/** What only one kind of view asks. */
export type OwnVerb<Asks> = Exclude<keyof Asks, keyof CommonAsks> & string;

/** What a panel is about: made by the feature, ended with the panel or when another takes its place. */
export interface ViewSubject<Asks, Show extends ViewHeader> extends vscode.Disposable {
  /** The panel's tab. */
  readonly title: string;
  /** What only this kind of view asks. */
  readonly offers: Offered<Omit<Asks, keyof CommonAsks>>;
  /** The newest snapshot; `kept` is the panel's to say. */
  snapshot(): Promise<Omit<Show, "kept">> | Omit<Show, "kept">;
  /** The text in the editor, where the subject has one. */
  chooseToken?(range: TextRange): void;
  revealText?(range: TextRange | null): Promise<void>;
  openAt?(place: OpenAt): Promise<boolean>;
  /** Takes up what the view wants remembered. */
  remember?(values: Readonly<Record<string, unknown>>): void;
  /** The view became visible or was hidden. */
  onVisible?(visible: boolean): void;
}

/** What a subject may do with the panel that shows it. */
export interface ViewOutlet {
  /** The snapshot has changed: show the new one. */
  refresh(): void;
  push<Verb extends keyof CommonEvents>(verb: Verb, body: CommonEvents[Verb]): void;
  readonly visible: boolean;
  /** The panel has the focus. */
  readonly active: boolean;
  readonly panel: vscode.WebviewPanel;
}

export interface ViewParts {
  readonly extension: vscode.Uri;
  readonly failures: Failures;
  /** What no subject opens by itself: the log, settings, runs. */
  readonly openAt: (place: OpenAt) => Promise<void>;
}

export class ViewPanel<Asks extends CommonAsks, Show extends ViewHeader>
  implements vscode.Disposable
{
  readonly panel: vscode.WebviewPanel;
  readonly #kind: ViewKind;
  readonly #parts: ViewParts;
  readonly #scope = new Scope();
  #subject: ViewSubject<Asks, Show> | undefined;
  readonly #port: Port<object, Asks>;
  #kept = false;
  #heard = false;
  #wasVisible = true;

  constructor(
    kind: ViewKind,
    panel: vscode.WebviewPanel,
    parts: ViewParts,
    verbs: readonly OwnVerb<Asks>[],
  ) {
    this.#kind = kind;
    this.panel = panel;
    this.#parts = parts;
    const { extension } = parts;
    panel.webview.options = { enableScripts: true, localResourceRoots: [viewFolder(extension)] };
    // A tab's icon is a picture: it takes no colour from the theme.
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, "media", "panel-light.svg"),
      dark: vscode.Uri.joinPath(extension, "media", "panel-dark.svg"),
    };
    // One port for the panel's life: a view hears only what is newer than the last it heard.
    this.#port = new Port<object, Asks>(
      (message) => void panel.webview.postMessage(message),
      { ...this.#commonOffers(), ...this.#ownOffers(verbs) } as Offered<Asks>,
      { timeLimit, onDefect: (error) => parts.failures.note(error) },
    );
    this.#scope.own(panel.webview.onDidReceiveMessage((message) => this.#port.receive(message)));
    this.#scope.own(panel.onDidChangeViewState(() => this.#viewStateChanged()));
    panel.webview.html = viewHtml(panel.webview, extension, kind);
  }

  get kept(): boolean {
    return this.#kept;
  }

  get subject(): ViewSubject<Asks, Show> | undefined {
    return this.#subject;
  }

  /** Shows something else in this panel. `make` is given the outlet of the panel. */
  put(make: (outlet: ViewOutlet) => ViewSubject<Asks, Show>): void {
    this.#subject?.dispose();
    const outlet = this.#outlet();
    const subject = make(outlet);
    this.#subject = subject;
    this.panel.title = subject.title;
    this.#tellContext();
    if (this.#heard) outlet.refresh();
  }

  keep(kept = !this.#kept): void {
    this.#kept = kept;
    this.#tellContext();
    this.#refresh();
  }

  /** What a command of the editor asks of the view: as if its key had been pressed. */
  press(what: "export" | "table" | "focus"): void {
    this.#port.push("press", { what });
  }

  dispose(): void {
    this.#scope.dispose();
    this.#subject?.dispose();
    this.#port.close(new Problem("cancelled", "The view was closed."));
    if (this.panel.active) setContextKey("panel", "");
  }

  #outlet(): ViewOutlet {
    const panel = this.panel;
    return {
      refresh: () => this.#refresh(),
      push: (verb, body) => {
        if (panel.visible) this.#port.push(verb, body);
      },
      get visible() {
        return panel.visible;
      },
      get active() {
        return panel.active;
      },
      panel,
    };
  }

  #refresh(): void {
    const subject = this.#subject;
    if (subject === undefined || !this.panel.visible) return;
    void Promise.resolve(subject.snapshot())
      .then((show) => {
        if (this.#subject !== subject) return;
        this.panel.title = subject.title;
        this.#port.push("show", { ...show, kept: this.#kept });
      })
      .catch((error) => this.#parts.failures.show(error));
  }

  #viewStateChanged(): void {
    const { visible } = this.panel;
    this.#tellContext();
    if (visible === this.#wasVisible) return; // only the focus moved
    this.#wasVisible = visible;
    this.#subject?.onVisible?.(visible);
    this.#port.push("visible", { visible });
    if (visible) this.#refresh();
  }

  #tellContext(): void {
    if (this.panel.active) {
      setContextKey("panel", this.#kind);
      setContextKey("panelKept", this.#kept);
    }
  }

  /** Met by whatever subject is shown when the question comes. */
  #ownOffers(verbs: readonly OwnVerb<Asks>[]): Readonly<Record<string, unknown>> {
    const offers = verbs.map((verb) => [
      verb,
      (body: unknown, signal: AbortSignal) => {
        if (this.#subject !== undefined) return this.#subject.offers[verb](body, signal);
        throw new Problem("stale", "The view shows nothing yet.");
      },
    ]);
    return Object.fromEntries(offers);
  }

  #commonOffers(): Offered<CommonAsks> {
    return {
      ready: () => {
        this.#heard = true;
        this.#refresh();
        return null;
      },
      chooseToken: (body) => {
        const range = textRange(body);
        if (range !== null) this.#subject?.chooseToken?.(range);
        return null;
      },
      revealText: async (body) => {
        await this.#subject?.revealText?.(textRange(body));
        return null;
      },
      export: async (body) => ({ saved: await saveDrawing(body as ExportedDrawing) }),
      copy: async (body) => {
        const { text } = body as { text: unknown };
        if (typeof text !== "string") throw new Problem("badInput", "Only text can be copied.");
        await vscode.env.clipboard.writeText(text);
        return null;
      },
      openAt: async (body) => {
        const place = body as OpenAt;
        if (!(await this.#subject?.openAt?.(place))) await this.#parts.openAt(place);
        return null;
      },
      persist: (body) => {
        const { kept, remember } = body as { kept?: unknown; remember?: unknown };
        if (typeof kept === "boolean") this.keep(kept);
        if (typeof remember === "object" && remember !== null) {
          this.#subject?.remember?.(remember as Readonly<Record<string, unknown>>);
        }
        return null;
      },
    };
  }
}

function textRange(body: unknown): TextRange | null {
  if (body === null) return null;
  const { document, from, to } = body as Readonly<Record<string, unknown>>;
  if ([document, from, to].every((one) => Number.isSafeInteger(one) && Number(one) >= 0)) {
    return { document: Number(document), from: Number(from), to: Number(to) };
  }
  throw new Problem("badInput", "A place in a text is a document and two offsets in bytes.");
}

const endings = ["svg", "png", "csv", "tsv", "json", "html"];

async function saveDrawing({ name, type, content }: ExportedDrawing): Promise<boolean> {
  const isContent = typeof content === "string" || content instanceof ArrayBuffer;
  if (typeof name !== "string" || !endings.includes(type) || !isContent) {
    throw new Problem("badInput", "This drawing cannot be saved.");
  }
  const file = `${name.replace(/[^\p{L}\p{N}._ -]+/gu, "-").slice(0, 80)}.${type}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, file) }),
    filters: { [type.toUpperCase()]: [type] },
    title: vscode.l10n.t("Save the drawing"),
  });
  if (target === undefined) return false;
  const bytes =
    typeof content === "string" ? Buffer.from(content, "utf8") : new Uint8Array(content);
  await vscode.workspace.fs.writeFile(target, bytes);
  return true;
}
