/** Starts runs through a process of its own (src/engine/runStarter.ts), so that nothing of the engine is loaded here. */
import { fork } from "node:child_process";
import { Problem } from "../../core/problem.ts";
import { Port } from "../../port/port.ts";
import type { RunStarterVerbs } from "../../protocol/runStarter.ts";

/** Milliseconds: large models are opened and checked first. */
const timeLimit = 120_000;

/** @throws Problem as the starter refuses, and `failed` where it ends before it answers. */
export async function askRunStarter<Verb extends keyof RunStarterVerbs & string>(
  file: string,
  verb: Verb,
  body: Parameters<RunStarterVerbs[Verb]>[0],
): Promise<ReturnType<RunStarterVerbs[Verb]>> {
  // The worker inherits this environment; in a desktop editor this program is Node only when told so.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  const child = fork(file, [], {
    serialization: "advanced",
    execArgv: [],
    env,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (text) => {
    said = (said + text).slice(-4000);
  });
  const port = new Port<RunStarterVerbs, object>(
    (message) => {
      child.send(message);
    },
    {},
    { timeLimit },
  );
  child.on("message", (message) => port.receive(message));
  const ended = (how: string): void =>
    port.close(
      new Problem("failed", `The process that starts runs ended (${how}).`, {
        next: "The log has what it said.",
        ...(said === "" ? {} : { cause: new Error(said) }),
      }),
    );
  child.once("error", ({ message }) => ended(message));
  child.once("exit", (code, signal) => ended(`exit ${code ?? signal}`));
  try {
    return (await port.call(verb, body as never)) as ReturnType<RunStarterVerbs[Verb]>;
  } finally {
    if (child.connected) child.disconnect();
  }
}
