/**
 * What the view shows and asks: one document under one set of controls, one position of it in full. A newer question
 * ends the older one; what was shown stays until the answer is there. λ asks nobody.
 */
import type {
  DistributionsAsks,
  DistributionsShow,
  DocumentFigures,
  FusedPosition,
  FusionControls,
} from "../../src/protocol/distributionsView.ts";
import type { Host } from "../shared/host.ts";
import { Latest } from "../shared/latest.ts";
import type { ShownText } from "../shared/visibleText.ts";
import { figuresKey } from "./controlRules.ts";
import { type ShowPiece, shownTokens, showPieces } from "./pieces.ts";
import { type Places, placesOf, positionOfByte, worstPosition } from "./places.ts";
import { createRowStore, type KeptRow } from "./rowStore.ts";
import { servesEveryLambda } from "./taught.ts";

/** A document with its figures, as the host answered. */
export interface OpenDocument {
  readonly index: number;
  /** Under which the figures were made; λ may be another by now. */
  readonly controls: FusionControls;
  readonly figures: DocumentFigures;
  readonly places: Places;
  readonly tokens: readonly ShownText[];
}

export interface Session {
  readonly show: DistributionsShow | undefined;
  readonly controls: FusionControls | undefined;
  readonly open: OpenDocument | undefined;
  /** What is open is of another text than the host would answer for: the reading of that one is awaited, or failed. */
  readonly isOutdated: boolean;
  /** −1 where none is chosen. */
  readonly position: number;
  /** The chosen position in full; the one before it until it is there. */
  readonly row: FusedPosition | undefined;
  readonly showPiece: ShowPiece;
  readonly isBusy: boolean;
  /** Takes up a show. `at`: document, position and controls to begin with, where they are known. */
  begin(show: DistributionsShow, at?: Beginning): Promise<void>;
  setControls(controls: FusionControls): Promise<void>;
  setDocument(index: number): Promise<void>;
  choose(position: number): Promise<void>;
  /** Everything anew, of the text as it is now. */
  again(): Promise<void>;
  /** Ends what is asked; what is shown stays, and its controls come back. */
  cancel(): void;
  /** Ends what is asked, until `begin` takes it up again. */
  pause(): void;
}

export interface Beginning {
  readonly document: number;
  readonly position: number;
  readonly controls: FusionControls;
}

export interface SessionListeners {
  readonly onBusy: (isBusy: boolean) => void;
  /** `isNewText`: other tokens than before. */
  readonly onDocument: (isNewText: boolean) => void;
  readonly onChoice: () => void;
  readonly onRow: () => void;
  /** The controls moved, or went back where what they ask was refused. */
  readonly onControls: () => void;
  readonly onFailure: (error: unknown) => void;
  readonly onRowFailure: (error: unknown) => void;
}

/** Positions asked for ahead of being chosen: readers go on to the right. */
const aheadOf = [1, 2, -1];

