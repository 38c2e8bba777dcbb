/** The recipe inside a run says what the run was made from: it opens as a copy that cannot be edited. */
import * as vscode from "vscode";

const scheme = "fuselab-run";

/** The address under which a file opens read-only. */
export function runCopy(file: string): vscode.Uri {
  return vscode.Uri.file(file).with({ scheme });
}

export function registerRunCopies(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async (uri) => {
      const bytes = await vscode.workspace.fs.readFile(uri.with({ scheme: "file" }));
      return Buffer.from(bytes).toString("utf8");
    },
  });
}
