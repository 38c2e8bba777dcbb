/**
 * One window of the editor, driven as a person would: palette, menus, quick picks, trees, panels. Every method
 * waits until what it asked for is there, and fails after half a minute. What it has no method for is in `page`.
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import type { Frame, Locator, Page } from "playwright-core";
import { eventually, until } from "../waiting.ts";
import { root } from "./tools.ts";
import { tabOf, webviewFrame } from "./webview.ts";

const patience = 30_000;
/** In a row of a quick pick, apart from its detail: rows are used again for others, and keep, unseen, what stood there. */
const rowLabel = ".quick-input-list-row:not(:has(.quick-input-list-label-meta)) .label-name";

/** Counted from 1, as the editor shows them. */
export interface Place {
  readonly line: number;
  readonly column?: number;
}

export class Workbench {
  readonly page: Page;
  /** Addresses outside the editor's own server that the window asked for. */
  readonly outside: readonly string[];
  /** What the window printed as errors. */
  readonly errors: readonly string[];

  constructor(page: Page, outside: readonly string[], errors: readonly string[]) {
    this.page = page;
    this.outside = outside;
    this.errors = errors;
  }

  /** Runs a command by its whole palette title, "FuseLab: Align Tokenizers". */
  async runCommand(title: string): Promise<void> {
    const label = this.page.getByText(title, { exact: true });
    const row = this.quickPickRows().filter({ has: label }).first();
    await this.openPalette(title, row);
    await row.click();
  }

  /** As `runCommand`, with keys alone: down to the command where others stand above it, then Enter. */
  async typeCommand(title: string): Promise<void> {
    const label = this.page.getByText(title, { exact: true });
    const row = this.quickPickRows().filter({ has: label }).first();
    await this.openPalette(title, row);
    const rows = await this.quickPickRows().count();
    for (let i = 0; i < rows && !(await hasFocus(row)); i++) {
      await this.page.keyboard.press("ArrowDown");
    }
    await this.page.keyboard.press("Enter");
  }

  /** What the palette shows for some text, at most the dozen rows that fit; there must be one. */
  async commandsFor(text: string): Promise<readonly string[]> {
    await this.openPalette(text, this.quickPickRows().filter({ hasText: text }).first());
    const labels = await this.quickPickLabels();
    await this.page.keyboard.press("Escape");
    return labels;
  }

  /** Whether the palette offers a command by its whole title. Sure only in a window whose extensions have woken. */
  async offersCommand(title: string): Promise<boolean> {
    await this.openPalette(title, this.quickPickRows().first());
    const row = this.quickPickRows().filter({ has: this.page.getByText(title, { exact: true }) });
    const offered = await row
      .first()
      .waitFor({ timeout: 1000 })
      .then(
        () => true,
        () => false,
      );
    await this.page.keyboard.press("Escape");
    return offered;
  }

  /** Opens a file by its whole path. */
  async openFile(file: string): Promise<void> {
    const row = this.quickPickRows()
      .filter({ hasText: path.basename(file) })
      .first();
    const tab = tabOf(this.page, path.basename(file));
    await eventually(async () => {
      await this.openQuickInput("Control+P", file, row);
      await until("Enter takes the file", () => hasFocus(row), 2000);
      await this.page.keyboard.press("Enter"); // whatever takes the focus just then closes the list
      await tab.waitFor({ timeout: 5000 });
    }, patience);
    await this.page
      .locator(".editor-instance > .monaco-editor.focused .view-line")
      .first()
      .waitFor();
  }

  /** The text editor of the active group. */
  textEditor(): Locator {
    return this.page
      .locator(
        ".editor-group-container.active .editor-instance > .monaco-editor, .editor-group-container .editor-instance > .monaco-editor",
      )
      .first();
  }

