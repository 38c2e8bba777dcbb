/** The places that `n` and `p` walk: target tokens for which the two methods give different answers. */
import { outcomes, type Pair } from "./alignedText.ts";
import { firstAbove } from "./tokenTrack.ts";

/** Target tokens with ◐ ◑ ◆, ascending. Empty where only bytes were asked. */
export function differences({ outcome }: Pair): Int32Array {
  if (outcome === undefined) return new Int32Array(0);
  const tokens: number[] = [];
  for (let token = 0; token < outcome.length; token++)
    if (differs(outcome[token])) tokens.push(token);
  return Int32Array.from(tokens);
}

const quiet: readonly number[] = [outcomes.indexOf("same"), outcomes.indexOf("neither")];
const differs = (code: number): boolean => !quiet.includes(code);

/** Index of the difference after (`direction` 1) or before (−1) a target token, going round at the ends; −1 for none. */
export function nextDifference(places: Int32Array, token: number, direction: 1 | -1): number {
  const count = places.length;
  if (count === 0) return -1;
  const after = firstAbove(places, token);
  if (direction === 1) return after % count;
  const before = places[after - 1] === token ? after - 2 : after - 1;
  return (before + count) % count;
}

/** Index of a target token among the differences, −1 where it is none. */
export function differenceAt(places: Int32Array, token: number): number {
  const at = firstAbove(places, token) - 1;
  return places[at] === token ? at : -1;
}
