/**
 * Which processes belong to a test's folder: those whose command line, environment or working folder names it. An
 * editor under test has its profile, its home and its temporary files in one folder, so that what it started is
 * found even where it was detached. Reads Linux's /proc.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

export function processesOf(folder: string): readonly FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || isZombie(pid)) continue;
    const command = read(pid, "cmdline").replaceAll("\0", " ").trim();
    const traces = [command, read(pid, "environ"), workingFolder(pid)];
    if (traces.some((trace) => trace.includes(folder))) found.push({ pid, command });
  }
  return found;
}

/** Waits until no process of the folder is alive; gives those that outlive the patience. */
export async function waitForEnd(
  folder: string,
  patience: number,
): Promise<readonly FoundProcess[]> {
  const deadline = performance.now() + patience;
  let left = processesOf(folder);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(100);
    left = processesOf(folder);
  }
  return left;
}

export function endProcess(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return ""; // ended meanwhile, or another user's
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** Ended, and only waiting for its parent to ask how. */
function isZombie(pid: number): boolean {
  const stat = read(pid, "stat");
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) === "Z";
}
