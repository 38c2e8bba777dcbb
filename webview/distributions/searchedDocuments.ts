/** Which documents a search finds, and in which order. */
import type { DistributionsShow } from "../../src/protocol/distributionsView.ts";

/** Lines of the list at most. */
export const mostListed = 60;

/** Indices of documents whose title holds every word asked for, the target's worst first, else as they come. */
export function foundDocuments(documents: DistributionsShow["documents"], asked: string): number[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const scores = documents.map(({ bitsPerByte }) => bitsPerByte ?? Number.NEGATIVE_INFINITY);
  return documents
    .map((_, i) => i)
    .filter((i) => words.every((word) => documents[i].title.toLowerCase().includes(word)))
    .sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b] - scores[a]));
}
