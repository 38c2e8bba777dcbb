/** Stands in a restored panel whose text cannot be opened any more: it says so, and answers nothing. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import { problemBody } from "../../port/port.ts";
import type { AlignmentAsks, AlignmentShow } from "../../protocol/alignmentView.ts";
import type { Parts } from "../parts.ts";
import type { ViewSubject } from "../viewPanel.ts";

export function missingText(
  { settings }: Pick<Parts, "settings">,
  restore: Readonly<Record<string, unknown>>,
  uri: string,
): ViewSubject<AlignmentAsks, AlignmentShow> {
  const file = path.posix.basename(vscode.Uri.parse(uri).path);
  const problem = new Problem("missing", vscode.l10n.t("{0} cannot be opened any more.", file), {
    next: vscode.l10n.t("Close this view, and align another text."),
  });
  const refuse = (): never => {
    throw problem;
  };
  return {
    title: vscode.l10n.t("Align · {0}", file),
    offers: {
      align: refuse,
      costTable: refuse,
      detourBand: refuse,
      cumulativeTile: refuse,
      setTokenizers: refuse,
      alignAgain: refuse,
    },
    snapshot: () => ({
      revision: uri,
      title: file,
      restricted: !vscode.workspace.isTrusted,
      restore,
      problem: problemBody(problem),
      tokenizers: [],
      documents: [],
      mode: "corrected",
      maxTokens: settings.get("alignment.maxTokens"),
      layer: settings.get("alignment.layer"),
      followEdits: settings.get("alignment.followEdits"),
    }),
    dispose: () => undefined,
  };
}
