/**
 * Deals text out to three disjoint parts, without repetition inside a part or between them.
 *
 * Repetition goes in three steps. A *passage* (paragraph, statement, member) goes where more than
 * `repeatedShare` of its shingles stand in passages kept before it. *Documents* with a Jaccard similarity
 * above one half form clusters, and a cluster is never divided. A *held-out document* goes where more than
 * half of its shingles stand in another part. What is left of the overlap is measured.
 */
import { createHash } from "node:crypto";
import { Problem } from "../../core/problem.ts";
import { utf8Length } from "../../core/text/bytes.ts";
import { nearDuplicateClusters, shareSeen, shinglesOf } from "./nearDuplicates.ts";
import { gatherDocuments } from "./passages.ts";

export const domains = ["prose", "code", "declarations"] as const;
export type Domain = (typeof domains)[number];
export type ByDomain<T> = Readonly<Record<Domain, T>>;

/** What the sources are trained on first, what the fusion runs on, what is only evaluated. */
export const parts = ["pretraining", "fusion", "heldOut"] as const;
export type Part = (typeof parts)[number];
export type ByPart<T> = Readonly<Record<Part, T>>;

export interface FilePassages {
  readonly file: string;
  readonly domain: Domain;
  readonly passages: readonly string[];
}

export interface CorpusDocument {
  /** `<file>#<number of the document in it, from 0>` */
  readonly id: string;
  readonly domain: Domain;
  readonly text: string;
  /** In UTF-8. */
  readonly bytes: number;
}

/** An amount of text: passages or documents, and their UTF-8 bytes. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/** What happened to one domain's text. */
export interface DomainReport {
  readonly foundPassages: Amount;
  readonly repeatedPassages: Amount;
  /** Documents that share a cluster with another one. */
  readonly clustered: Amount;
  /** Documents beyond the most bytes of the domain. */
  readonly leftOver: Amount;
  /** Held-out documents dropped because their shingles mostly stand in another part. */
  readonly leaked: Amount;
  readonly parts: ByPart<Amount>;
  /** The share of held-out shingles that stand in another part, of whichever domain. */
  readonly heldOutOverlap: number;
}

export interface DealtText {
  readonly documents: ByPart<readonly CorpusDocument[]>;
  readonly reports: ByDomain<DomainReport>;
}

const repeatedShare = 1 / 3;
const clusterThreshold = 0.5;
const leakedShare = 0.5;
/** UTF-16 units, a little more or less. */
const documentSize = 5000;

/** Of a domain's bytes, up to which share each part reaches, where nothing else is asked for. */
const usualReach: ByPart<number> = { pretraining: 0.7, fusion: 0.92, heldOut: 1 };

interface Candidate extends CorpusDocument {
  readonly shingles: Int32Array;
}

type Dealt = Map<Part, Candidate[]>;

export interface DealingOptions {
  /** Decides which cluster of documents goes where. */
  readonly seed: number;
  readonly maxBytes: ByDomain<number>;
  /** Of a domain's bytes, up to which share each part reaches, in the order of the parts; the last to 1. */
  readonly reach?: ByPart<number>;
}

/**
 * Deals out the passages of all files. Of a repeated passage the first in the given order stays. Throws a
 * Problem where a domain's text does not fill all parts.
 */
export function dealOut(files: readonly FilePassages[], options: DealingOptions): DealtText {
  const seen = new Set<number>();
  const kept = files.map((file) => ({ ...file, passages: firstOnly(file.passages, seen) }));
  const candidates = byDomain((domain) => candidatesOf(kept, domain));
  const clusters = byDomain((domain) => clustersOf(candidates[domain]));
  const dealt = byDomain((domain) =>
    dealClusters(clusters[domain], options.maxBytes[domain], options),
  );
  const elsewhere = shinglesOutsideHeldOut(dealt);
  const leaks = (document: Candidate): boolean =>
    shareSeen(document.shingles, elsewhere) > leakedShare;

  const documents: Record<Part, CorpusDocument[]> = { pretraining: [], fusion: [], heldOut: [] };
  const reports = byDomain((domain): DomainReport => {
    const leaked = inPart(dealt[domain], "heldOut").filter(leaks);
    const held = inPart(dealt[domain], "heldOut").filter((document) => !leaks(document));
    const ofPart = byPart((part) => (part === "heldOut" ? held : inPart(dealt[domain], part)));
    for (const part of parts) {
      requireSome(ofPart[part], domain, part);
      for (const { shingles, ...document } of ofPart[part]) documents[part].push(document);
    }
    const dealtDocuments = new Set(parts.flatMap((part) => inPart(dealt[domain], part)));
    const found = passagesIn(files, domain);
    const stayed = passagesIn(kept, domain);
    return {
      foundPassages: found,
      repeatedPassages: { count: found.count - stayed.count, bytes: found.bytes - stayed.bytes },
      clustered: amountOf(clusters[domain].filter((cluster) => cluster.length > 1).flat()),
      leftOver: amountOf(candidates[domain].filter((document) => !dealtDocuments.has(document))),
      leaked: amountOf(leaked),
      parts: byPart((part) => amountOf(ofPart[part])),
      heldOutOverlap: overlapOf(held, elsewhere),
    };
  });
  return { documents, reports };
}

