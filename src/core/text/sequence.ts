/** How a model reads a chunk: BOS first, EOS last to be predicted. One without BOS uses its EOS in that place. */
import { Problem } from "../problem.ts";
import { type Encoding, openingId, type TextTokenizer } from "./tokenizer.ts";

/** [BOS, t0 … t(n-1)] and what follows each element: [t0 … t(n-1), EOS]. Both of length n + 1. */
export interface ReadSequence {
  readonly tokens: Int32Array;
  readonly labels: Int32Array;
}

/** @throws Problem `unsupported` where the tokenizer has neither BOS nor EOS. */
export function sequenceOf(tokenizer: TextTokenizer, encoding: Encoding): ReadSequence {
  const opening = requireOpening(tokenizer);
  const { ids } = encoding;
  const tokens = new Int32Array(ids.length + 1);
  const labels = new Int32Array(ids.length + 1);
  tokens[0] = opening;
  tokens.set(ids, 1);
  labels.set(ids);
  labels[ids.length] = tokenizer.table.eos ?? opening;
  return { tokens, labels };
}

/** The id a model reads first. @throws Problem `unsupported` where the tokenizer has neither BOS nor EOS. */
export function requireOpening({ name, table }: TextTokenizer): number {
  const opening = openingId(table);
  if (opening !== undefined) return opening;
  throw new Problem("unsupported", `Tokenizer ${name} names neither BOS nor EOS.`, {
    next: "Set bos_token or eos_token in its tokenizer_config.json.",
  });
}
