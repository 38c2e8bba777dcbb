/** What menus and welcome views of package.json may ask in their `when`. */
import * as vscode from "vscode";
import type { ViewKind } from "../protocol/views.ts";

export interface ContextKeys {
  /** The runs folder holds at least one run. */
  hasRuns: boolean;
  /** A run of this host is being executed. */
  runLive: boolean;
  hasModels: boolean;
  /** The package carries the native runtime of this machine. */
  nativeAvailable: boolean;
  /** Which view has the focus, and whether its panel is pinned. */
  panel: ViewKind | "";
  panelKept: boolean;
}

export const contextKeyNames: Readonly<Record<keyof ContextKeys, true>> = {
  hasRuns: true,
  runLive: true,
  hasModels: true,
  nativeAvailable: true,
  panel: true,
  panelKept: true,
};

const last = new Map<string, unknown>();

export function setContextKey<Name extends keyof ContextKeys>(
  name: Name,
  value: ContextKeys[Name],
): void {
  if (last.get(name) === value) return;
  last.set(name, value);
  void vscode.commands.executeCommand("setContext", `fuselab.${name}`, value);
}
