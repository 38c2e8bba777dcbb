/**
 * Losses of models as people read them. Bits per UTF-8 byte compare models of any tokenizers on one text;
 * perplexities per token compare only models of one tokenizer.
 */

/** Bits per UTF-8 byte of `bytes` bytes that cost `nats` in all. NaN where there are no bytes. */
export function bitsPerByte(nats: number, bytes: number): number {
  return bytes > 0 ? nats / Math.LN2 / bytes : Number.NaN;
}

/** exp of the mean nats per token. NaN where there are no tokens. */
export function perplexityPerToken(nats: number, tokens: number): number {
  return tokens > 0 ? Math.exp(nats / tokens) : Number.NaN;
}
