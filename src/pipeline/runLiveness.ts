/**
 * Who executes a run, and whether that process still lives. On the same host the system knows: a pid with the
 * start time it had when it took the run, since pids are used again. On another host, reached through a shared
 * disk, only the age of the heartbeat tells.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import {
  ownerOf,
  type RunOwner,
  type RunRecord,
  type ShownRunState,
} from "../protocol/runState.ts";

export const heartbeatInterval = 5_000;
/** A heartbeat older than this counts as none, in milliseconds. */
export const heartbeatLimit = 30_000;

/** `here` and `elsewhere` live, on this host or another; `gone` does not. */
export type Liveness = "here" | "elsewhere" | "gone";

/** This process as the owner of a run. */
export async function thisProcess(): Promise<RunOwner> {
  const [bootId, pidStartTime] = await Promise.all([currentBootId(), startTimeOf(process.pid)]);
  return { host: hostname(), bootId, pid: process.pid, pidStartTime: pidStartTime ?? "" };
}

/** Whether the process that last took the run lives, now or at `now`. */
export async function livenessOf(
  owner: RunOwner,
  heartbeat: number,
  now: number = Date.now(),
): Promise<Liveness> {
  const fresh = Math.abs(now - heartbeat) < heartbeatLimit;
  if (owner.host !== hostname()) return fresh ? "elsewhere" : "gone";
  // The same name with another boot: this host before it was started anew, or another one of that name.
  if (owner.bootId !== (await currentBootId())) return fresh ? "elsewhere" : "gone";
  return (await startTimeOf(owner.pid)) === owner.pidStartTime ? "here" : "gone";
}

/** The state as people see it: `lost` and `elsewhere` are found out here and written nowhere. */
export async function shownState(
  record: RunRecord,
  now: number = Date.now(),
): Promise<ShownRunState> {
  if (record.state !== "running" && record.state !== "stopping") return record.state;
  const owner = ownerOf(record);
  if (owner === undefined) return "lost";
  const liveness = await livenessOf(owner, record.heartbeat ?? 0, now);
  return { here: record.state, elsewhere: "elsewhere", gone: "lost" }[liveness] as ShownRunState;
}

/** The kernel's name for this boot. Only Linux has one, and only there start times count from the boot. */
async function currentBootId(): Promise<string> {
  if (process.platform !== "linux") return "";
  try {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  } catch {
    return "";
  }
}

/** When a process started, in the system's own words; undefined where there is no such process. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  switch (process.platform) {
    case "linux":
      return startTimeFromProc(pid);
    case "win32": {
      const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
      return outputOf("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", script]);
    }
    default:
      return outputOf("ps", ["-o", "lstart=", "-p", String(pid)]);
  }
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since the boot. The second field, a name in brackets, may hold anything. */
async function startTimeFromProc(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    return state === "Z" || state === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const options = { env: { ...process.env, LC_ALL: "C" }, timeout: 10_000 };
    const { stdout } = await promisify(execFile)(command, args, options);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
