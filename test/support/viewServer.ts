/**
 * What a browser is given of a view under test: its bundle, made as esbuild.mjs makes it, on a page with the editor's
 * content policy, base styles and theme, and with the editor's API in front of the test's host.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BrowserContext } from "playwright-core";
import { type ThemeKind, themeClasses, themeVariables } from "./editorThemes.ts";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const origin = "https://fuselab.test";

/** Where the page lies. */
export const pageAddress = `${origin}/view.html`;

export interface Bundle {
  readonly script: string;
  readonly style: string;
}

const bundles = new Map<string, Promise<Bundle>>();

/** As esbuild.mjs makes them, but readable and in memory. */
export function bundleOf(entry: string): Promise<Bundle> {
  const known = bundles.get(entry) ?? makeBundle(entry);
  bundles.set(entry, known);
  return known;
}

async function makeBundle(entry: string): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: "memory",
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    target: "es2022",
    loader: { ".svg": "text" },
    define: { FUSELAB_VERSION: '"test"' },
    logLevel: "error",
  });
  const textOf = (ending: string) =>
    outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
  return { script: textOf(".js"), style: textOf(".css") };
}

export async function serve(context: BrowserContext, files: Bundle, html: string): Promise<void> {
  const answers: Readonly<Record<string, { contentType: string; body: string }>> = {
    "/view.html": { contentType: "text/html", body: html },
    "/view.js": { contentType: "text/javascript", body: files.script },
    "/view.css": { contentType: "text/css", body: files.style },
    "/editor.css": { contentType: "text/css", body: editorStyle },
  };
  await context.route("**", (route) => {
    const { pathname, origin: from } = new URL(route.request().url());
    const answer = from === origin ? answers[pathname] : undefined;
    return answer === undefined
      ? route.fulfill({ status: 404, body: "" })
      : route.fulfill({ ...answer, headers: { "cache-control": "no-store" } });
  });
}

/** What the editor gives every webview before its own styles. */
const editorStyle = `@layer vscode-default {
  html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
  body {
    overscroll-behavior-x: none;
    background-color: transparent;
    color: var(--vscode-editor-foreground);
    font-family: var(--vscode-font-family);
    font-weight: var(--vscode-font-weight);
    font-size: var(--vscode-font-size);
    margin: 0;
    padding: 0 20px;
  }
  a { color: var(--vscode-textLink-foreground); }
  :focus-visible { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }
  kbd { background-color: var(--vscode-keybindingLabel-background); border: 1px solid; }
}
html { background: var(--vscode-editor-background); }`;

/** The hash of an empty style sheet: the toolkit adds one to find out whether `:focus-visible` is known. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

export function pageHtml(kind: string, theme: ThemeKind, state: unknown): string {
  const nonce = "dGVzdA";
  const policy = [
    "default-src 'none'",
    `style-src ${origin} ${emptyStyle}`,
    `font-src ${origin}`,
    `img-src ${origin} data: blob:`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
  const literal = (value: unknown) => JSON.stringify(value ?? null).replaceAll("<", "\\u003c");
  const themeClass = themeClasses[theme];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${origin}/editor.css">
<link rel="stylesheet" href="${origin}/view.css">
<title>FuseLab</title>
<script nonce="${nonce}">
  globalThis.__name = (value) => value; // the test's own compiler leaves calls of it in functions it sends here
  for (const [name, value] of Object.entries(${literal(themeVariables(theme))})) {
    document.documentElement.style.setProperty(name, value);
  }
  document.addEventListener("securitypolicyviolation", (event) =>
    fuselabViolation(event.violatedDirective + ": " + (event.blockedURI || event.sample)));
  // The line to the test carries typed arrays, but no bare buffers.
  const packed = (value) => {
    if (value instanceof ArrayBuffer) return { fuselabBuffer: new Uint8Array(value) };
    if (Array.isArray(value)) return value.map(packed);
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, packed(own)]));
  };
  let stored = ${literal(state)} ?? undefined;
  let isTaken = false;
  globalThis.fuselabState = () => stored;
  globalThis.acquireVsCodeApi = () => {
    if (isTaken) throw new Error("An instance of the VS Code API has already been acquired");
    isTaken = true;
    return {
      postMessage: (message) => void fuselabPost(packed(structuredClone(message))),
      getState: () => stored,
      setState: (state) => { stored = structuredClone(state); return state; },
    };
  };
</script>
</head>
<body data-view="${kind}" class="${themeClass}" data-vscode-theme-kind="${themeClass}" data-vscode-theme-id="${theme}">
<div id="view"></div>
<script nonce="${nonce}" src="${origin}/view.js"></script>
</body>
</html>`;
}
