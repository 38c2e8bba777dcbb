/** The comparison of runs in a browser, with a scripted host. */
import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import type { SeriesBody } from "../../src/protocol/runSeries.ts";
import type { CompareShow } from "../../src/protocol/runView.ts";
import { significant } from "../../webview/run/figures.ts";
import { themeKinds } from "../support/editorThemes.ts";
import { contrasts, cutTexts } from "../support/viewLooks.ts";
import {
  closeBrowser,
  openView,
  type ViewPage,
  type ViewPageOptions,
} from "../support/viewPage.ts";
import { compareShow } from "./compareShows.ts";
import { figureAt, seriesAnswer } from "./runShows.ts";

after(closeBrowser);

/** Each run's curve lies a quarter above the one before. */
const lift = (run: string): number => 0.25 * (run.charCodeAt("/runs/".length) - 65);

function answer(body: SeriesBody) {
  const { series, ...rest } = seriesAnswer(body, { steps: 400 });
  const lifted = (value: number): number => value + lift(body.run);
  return {
    ...rest,
    series: series.map((one) => ({
      ...one,
      values: one.values.map(lifted),
      smoothed: one.smoothed.map(lifted),
    })),
  };
}

async function open(
  t: TestContext,
  show: CompareShow,
  options: ViewPageOptions = {},
): Promise<ViewPage> {
  const view = await openView("compare", { ...options, show, verbs: { series: answer } });
  t.after(() => view.close());
  return view;
}

const painted = async (view: ViewPage) => {
  await view.page.waitForFunction(() => performance.getEntriesByName("fuselab.painted").length > 0);
  await view.painted();
};
const listedKeys = async (view: ViewPage): Promise<readonly string[]> => {
  await view.page.locator("dialog.help[open] kbd").first().waitFor();
  const keys = await view.page.locator("dialog.help kbd").allTextContents();
  return keys.map((key) => key.replace(/\s/g, " "));
};
const status = (view: ViewPage) => view.page.locator(".status").textContent();

