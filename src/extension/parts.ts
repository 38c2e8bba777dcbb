/** What every feature is given: made once, in activate, and closed with the extension. */
import type * as vscode from "vscode";
import type { Commands } from "./commands.ts";
import type { Failures } from "./failures.ts";
import type { InspectorClient } from "./inspectorClient.ts";
import type { Log } from "./log.ts";
import type { ModelStore } from "./models/modelStore.ts";
import type { Settings } from "./settings.ts";
import type { ViewParts } from "./viewPanel.ts";

export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly failures: Failures;
  readonly settings: Settings;
  readonly commands: Commands;
  readonly inspector: InspectorClient;
  readonly models: ModelStore;
  readonly views: ViewParts;
}
