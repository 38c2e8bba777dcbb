/**
 * Positions in full, asked for one at a time: the chosen one first, then the next ones ahead of being chosen. Kept
 * by settings and place, the least recently used forgotten first; a choice ends every request that it has no use
 * for.
 */
import type { FusedPosition } from "../../src/protocol/distributionsView.ts";

export interface WantedRow {
  /** Of everything the answer depends on, document and settings. */
  readonly key: string;
  readonly position: number;
}

export interface KeptRow {
  readonly row: FusedPosition;
  /** λ when it was asked for. */
  readonly lambda: number;
}

export interface RowStore {
  get(wanted: WantedRow): KeptRow | undefined;
  /**
   * The position, then those ahead of it into the store. `undefined`: another was chosen meanwhile.
   * @throws what asking for the position itself throws; one ahead that is refused is only not kept.
   */
  choose(wanted: WantedRow, ahead: readonly number[]): Promise<KeptRow | undefined>;
  /** It is asked for anew when it is wanted again. */
  forget(wanted: WantedRow): void;
  /** Ends what is under way and forgets everything. */
  clear(): void;
  /** Ends what is under way. */
  stop(): void;
}

export function createRowStore(
  ask: (wanted: WantedRow, signal: AbortSignal) => Promise<KeptRow>,
  capacity = 64,
): RowStore {
  const kept = new Map<string, KeptRow>();
  const underWay = new Map<string, { work: Promise<KeptRow>; abort: AbortController }>();
  let choice = 0;

  const idOf = ({ key, position }: WantedRow): string => `${position} ${key}`;

  const keep = (id: string, row: KeptRow): void => {
    kept.delete(id);
    kept.set(id, row);
    for (const oldest of kept.keys()) {
      if (kept.size <= capacity) break;
      kept.delete(oldest);
    }
  };

  const get = (wanted: WantedRow): KeptRow | undefined => {
    const id = idOf(wanted);
    const found = kept.get(id);
    if (found !== undefined) keep(id, found);
    return found;
  };

  const fetch = (wanted: WantedRow): Promise<KeptRow> => {
    const id = idOf(wanted);
    const known = underWay.get(id);
    if (known !== undefined) return known.work;
    const abort = new AbortController();
    const work = ask(wanted, abort.signal).finally(() => {
      if (underWay.get(id)?.abort === abort) underWay.delete(id);
    });
    underWay.set(id, { work, abort });
    return work;
  };

  const stop = (besides?: string): void => {
    for (const [id, { abort }] of [...underWay]) {
      if (id === besides) continue;
      underWay.delete(id);
      abort.abort();
    }
  };

  const fetchAhead = async (wanted: WantedRow, ahead: readonly number[], own: number) => {
    for (const position of ahead) {
      const next = { ...wanted, position };
      if (own !== choice) return;
      if (kept.has(idOf(next))) continue;
      try {
        const row = await fetch(next);
        if (own === choice) keep(idOf(next), row);
      } catch {
        return; // it is asked for again when it is chosen, and its refusal is shown then
      }
    }
  };

  return {
    get,
    async choose(wanted, ahead) {
      const own = ++choice;
      const id = idOf(wanted);
      stop(id);
      let row = get(wanted);
      if (row === undefined) {
        try {
          row = await fetch(wanted);
        } catch (error) {
          if (own !== choice) return undefined;
          throw error;
        }
        if (own !== choice) return undefined;
        keep(id, row);
      }
      void fetchAhead(wanted, ahead, own);
      return row;
    },
    forget(wanted) {
      kept.delete(idOf(wanted));
    },
    stop() {
      choice++;
      stop();
    },
    clear() {
      choice++;
      stop();
      kept.clear();
    },
  };
}
