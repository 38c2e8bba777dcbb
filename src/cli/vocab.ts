/** `fuselab vocab`: which target token each source token stands for. */
import { stat } from "node:fs/promises";
import { type Command, Option } from "commander";
import { type Mode, modes } from "../core/mode.ts";
import { Problem } from "../core/problem.ts";
import type { TextTokenizer } from "../core/text/tokenizer.ts";
import {
  buildVocabularyMap,
  mapCounts,
  mapKinds,
  type VocabularyMap,
  type VocabularyMethod,
  vocabularyMethods,
} from "../core/vocabulary/vocabularyMap.ts";
import { openTokenizer } from "../model/checkpoint/tokenizerFolder.ts";
import { modeDefaults } from "../pipeline/recipeDefaults.ts";
import { writeVocabularyMap } from "../pipeline/vocabularyMapFile.ts";
import { terminalColumns } from "./columns.ts";
import { print, printJson } from "./output.ts";
import { createProgress } from "./terminal.ts";
import { vocabularyText } from "./vocabularyText.ts";

interface VocabOptions {
  readonly target: string;
  readonly source: string;
  readonly method?: VocabularyMethod;
  readonly mode: Mode;
  readonly out?: string;
  readonly json?: true;
}

export function registerVocab(program: Command): void {
  program
    .command("vocab")
    .summary("see which token of one vocabulary stands for which of another")
    .description(
      "Maps every token of the source's vocabulary to the target token it stands for, or to none, and shows how many are mapped in which way, with examples. Folders with a tokenizer alone are enough.",
    )
    .requiredOption("--target <folder>", "the target's Hugging Face folder")
    .requiredOption("--source <folder>", "the source's Hugging Face folder")
    .addOption(
      new Option("--method <method>", "how tokens are mapped; the mode's own if not given").choices(
        vocabularyMethods,
      ),
    )
    .addOption(
      new Option("--mode <mode>", "bytes as corrected, or pieces as published")
        .choices(modes)
        .default("corrected"),
    )
    .option("--out <file>", "write the map to an Arrow file, in the format of a run folder")
    .option("--json", "print the whole map as JSON")
    .action(async (options: VocabOptions) => {
      const { out, mode, method = modeDefaults[mode].alignment.vocabulary } = options;
      const [source, target] = await Promise.all([
        openTokenizer(options.source),
        openTokenizer(options.target),
      ]);
      if (out !== undefined) await refuseFolder(out);
      const progress = createProgress();
      const map = buildVocabularyMap(source, target, {
        method,
        mode,
        onProgress: (done, of) => progress.update(`${source.name} → ${target.name}`, done, of),
      });
      progress.end();
      if (out !== undefined) {
        await writeMap(out, map);
        progress.say(`written to ${out}`);
      }
      if (options.json === true) printJson(mapDocument(map, source, target));
      else print(vocabularyText(map, source, target, terminalColumns()));
    });
}

/** Before the work, not after it. */
async function refuseFolder(file: string): Promise<void> {
  const isFolder = await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return;
  throw new Problem("badInput", "--out names a folder.", {
    file,
    next: "Name a file, such as source--target.arrow.",
  });
}

async function writeMap(file: string, map: VocabularyMap): Promise<void> {
  await writeVocabularyMap(file, map).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === undefined) throw cause;
    throw new Problem("failed", `The map cannot be written (${code}).`, {
      file,
      cause,
      next: "Name a file in a folder that you may write to.",
    });
  });
}

/** `map[id]` is what source token `id` stands for. */
function mapDocument(map: VocabularyMap, source: TextTokenizer, target: TextTokenizer) {
  const { method, mode, version } = map;
  const side = ({ name, fingerprint, table }: TextTokenizer) => ({
    name,
    fingerprint,
    size: table.size,
  });
  return {
    method,
    mode,
    version,
    source: side(source),
    target: side(target),
    counts: mapCounts(map),
    map: Array.from(map.targetOf, (to, id) => ({
      source: id,
      target: to < 0 ? null : to,
      kind: mapKinds[map.how[id] ?? 0],
      distance: map.distance[id],
    })),
  };
}
