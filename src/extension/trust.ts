/** Checked again where something is done: commands can be called past their menus. */
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";

/** @throws Problem `unsupported` in a workspace that is not trusted. `what`: "No run is started". */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new Problem("unsupported", `${what} in a workspace that is not trusted.`, {
    next: "Trust the workspace first: Manage Workspace Trust.",
  });
}
