/** The page of a webview: nothing but its own bundle may run or be loaded. Data comes by message, never in the page. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { ViewKind } from "../protocol/views.ts";

/** The hash of an empty style sheet: the toolkit adds one to learn whether `:focus-visible` is known. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/** The folder whose files a webview may load. */
export const viewFolder = (extension: vscode.Uri): vscode.Uri =>
  vscode.Uri.joinPath(extension, "dist", "webview");

export function viewHtml(
  webview: Pick<vscode.Webview, "cspSource" | "asWebviewUri">,
  extension: vscode.Uri,
  kind: ViewKind,
): string {
  const { cspSource } = webview;
  const nonce = randomBytes(16).toString("base64url");
  const at = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(viewFolder(extension), file)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${cspSource} ${emptyStyle}`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${at(`${kind}.css`)}">
<title>FuseLab</title>
</head>
<body data-view="${kind}">
<div id="view"></div>
<script nonce="${nonce}" src="${at(`${kind}.js`)}"></script>
</body>
</html>`;
}