  /** Puts the cursor somewhere in the text editor that has the focus. */
  async goTo({ line, column = 1 }: Place): Promise<void> {
    await this.page.keyboard.press("Control+G");
    await this.fillQuickInput(`:${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await this.quickInput().waitFor({ state: "hidden" });
  }

  /** Selects from one place up to another in the text editor that has the focus, however far apart. */
  async select(from: Place, to: Place): Promise<void> {
    await this.goTo(from);
    await this.chord("Control+K", "Control+B"); // sets the selection's anchor
    await this.goTo(to);
    await this.chord("Control+K", "Control+K"); // selects from the anchor to the cursor
    await this.textEditor().locator(".selected-text").first().waitFor();
  }

  async selectAll(): Promise<void> {
    await this.page.keyboard.press("Control+A");
    await this.textEditor().locator(".selected-text").first().waitFor();
  }

  /** Opens the context menu where the cursor is and gives its entries. */
  async openContextMenu(): Promise<readonly string[]> {
    await this.page.keyboard.press("Shift+F10");
    await this.menuItems().first().waitFor();
    return (await this.menuItems().allTextContents()).map((text) => text.trim());
  }

  /** Opens the context menu where the cursor is and takes one entry. */
  async chooseFromContextMenu(label: string): Promise<void> {
    await this.openContextMenu();
    await this.takeMenuItem(label);
  }

  menuItem(label: string | RegExp): Locator {
    return this.menuItems().filter({ hasText: label }).first();
  }

  /** A menu that has just opened takes no clicks, lest the one that opened it chooses from it. */
  private async takeMenuItem(label: string): Promise<void> {
    await this.menuItem(label).waitFor();
    await this.page.waitForTimeout(250);
    await this.menuItem(label).click();
    await this.page.locator(".monaco-menu").waitFor({ state: "hidden" });
  }

  /** Takes the row of a quick pick that holds the text. */
  async pick(label: string | RegExp): Promise<void> {
    await this.quickPickRows().filter({ hasText: label }).first().click();
  }

  /** Ticks exactly these rows of a quick pick of many, and accepts. */
  async pickMany(labels: readonly (string | RegExp)[]): Promise<void> {
    const isWanted = (offered: string): boolean =>
      labels.some((label) =>
        typeof label === "string" ? offered.includes(label) : label.test(offered),
      );
    for (const offered of await this.quickPickLabels()) {
      const name = this.page.locator(rowLabel).getByText(offered, { exact: true });
      const row = this.quickPickRows().filter({ has: name }).first();
      await row.getByRole("checkbox").first().setChecked(isWanted(offered));
    }
    await this.quickInput().getByRole("button", { name: "OK" }).click();
  }

  /** Types into an input box, or a quick pick's filter, and accepts. */
  async answer(text: string): Promise<void> {
    await this.fillQuickInput(text);
    await this.page.keyboard.press("Enter");
  }

  /** Answers the editor's own file dialog, by its title, with a whole path. It looks at the folder before it accepts. */
  async answerFileDialog(title: string, file: string): Promise<void> {
    const dialog = this.page.locator(".quick-input-widget:visible").filter({ hasText: title });
    await dialog.locator(".monaco-list-row").first().waitFor(); // it shows some folder: now it hears
    const input = dialog.locator("input[type=text]:visible, input.input:visible").first();
    // Enter goes into a folder that is named without its end, and takes the one that it is in.
    const isFolder = existsSync(file) && statSync(file).isDirectory();
    const wanted = isFolder ? path.join(file, path.sep) : file;
    const deadline = performance.now() + patience;
    for (let timeout = 500; ; timeout *= 2) {
      if ((await input.inputValue()) !== wanted) await input.fill(wanted);
      await this.page.keyboard.press("Enter");
      try {
        return await dialog.waitFor({ state: "hidden", timeout });
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible");
  }

  quickPickRows(): Locator {
    return this.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row");
  }

  async quickPickLabels(): Promise<readonly string[]> {
    await this.quickPickRows().first().waitFor();
    return (await this.quickPickRows().locator(rowLabel).allTextContents()).map((text) =>
      text.trim(),
    );
  }

  /** A notification that holds the text. */
  toast(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast").filter({ hasText: text }).first();
  }

  /** Waits until a message was shown; one that hides itself too early is looked up among those that are kept. */
  async untilTold(text: string | RegExp): Promise<void> {
    try {
      await this.toast(text).waitFor({ timeout: patience / 3 });
    } catch {
      await this.runCommand("Notifications: Show Notifications");
      const kept = this.page.locator(".notifications-center .notification-list-item");
      await kept.filter({ hasText: text }).first().waitFor();
    }
  }

  async pressToast(text: string | RegExp, button: string): Promise<void> {
    await this.toast(text).getByRole("button", { name: button, exact: true }).click();
  }

  /** A modal question. */
  dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  async pressDialog(button: string): Promise<void> {
    await this.dialog().getByRole("button", { name: button }).click();
  }

  /** A status item by the id its extension gave it. */
  statusItem(id: string, extension = "fuselab.fuselab"): Locator {
    return this.page.locator(`.statusbar-item[id="${extension}.${id}"]`);
  }

  /**
   * Shows a view container of the activity bar. A press on the container that is shown hides it, and a window that
   * still restores what it showed before does not tell; so it is pressed again where it is not there after a while.
   */
  async openContainer(title: string): Promise<void> {
    const heading = this.page
      .locator(".part.sidebar .composite.title:visible")
      .filter({ hasText: title })
      .first();
    const action = this.page
      .locator(".activitybar .action-item")
      .filter({ has: this.page.locator(`[aria-label^="${title}"]`) })
      .first();
    await action.waitFor();
    await this.untilShown(heading, () => action.click());
  }

  /** Does something until it shows what is wanted; not at all where that comes by itself. */
  private async untilShown(wanted: Locator, act: () => Promise<void>): Promise<void> {
    const deadline = performance.now() + patience;
    for (let timeout = 500; ; timeout *= 2) {
      try {
        return await wanted.waitFor({ timeout });
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await act();
      }
    }
  }

  /** A view of the side bar by its title. */
  view(title: string): Locator {
    return this.page
      .locator(".part.sidebar .pane")
      .filter({
        has: this.page.locator(".pane-header .title", { hasText: title }),
      })
      .first();
  }

  /** The rows that a view shows. */
  treeRows(view: string): Locator {
    return this.view(view).locator(".monaco-list-row");
  }

  treeRow(view: string, text: string | RegExp): Locator {
    return this.treeRows(view).filter({ hasText: text }).first();
  }

  /** Opens a row's children. */
  async expand(view: string, text: string | RegExp): Promise<void> {
    const row = this.treeRow(view, text);
    await row.waitFor();
    if ((await row.getAttribute("aria-expanded")) === "false")
      await row.locator(".monaco-tl-twistie").click();
    await this.page.waitForFunction(
      (element) => element?.getAttribute("aria-expanded") !== "false",
      await row.elementHandle(),
    );
  }

  /** Takes an entry of a row's context menu. */
  async chooseFromRow(view: string, text: string | RegExp, label: string): Promise<void> {
    await this.treeRow(view, text).click({ button: "right" });
    await this.takeMenuItem(label);
  }

  /** Presses a button at the end of a row. */
  async pressRow(view: string, text: string | RegExp, label: string): Promise<void> {
    const row = this.treeRow(view, text);
    await row.hover();
    await row.locator(`.actions [aria-label^="${label}"]`).first().click();
  }

  /** A panel's document by its tab's title; brings the panel to the front. */
  webview(title: string | RegExp): Promise<Frame> {
    return webviewFrame(this.page, title);
  }

  tab(title: string | RegExp): Locator {
    return tabOf(this.page, title);
  }

  async tabTitles(): Promise<readonly string[]> {
    const labels = await this.page.locator(".tab .monaco-icon-label-container").allTextContents();
    return labels.map((text) => text.trim());
  }

  /** Loads the window again, as *Developer: Reload Window* does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.waitUntilShown();
  }

  async waitUntilShown(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 60_000 });
    await this.page.locator(".monaco-workbench .part.editor").waitFor();
  }

  /** Shows everything so much larger in the same window, sharp as a real screen shows it. */
  async setZoom(factor: number, { width, height } = { width: 1280, height: 800 }): Promise<void> {
    const size = { width: Math.round(width / factor), height: Math.round(height / factor) };
    await this.page.setViewportSize(size);
    const session = await this.page.context().newCDPSession(this.page);
    await session.send("Emulation.setDeviceMetricsOverride", {
      ...size,
      deviceScaleFactor: factor,
      mobile: false,
    });
  }

  /** Writes out/editor/<name>.png and gives its path. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(root, "out", "editor", `${name.replace(/[^\w.-]+/g, "-")}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  private menuItems(): Locator {
    return this.page.locator(
      ".monaco-menu .action-item:not(.disabled) .action-label:not(.separator)",
    );
  }

  /** A window knows the commands of its extensions only some time after it is shown. */
  private openPalette(text: string, wanted: Locator): Promise<void> {
    return this.openQuickInput("F1", `>${text}`, wanted);
  }

  /** A panel hands keys on to the window; one that comes while the focus moves may be lost. */
  private async openQuickInput(key: string, text: string, wanted: Locator): Promise<void> {
    const deadline = performance.now() + patience;
    for (;;) {
      await this.page.keyboard.press(key);
      try {
        await this.fillQuickInput(text, 2000); // what takes the focus just then closes the palette
        return await wanted.waitFor({ timeout: 2000 });
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  private async fillQuickInput(text: string, timeout = patience): Promise<void> {
    const input = this.quickInput()
      .locator("input[type=text]:visible, input.input:visible")
      .first();
    await input.fill(text, { timeout });
  }

  private async chord(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }
}

/** Whether Enter would take a row of a quick pick. */
const hasFocus = (row: Locator): Promise<boolean> =>
  row.evaluate((element) => element.classList.contains("focused"));
