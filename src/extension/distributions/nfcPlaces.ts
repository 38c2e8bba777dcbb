/**
 * Models read the NFC form of a text. Where that is another than the text in the editor, places in the one are
 * found in the other: the text falls into clusters of characters that are composed by themselves, and between two
 * of them a byte of the one is a byte of the other. A place inside a cluster that changed stands for all of it.
 */
import { utf8Length } from "../../core/text/bytes.ts";

export interface NfcPlaces {
  /** Bytes of the text from bytes of its NFC form. */
  toText(from: number, to: number): { readonly from: number; readonly to: number };
  /** A byte of the NFC form from one of the text. */
  toNfc(byte: number): number;
}

/** Both as one: what is NFC already. */
const same: NfcPlaces = { toText: (from, to) => ({ from, to }), toNfc: (byte) => byte };

/** Letters with what combines with them, and runs of Hangul, whose parts compose with each other. */
const clusters = /[\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff]+\p{M}*|\P{M}\p{M}*|\p{M}+/gu;

interface Cluster {
  readonly text: number;
  readonly nfc: number;
  readonly isSame: boolean;
}

/** `undefined` where the places cannot be told: then nothing is linked. */
export function nfcPlaces(text: string): NfcPlaces | undefined {
  const nfc = text.normalize("NFC");
  if (nfc === text) return same;
  const starts: Cluster[] = [];
  let joined = "";
  let at = { text: 0, nfc: 0 };
  for (const [cluster] of text.matchAll(clusters)) {
    const composed = cluster.normalize("NFC");
    starts.push({ ...at, isSame: composed === cluster });
    joined += composed;
    at = { text: at.text + utf8Length(cluster), nfc: at.nfc + utf8Length(composed) };
  }
  if (joined !== nfc) return undefined;
  starts.push({ ...at, isSame: true });
  return {
    toText: (from, to) => ({
      from: moved(starts, from, "nfc", "text", "down"),
      to: moved(starts, to, "nfc", "text", "up"),
    }),
    toNfc: (byte) => moved(starts, byte, "text", "nfc", "down"),
  };
}

function moved(
  starts: readonly Cluster[],
  byte: number,
  of: "text" | "nfc",
  to: "text" | "nfc",
  way: "up" | "down",
): number {
  const i = lastAtMost(starts, byte, of);
  const cluster = starts[i] as Cluster;
  if (cluster[of] === byte) return cluster[to];
  if (cluster.isSame) return cluster[to] + byte - cluster[of];
  return way === "up" ? (starts[i + 1] ?? cluster)[to] : cluster[to];
}

function lastAtMost(starts: readonly Cluster[], byte: number, of: "text" | "nfc"): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as Cluster)[of] <= byte) low = middle;
    else high = middle - 1;
  }
  return low;
}
