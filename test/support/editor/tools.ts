/** Where the editor's server, its Node and the browser lie; scripts/setupEditor.mjs makes them ready first. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

export interface EditorTools {
  /** The Node that the server wants, not the one that runs the tests. */
  readonly node: string;
  /** The server's entry point. */
  readonly server: string;
  readonly browser: string;
}

let found: EditorTools | undefined;

export function editorTools(): EditorTools {
  found ??= JSON.parse(runScript("setupEditor.mjs", "--print")) as EditorTools;
  return found;
}

/** Runs one of scripts/ to its end and gives what it printed; its messages go to this process's own. */
export function runScript(name: string, ...args: readonly string[]): string {
  const file = path.join(root, "scripts", name);
  const { status, stdout } = spawnSync(process.execPath, [file, ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`scripts/${name} failed; its message is above.\n${stdout}`);
  return stdout;
}
