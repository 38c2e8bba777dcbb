/**
 * A real VS Code with FuseLab in it, for tests: server, browser and a profile of its own, without a network.
 *
 *     const editor = await openEditor({ files: { "a.md": "…" } });
 *     const { workbench } = editor;
 *     await workbench.openFile(editor.file("a.md"));
 *     await workbench.selectAll();
 *     await workbench.chooseFromContextMenu("Align Tokenizers");
 *     const frame = await workbench.webview(/^Alignment/);
 *     await editor.close();                      // fails where a process is left
 *
 * `workbench` drives a window (workbench.ts), `webview` gives a panel's Playwright frame, picture.ts and webview.ts
 * read pixels, axe.ts checks a frame, `pictured` wraps a test so that a failure leaves a picture. With FUSELAB_VSIX
 * set, which test/run.mjs does, the packaged extension is installed; without, the checkout is loaded as it is.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { endProcess, type FoundProcess, processesOf, waitForEnd } from "./processes.ts";
import {
  askCompanion,
  createProfile,
  type Profile,
  type ProfileOptions,
  removeProfile,
} from "./profile.ts";
import { type EditorServer, installPackage, startServer } from "./server.ts";
import { root } from "./tools.ts";
import { Workbench } from "./workbench.ts";

export interface EditorOptions extends ProfileOptions {
  /** A packaged extension to install; `undefined` loads `extensionFolder` unpackaged. */
  readonly vsix?: string | undefined;
  /** Where an unpackaged extension lies; the checkout. */
  readonly extensionFolder?: string;
  /** Whether the window opens the workspace; false opens an empty window. */
  readonly openWorkspace?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Added to the environment of the server and the extension host. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A bundled in-host suite to run in the window (hostSuite.ts). */
  readonly suite?: string;
  /** Called with each new window before it loads anything. */
  readonly prepare?: (page: Page) => Promise<void>;
}

export type Theme = keyof typeof themes;

export interface Editor {
  readonly workbench: Workbench;
  readonly profile: Profile;
  readonly server: EditorServer;
  readonly browser: Browser;
  /** A file of the workspace, as a whole path. */
  file(name: string): string;
  /** Another window on the same server and folder. */
  openWindow(): Promise<Workbench>;
  /** Changes user settings of the running editor. */
  setSettings(changes: Readonly<Record<string, unknown>>): Promise<void>;
  /** Calls one of the extension's tools as an agent would, and gives what it says. */
  invokeTool(name: string, input: object): Promise<string>;
  setTheme(theme: Theme, workbench?: Workbench): Promise<void>;
  /** Runs a command by its id as another extension or a key could, past menus and palette. */
  command(id: string, ...args: readonly unknown[]): Promise<void>;
  /** Milliseconds that the extension host was late at most while `body` ran, and how many of them it was computing. */
  hostLag(body: () => Promise<void>): Promise<{ readonly all: number; readonly own: number }>;
  /** What the extension's log channel holds, of all windows. */
  log(channel?: string): string;
  /** Places outside this machine that the windows or any Node process of the editor asked for. */
  outside(): readonly string[];
  /** Live processes of this editor whose command line holds the text. */
  processes(text?: string): readonly FoundProcess[];
  /** Ends everything; throws where a process was left over, which it ends too. */
  close(): Promise<void>;
}

/** The four kinds of theme: the setting's value and the class that the workbench then bears. */
const themes = {
  dark: { setting: "Dark Modern", workbenchClass: "vs-dark" },
  light: { setting: "Light Modern", workbenchClass: "vs" },
  highContrast: { setting: "Default High Contrast", workbenchClass: "hc-black" },
  highContrastLight: { setting: "Default High Contrast Light", workbenchClass: "hc-light" },
} as const;
export const themeNames = Object.keys(themes) as readonly Theme[];

/** VS Code serves an extension's files under names of this domain, answered inside the browser. */
const resourceDomain = /^https:\/\/[^/]*\.vscode-resource\.vscode-cdn\.net\//;
/** VS Code's own number for it. */
const debugLevel = 2;
const endPatience = 5000;
const toolPatience = 60_000;

export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  const vsix = "vsix" in options ? options.vsix : process.env.FUSELAB_VSIX;
  const profile = createProfile(options);
  let server: EditorServer | undefined;
  let browser: Browser | undefined;
  try {
    if (vsix !== undefined) await installPackage(profile, vsix);
    server = await startServer(profile, options.environment);
    browser = await launchBrowser(profile);
    return await assemble(profile, server, browser, { ...options, vsix });
  } catch (error) {
    await browser?.close();
    await server?.stop();
    removeProfile(profile);
    throw error;
  }
}

