/** The built inspector as a process of its own, asked as the editor asks it. It ends with the test. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { Problem } from "../../src/core/problem.ts";
import type { FullInspectorVerbs } from "../../src/engine/modelVerbs.ts";
import { Port } from "../../src/port/port.ts";
import type { InspectorHello, InspectorProgress } from "../../src/protocol/inspector.ts";

const entry = fileURLToPath(new URL("../../dist/inspector.js", import.meta.url));

export interface InspectorProcess {
  readonly child: ChildProcess;
  readonly port: Port<FullInspectorVerbs, object>;
  /** Every progress it has told, since it was last emptied. */
  readonly told: InspectorProgress[];
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

export function forkInspector(t: TestContext): InspectorProcess {
  const told: InspectorProgress[] = [];
  const child = fork(entry, [], { serialization: "advanced", execArgv: [], stdio: "inherit" });
  t.after(() => child.kill("SIGKILL"));
  const port = new Port<FullInspectorVerbs, object>(
    (message) => void child.send(message),
    {},
    { timeLimit: 60_000, hears: { progress: (body) => told.push(body as InspectorProgress) } },
  );
  child.on("message", (message) => port.receive(message));
  const ended = once(child, "exit").then(([code]) => {
    port.close(new Problem("failed", "The inspector ended."));
    return code as number | null;
  });
  return { child, port, told, ended };
}

/** One that has been told how it may work. */
export async function greetedInspector(
  t: TestContext,
  hello: Partial<InspectorHello> = {},
): Promise<InspectorProcess> {
  const inspector = forkInspector(t);
  await inspector.port.call("hello", { restricted: false, threads: 1, ...hello });
  return inspector;
}
