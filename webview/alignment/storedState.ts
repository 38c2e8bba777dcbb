/** What the view wants back after a reload: places and choices, never data. Read as what it is: input from outside. */
import { type MatrixLayer, matrixLayers } from "../../src/protocol/alignmentView.ts";
import { viewState } from "../shared/host.ts";
import type { Cell, MatrixPlace } from "./geometry/matrix.ts";

const storedVersion = 1;

export interface StoredState {
  /** Of the text and tokenizers that `cell` and `place` are of. */
  readonly revision: string;
  readonly document: number;
  readonly source: string;
  readonly layer: MatrixLayer;
  readonly pinned: readonly string[];
  readonly isTable: boolean;
  readonly cell: Cell | null;
  /** `null`: the whole matrix in its pane. */
  readonly place: MatrixPlace | null;
}

function isStoredState(value: unknown): value is StoredState {
  if (!isRecord(value)) return false;
  const { revision, document, source, layer, pinned, isTable, cell, place } = value;
  return (
    typeof revision === "string" &&
    isCount(document) &&
    typeof source === "string" &&
    matrixLayers.some((name) => name === layer) &&
    Array.isArray(pinned) &&
    pinned.every((letter) => typeof letter === "string") &&
    typeof isTable === "boolean" &&
    (cell === null || (isRecord(cell) && isCount(cell.row) && isCount(cell.column))) &&
    (place === null || (isRecord(place) && [place.k, place.x, place.y].every(Number.isFinite)))
  );
}

export interface KeptState {
  /** What was stored of this text and these tokenizers, until it is taken. */
  restored(revision: string): StoredState | undefined;
  take(revision: string): StoredState | undefined;
  /** Soon, and once for many changes. */
  keep(): void;
}

const pause = 200;

export function keepState(now: () => StoredState | undefined): KeptState {
  const storage = viewState<StoredState>(storedVersion, isStoredState);
  let stored = storage.get();
  let waits = false;
  const restored = (revision: string): StoredState | undefined =>
    stored?.revision === revision ? stored : undefined;
  return {
    restored,
    take(revision) {
      const taken = restored(revision);
      stored = undefined;
      return taken;
    },
    keep() {
      if (waits) return;
      waits = true;
      setTimeout(() => {
        waits = false;
        const state = now();
        if (state !== undefined) storage.set(state);
      }, pause);
    },
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
