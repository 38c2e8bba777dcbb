/**
 * A panel's document: the editor shows a webview in two frames, one in the other, laid over the tab group that its
 * tab is in. A panel is named by its tab's title.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Frame, Locator, Page } from "playwright-core";
import { type Picture, readPicture } from "./picture.ts";

const patience = 30_000;
const settlingTime = 150;

/** The visible panel of this title as a frame; brings its tab to the front first. */
export async function webviewFrame(page: Page, title: string | RegExp): Promise<Frame> {
  const tab = tabOf(page, title);
  await tab.waitFor({ timeout: patience });
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
  const overlay = await overlayOf(page, tab);
  const outer = await overlay.locator("iframe.webview.ready").elementHandle({ timeout: patience });
  const outerFrame = await outer?.contentFrame();
  const inner = await outerFrame?.waitForSelector("#active-frame", { timeout: patience });
  const frame = await inner?.contentFrame();
  if (frame == null) throw new Error(`The panel ${title} has no document.`);
  await frame.waitForLoadState();
  return frame;
}

export function tabOf(page: Page, title: string | RegExp): Locator {
  const label = page.locator(".tab-label").getByText(title, { exact: true });
  return page.locator(".tabs-container .tab").filter({ has: label }).first();
}

/** What an element looks like, in device pixels. */
export async function pictureOf(element: Locator): Promise<Picture> {
  return readPicture(await element.screenshot({ animations: "disabled" }));
}

/** A canvas's own pixels, whatever lies over it. */
export async function canvasPicture(canvas: Locator): Promise<Picture> {
  const address = await canvas.evaluate((element) =>
    (element as HTMLCanvasElement).toDataURL("image/png"),
  );
  return readPicture(Buffer.from(address.slice(address.indexOf(",") + 1), "base64"));
}

/**
 * A tab group notes which overlay belongs to it. The note of the tab that was in front before stays for a moment,
 * so it must be the same twice.
 */
async function overlayOf(page: Page, tab: Locator): Promise<Locator> {
  const group = page.locator(".editor-group-container").filter({ has: tab });
  const note = group.locator('[id^="webview-editor-element-"][aria-flowto]').first();
  const deadline = performance.now() + patience;
  let before: string | null = null;
  while (performance.now() < deadline) {
    const id = await note.getAttribute("aria-flowto", { timeout: patience });
    const overlay = page.locator(`[id="${id}"]`);
    if (id === before && (await overlay.isVisible())) return overlay;
    before = id;
    await sleep(settlingTime);
  }
  throw new Error("No panel is shown in the tab group.");
}
