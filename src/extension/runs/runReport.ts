/**
 * A run's report, `report.html`, for reading. Where the editor runs on the machine of the run it opens in the
 * browser; elsewhere a browser cannot reach the file, and it opens as a page of the editor. The page runs no script
 * and loads nothing, whatever stands in the file.
 */
import { readFile, stat } from "node:fs/promises";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { runPaths } from "../../pipeline/runPaths.ts";

const largestReport = 8 * 1024 * 1024;
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** @throws Problem `missing` where the run has none, `tooLarge` where it is no report that FuseLab wrote. */
export async function openReport(folder: string, name: string): Promise<void> {
  const file = runPaths(folder).report;
  const size = await stat(file).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) {
    throw new Problem("missing", "This run has no report yet: it is written at the end.", {
      file: folder,
    });
  }
  const isHere = vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  if (isHere && (await vscode.env.openExternal(vscode.Uri.file(file)))) return;
  if (size > largestReport) {
    throw new Problem("tooLarge", `This report has ${size} bytes: it is not shown here.`, {
      file,
      next: "Copy it to your machine and open it in a browser.",
    });
  }
  const panel = vscode.window.createWebviewPanel(
    "fuselab.report",
    vscode.l10n.t("Report: {0}", name),
    vscode.ViewColumn.Active,
    { enableScripts: false, enableFindWidget: true, localResourceRoots: [] },
  );
  panel.webview.html = `<!DOCTYPE html>
<meta http-equiv="Content-Security-Policy" content="${policy}">
${await readFile(file, "utf8")}`;
}
