/**
 * Position alignment by bytes: two tokenizations of one text are at the same point where tokens end at the same
 * UTF-8 offset. Linear in the tokens, and exact (after GOLD in TRL and ALM in tokenkit, which merge offsets the
 * same way; see docs on the corrected mode).
 *
 * Several tokens may end at the same byte: `"\nfoo"` is `▁ <0x0A> foo` with ends 0, 1, 4. The last of them
 * stands for it, since only after it the text goes on.
 */

/**
 * For each target row the source row at the same byte, −1 where there is none or where a later target row is at
 * the same byte.
 *
 * @param targetEnds per row: row 0 is BOS and ends at 0, row i + 1 ends where token i does. Ascending.
 * @param sourceEnds likewise
 */
export function sharedBoundaries(targetEnds: Int32Array, sourceEnds: Int32Array): Int32Array {
  const shared = new Int32Array(targetEnds.length).fill(-1);
  let s = 0;
  for (let t = 0; t < targetEnds.length; t++) {
    const end = targetEnds[t];
    if (targetEnds[t + 1] === end) continue;
    while (s < sourceEnds.length && sourceEnds[s] < end) s++;
    while (sourceEnds[s] === end && sourceEnds[s + 1] === end) s++;
    if (sourceEnds[s] === end) shared[t] = s;
  }
  return shared;
}

/** Ends per row of a chunk's tokens: 0 for BOS, then the tokens'. */
export function rowEnds(tokenEnds: Int32Array): Int32Array {
  const ends = new Int32Array(tokenEnds.length + 1);
  ends.set(tokenEnds, 1);
  return ends;
}

/**
 * Smallest runs of source and target tokens between two common boundaries: quadruples s0, s1, t0, t1, source
 * tokens s0 … s1 − 1 and target tokens t0 … t1 − 1. They follow each other without gaps from the first tokens
 * to the last common boundary.
 *
 * @param targetEnds per token, not per row
 * @param sourceEnds likewise
 */
export function byteGroups(targetEnds: Int32Array, sourceEnds: Int32Array): Int32Array {
  const groups: number[] = [];
  let s0 = 0;
  let t0 = 0;
  let s = 0;
  let t = 0;
  while (s < sourceEnds.length && t < targetEnds.length) {
    const end = sourceEnds[s];
    if (end < targetEnds[t]) s++;
    else if (end > targetEnds[t]) t++;
    else {
      while (sourceEnds[s] === end) s++;
      while (targetEnds[t] === end) t++;
      groups.push(s0, s, t0, t);
      s0 = s;
      t0 = t;
    }
  }
  return Int32Array.from(groups);
}
