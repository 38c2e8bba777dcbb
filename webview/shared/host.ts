/**
 * The view's end of the line to the extension host. The editor's API object is taken once and stays in here. What
 * is stored for the next start is input from outside like any other: it has a version and is checked.
 */
import { Port } from "../../src/port/port.ts";
import type { CommonAsks, CommonEvents, ViewHeader } from "../../src/protocol/views.ts";

/** What is done with each pushed snapshot; those without an entry are passed over. */
export type Hears<Events> = { readonly [Event in keyof Events]?: (body: Events[Event]) => void };

/** The verbs that every host offers: what the shared parts of a view ask. */
export interface CommonHost {
  readonly call: Port<CommonAsks, object>["call"];
}

export interface Host<Asks> {
  /** @throws Problem as `Port.call` does. A call may take 120 s where it does not say. */
  readonly call: Port<Asks, object>["call"];
  /** The same line, for the shared parts. */
  readonly common: CommonHost;
  /** Says `ready`: snapshots come from now on. Said again by itself whenever the view is shown again. */
  begin(): void;
  /** A hidden view neither draws nor asks. */
  readonly visible: boolean;
  onVisible(listener: (visible: boolean) => void): void;
}

export interface ViewState<State> {
  get(): State | undefined;
  set(state: State): void;
}

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** What the editor keeps of a view: how the host makes it again, and what the view itself wants back. */
interface Stored {
  readonly version: 1;
  readonly restore?: Readonly<Record<string, unknown>>;
  readonly kept?: boolean;
  readonly view?: { readonly version: number; readonly state: unknown };
}

const callLimit = 120_000;

let editor: EditorApi | undefined;

/** The editor gives it out once in a page's life. */
function editorApi(): EditorApi {
  editor ??= acquireVsCodeApi();
  return editor;
}

export function connectToHost<
  Asks extends CommonAsks,
  Events extends CommonEvents & { readonly show: ViewHeader },
>(hears: Hears<Events>): Host<Asks> {
  const api = editorApi();
  const listeners: ((visible: boolean) => void)[] = [];
  let shownByHost = true;
  let wasVisible = document.visibilityState !== "hidden";
  let hasBegun = false;
  const isVisible = (): boolean => shownByHost && document.visibilityState !== "hidden";

  const port = new Port<Asks, object>(
    (message) => api.postMessage(message),
    {},
    {
      timeLimit: callLimit,
      onDefect: (error) => reportError(error),
      hears: {
        ...(hears as Readonly<Record<string, (body: unknown) => void>>),
        show: (body) => {
          const show = body as Events["show"];
          store({ restore: show.restore, kept: show.kept });
          hears.show?.(show);
        },
        visible: (body) => {
          const snapshot = body as CommonEvents["visible"];
          shownByHost = snapshot.visible;
          (hears as Hears<CommonEvents>).visible?.(snapshot);
          onChange();
        },
      },
    },
  );
  const common = port as unknown as Port<CommonAsks, object>;

  const sayReady = (): void => {
    // The host may be gone already; then there is nobody to show anything.
    common.call("ready", null).catch(() => undefined);
  };
  function onChange(): void {
    const now = isVisible();
    if (now === wasVisible) return;
    wasVisible = now;
    for (const listener of listeners) listener(now);
    if (now && hasBegun) sayReady();
  }

  window.addEventListener("message", ({ data }) => port.receive(data));
  document.addEventListener("visibilitychange", onChange);
  return {
    call: port.call.bind(port) as Host<Asks>["call"],
    common: { call: common.call.bind(common) as CommonHost["call"] },
    begin() {
      hasBegun = true;
      sayReady();
    },
    get visible() {
      return isVisible();
    },
    onVisible: (listener) => void listeners.push(listener),
  };
}

/**
 * What the view itself wants back after a reload: what is chosen and how it is shown, never data. `get` answers
 * `undefined` where nothing is stored, or something of another version or form.
 */
export function viewState<State>(
  version: number,
  isState: (value: unknown) => value is State,
): ViewState<State> {
  return {
    get() {
      const stored = readStored().view;
      if (stored?.version !== version || !isState(stored.state)) return undefined;
      return stored.state;
    },
    set: (state) => store({ view: { version, state } }),
  };
}

function store(part: Partial<Stored>): void {
  editorApi().setState({ ...readStored(), ...part });
}

function readStored(): Stored {
  const value = editorApi().getState();
  if (!isRecord(value) || value.version !== 1) return { version: 1 };
  const { restore, kept, view } = value;
  return {
    version: 1,
    ...(isRecord(restore) ? { restore } : {}),
    ...(typeof kept === "boolean" ? { kept } : {}),
    ...(isRecord(view) && typeof view.version === "number"
      ? { view: { version: view.version, state: view.state } }
      : {}),
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
