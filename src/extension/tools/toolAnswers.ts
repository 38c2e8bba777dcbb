/** Answers for agents: JSON of at most 8 kB that says what was cut. Knows no editor. */

export const longestAnswer = 8 * 1024;

/**
 * The answer as text. `lists` are the parts that may be cut, the least important first: their ends go until the
 * rest fits, and `cut` says how much of each is missing.
 */
export function answerText(
  answer: Readonly<Record<string, unknown>>,
  lists: readonly string[] = [],
): string {
  const kept: Record<string, unknown> = { ...answer };
  const cut: Record<string, string> = {};
  let text = JSON.stringify(kept);
  for (const name of lists) {
    const all = kept[name];
    if (!Array.isArray(all)) continue;
    while (bytesOf(text) > longestAnswer && (kept[name] as unknown[]).length > 0) {
      const list = kept[name] as unknown[];
      const length = Math.floor(list.length * Math.min(0.9, longestAnswer / bytesOf(text)));
      kept[name] = list.slice(0, length);
      cut[name] = `${length} of ${all.length} are given`;
      text = JSON.stringify({ ...kept, cut });
    }
  }
  if (bytesOf(text) <= longestAnswer) return text;
  const whole = bytesOf(text);
  const note = `… cut: ${whole} bytes are more than an answer of ${longestAnswer} may hold`;
  return `${headOf(text, longestAnswer - bytesOf(note))}${note}`;
}

function headOf(text: string, bytes: number): string {
  let head = text.slice(0, bytes);
  while (bytesOf(head) > bytes) head = head.slice(0, -Math.max(1, (bytesOf(head) - bytes) >> 2));
  return head.replace(/[\uD800-\uDBFF]$/, "");
}

const bytesOf = (text: string): number => Buffer.byteLength(text, "utf8");
