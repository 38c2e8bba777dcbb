/** The agents' tools that need a text and tokenizers: how one cuts it, how two agree. */

import { alignmentOutcomes } from "../../core/alignment/alignTokens.ts";
import { Problem } from "../../core/problem.ts";
import { visibleText } from "../../core/text/visibleText.ts";
import type { KnownModel } from "../models/modelStore.ts";
import type { Parts } from "../parts.ts";
import { answerText } from "./toolAnswers.ts";
import { inputOf, nameOf, optionalName, textOf } from "./toolInputs.ts";

const mostDifferences = 40;

export async function tokenizeText(
  parts: Parts,
  value: unknown,
  signal: AbortSignal,
): Promise<string> {
  const input = inputOf(value);
  const name = optionalName(input, "tokenizer");
  if (name === undefined) return answerText({ tokenizers: await listed(parts) }, ["tokenizers"]);
  const text = textOf(input);
  const { folder } = await tokenizerNamed(parts, name);
  const answer = await parts.inspector.call("tokenize", { folder, text }, { signal });
  const tokens = answer.tokens.map((piece, i) => ({
    piece: visibleText(piece),
    id: answer.ids[i],
    byteEnd: answer.byteEnds[i],
  }));
  return answerText(
    {
      tokenizer: answer.name,
      tokens: tokens.length,
      bytes: Buffer.byteLength(text, "utf8"),
      list: tokens,
    },
    ["list"],
  );
}

export async function alignText(
  parts: Parts,
  value: unknown,
  signal: AbortSignal,
): Promise<string> {
  const input = inputOf(value);
  const text = textOf(input);
  const target = await tokenizerNamed(parts, nameOf(input, "target"));
  const source = await tokenizerNamed(parts, nameOf(input, "source"));
  const answer = await parts.inspector.call(
    "align",
    { target: target.folder, source: source.folder, text, positions: "both" },
    { signal },
  );
  const answered = (answers: Int32Array | undefined): number | undefined =>
    answers?.reduce((sum, at) => sum + (at >= 0 ? 1 : 0), 0);
  const outcomes = Object.fromEntries(alignmentOutcomes.map((name) => [name, 0]));
  const differences: unknown[] = [];
  for (const [t, code] of (answer.outcome ?? []).entries()) {
    const outcome = alignmentOutcomes[code] ?? "neither";
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (outcome === "same" || outcome === "neither" || differences.length >= mostDifferences)
      continue;
    const pieceAt = (at: number | undefined): string | null =>
      at === undefined || at < 0 ? null : visibleText(answer.source.tokens[at] ?? "");
    differences.push({
      target: t,
      piece: visibleText(answer.target.tokens[t] ?? ""),
      outcome,
      dtw: pieceAt(answer.answers.dtw?.[t]),
      bytes: pieceAt(answer.answers.bytes?.[t]),
    });
  }
  return answerText(
    {
      target: { name: answer.target.name, tokens: answer.target.tokens.length },
      source: { name: answer.source.name, tokens: answer.source.tokens.length },
      answered: {
        dtw: answered(answer.answers.dtw),
        bytes: answered(answer.answers.bytes),
        of: answer.target.tokens.length,
      },
      cost: answer.cost,
      outcomes,
      firstDifferences: differences,
    },
    ["firstDifferences"],
  );
}

async function listed({ models }: Parts): Promise<unknown[]> {
  const known = (await models.list()).filter(({ hasTokenizer }) => hasTokenizer);
  return known.map(({ name, folder, builtIn }) => ({ name, folder, builtIn }));
}

/** By name or folder, of those the window knows: an agent opens nothing else. */
async function tokenizerNamed({ models }: Parts, name: string): Promise<KnownModel> {
  const known = (await models.list()).filter(({ hasTokenizer }) => hasTokenizer);
  const found = known.find((one) => one.folder === name || one.name === name);
  if (found !== undefined) return found;
  const names = known.map((one) => one.name).join(", ");
  throw new Problem(
    "missing",
    `FuseLab knows no tokenizer ${JSON.stringify(name.slice(0, 100))}.`,
    {
      next: `Known ones: ${names.slice(0, 1000)}. Others are added with FuseLab: Add model folder.`,
    },
  );
}
