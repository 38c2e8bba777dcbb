/**
 * The inspector as the extension sees it: forked on first use, forked again after it ended, restricted while the
 * workspace is not trusted. Questions name all they are about, so a new process answers as the old one would
 * have. Nothing of the workspace reaches its command line or environment.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";
import type { FullInspectorVerbs } from "../engine/modelVerbs.ts";
import { type CallOptions, Port } from "../port/port.ts";
import type { InspectorHello, InspectorProgress } from "../protocol/inspector.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./settings.ts";

/** Milliseconds: loading a tokenizer on a slow disk takes seconds, a fused text with models some more. */
const timeLimit = 120_000;
const goodbyeLimit = 500;
/** Seconds a call may take on what nobody vouches for; tokenizers, which is all that is read then, take few. */
const restrictedLimit = 20;

/** What of this process's environment the inspector gets. */
const passedOn = ["PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG"];

interface Started {
  readonly child: ChildProcess;
  readonly port: Port<FullInspectorVerbs, object>;
  readonly greeted: Promise<unknown>;
}

export interface InspectorOptions {
  /** dist/inspector.js. */
  readonly file: string;
  readonly settings: Settings;
  readonly log: Log;
  /** Folders that may be read in a workspace that is not trusted. */
  readonly allowedFolders: () => readonly string[];
}

type Verbs = Omit<FullInspectorVerbs, "hello" | "bye">;

export class InspectorClient implements vscode.Disposable {
  readonly #options: InspectorOptions;
  readonly #progress = new vscode.EventEmitter<InspectorProgress>();
  readonly #watching: vscode.Disposable[];
  #started: Started | undefined;

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#watching = [
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      options.settings.onChange(
        ["inspector.memoryLimitMB", "inspector.idleMinutes", "training.threads"],
        () => this.restart(),
      ),
      options.settings.onChange(["models.folders"], () => {
        if (!vscode.workspace.isTrusted) this.restart(); // it knows what it may read from the greeting
      }),
      this.#progress,
    ];
  }

  /** How far a call is that takes long. */
  get onProgress(): vscode.Event<InspectorProgress> {
    return this.#progress.event;
  }

  /** @throws Problem as the inspector refuses, and `failed` where its process ends before it answers. */
  async call<Verb extends keyof Verbs & string>(
    verb: Verb,
    body: Parameters<Verbs[Verb]>[0],
    options: CallOptions = {},
  ): Promise<ReturnType<Verbs[Verb]>> {
    const { port, greeted } = this.#start();
    await greeted;
    return port.call(verb, body as never, { timeLimit, ...options }) as Promise<
      ReturnType<Verbs[Verb]>
    >;
  }

  /** Process id, while one runs. */
  get pid(): number | undefined {
    return this.#started?.child.pid;
  }

  /** Ends the process; the next question starts another. What waits is refused. */
  restart(): void {
    this.#end("The inspector was restarted.");
  }

  dispose(): void {
    for (const watching of this.#watching) watching.dispose();
    this.#end("The editor closes FuseLab.");
  }

  #start(): Started {
    if (this.#started !== undefined) return this.#started;
    const { file, log } = this.#options;
    const child = fork(file, [], {
      serialization: "advanced",
      execArgv: [],
      env: scrubbedEnvironment(),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const port = new Port<FullInspectorVerbs, object>(
      (message) => {
        child.send(message);
      },
      {},
      {
        timeLimit,
        onDefect: (error) => log.error(`inspector: ${String(error)}`),
        hears: { progress: (body) => this.#progress.fire(body as InspectorProgress) },
      },
    );
    for (const stream of [child.stdout, child.stderr]) {
      if (stream)
        createInterface({ input: stream }).on("line", (line) => log.info(`inspector: ${line}`));
    }
    child.on("message", (message) => port.receive(message));
    child.once("error", (error) => this.#ended(child, error.message));
    child.once("exit", (code, signal) => this.#ended(child, `exit ${code ?? signal}`));
    const greeted = port.call("hello", this.#hello());
    greeted.then(
      ({ pid, restricted }) =>
        log.debug(`inspector ${pid} is up${restricted ? ", restricted" : ""}`),
      () => undefined, // whoever asked is told
    );
    this.#started = { child, port, greeted };
    return this.#started;
  }

  #hello(): InspectorHello {
    const { settings, allowedFolders } = this.#options;
    const memoryLimitMB = settings.get("inspector.memoryLimitMB");
    const threads = settings.get("training.threads");
    const restricted = !vscode.workspace.isTrusted;
    return {
      restricted,
      ...(restricted ? { limitSeconds: restrictedLimit } : {}),
      allowedFolders: [...allowedFolders()],
      idleMinutes: settings.get("inspector.idleMinutes"),
      ...(memoryLimitMB === 0 ? {} : { memoryLimitMB }),
      ...(threads === 0 ? {} : { threads }),
    };
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#started?.child !== child) return;
    this.#options.log.debug(`inspector ${child.pid} ended: ${how}`);
    this.#started.port.close(
      new Problem("failed", `The inspector's process ended (${how}).`, {
        next: "Try again: another one is started. If it ends again, the log says more.",
      }),
    );
    this.#started = undefined;
  }

  #end(why: string): void {
    const started = this.#started;
    if (started === undefined) return;
    this.#started = undefined;
    const { child, port } = started;
    child.removeAllListeners("exit");
    const kill = setTimeout(() => child.kill("SIGKILL"), goodbyeLimit);
    child.once("exit", () => clearTimeout(kill));
    port.call("bye", null, { timeLimit: goodbyeLimit }).catch(() => undefined); // killed instead
    port.close(new Problem("cancelled", why));
  }
}

function scrubbedEnvironment(): NodeJS.ProcessEnv {
  const kept = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: "1" };
}
