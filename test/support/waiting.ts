/** Waiting for what will be so: a state, never a time, and with more patience than a loaded machine needs. */
import { setTimeout as sleep } from "node:timers/promises";

const patience = 60_000;
const betweenLooks = 50;

/** @throws Error that names what was waited for. `within` in milliseconds. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  within = patience,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${within / 1000} s: ${what}`);
    await sleep(betweenLooks);
  }
}

/** What `look` answers once it throws no longer; its last error, where that is too late. */
export async function eventually<T>(look: () => Promise<T>, within = patience / 2): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(betweenLooks);
    }
  }
}
