/**
 * A view in a browser without an editor: the same bundle, the same strict content policy, colours and fonts of the
 * editor's default themes, and a host that the test scripts, over the same port as the real one. What the view asks
 * is recorded; what broke the policy or was thrown is kept for the test to look at.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import type { ViewKind } from "../../src/protocol/views.ts";
import { type ThemeKind, themeClasses, themeVariables } from "./editorThemes.ts";
import { type RecordedCall, scriptedHost, type Verb } from "./viewHost.ts";
import { bundleOf, pageAddress, pageHtml, serve } from "./viewServer.ts";

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
  const host = scriptedHost(page, options.verbs ?? {}, options.show);
  await page.exposeBinding("fuselabPost", (_, message) => host.receive(message));
  await page.goto(pageAddress);

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
