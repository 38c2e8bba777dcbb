/**
 * Pictures of every view from the packaged extension: four themes by two widths, and the states a view can be in.
 * They go to out/screenshots/, for people to look at; `--docs` also renews those that the README shows
 * (docs/pictures/), `--states` leaves out the themes and widths, `--unpackaged` takes the checkout as it is built.
 * The runs in them are the demo, trained twice at different λ, so this takes some minutes.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Frame } from "playwright-core";
import { fuselab } from "../support/commandLine.ts";
import { openEditor, type Theme, themeNames } from "../support/editor/editor.ts";
import { root } from "../support/editor/tools.ts";
import { demoFolder, recordOf, smallRecipe, smallTexts } from "../support/smallRun.ts";

const folder = path.join(root, "out", "screenshots");
const pictures = path.join(root, "docs", "pictures");

const packaged = path.join(root, "dist", "package", "fuselab-linux-x64.vsix");

const wide = { width: 1280, height: 860 };
const narrow = { width: 420, height: 860 };
const window = { width: 1560, height: 900 };

const prose = `# Why the rows disagree

A tokenizer cuts the same words in its own way: "unbelievable" may be one piece or four.
Two models that read one sentence therefore predict at different places, and only where
their pieces end together can their guesses be compared.

    const boundary = sourceEnds.filter((end) => targetEnds.has(end)); // 😀 naïve

What is fused is what several models say of the same next byte.
`;

const panels = {
  alignment: /^Align · /,
  distributions: /^Fused · /,
  run: "demo",
  compare: /^Compare/,
} as const;
type View = keyof typeof panels;

const ofText = {
  alignment: { command: "FuseLab: Align tokenizers", ofShort: "Align · short.txt" },
  distributions: { command: "FuseLab: Show fused distributions", ofShort: "Fused · short.txt" },
} as const;

/** The views that the README shows, each in one theme. */
const inReadme: Readonly<Partial<Record<View, Theme>>> = {
  alignment: "dark",
  distributions: "light",
  run: "light",
};

/** The runs stay for the next time: they are what takes long. */
const project = path.join(folder, "project");
const runs = path.join(project, "runs");

mkdirSync(folder, { recursive: true });
await makeRuns();
const editor = await openEditor({
  copyOf: project,
  files: { "rows.md": prose, "short.txt": ".\n" },
  settings: {
    "breadcrumbs.enabled": false,
    "workbench.layoutControl.enabled": false,
  },
  viewport: window,
  vsix: process.argv.includes("--unpackaged") ? undefined : packaged,
});
const { workbench } = editor;
try {
  await showTogether();
  if (!process.argv.includes("--states")) await showAlone();
  await showStates();
} catch (error) {
  console.error(error, await workbench.screenshot("failed/screenshots"));
  process.exitCode = 1;
} finally {
  await editor.close();
}
console.log(
  `${readdirSync(folder).filter((file) => file.endsWith(".png")).length} pictures in ${path.relative(root, folder)}`,
);

/** The demo as it is, the same at another λ, and one whose process was killed. */
async function makeRuns(): Promise<void> {
  cpSync(demoFolder, project, { recursive: true });
  const demo = readFileSync(path.join(demoFolder, "demo.fusion.yaml"), "utf8");
  const other = demo
    .replace("lambda: 0.4", "lambda: 0.7")
    .replace("name: demo", "name: higher-lambda");
  for (const [name, recipe] of Object.entries({ demo, "higher-lambda": other })) {
    if (runOf(name) === undefined) await run([writeRecipe(name, recipe)]);
  }
  if (runOf("lost") !== undefined) return;
  for (const [name, text] of Object.entries(smallTexts)) write(name, text);
  await run([writeRecipe("lost", smallRecipe("lost", { steps: 5000 })), "--detach"]);
  const lost = runOf("lost") as string;
  const events = path.join(lost, "events.jsonl");
  while (!existsSync(events) || !readFileSync(events, "utf8").includes('"arm":"fused"'))
    await sleep(300);
  process.kill(recordOf(lost).pid as number, "SIGKILL");
}

async function run(args: readonly string[]): Promise<void> {
  const { code, stderr } = await fuselab(["run", ...args, "--out", runs]);
  if (code !== 0) throw new Error(stderr);
}

function writeRecipe(name: string, recipe: string): string {
  return write(`${name}.fusion.yaml`, recipe);
}