export function createSession(
  host: Pick<Host<DistributionsAsks>, "call">,
  listeners: SessionListeners,
): Session {
  const latest = new Latest();
  const rows = createRowStore(async ({ position }, signal) => {
    const asked = {
      document: open!.index,
      controls: { ...open!.controls, lambda: controls!.lambda },
      position,
    };
    return { row: await host.call("row", asked, { signal }), lambda: asked.controls.lambda };
  });
  let show: DistributionsShow | undefined;
  let controls: FusionControls | undefined;
  let open: OpenDocument | undefined;
  /** Revision of the show that `open` was asked for under. */
  let openRevision: string | undefined;
  let position = -1;
  let shownRow: KeptRow | undefined;
  let showPiece: ShowPiece = showPieces({ families: [] });
  let wanted: { document: number; position: number } | undefined;

  /** Asks for a document under the present controls and shows it. */
  const load = async (document: number): Promise<void> => {
    const asked = controls!;
    const { revision } = show!;
    listeners.onBusy(true);
    let figures: DocumentFigures | undefined;
    try {
      figures = await latest.run((signal) =>
        host.call("distributions", { document, controls: asked }, { signal }),
      );
    } catch (error) {
      listeners.onBusy(false);
      goBack();
      listeners.onFailure(error);
      return;
    }
    // Overtaken or cancelled; a newer question says itself when it is done.
    if (figures === undefined) return;
    listeners.onBusy(false);
    const before = open;
    const isNewText =
      before?.index !== document ||
      before.figures.text !== figures.text ||
      !sameEnds(before.figures, figures);
    showPiece = showPieces(figures);
    open = {
      index: document,
      controls: asked,
      figures,
      places: placesOf(figures),
      tokens: isNewText ? shownTokens(figures, showPiece) : before.tokens,
    };
    openRevision = revision;
    if (isNewText) shownRow = undefined;
    const next = beginAt(before, isNewText);
    position = -1;
    listeners.onDocument(isNewText);
    await choose(next);
  };

  /** The place to begin at: the one wanted, the same place of the text, else where the target does worst. */
  const beginAt = (before: OpenDocument | undefined, isNewText: boolean): number => {
    const { figures, index } = open!;
    const asked = wanted;
    wanted = undefined;
    if (asked?.document === index && asked.position >= 0 && asked.position < figures.positions) {
      return asked.position;
    }
    if (before?.index !== index || position < 0) return worstPosition(figures);
    return isNewText ? positionOfByte(figures, before.figures.byteStarts[position]) : position;
  };

  /** What was asked is refused or given up: the controls say again what is shown. */
  const goBack = (): void => {
    if (open === undefined || controls === undefined) return;
    controls = { ...open.controls, lambda: controls.lambda };
    listeners.onControls();
  };

  const choose = async (wantedPosition: number): Promise<void> => {
    if (open === undefined || wantedPosition < 0 || wantedPosition >= open.figures.positions)
      return;
    position = wantedPosition;
    listeners.onChoice();
    await fetchRow();
  };

  const fetchRow = async (): Promise<void> => {
    if (open === undefined || show === undefined || isOutdated()) return;
    const key = `${show.revision} ${open.index} ${figuresKey(open.controls)}`;
    const place = { key, position };
    const known = rows.get(place);
    if (known !== undefined && !serves(known)) rows.forget(place);
    const { positions } = open.figures;
    const ahead = aheadOf.map((by) => position + by).filter((i) => i >= 0 && i < positions);
    try {
      const kept = await rows.choose(place, ahead);
      if (kept === undefined) return;
      shownRow = kept;
      listeners.onRow();
    } catch (error) {
      listeners.onRowFailure(error);
    }
  };

  const isOutdated = (): boolean => open !== undefined && openRevision !== show?.revision;

  const pause = (): void => {
    latest.cancel();
    rows.stop();
    listeners.onBusy(false);
  };

  /** Whether TAUGHT at the present λ can be worked out from an answer. */
  const serves = ({ row, lambda }: KeptRow): boolean =>
    lambda === controls?.lambda || servesEveryLambda(row, lambda);

  return {
    get show() {
      return show;
    },
    get controls() {
      return controls;
    },
    get open() {
      return open;
    },
    get isOutdated() {
      return isOutdated();
    },
    get position() {
      return position;
    },
    get row() {
      return shownRow?.row;
    },
    get showPiece() {
      return showPiece;
    },
    get isBusy() {
      return latest.isBusy;
    },
    async begin(newShow, at) {
      const before = show;
      show = newShow;
      if (open !== undefined && controls !== undefined && !isOutdated()) {
        // Shown again: what is there is still right, what was given up while hidden is asked again.
        if (figuresKey(open.controls) !== figuresKey(controls)) await load(open.index);
        else if (shownRow?.row.position !== position) await fetchRow();
        return;
      }
      rows.clear();
      if (before === undefined || !sameModels(before, newShow)) {
        open = undefined;
        shownRow = undefined;
        position = -1;
        controls = at?.controls ?? newShow.controls;
      }
      wanted = at;
      listeners.onControls();
      const last = newShow.documents.length - 1;
      await load(Math.min(at?.document ?? open?.index ?? 0, last));
    },
    async setControls(newControls) {
      controls = newControls;
      listeners.onControls();
      const shown = open;
      if (shown !== undefined && figuresKey(shown.controls) === figuresKey(newControls)) {
        latest.cancel();
        listeners.onBusy(false);
        if (shownRow === undefined) return;
        if (serves(shownRow)) listeners.onRow();
        else await fetchRow();
        return;
      }
      await load(shown?.index ?? 0);
    },
    async setDocument(index) {
      await load(index);
    },
    choose,
    async again() {
      rows.clear();
      await load(open?.index ?? 0);
    },
    cancel() {
      const wasBusy = latest.isBusy;
      pause();
      if (wasBusy) goBack();
    },
    pause,
  };
}

const sameModels = (a: DistributionsShow, b: DistributionsShow): boolean =>
  a.origin === b.origin &&
  a.models.length === b.models.length &&
  a.models.every(({ folder }, m) => folder === b.models[m].folder);

const sameEnds = (a: DocumentFigures, b: DocumentFigures): boolean =>
  a.positions === b.positions && a.byteEnds.every((end, i) => end === b.byteEnds[i]);
