/**
 * What every view and its host say to each other. A view asks by call (the host answers, refuses, or is told
 * that the answer is no longer wanted); the host pushes whole snapshots, of which only the newest counts, and
 * shows the newest again whenever the view says `ready`. Texts are given as they stand in the document; places
 * in them are offsets in UTF-8 bytes. Arrays travel as ArrayBuffers under typed arrays.
 */
import type { ProblemBody } from "./wire.ts";

/** The kinds of panels: what follows `fuselab.` in their viewType. */
export const viewKinds = ["alignment", "distributions", "run", "compare"] as const;
export type ViewKind = (typeof viewKinds)[number];

/** A model or tokenizer as every view names it: the target is `T`, sources are `A`, `B`, … in recipe order. */
export interface ViewModel {
  readonly letter: string;
  readonly name: string;
  /** Absolute: what requests name it by. */
  readonly folder: string;
}

/** One of several selections, or a document of a run. */
export interface ViewDocument {
  /** `12–31`, or the document's id in a run. */
  readonly title: string;
  readonly bytes: number;
}

/** The parts that every `show` has. */
export interface ViewHeader {
  /** Changes when text or models do: what was computed for another one is stale. */
  readonly revision: string;
  /** File and lines, or the run's name. */
  readonly title: string;
  readonly kept: boolean;
  /** The workspace is not trusted: models and the workspace's folders are left alone. */
  readonly restricted: boolean;
  /**
   * Ids, ranges and hashes from which the host makes this panel again after a reload. The view keeps it in its
   * stored state as it is, and never looks inside.
   */
  readonly restore: Readonly<Record<string, unknown>>;
  /** What keeps the whole view from showing anything. */
  readonly problem?: ProblemBody;
}

/** Verbs that every view may call. */
export interface CommonAsks {
  /** The view can hear: `show` follows. Said again after it was hidden. */
  ready(body: null): null;
  /** Marks bytes of a document in the editor and scrolls there if they are out of sight; the view keeps the focus. */
  chooseToken(body: TextRange): null;
  /** The same, and the editor gets the focus. With no range: only the focus (Esc). */
  revealText(body: TextRange | null): null;
  /** Saves what the view drew, where the user says. `false`: they thought better of it. */
  export(body: ExportedDrawing): { readonly saved: boolean };
  copy(body: { readonly text: string }): null;
  openAt(body: OpenAt): null;
  /** What the host keeps: whether the panel is pinned, and what is taken up the next time (a layer, a column). */
  persist(body: {
    readonly kept?: boolean;
    readonly remember?: Readonly<Record<string, unknown>>;
  }): null;
}

export interface TextRange {
  readonly document: number;
  readonly from: number;
  readonly to: number;
}

export interface ExportedDrawing {
  /** Without ending. */
  readonly name: string;
  readonly type: "svg" | "png" | "csv" | "tsv" | "json" | "html";
  readonly content: string | ArrayBuffer;
}

/** Something else to open: commands stay with the host. */
export type OpenAt =
  | { readonly what: "log" | "tokenizers" | "models" | "trust" | "help" }
  | { readonly what: "settings"; readonly key: string }
  /** Alignment or distributions of the same documents, at a place. */
  | {
      readonly what: "alignment" | "distributions";
      readonly document: number;
      readonly byte: number;
    }
  | { readonly what: "run" | "report" | "runLog"; readonly run: string }
  /** A file inside a run's folder, by its path there. */
  | { readonly what: "file"; readonly run: string; readonly path: string };

/** Snapshots that any host may push. */
export interface CommonEvents {
  /** A document's text in the editor is another than the one shown, or is the same again. */
  textChanged: { readonly revision: string; readonly changed: boolean };
  /** Where the cursor stands in the text that is shown; null where it stands elsewhere. */
  cursor: { readonly document: number; readonly byte: number } | null;
  progress: { readonly what: string; readonly done?: number; readonly of?: number } | null;
  /** A hidden view neither draws nor asks. */
  visible: { readonly visible: boolean };
  /** A command of the editor: what the view's own key or menu would do. */
  press: { readonly what: "export" | "table" | "focus" };
}

export interface ViewEvents<Show> extends CommonEvents {
  show: Show;
}