/** Wraps a test's body: where it fails, the error names a picture of the window and ends with the log's tail. */
export function pictured(
  editor: () => Editor,
  body: (workbench: Workbench, editor: Editor) => Promise<void>,
): (context: { readonly name: string }) => Promise<void> {
  return async ({ name }) => {
    const { workbench } = editor();
    try {
      await body(workbench, editor());
    } catch (error) {
      const file = await workbench.screenshot(`failed/${name.slice(0, 80)}`).catch(String);
      const tail = editor().log().split("\n").slice(-20).join("\n");
      if (error instanceof Error) error.stack += `\npicture: ${file}\nlog:\n${tail}`;
      throw error;
    }
  };
}

async function assemble(
  profile: Profile,
  server: EditorServer,
  browser: Browser,
  options: EditorOptions,
): Promise<Editor> {
  const windows: Workbench[] = [];
  const openWindow = async () => {
    const window = await open(profile, server, browser, options);
    windows.push(window);
    return window;
  };
  const workbench = await openWindow();
  const changeSettings = async (changes: Readonly<Record<string, unknown>>) => {
    await askCompanion(profile, { do: "changeSettings", changes });
  };
  return {
    workbench,
    profile,
    server,
    browser,
    file: (name) => path.join(profile.workspace, name),
    openWindow,
    setSettings: changeSettings,
    async setTheme(theme, window = workbench) {
      const { setting, workbenchClass } = themes[theme];
      await changeSettings({ "workbench.colorTheme": setting });
      await window.page.locator(`.monaco-workbench.${workbenchClass}`).waitFor();
    },
    async command(command, ...args) {
      await askCompanion(profile, { do: "runCommand", command, args });
    },
    invokeTool: (name, input) =>
      askCompanion(profile, { do: "invokeTool", name, input }, toolPatience) as Promise<string>,
    async hostLag(body) {
      await askCompanion(profile, { do: "startWatch" });
      await body();
      return (await askCompanion(profile, { do: "stopWatch" })) as { all: number; own: number };
    },
    log: (channel = "FuseLab") => readLog(profile, `${channel}.log`),
    outside: () => [
      ...windows.flatMap((window) => window.outside),
      ...readFileSync(profile.outsideLog, "utf8").split("\n").filter(Boolean),
    ],
    processes: (text = "") =>
      processesOf(profile.base).filter(({ command }) => command.includes(text)),
    async close() {
      await browser.close();
      await server.stop();
      const left = await waitForEnd(profile.base, endPatience);
      for (const { pid } of left) endProcess(pid);
      await waitForEnd(profile.base, endPatience);
      if (process.env.FUSELAB_KEEP === undefined) removeProfile(profile);
      if (left.length > 0) {
        const lines = left.map(({ pid, command }) => `  ${pid} ${command}`);
        throw new Error(`Still alive after the editor was closed:\n${lines.join("\n")}`);
      }
    },
  };
}

async function open(
  profile: Profile,
  server: EditorServer,
  browser: Browser,
  { vsix, extensionFolder = root, openWorkspace = true, viewport, suite, prepare }: EditorOptions,
): Promise<Workbench> {
  const context = await browser.newContext({
    viewport: viewport ?? { width: 1280, height: 800 },
    locale: "en-US",
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const outside: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (isOutside(url, server)) outside.push(url);
  });
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await prepare?.(page);
  await page.addInitScript(addDevelopmentOptions, {
    ...(vsix === undefined ? { extensions: [remote(server, extensionFolder)] } : {}),
    ...(suite === undefined ? {} : { extensionTestsPath: remote(server, suite) }),
    extensionLogLevel: [["fuselab.fuselab", debugLevel]],
  });
  const window = new Workbench(page, outside, errors);
  const query = openWorkspace ? `folder=${encodeURIComponent(profile.workspace)}` : "ew=true";
  await page.goto(`${server.url}/?${query}`);
  await window.waitUntilShown();
  return window;
}

/**
 * Runs in the window: adds to the options that the page hands to the workbench. They are changed as they are read,
 * because a page that the test answers itself may not open web sockets to this machine.
 */
function addDevelopmentOptions(added: Readonly<Record<string, unknown>>): void {
  const original = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name: string) {
    const value = original.call(this, name);
    const isConfiguration =
      name === "data-settings" && this.id === "vscode-workbench-web-configuration";
    if (!isConfiguration || value === null) return value;
    const options = JSON.parse(value);
    const developmentOptions = { ...options.developmentOptions, ...added };
    return JSON.stringify({ ...options, developmentOptions });
  };
}

function remote({ authority }: EditorServer, file: string) {
  return { scheme: "vscode-remote", authority, path: file };
}

function isOutside(url: string, server: EditorServer): boolean {
  if (url.startsWith(`${server.url}/`) || resourceDomain.test(url)) return false;
  return !/^(data|blob|about|chrome-error):/.test(url);
}

function readLog({ userData }: Profile, name: string): string {
  const folder = path.join(userData, "logs");
  if (!existsSync(folder)) return "";
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => path.basename(file) === name)
    .sort()
    .map((file) => readFileSync(path.join(folder, file), "utf8"))
    .join("");
}
