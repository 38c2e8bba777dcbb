/** Checked again where something is done: commands can be called past their menus. */
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";
import type { NextStep } from "./failures.ts";

/** @throws Problem `unsupported` in a workspace that is not trusted. `what`: "No run is started". */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new Problem("unsupported", `${what} in a workspace that is not trusted.`, {
    next: "Trust the workspace first, with Workspaces: Manage Workspace Trust.",
  });
}

/** The button of a message that refuses for want of trust. */
export function trustSteps(error: unknown): readonly NextStep[] {
  const refused = error instanceof Problem && error.code === "unsupported";
  if (!refused || vscode.workspace.isTrusted) return [];
  const act = (): unknown => vscode.commands.executeCommand("workbench.trust.manage");
  return [{ title: vscode.l10n.t("Manage Workspace Trust"), act }];
}
