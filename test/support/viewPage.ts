/**
 * A view in a browser without an editor: the same bundle, the same strict content policy, colours and fonts of the
 * editor's default themes, and a host that the test scripts, over the same port as the real one. What the view asks
 * is recorded; what broke the policy or was thrown is kept for the test to look at.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { Problem } from "../../src/core/problem.ts";
import { type Offered, Port } from "../../src/port/port.ts";
import type { ViewKind } from "../../src/protocol/views.ts";
import { type ThemeKind, themeClasses, themeVariables } from "./editorThemes.ts";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const origin = "https://fuselab.test";

/** How the scripted host meets a verb. A Problem that is thrown travels as a refusal. */
export type Verb = (body: never, signal: AbortSignal) => unknown;

export interface ViewPageOptions {
  readonly theme?: ThemeKind;
  /** Of the window, in pixels of a screen without zoom. */
  readonly width?: number;
  readonly height?: number;
  /** 2 is 200 %: half as many CSS pixels fit. */
  readonly zoom?: number;
  readonly reducedMotion?: boolean;
  /** Beside the verbs of every view, which are met by doing nothing. */
  readonly verbs?: Readonly<Record<string, Verb>>;
  /** Pushed whenever the view says that it is ready. */
  readonly show?: unknown;
  /** What the editor has stored for the view. */
  readonly state?: unknown;
}

export interface RecordedCall {
  readonly verb: string;
  readonly body: unknown;
}

export interface ViewPage {
  readonly page: Page;
  /** Every call of the view so far, in order. */
  readonly calls: readonly RecordedCall[];
  /** Blocked by the content policy: `directive: what`. */
  readonly violations: readonly string[];
  /** Thrown in the page, or written to its console as an error. */
  readonly errors: readonly string[];
  /** From now on `ready` brings this; it is also pushed at once. */
  show(body: unknown): void;
  push(verb: string, body: unknown): void;
  /** The body of the first, or `nth`, call of a verb; waits for it for 10 s at most. */
  called(verb: string, nth?: number): Promise<unknown>;
  /** What the view has stored with the editor. */
  stored(): Promise<unknown>;
  setTheme(theme: ThemeKind): Promise<void>;
  /** Two frames: what was asked to be painted is painted. */
  painted(): Promise<void>;
  screenshot(file: string): Promise<void>;
  /** axe's findings that are serious or critical: `rule: where`. */
  seriousFindings(): Promise<readonly string[]>;
  /** Red, green, blue, alpha (0…255) of a canvas at CSS pixels from its upper left corner. */
  pixel(canvas: string, x: number, y: number): Promise<readonly [number, number, number, number]>;
  close(): Promise<void>;
}

let browser: Promise<Browser> | undefined;

/** One browser a test file; call this in `after`. */
export async function closeBrowser(): Promise<void> {
  const open = browser;
  browser = undefined;
  await (await open)?.close();
}

/** `CHROMIUM`, else the first of the usual names on PATH. */
export function findChromium(): string {
  const given = process.env.CHROMIUM;
  if (given !== undefined && given !== "") return given;
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    for (const name of names) {
      if (folder !== "" && existsSync(path.join(folder, name))) return path.join(folder, name);
    }
  }
  throw new Error("No browser found: install chromium, or name one in CHROMIUM.");
}

/** A view by its kind, or any page by its source file from the repository's root. */
export async function openView(
  view: ViewKind | { readonly entry: string },
  options: ViewPageOptions = {},
): Promise<ViewPage> {
  const { theme = "dark", width = 1200, height = 800, zoom = 1, reducedMotion = false } = options;
  const entry = typeof view === "string" ? `webview/${view}/main.ts` : view.entry;
  const files = await bundleOf(entry);
  browser ??= chromium.launch({ executablePath: findChromium(), args: ["--disable-gpu"] });
  const context = await (await browser).newContext({
    viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
    deviceScaleFactor: zoom,
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
  });
  const kind = typeof view === "string" ? view : "test";
  await serve(context, files, pageHtml(kind, theme, options.state));
  const page = await context.newPage();
  const violations: string[] = [];
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.exposeBinding("fuselabViolation", (_, what: string) => violations.push(what));
  const host = scriptedHost(page, options);
  await page.exposeBinding("fuselabPost", (_, message) => host.receive(unpacked(message)));
  await page.goto(`${origin}/view.html`);

  return {
    page,
    calls: host.calls,
    violations,
    errors,
    show: host.show,
    push: host.push,
    called: host.called,
    stored: () => page.evaluate(() => (globalThis as unknown as EditorStub).fuselabState()),
    setTheme: (next) => setTheme(page, next),
    painted: () => painted(page),
    async screenshot(file) {
      await painted(page);
      await page.screenshot({ path: file });
    },
    seriousFindings: () => seriousFindings(page),
    pixel: (canvas, x, y) => pixelOf(page, canvas, x, y),
    async close() {
      host.close();
      await context.close();
    },
  };
}