function write(name: string, text: string): string {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function runOf(name: string): string | undefined {
  const found = existsSync(runs) && readdirSync(runs).find((one) => one.endsWith(`-${name}`));
  return found ? path.join(runs, found) : undefined;
}

/** The whole window as it is worked in: text, side bar and view. */
async function showTogether(): Promise<void> {
  await workbench.runCommand("View: Close Primary Side Bar");
  await workbench.openFile(editor.file("rows.md"));
  await workbench.selectAll();
  await workbench.runCommand(ofText.alignment.command);
  await choose("Tokenizers");
  await drawn("alignment");
  await inDocs("alignment");
  await workbench.openFile(editor.file("rows.md"));
  await workbench.runCommand(ofText.distributions.command);
  await choose("Models");
  await drawn("distributions");
  await inDocs("distributions");
  await workbench.openContainer("FuseLab");
  await editor.command("fuselab.run.open", shownRun("demo"));
  await drawn("run");
  await inDocs("run");
  await compare("demo", "higher-lambda");
  await drawn("compare");
  await inDocs("compare");
}

/** The models of both commands: ticked, then the one that is the target. */
async function choose(what: string): Promise<void> {
  await workbench.page.getByText(`${what} (1/2)`).waitFor();
  await workbench.pickMany([/^generalist-llama/, /^prose-gpt2/, /^code-neox/]);
  await workbench.page.getByText(`${what} (2/2)`).waitFor();
  await workbench.pick("generalist-llama");
}

/** In the editor's workspace. */
function shownRun(name: string): string {
  return editor.file(path.relative(project, runOf(name) as string));
}

async function compare(...names: readonly string[]): Promise<void> {
  const folders = names.map(shownRun);
  await editor.command("fuselab.run.compare", folders[0], folders);
}

async function inDocs(view: View): Promise<void> {
  // A window that is new shows another theme than the settings name, until they change.
  for (const theme of ["light", "dark"] as const) {
    await editor.setTheme(theme);
    await settle();
    const file = await take(`window-${view}-${theme}`);
    if (process.argv.includes("--docs") && inReadme[view] === theme) {
      mkdirSync(pictures, { recursive: true });
      copyFileSync(file, path.join(pictures, `${view}-${theme}.png`));
    }
  }
}

/** Each view with the whole window to itself. */
async function showAlone(): Promise<void> {
  await editor.setSettings({
    "workbench.activityBar.location": "hidden",
  });
  await workbench.runCommand("View: Close Primary Side Bar");
  await workbench.webview(panels.alignment);
  await workbench.runCommand("View: Toggle Maximize Editor Group");
  for (const view of Object.keys(panels) as View[]) {
    await workbench.webview(panels[view]);
    for (const [name, size] of Object.entries({ wide, narrow })) {
      await workbench.page.setViewportSize(size);
      for (const theme of themeNames) {
        await editor.setTheme(theme);
        await settle();
        await take(`${view}-${theme}-${name}`);
      }
    }
    await workbench.page.setViewportSize(window);
  }
  await editor.setTheme("dark");
  await workbench.runCommand("View: Toggle Maximize Editor Group");
}

/** Empty, stale, working, failed: as they come about. */
async function showStates(): Promise<void> {
  await editor.setSettings({
    "workbench.activityBar.location": "default",
    "fuselab.alignment.followEdits": false,
    "fuselab.runs.folder": editor.file("none"),
  });
  await workbench.openContainer("FuseLab");
  await workbench.view("Runs").getByText("No runs yet").waitFor();
  await state("runs-empty");
  await editor.setSettings({ "fuselab.runs.folder": editor.file("runs") });
  await workbench.runCommand("View: Close Primary Side Bar");
  await editor.command("fuselab.run.open", shownRun("lost"));
  await (await workbench.webview("lost")).locator('.chart-lines path[d^="M"]').first().waitFor();
  await state("run-lost");

  for (const view of ["alignment", "distributions"] as const) {
    const { command, ofShort } = ofText[view];
    await workbench.tab(panels[view]).click({ button: "middle" }); // else it keeps its picture
    await intoText();
    await workbench.openFile(editor.file("short.txt"));
    await toInspectors("SIGSTOP");
    await workbench.runCommand(command);
    const empty = await workbench.webview(ofShort);
    await empty.getByText("Cancel", { exact: true }).click();
    await empty.getByText(/^Cancelled/).waitFor();
    await state(`${view}-empty`);
    await toInspectors("SIGCONT");
    await workbench.tab("short.txt").click();
    await workbench.runCommand("View: Close Editor");
    await intoText();
    await workbench.runCommand(command);
    await drawn(view);
    await intoText();
    await workbench.goTo({ line: 3 }); // inside what was aligned
    await workbench.page.keyboard.type("A line more. ");
    const frame = await workbench.webview(panels[view]);
    await frame.locator("[data-stale]").waitFor();
    await state(`${view}-stale`);
    await toInspectors("SIGSTOP");
    await frame
      .getByText(/again \(r\)/)
      .first()
      .click();
    await sleep(1500);
    await state(`${view}-working`);
    await toInspectors("SIGKILL");
    await sleep(1500);
    await state(`${view}-failed`);
    await frame.getByRole("button", { name: /again/ }).first().click();
    await drawn(view);
  }
}

async function toInspectors(signal: NodeJS.Signals): Promise<void> {
  for (const { pid } of editor.processes("inspector.js")) process.kill(pid, signal);
}

/** A command acts on the text that has the focus. */
async function intoText(): Promise<void> {
  await workbench.tab("rows.md").click();
  await workbench.page.locator(".editor-instance > .monaco-editor.focused").first().waitFor();
}

async function state(name: string): Promise<void> {
  await settle();
  await take(`state-${name}`);
}

async function drawn(view: View): Promise<Frame> {
  const frame = await workbench.webview(panels[view]);
  const sign = {
    alignment: ".legend-stop",
    distributions: "[data-position] tr[data-token-id]",
    run: ".chart-lines path",
    compare: ".chart-lines path",
  }[view];
  await frame.locator(sign).first().waitFor({ timeout: 60_000 });
  return frame;
}

/** Themes and sizes reach a view some frames later. */
async function settle(): Promise<void> {
  await workbench.page.mouse.move(0, 0); // away from what says something when it is pointed at
  await sleep(1200);
}

async function take(name: string): Promise<string> {
  const file = path.join(folder, `${name}.png`);
  await workbench.page.screenshot({ path: file });
  return file;
}
