/** Adds a folder to the models of this window, if it holds one that may be read. */
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { ModelStore } from "./modelStore.ts";

/**
 * @returns the folders of the models that are known now and were not before; those in the folder, where it was
 *   known already.
 * @throws Problem `unsupported` for a folder of a workspace that is not trusted, `missing` where nothing is there
 */
export async function addModelFolder(
  models: ModelStore,
  folder: string,
): Promise<readonly string[]> {
  if (!vscode.workspace.isTrusted && models.isInWorkspace(folder)) {
    throw new Problem(
      "unsupported",
      vscode.l10n.t("{0} lies in a workspace that is not trusted.", folder),
      { next: vscode.l10n.t("Trust the workspace, or pick a folder outside it.") },
    );
  }
  const found = await models.modelsIn(folder);
  if (found.length === 0) {
    throw new Problem("missing", vscode.l10n.t("{0} holds no model and no tokenizer.", folder), {
      next: vscode.l10n.t(
        "A model's folder has config.json, tokenizer.json and *.safetensors; a tokenizer's has tokenizer.json.",
      ),
    });
  }
  await models.add(folder);
  return found;
}
