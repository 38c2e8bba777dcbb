/** What menus and welcome views of package.json may ask in their `when`, told to the editor when it changes. */
import * as vscode from "vscode";
import type { ContextKeys } from "./contextKeyNames.ts";

const last = new Map<string, unknown>();

export function setContextKey<Name extends keyof ContextKeys>(
  name: Name,
  value: ContextKeys[Name],
): void {
  if (last.get(name) === value) return;
  last.set(name, value);
  void vscode.commands.executeCommand("setContext", `fuselab.${name}`, value);
}
