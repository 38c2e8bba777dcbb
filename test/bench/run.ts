/**
 * How fast the parts are that FuseLab has instead of a package's, each beside that package in the same run: the
 * two take turns, and the median of the ratios of neighbours is printed, with the machine. The work is the demo's
 * own: its tokenizers and texts. Exits with 1 where the two do not give the same answer.
 */
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { levenshteinEditDistance } from "levenshtein-edit-distance";
import { dtw } from "../../src/core/alignment/dtw.ts";
import { editDistance } from "../../src/core/alignment/editDistance.ts";
import { pairCost, pieceCosts } from "../../src/core/alignment/pieceCosts.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import { nearestSearch } from "../../src/core/vocabulary/nearestPiece.ts";

const rounds = 7;
const demo = path.join(import.meta.dirname, "..", "..", "demo");

interface Contest {
  readonly what: string;
  readonly peer: string;
  /** Both give what the other gives. */
  readonly ours: () => unknown;
  readonly theirs: () => unknown;
}

const [first, second] = ["prose-gpt2", "generalist-llama"].map((name) => {
  const read = (file: string) =>
    JSON.parse(readFileSync(path.join(demo, "models", name, file), "utf8"));
  const [tokenizer, config] = [read("tokenizer.json"), read("tokenizer_config.json")];
  return {
    own: createTokenizer({ tokenizer, config }, { name, fingerprint: name }),
    theirs: new Tokenizer(tokenizer, config),
  };
}) as [Contestant, Contestant];

interface Contestant {
  readonly own: ReturnType<typeof createTokenizer>;
  readonly theirs: Tokenizer;
}

const proseFolder = path.join(demo, "texts", "prose", "fusion");
const text = readdirSync(proseFolder)
  .map((file) => readFileSync(path.join(proseFolder, file), "utf8"))
  .join("\n");

const piecesOf = ({ own }: Contestant, characters: number): string[] => {
  const encoding = own.encode(text.slice(0, characters));
  if (!("ids" in encoding)) throw new Error("the demo's text is refused by the demo's tokenizer");
  return Array.from(encoding.ids, (id) => own.table.pieces[id] ?? "");
};
const [sourcePieces, targetPieces] = [piecesOf(first, 3_500), piecesOf(second, 3_500)];
const known = second.own.table.pieces.filter((piece) => piece !== undefined);
const sought = first.own.table.pieces.filter((piece) => piece !== undefined).slice(300, 420);

const contests: readonly Contest[] = [
  {
    what: `edit distance of ${sought.length} x ${known.length} pairs of pieces`,
    peer: "levenshtein-edit-distance",
    ours: () => sum(sought, known, editDistance),
    theirs: () => sum(sought, known, levenshteinEditDistance),
  },
  {
    what: `the nearest of ${known.length} pieces for ${sought.length} others`,
    peer: "a scan with levenshtein-edit-distance",
    ours: () => {
      const nearest = nearestSearch(known);
      return sought.map((piece) => nearest(piece)?.distance);
    },
    theirs: () =>
      sought.map((piece) =>
        known.reduce(
          (least, other) => Math.min(least, levenshteinEditDistance(piece, other)),
          Number.POSITIVE_INFINITY,
        ),
      ),
  },
  {
    what: `DTW of ${sourcePieces.length} x ${targetPieces.length} tokens, with its costs`,
    peer: "DTW that asks levenshtein-edit-distance in every cell",
    ours: () =>
      dtw(
        sourcePieces.length,
        targetPieces.length,
        pairCost(pieceCosts(sourcePieces, targetPieces)),
      ).cost,
    theirs: () =>
      dtw(sourcePieces.length, targetPieces.length, (i, j) =>
        levenshteinEditDistance(sourcePieces[i] as string, targetPieces[j] as string),
      ).cost,
  },
  {
    what: `tokens of ${(text.length / 1000).toFixed(0)} thousand characters, ours with byte offsets`,
    peer: "@huggingface/tokenizers, which gives none",
    ours: () => {
      const encoding = first.own.encode(text);
      return "ids" in encoding ? encoding.ids.length : encoding;
    },
    theirs: () => first.theirs.encode(text, { add_special_tokens: false }).ids.length,
  },
];

const [processor] = os.cpus();
console.log(`${os.cpus().length} x ${processor?.model.trim()}, Node ${process.version}`);
for (const contest of contests) measure(contest);

function measure({ what, peer, ours, theirs }: Contest): void {
  const times = { ours: [] as number[], theirs: [] as number[] };
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [own, ownAnswer] = timed(ours);
    const [other, otherAnswer] = timed(theirs);
    if (JSON.stringify(ownAnswer) !== JSON.stringify(otherAnswer)) {
      console.error(`${what}: the answers differ`);
      process.exit(1);
    }
    if (round === 0) continue; // warming up
    times.ours.push(own);
    times.theirs.push(other);
    ratios.push(other / own);
  }
  console.log(what);
  console.log(
    `  ${median(times.ours).toFixed(1)} ms; ${peer}: ${median(times.theirs).toFixed(1)} ms; ratio ${median(ratios).toFixed(1)}`,
  );
}

function timed(work: () => unknown): [number, unknown] {
  const started = performance.now();
  const answer = work();
  return [performance.now() - started, answer];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] as number) +
      (sorted[Math.ceil((sorted.length - 1) / 2)] as number)) /
    2
  );
}

function sum(
  some: readonly string[],
  others: readonly string[],
  distance: (a: string, b: string) => number,
): number {
  return some.reduce((total, a) => total + others.reduce((part, b) => part + distance(a, b), 0), 0);
}
