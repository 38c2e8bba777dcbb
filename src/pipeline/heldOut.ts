/**
 * Which part of a corpus is kept apart and measured on: whole sections of documents, so that no chunk of a
 * section stands on both sides. Chosen by a hash of seed and place: the same for every run of a seed.
 */
import { createHash } from "node:crypto";
import type { CorpusDocument } from "./corpusFiles.ts";

export interface DividedCorpus {
  readonly training: CorpusDocument[];
  readonly heldOut: CorpusDocument[];
}

/** A document longer than this is set aside in sections, so that a corpus of few files can be divided too. */
const sectionCharacters = 16_384;

/** Sets aside `share` of each domain's sections. */
export function divideCorpus(
  documents: readonly CorpusDocument[],
  share: number,
  seed: number,
): DividedCorpus {
  const byDomain = new Map<string, CorpusDocument[]>();
  for (const document of documents) {
    const sections = byDomain.get(document.domain) ?? [];
    sections.push(...sectionsOf(document));
    byDomain.set(document.domain, sections);
  }
  const training: CorpusDocument[] = [];
  const heldOut: CorpusDocument[] = [];
  for (const sections of byDomain.values()) {
    const ranked = sections
      .map((section) => ({ section, rank: rankOf(section.id, seed) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1));
    const goal = share * sections.reduce((sum, { text }) => sum + text.length, 0);
    let taken = 0;
    ranked.forEach(({ section }, i) => {
      // A domain of a single section stays in training whole; that it has nothing held out is said later.
      if (taken < goal && i + 1 < ranked.length) heldOut.push(section);
      else training.push(section);
      taken += section.text.length;
    });
  }
  return { training, heldOut };
}

function rankOf(id: string, seed: number): string {
  return createHash("sha256").update(`${seed}\n${id}`).digest("hex");
}

function sectionsOf(document: CorpusDocument): CorpusDocument[] {
  const { text } = document;
  if (text.length <= sectionCharacters) return [document];
  const sections: CorpusDocument[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start + sectionCharacters);
    const end = newline < 0 ? text.length : newline + 1;
    sections.push({
      ...document,
      id: `${document.id}:${sections.length}`,
      text: text.slice(start, end),
    });
    start = end;
  }
  return sections;
}