/** The passages that mostly say something new; their shingles are added to `seen`. */
function firstOnly(passages: readonly string[], seen: Set<number>): string[] {
  return passages.filter((passage) => {
    const shingles = shinglesOf(passage);
    if (shareSeen(shingles, seen) > repeatedShare) return false;
    for (const shingle of shingles) seen.add(shingle);
    return true;
  });
}

function candidatesOf(files: readonly FilePassages[], domain: Domain): Candidate[] {
  const separator = domain === "prose" ? "\n\n" : "\n";
  return files
    .filter((file) => file.domain === domain)
    .flatMap(({ file, passages }) =>
      gatherDocuments(passages, separator, documentSize).map((joined, i) => {
        const text = `${joined.trimEnd()}\n`;
        const shingles = shinglesOf(text);
        return { id: `${file}#${i}`, domain, text, bytes: utf8Length(text), shingles };
      }),
    );
}

function clustersOf(candidates: readonly Candidate[]): Candidate[][] {
  const names = nearDuplicateClusters(
    candidates.map(({ shingles }) => shingles),
    clusterThreshold,
  );
  const members = new Map<number, Candidate[]>();
  for (const [i, candidate] of candidates.entries()) {
    const name = names[i] as number;
    members.set(name, [...(members.get(name) ?? []), candidate]);
  }
  return [...members.values()];
}

/** Clusters in an order drawn by the seed fill the parts one after the other, each up to its share of the bytes. */
function dealClusters(
  clusters: readonly Candidate[][],
  maxBytes: number,
  { seed, reach = usualReach }: DealingOptions,
): Dealt {
  const drawn = clusters
    .map((cluster) => ({ cluster, key: drawKey(seed, cluster) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const total = Math.min(maxBytes, amountOf(clusters.flat()).bytes);
  const dealt: Dealt = new Map(parts.map((part) => [part, []]));
  let bytes = 0;
  for (const { cluster } of drawn) {
    const part = parts.find((name) => bytes < reach[name] * total);
    if (part === undefined) break;
    inPart(dealt, part).push(...cluster);
    bytes += amountOf(cluster).bytes;
  }
  return dealt;
}

function drawKey(seed: number, cluster: readonly Candidate[]): string {
  return createHash("sha256").update(`${seed}\n${cluster[0]?.id}`).digest("hex");
}

function shinglesOutsideHeldOut(dealt: ByDomain<Dealt>): Set<number> {
  const shingles = new Set<number>();
  for (const domain of domains) {
    for (const part of ["pretraining", "fusion"] as const) {
      for (const document of inPart(dealt[domain], part)) {
        for (const shingle of document.shingles) shingles.add(shingle);
      }
    }
  }
  return shingles;
}

/** Over all documents, so that a long one counts for more. */
function overlapOf(documents: readonly Candidate[], elsewhere: ReadonlySet<number>): number {
  let shared = 0;
  let all = 0;
  for (const { shingles } of documents) {
    shared += shareSeen(shingles, elsewhere) * shingles.length;
    all += shingles.length;
  }
  return all === 0 ? 0 : shared / all;
}

function requireSome(documents: readonly unknown[], domain: Domain, part: Part): void {
  if (documents.length > 0) return;
  throw new Problem("badInput", `There is too little ${domain} text for the part ${part}.`, {
    next: "Give the domain more text, or more bytes.",
  });
}

function passagesIn(files: readonly FilePassages[], domain: Domain): Amount {
  const passages = files.filter((file) => file.domain === domain).flatMap((file) => file.passages);
  return amountOf(passages.map((passage) => ({ bytes: utf8Length(passage) })));
}

function amountOf(pieces: readonly { readonly bytes: number }[]): Amount {
  return { count: pieces.length, bytes: pieces.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function inPart(dealt: Dealt, part: Part): Candidate[] {
  return dealt.get(part) ?? [];
}

function byDomain<T>(make: (domain: Domain) => T): ByDomain<T> {
  return { prose: make("prose"), code: make("code"), declarations: make("declarations") };
}

function byPart<T>(make: (part: Part) => T): ByPart<T> {
  return { pretraining: make("pretraining"), fusion: make("fusion"), heldOut: make("heldOut") };
}
