/** Where the extension begins: parts, then features, in the order they are met. Nothing here computes or waits. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../core/problem.ts";
import type { OpenAt } from "../protocol/views.ts";
import { registerAlignment } from "./alignment/registerAlignment.ts";
import { Commands } from "./commands.ts";
import { setContextKey } from "./contextKeys.ts";
import { registerDistributions } from "./distributions/registerDistributions.ts";
import { Failures } from "./failures.ts";
import { InspectorClient } from "./inspectorClient.ts";
import { openLog } from "./log.ts";
import { ModelStore } from "./models/modelStore.ts";
import { registerModels } from "./models/registerModels.ts";
import { hasNativeRuntime } from "./nativeRuntime.ts";
import { activeView } from "./panelShelf.ts";
import type { Parts } from "./parts.ts";
import { registerRecipes } from "./recipes/registerRecipes.ts";
import { registerRuns } from "./runs/registerRuns.ts";
import { Settings } from "./settings.ts";
import { explainFusedRow } from "./tools/explainTool.ts";
import { registerTools } from "./tools/registerTools.ts";

export function activate(context: vscode.ExtensionContext): void {
  const started = performance.now();
  const own = <Thing extends vscode.Disposable>(thing: Thing): Thing => {
    context.subscriptions.push(thing);
    return thing;
  };
  const log = own(openLog());
  const failures = new Failures(log);
  const settings = new Settings(log);
  const commands = new Commands(failures);
  const models = own(new ModelStore(path.join(context.extensionPath, "demo", "models"), settings));
  const inspector = own(
    new InspectorClient({
      file: path.join(context.extensionPath, "dist", "inspector.js"),
      settings,
      log,
      allowedFolders: () => models.allowedFolders(),
    }),
  );
  const views = {
    extension: context.extensionUri,
    failures,
    openAt: (place: OpenAt) => openElsewhere(place, commands),
  };
  const parts: Parts = { context, log, failures, settings, commands, inspector, models, views };

  setContextKey("nativeAvailable", hasNativeRuntime(context.extensionPath));
  own(bindViewCommands(parts));
  own(registerAlignment(parts));
  own(registerModels(parts));
  const runs = own(registerRuns(parts));
  own(registerRecipes(parts, runs));
  const distributions = own(registerDistributions(parts, runs));
  own(
    registerTools(parts, runs, (input, signal) =>
      explainFusedRow(parts, runs, distributions, input, signal),
    ),
  );
  log.debug(`activate: ${(performance.now() - started).toFixed(1)} ms`);
}

function bindViewCommands({ commands, inspector, log }: Parts): vscode.Disposable {
  return vscode.Disposable.from(
    commands.bind("view.keep", async () => viewInFront().keep()),
    commands.bind("view.export", async () => viewInFront().press("export")),
    commands.bind("view.openAsTable", async () => viewInFront().press("table")),
    commands.bind("restartInspector", async () => inspector.restart()),
    commands.bind("showLog", async () => log.show()),
    commands.bind("openWalkthrough", async () => {
      await vscode.commands.executeCommand(
        "workbench.action.openWalkthrough",
        "fuselab.fuselab#fuselab.start",
        false,
      );
    }),
  );
}

/** A key can call these commands anywhere. */
function viewInFront(): NonNullable<ReturnType<typeof activeView>> {
  const view = activeView();
  if (view !== undefined) return view;
  throw new Problem("missing", vscode.l10n.t("No view of FuseLab has the focus."), {
    next: vscode.l10n.t("Click into an alignment, a distribution or a run, and try again."),
  });
}

/** What views ask to have opened that is not their own subject's. */
async function openElsewhere(place: OpenAt, commands: Commands): Promise<void> {
  switch (place.what) {
    case "log":
      return commands.run("showLog");
    case "help":
      return commands.run("openWalkthrough");
    case "trust":
      await vscode.commands.executeCommand("workbench.trust.manage");
      return;
    case "settings":
      await vscode.commands.executeCommand("workbench.action.openSettings", `fuselab.${place.key}`);
      return;
    case "run":
      return commands.run("run.open", place.run);
    case "report":
      return commands.run("run.openReport", place.run);
    case "runLog":
      return commands.run("run.showLog", place.run);
    case "file":
      await vscode.commands.executeCommand(
        "vscode.open",
        vscode.Uri.joinPath(
          vscode.Uri.file(place.run),
          ...place.path.split("/").filter(isPlainName),
        ),
      );
      return;
    default: // models, tokenizers, alignment, distributions: the subject's own
      return;
  }
}

const isPlainName = (name: string): boolean => name !== "" && name !== "." && name !== "..";
