/**
 * A function of a string that remembers its answers, within bounds. Two generations are kept: what is asked
 * for moves to the young one, and when that is full the old one goes. So at most twice `size` answers are
 * held and one in use is not lost, without the bookkeeping of an order of use.
 */
export function boundedMemo<Value extends object | string | number | null>(
  size: number,
  compute: (key: string) => Value,
): (key: string) => Value {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return (key) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    const value = old.get(key) ?? compute(key);
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  };
}
