/** The editor's server: its own process group, ended with the test however that ends. */
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { endProcess } from "./processes.ts";
import type { Profile } from "./profile.ts";
import { editorTools } from "./tools.ts";

export interface EditorServer {
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
  /** "127.0.0.1:PORT", as remote file addresses name the server. */
  readonly authority: string;
  readonly pid: number;
  /** What the server printed. */
  log(): string;
  stop(): Promise<void>;
}

const startPatience = 60_000;
const stopPatience = 5000;

const live = new Set<number>();
process.once("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    endAll();
    process.exit(1);
  });
}

/** Installs a packaged extension as the editor's own command line does; throws with its message. */
export async function installPackage(profile: Profile, file: string): Promise<void> {
  const { node } = editorTools();
  const args = serverArguments(profile, ["--install-extension", file, "--force"]);
  const { stdout, stderr } = await promisify(execFile)(node, args, { env: profile.environment });
  if (!stdout.includes("successfully installed")) throw new Error(`${stdout}\n${stderr}`);
}

export async function startServer(
  profile: Profile,
  environment: Readonly<Record<string, string>> = {},
): Promise<EditorServer> {
  const authority = `127.0.0.1:${await freePort()}`;
  const url = `http://${authority}`;
  const logFile = path.join(profile.base, "server.log");
  const output = openSync(logFile, "a");
  const child = spawn(editorTools().node, serverArguments(profile, runFlags(profile, authority)), {
    env: { ...profile.environment, ...environment },
    cwd: profile.home,
    stdio: ["ignore", output, output],
    detached: true,
  });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new Error("The editor's server could not be started.");
  live.add(pid);
  const log = () => readFileSync(logFile, "utf8");
  const deadline = performance.now() + startPatience;
  while ((await statusOf(`${url}/healthz`)) !== 200) {
    if (child.exitCode !== null || performance.now() > deadline) {
      endGroup(pid);
      throw new Error(`The editor's server did not start:\n${log()}`);
    }
    await sleep(100);
  }
  return { url, authority, pid, log, stop };

  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      endGroup(pid as number, "SIGTERM");
      await Promise.race([ended, sleep(stopPatience, undefined, { ref: false })]);
    }
    endGroup(pid as number);
  }
}

function serverArguments({ base, userData, extensions }: Profile, args: readonly string[]) {
  const folders = ["--user-data-dir", userData, "--extensions-dir", extensions];
  return [editorTools().server, "--config", path.join(base, "config.yaml"), ...folders, ...args];
}

function runFlags({ restricted }: Profile, authority: string): readonly string[] {
  return [
    ...["--bind-addr", authority, "--auth", "none"],
    ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
    ...["--disable-proxy", "--ignore-last-opened"],
    ...(restricted ? [] : ["--disable-workspace-trust"]),
    // The last resort where the test itself is killed: nobody is connected then.
    ...["--idle-timeout-seconds", "300"],
  ];
}

function endAll(): void {
  for (const pid of live) endGroup(pid);
}

function endGroup(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  endProcess(-pid, signal);
  if (signal === "SIGKILL") live.delete(pid);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get(url, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", () => resolve(0));
  });
}