interface EditorStub {
  fuselabState(): unknown;
}

const quietVerbs: Readonly<Record<string, Verb>> = {
  chooseToken: () => null,
  revealText: () => null,
  export: () => ({ saved: true }),
  copy: () => null,
  openAt: () => null,
  persist: () => null,
};

function scriptedHost(page: Page, { verbs = {}, show }: ViewPageOptions) {
  const calls: RecordedCall[] = [];
  let standing = show;
  let whenCalled: (() => void)[] = [];
  const met: Readonly<Record<string, Verb>> = { ...quietVerbs, ready: () => null, ...verbs };
  const offers = Object.entries(met).map(([verb, meet]) => [
    verb,
    (body: unknown, signal: AbortSignal) => {
      calls.push({ verb, body });
      const waiting = whenCalled;
      whenCalled = [];
      for (const look of waiting) look();
      if (verb === "ready" && standing !== undefined) port.push("show", standing);
      return meet(body as never, signal);
    },
  ]);
  const port = new Port<object, Record<string, Verb>>(
    (message) => {
      // A page that is closing hears nothing any more.
      void page
        .evaluate((data) => {
          window.dispatchEvent(new MessageEvent("message", { data }));
        }, message)
        .catch(() => undefined);
    },
    Object.fromEntries(offers) as Offered<Record<string, Verb>>,
    { timeLimit: 10_000 },
  );
  const called = async (verb: string, nth = 1): Promise<unknown> => {
    const until = Date.now() + 10_000;
    for (;;) {
      const found = calls.filter((call) => call.verb === verb)[nth - 1];
      if (found !== undefined) return found.body;
      if (Date.now() > until) {
        const seen = calls.map((call) => call.verb).join(" ");
        throw new Error(`The view did not call ${verb} ${nth} times; it called: ${seen}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        whenCalled.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };
  return {
    calls,
    called,
    receive: (message: unknown) => port.receive(message),
    push: (verb: string, body: unknown) => port.push(verb, body),
    show(body: unknown) {
      standing = body;
      port.push("show", body);
    },
    close: () => port.close(new Problem("cancelled", "The page was closed.")),
  };
}

/** The page's `packed` undone. */
function unpacked(value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(unpacked);
  if ("fuselabBuffer" in value) return (value.fuselabBuffer as Uint8Array).slice().buffer;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, unpacked(own)]));
}

interface Bundle {
  readonly script: string;
  readonly style: string;
}

const bundles = new Map<string, Promise<Bundle>>();

/** As esbuild.mjs makes them, but readable and in memory. */
function bundleOf(entry: string): Promise<Bundle> {
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

async function serve(context: BrowserContext, files: Bundle, html: string): Promise<void> {
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

function pageHtml(kind: string, theme: ThemeKind, state: unknown): string {
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

async function setTheme(page: Page, theme: ThemeKind): Promise<void> {
  const change = { variables: themeVariables(theme), themeClass: themeClasses[theme], theme };
  await page.evaluate(({ variables, themeClass, theme }) => {
    const { documentElement, body } = document;
    for (const name of [...documentElement.style]) documentElement.style.removeProperty(name);
    for (const [name, value] of Object.entries(variables)) {
      documentElement.style.setProperty(name, value);
    }
    body.className = themeClass;
    body.dataset.vscodeThemeKind = themeClass;
    body.dataset.vscodeThemeId = theme;
  }, change);
  await painted(page);
}

async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}

let axeSource: string | undefined;

interface AxeStub {
  readonly axe: {
    run(options: object): Promise<{
      violations: readonly {
        id: string;
        impact: string;
        nodes: readonly { target: readonly unknown[]; failureSummary: string }[];
      }[];
    }>;
  };
}

async function seriousFindings(page: Page): Promise<readonly string[]> {
  axeSource ??= readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as AxeStub;
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.target.join(" ")} (${node.failureSummary})`),
      );
  });
}

async function pixelOf(
  page: Page,
  selector: string,
  x: number,
  y: number,
): Promise<readonly [number, number, number, number]> {
  return page.evaluate(
    ({ selector, x, y }) => {
      const canvas = document.querySelector(selector);
      if (!(canvas instanceof HTMLCanvasElement)) throw new Error(`${selector} is no canvas.`);
      const { width, height } = canvas.getBoundingClientRect();
      const at = [Math.floor((x * canvas.width) / width), Math.floor((y * canvas.height) / height)];
      const data = canvas.getContext("2d")?.getImageData(at[0], at[1], 1, 1).data;
      if (data === undefined) throw new Error(`${selector} is not painted in two dimensions.`);
      return [data[0], data[1], data[2], data[3]] as [number, number, number, number];
    },
    { selector, x, y },
  );
}
