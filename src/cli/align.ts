/** `fuselab align`: how two tokenizers cut a text, and which source token answers for which target token. */
import { type Command, Option } from "commander";
import { alignPieces, alignTokens, type TokenisedText } from "../core/alignment/alignTokens.ts";
import { type Mode, modes } from "../core/mode.ts";
import { Problem } from "../core/problem.ts";
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import { visibleText } from "../core/text/visibleText.ts";
import { openTokenizer } from "../model/checkpoint/tokenizerFolder.ts";
import { alignmentDocument } from "./alignmentJson.ts";
import { alignmentText, type ShownAlignment, type ShownSide } from "./alignmentText.ts";
import { terminalColumns } from "./columns.ts";
import { readInputText } from "./inputText.ts";
import { print, printJson } from "./output.ts";
import { readPieces } from "./pieceList.ts";
import { visibleToken } from "./visibleText.ts";

interface AlignOptions {
  readonly target?: string;
  readonly source?: string;
  readonly mode?: Mode;
  readonly positions?: "bytes" | "dtw";
  readonly text?: string;
  readonly targetTokens?: string;
  readonly sourceTokens?: string;
  readonly targetMarker?: string;
  readonly sourceMarker?: string;
  readonly all?: true;
  readonly json?: true;
}

/** What is listed where nobody asks for all. */
const shortListing = { ribbon: 16, answers: 12 };
const wholeListing = { ribbon: Number.POSITIVE_INFINITY, answers: Number.POSITIVE_INFINITY };

export function registerAlign(program: Command): void {
  program
    .command("align")
    .summary("see how two tokenizers cut a text, and what answers for what")
    .description(
      "Aligns the tokens of a text under two tokenizers, by dynamic time warping and by byte offsets, and shows where they part and where the two methods do not agree. Folders with a tokenizer alone are enough. Pieces can be given in place of folders and text, to replay a published case.",
    )
    .option("--target <folder>", "the target's Hugging Face folder")
    .option("--source <folder>", "the source's Hugging Face folder")
    .option("--text <file>", "a UTF-8 text; - for standard input, which is the default")
    .addOption(
      new Option(
        "--mode <mode>",
        "corrected (the default) compares what tokens say, published their pieces",
      ).choices(modes),
    )
    .addOption(
      new Option("--positions <method>", "one method instead of both").choices(["bytes", "dtw"]),
    )
    .option("--target-tokens <pieces>", "a JSON array of pieces, or a file that holds one")
    .option("--source-tokens <pieces>", "likewise")
    .option("--target-marker <character>", "what stands for a space in the target's pieces")
    .option("--source-marker <character>", "likewise in the source's")
    .option("--all", "list everything, however long")
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      `
Numbers on the left are bytes of the text. Marks under target tokens: ◐ dtw
alone has an answer, ◑ bytes alone, ◆ both have one and not the same, ○ neither
has. An answer is the one source token whose predictions the target token would
take: dtw has one where exactly one source token is paired, bytes where one ends
at the same byte.`,
    )
    .action(async (options: AlignOptions) => {
      const shown = takesPieces(options)
        ? await piecesAligned(options)
        : await textAligned(options);
      if (options.json === true) {
        const { alignment, mode, target, source } = shown;
        return printJson(
          alignmentDocument(alignment, mode, { target: target.name, source: source.name }),
        );
      }
      const size = options.all === true ? wholeListing : shortListing;
      print(alignmentText(shown, { ...size, columns: terminalColumns() }));
    });
}

const takesPieces = (options: AlignOptions): boolean =>
  [options.targetTokens, options.sourceTokens, options.targetMarker, options.sourceMarker].some(
    (value) => value !== undefined,
  );

async function textAligned(options: AlignOptions): Promise<ShownAlignment> {
  const { mode = "corrected", positions = "both" } = options;
  const [target, source] = await Promise.all([
    openTokenizer(required(options.target, "--target")),
    openTokenizer(required(options.source, "--source")),
  ]);
  const text = await readInputText(options.text);
  const read = { target: tokenised(target, text), source: tokenised(source, text) };
  return {
    alignment: alignTokens(read.target, read.source, { mode, positions }),
    target: shownSide(read.target),
    source: shownSide(read.source),
    text,
    mode,
  };
}

function required(folder: string | undefined, option: string): string {
  if (folder !== undefined) return folder;
  throw new Problem("badInput", `${option} is missing.`, {
    next: "Name both folders with --target and --source, or give pieces with --target-tokens and --source-tokens.",
  });
}

function tokenised(tokenizer: TextTokenizer, text: string): TokenisedText {
  const encoding = tokenizer.encode(text);
  if ("ids" in encoding) return { tokenizer, encoding };
  throw new Problem("badInput", encoding.detail, {
    next: "Change the text there, or take another tokenizer: where a tokenizer changes a text, its tokens' ends are not known.",
  });
}

function shownSide({ tokenizer, encoding }: TokenisedText): ShownSide {
  return {
    name: tokenizer.name,
    tokens: Array.from(encoding.ids, (id) => visibleToken(tokenizer.table, id)),
  };
}

/** The published warping of pieces as they stand. */
async function piecesAligned(options: AlignOptions): Promise<ShownAlignment> {
  refuseBesidePieces(options);
  const [targetPieces, sourcePieces] = await Promise.all([
    readPieces(requiredPieces(options.targetTokens, "--target-tokens"), "--target-tokens"),
    readPieces(requiredPieces(options.sourceTokens, "--source-tokens"), "--source-tokens"),
  ]);
  const alignment = alignPieces({
    targetPieces,
    sourcePieces,
    targetMarker: options.targetMarker,
    sourceMarker: options.sourceMarker,
  });
  return {
    alignment,
    target: { name: undefined, tokens: targetPieces.map(visibleText) },
    source: { name: undefined, tokens: sourcePieces.map(visibleText) },
    text: undefined,
    mode: "published",
  };
}

function requiredPieces(pieces: string | undefined, option: string): string {
  if (pieces !== undefined) return pieces;
  throw new Problem("badInput", `${option} is missing.`, {
    next: "Pieces are aligned with pieces: give --target-tokens and --source-tokens.",
  });
}

/** Pieces have no bytes and no text, so what needs them is refused and not passed over. */
function refuseBesidePieces({ target, source, text, mode, positions }: AlignOptions): void {
  for (const [option, value] of Object.entries({ target, source, text })) {
    if (value === undefined) continue;
    throw new Problem("badInput", `--${option} cannot stand beside pieces.`, {
      next: "Give folders and a text, or pieces with their markers.",
    });
  }
  if (mode !== "corrected" && positions !== "bytes") return;
  throw new Problem("badInput", "Pieces have no bytes: they are aligned by dtw, as published.", {
    next: "Leave out --mode and --positions, or give folders and a text.",
  });
}
