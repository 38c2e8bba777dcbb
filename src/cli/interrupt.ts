/** Ctrl-C while a command waits for something that goes on without it. */

/**
 * Calls `first` on the first Ctrl-C and `again` on every later one; answers how to stop listening. While it
 * listens, Ctrl-C does not end the process by itself.
 */
export function onInterrupt(first: () => void, again: () => void): () => void {
  let count = 0;
  const listener = (): void => (count++ === 0 ? first() : again());
  process.on("SIGINT", listener);
  return () => process.off("SIGINT", listener);
}
