/** Recipes: writing one, running it, checking it, and what the editor knows of it while it is written. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { RecipePlace } from "../commandContract.ts";
import { Scope } from "../lifetimes.ts";
import type { Parts } from "../parts.ts";
import type { Runs } from "../runs/registerRuns.ts";
import { requireTrust } from "../trust.ts";
import { newRecipe } from "./newRecipe.ts";
import { RecipeChecks } from "./recipeChecks.ts";
import { fileOf, recipePattern, registerRecipeProviders } from "./recipeProviders.ts";

const mostListed = 500;

export function registerRecipes(parts: Parts, runs: Runs): vscode.Disposable {
  const scope = new Scope();
  const checks = scope.own(new RecipeChecks(parts));
  scope.own(registerRecipeProviders(parts, checks));
  scope.own(
    parts.commands.bind("newRun", async () => {
      requireTrust("Recipes are not run or checked");
      await newRecipe(parts);
    }),
  );
  scope.own(
    parts.commands.bind("runRecipe", async (place) => {
      requireTrust("Recipes are not run or checked");
      const document = await recipeDocument(place);
      if (document.isDirty) await document.save();
      await runs.start({ text: document.getText(), file: fileOf(document) });
    }),
  );
  scope.own(
    parts.commands.bind("checkRecipe", async (place) => {
      requireTrust("Recipes are not run or checked");
      const document = await recipeDocument(place);
      const check = await checks.check(document, runs.store.folder);
      const worst = check?.findings.find(({ severity }) => severity === "error");
      if (worst === undefined) return;
      throw new Problem("badInput", worst.message, {
        next: worst.next ?? "The log has all that was found.",
      });
    }),
  );
  return scope;
}

/** The one that is given, the one in the editor, or the one that is chosen. */
async function recipeDocument(place: RecipePlace | undefined): Promise<vscode.TextDocument> {
  if (place !== undefined) {
    const uri = typeof place === "string" ? uriOf(place) : place;
    return vscode.workspace.openTextDocument(uri);
  }
  const open = vscode.window.activeTextEditor?.document;
  if (open !== undefined && vscode.languages.match({ pattern: recipePattern }, open) > 0)
    return open;
  const found = await vscode.workspace.findFiles(recipePattern, "**/node_modules/**", mostListed);
  if (found.length === 0) {
    throw new Problem("missing", "There is no recipe (*.fusion.yaml) in this workspace.", {
      next: "Write one with FuseLab: New fusion run.",
    });
  }
  const items = found.map((uri) => ({
    label: path.posix.basename(uri.path),
    description: vscode.workspace.asRelativePath(uri),
    uri,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Which recipe?"),
  });
  if (picked === undefined) throw new Problem("cancelled", "No recipe was chosen.");
  return vscode.workspace.openTextDocument(picked.uri);
}

const uriOf = (place: string): vscode.Uri =>
  /^[a-z][a-z0-9+.-]+:\/\//i.test(place) ? vscode.Uri.parse(place) : vscode.Uri.file(place);