describe("the comparison of runs", () => {
  test("lays the fused targets' curves over each other, a letter and a colour a run", async (t) => {
    const view = await open(t, compareShow);
    await painted(view);
    const lines = view.page.locator(".chart-lines path.smoothed");
    const colours = await lines.evaluateAll((all) =>
      all.map((one) => getComputedStyle(one).stroke),
    );
    assert.equal(new Set(colours).size, 4);
    assert.deepEqual(await view.page.locator(".legend-line .letter").allTextContents(), [
      "A",
      "B",
      "C",
      "D",
    ]);
    await view.page.keyboard.press("End");
    const figures = compareShow.runs.map(({ letter, folder }) => {
      return `${letter} ${significant(figureAt("text", "fused", 400) + lift(folder))}`;
    });
    assert.equal(await status(view), `step 400: ${figures.join(", ")}`);
    await view.page.keyboard.press("2");
    await view.painted();
    assert.equal(await lines.count(), 3);
    assert.equal(await status(view), "B top 10 instead of 64 is hidden.");
    assert.deepEqual([...view.errors, ...view.violations], []);
  });

  test("prints a difference within the spread plainly, one beyond it bold with an arrow", async (t) => {
    const view = await open(t, compareShow);
    await painted(view);
    const rows = view.page.locator(".compared-table").first().locator("tbody tr");
    const cell = (row: number) => rows.nth(row).locator("td").first();
    assert.equal(await cell(0).locator(".compared-difference").count(), 0);
    assert.match(await cell(1).innerText(), /\+0\.0174 ↑/);
    assert.equal(await cell(1).locator("strong").count(), 1);
    assert.match(await cell(2).innerText(), /−0\.0051\s*± 0\.011/);
    assert.doesNotMatch(await cell(2).innerText(), /[↑↓]/);
    assert.equal(await cell(2).locator("strong").count(), 0);
    assert.match(await rows.nth(3).innerText(), /not comparable: it was measured on other/);
    assert.equal(await rows.nth(3).locator(".compared-difference").count(), 0);
  });

  test("lists only the settings that differ, those that depart from the first in bold", async (t) => {
    const view = await open(t, compareShow);
    await painted(view);
    const table = view.page.locator(".compared-table").nth(1);
    const rows = await table.locator("tbody tr").allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.split(/\s+/)[0]),
      compareShow.settings.map(({ key }) => key),
    );
    assert.deepEqual(await table.locator(".differs").allInnerTexts(), ["10", "0.2", "other/*"]);
  });

  test("asks for another figure of every run, and for nothing else", async (t) => {
    const view = await open(t, compareShow);
    await painted(view);
    const before = view.calls.length;
    await view.page.keyboard.press("l");
    await view.painted();
    const asked = view.calls.slice(before).filter(({ verb }) => verb === "series");
    assert.deepEqual(
      asked.map(({ body }) => `${(body as SeriesBody).run} ${(body as SeriesBody).figure}`),
      compareShow.runs.map(({ folder }) => `${folder} total`),
    );
  });

  test("has rows of all runs in its table", async (t) => {
    const view = await open(t, compareShow);
    await painted(view);
    await view.page.keyboard.press("t");
    await view.page.locator('[role="row"]', { hasText: "continued CLM" }).first().waitFor();
    assert.equal(await status(view), "3200 rows, every step.");
  });

  test("says what to do with a single run", async (t) => {
    const view = await open(t, { ...compareShow, runs: compareShow.runs.slice(0, 1) });
    await view.page.locator(".state.empty").waitFor();
    assert.match(await view.page.locator(".state").innerText(), /two to six runs/);
  });

  test("every key does what the list of keys says, and the live region tells of it", async (t) => {
    const view = await open(t, compareShow);
    await painted(view);
    const says = async (key: string, sentence: string | RegExp) => {
      await view.page.keyboard.press(key);
      await view.painted();
      const said = (await status(view)) ?? "";
      if (typeof sentence === "string") assert.equal(said, sentence, key);
      else assert.match(said, sentence, key);
    };
    assert.equal(
      await status(view),
      "4 runs over each other; the figures stand for the last step.",
    );
    await says("Home", /^step 1: A \S+, B \S+, C \S+, D \S+$/);
    await says("ArrowRight", /^step 2: /);
    await says("Shift+ArrowRight", /^step 12: /);
    await says("ArrowLeft", /^step 11: /);
    await says("PageDown", /^step 51: /);
    await says("PageUp", /^step 11: /);
    await says("End", /^step 400: /);
    await says("n", "There is no checkpoint and no event to go to.");
    await says("p", "There is no checkpoint and no event to go to.");
    await says("y", /^Copied: step 400: A /);
    await says("+", "steps 200–400 of 400");
    await says("-", "all 400 steps");
    await says("l", "The chart shows: Loss, total.");
    await says("r", "The curves are read again.");
    await says("3", "C λ 0.2 instead of 0.4 is hidden.");
    await says("3", "C λ 0.2 instead of 0.4 is shown.");
    await says("k", /^Kept: /);
    await says("t", "3200 rows, every step.");
    await view.page.keyboard.press("Escape");
    await view.page.keyboard.press("?");
    const listed = await listedKeys(view);
    for (const key of ["← →", "PageUp", "n", "+", "0", "l", "t", "r", "y", "1…9"]) {
      assert.ok(listed.includes(key), `${key} is not in the list of keys`);
    }
    await view.page.keyboard.press("Escape");
    await view.page.keyboard.press("Escape");
    await view.page.keyboard.press("Escape");
    assert.equal(await view.called("revealText"), null, "then the editor has the focus");
  });

  test("neither asks nor draws while it is hidden", async (t) => {
    const view = await open(t, compareShow);
    await painted(view);
    view.push("visible", { visible: false });
    await view.painted();
    const before = view.calls.filter(({ verb }) => verb === "series").length;
    const drawn = await view.page.evaluate(() => {
      const counter = globalThis as unknown as { changes: number };
      counter.changes = 0;
      new MutationObserver(() => counter.changes++).observe(
        document.querySelector(".chart-lines") ?? document.body,
        { attributes: true, childList: true, subtree: true },
      );
      return counter.changes;
    });
    const grown = compareShow.runs.map((run) => ({ ...run, lastStep: run.lastStep + 50 }));
    view.push("show", { ...compareShow, runs: grown });
    await new Promise((resolve) => setTimeout(resolve, 1300));
    assert.equal(view.calls.filter(({ verb }) => verb === "series").length, before);
    assert.equal(
      await view.page.evaluate(() => (globalThis as unknown as { changes: number }).changes),
      drawn,
    );
  });

  for (const theme of themeKinds) {
    test(`has no serious finding of axe, enough contrast, and cuts nothing at 420 px, ${theme}`, async (t) => {
      const view = await open(t, compareShow, { theme, width: 420, height: 900 });
      await painted(view);
      assert.deepEqual(await view.seriousFindings(), []);
      assert.deepEqual(await cutTexts(view.page, { apart: "title, .chart-export" }), []);
      const excess = await view.page.evaluate(() => {
        const main = document.querySelector(".view");
        return (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0);
      });
      assert.equal(excess <= 0, true, `${excess} pixels too wide`);
      const isHigh = theme.startsWith("highContrast");
      const found = await contrasts(view.page, ".line.smoothed");
      assert.deepEqual(
        found.text.filter(({ ratio }) => ratio < (isHigh ? 7 : 4.5)),
        [],
      );
      assert.deepEqual(
        found.marks.filter(({ ratio }) => ratio < (isHigh ? 7 : 3)),
        [],
      );
    });
  }

  test("cuts no text off at 200 %", async (t) => {
    const view = await open(t, compareShow, { zoom: 2 });
    await painted(view);
    assert.deepEqual(await cutTexts(view.page, { apart: "title, .chart-export" }), []);
  });
});
