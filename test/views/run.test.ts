/** The run view in a browser, with a scripted host: what it shows in each state, how it lives, and its keys. */
import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import type { SeriesBody } from "../../src/protocol/runSeries.ts";
import type { RunShow } from "../../src/protocol/runView.ts";
import { significant } from "../../webview/run/figures.ts";
import { type ThemeKind, themeKinds } from "../support/editorThemes.ts";
import { contrasts, cutTexts } from "../support/viewLooks.ts";
import {
  closeBrowser,
  openView,
  type ViewPage,
  type ViewPageOptions,
} from "../support/viewPage.ts";
import {
  type FakeCurves,
  figureAt,
  folder,
  runShow,
  runStatesShown,
  seriesAnswer,
  threeSeeds,
} from "./runShows.ts";

after(closeBrowser);

/** A run of which more comes: the host answers for as many steps as `curves` says at the moment. */
async function open(
  t: TestContext,
  show: RunShow,
  curves: { now: FakeCurves },
  more: ViewPageOptions = {},
): Promise<ViewPage> {
  const view = await openView("run", {
    ...more,
    show,
    verbs: {
      series: (body: SeriesBody) => seriesAnswer(body, curves.now),
      logTail: () => ({ text: "09:04:02 step 240\n" }),
      act: () => null,
      ...more.verbs,
    },
  });
  t.after(() => view.close());
  await view.page.waitForFunction(() => performance.getEntriesByName("fuselab.painted").length > 0);
  await view.painted();
  return view;
}

const listedKeys = async (view: ViewPage): Promise<readonly string[]> => {
  await view.page.locator("dialog.help[open] kbd").first().waitFor();
  const keys = await view.page.locator("dialog.help kbd").allTextContents();
  return keys.map((key) => key.replace(/\s/g, " "));
};
const status = (view: ViewPage) => view.page.locator(".status").textContent();
const text = (view: ViewPage, selector: string) => view.page.locator(selector).innerText();
const press = async (view: ViewPage, ...keys: readonly string[]) => {
  for (const key of keys) await view.page.keyboard.press(key);
  await view.painted();
};
/** Pieces of a line, as the path says. */
const pieces = async (view: ViewPage, curve: string, part: "raw" | "smoothed") => {
  const path = view.page.locator(`.chart-lines path.${part}[data-curve="${curve}"]`).first();
  return ((await path.getAttribute("d")) ?? "").split("M").length - 1;
};
const plotBox = async (view: ViewPage) => {
  const box = await view.page.locator(".chart-brush .overlay").first().boundingBox();
  assert.ok(box, "the chart has no plot");
  return box;
};
const at = (step: number): string =>
  (["total", "clm", "fusion"] as const)
    .map((figure, i) => {
      const name = ["total", "CLM", "fusion"][i];
      return `${name} ${significant(figureAt(figure, "fused", step))}`;
    })
    .join(", ");

describe("the run view", () => {
  for (const [state, show] of Object.entries(runStatesShown)) {
    test(`says that a run is ${state}, by shape and word, and offers what can be done`, async (t) => {
      const view = await open(t, show, { now: { steps: show.lastStep } });
      const words = await text(view, ".run-state-words");
      assert.match(words, new RegExp(`^\\S+\\s*${state}`));
      const offered = await view.page.locator(".run-state vscode-button:visible").allInnerTexts();
      const wanted =
        { running: "Stop", elsewhere: "Stop", stopping: "", done: "" }[state] ?? "Resume";
      assert.equal(offered.join(), wanted);
      assert.equal(await text(view, ".verdict"), show.verdict);
      const broken = state === "failed" || state === "lost";
      assert.equal(await view.page.locator(".trouble-log").isVisible(), broken);
      if (broken) assert.match(await text(view, ".trouble"), /step 240/);
      if (state === "failed") assert.match(await text(view, ".trouble"), /step 241 is not finite/);
      if (wanted !== "") {
        await view.page.locator(".run-state vscode-button:visible").click();
        assert.deepEqual(await view.called("act"), { run: folder, what: wanted.toLowerCase() });
      }
      assert.deepEqual([...view.errors, ...view.violations], []);
    });
  }

  test("reads the figures of a step, and walks steps, checkpoints and events by key", async (t) => {
    const view = await open(t, runShow(), { now: { steps: 240 } });
    await press(view, "ArrowLeft");
    assert.equal(await status(view), `step 240: ${at(240)}`);
    await press(view, "ArrowLeft", "Shift+ArrowLeft");
    assert.equal(await status(view), `step 229: ${at(229)}`);
    await press(view, "Home");
    assert.equal(await status(view), `step 1: ${at(1)}`);
    await press(view, "n");
    assert.equal(await status(view), `step 100: ${at(100)}; checkpoint at step 100`);
    await press(view, "n", "n", "n");
    assert.match((await status(view)) ?? "", /^warning before the first step: The learning rate/);
    await press(view, "p");
    assert.match((await status(view)) ?? "", /; checkpoint at step 200$/);
    await press(view, "y");
    assert.deepEqual(await view.called("copy"), {
      text: `step 200: ${at(200)}; checkpoint at step 200`,
    });
    await press(view, "Escape", "Escape");
    assert.equal(await view.called("revealText"), null, "then the editor has the focus");
  });

  test("grows without a gap, and keeps focus, choice and what is open", async (t) => {
    const curves = { now: { steps: 240 } };
    const view = await open(t, runShow(), curves);
    await view.page.locator('[data-stage="align"]').click();
    await view.page.locator(".provenance summary").click();
    await view.page.locator(".provenance summary").focus();
    await press(view, "ArrowLeft");
    await view.page.evaluate(() => {
      const marked = document.querySelectorAll(".stage, .chart-lines path, .log, .legend-line");
      for (const one of marked) (one as HTMLElement & { mine: boolean }).mine = true;
    });
    const began = Date.now();
    for (let step = 241; step <= 300; step++) {
      curves.now = { steps: step };
      view.show(
        runShow({ lastStep: step, bytes: 100 * step, sentence: `training ${step} of 400` }),
      );
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await view.page.waitForFunction(() => document.querySelector(".legend-value") !== null);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const rounds = (Date.now() - began) / 1000 + 2;
    const asked = view.calls.filter(({ verb }) => verb === "series").length;
    assert.ok(asked <= 3 * rounds, `${asked} questions in ${rounds} s`);
    assert.equal(await pieces(view, "total 2", "smoothed"), 1);
    assert.equal(await pieces(view, "total 2", "raw"), 1);
    assert.match(await text(view, ".run-state-words"), /training 300 of 400/);
    assert.match((await status(view)) ?? "", /^step 240:/, "what was chosen stays");
    const kept = await view.page.evaluate(() => ({
      focus: document.activeElement?.textContent,
      all: [...document.querySelectorAll(".stage, .chart-lines path, .log, .legend-line")].every(
        (one) => (one as HTMLElement & { mine?: boolean }).mine === true,
      ),
      open: document.querySelector("details.provenance")?.hasAttribute("open"),
      stage: document.querySelector('.stage[aria-expanded="true"]')?.getAttribute("data-stage"),
    }));
    assert.deepEqual(kept, { focus: "provenance", all: true, open: true, stage: "align" });
    await press(view, "End");
    assert.equal(await status(view), `step 300: ${at(300)}`);
  });

  test("neither asks nor draws while it is hidden, and catches up when it is shown", async (t) => {
    const curves = { now: { steps: 240 } };
    const view = await open(t, runShow(), curves);
    view.push("visible", { visible: false });
    await view.painted();
    const before = view.calls.filter(({ verb }) => verb === "series").length;
    curves.now = { steps: 250 };
    for (const bytes of [25_000, 25_100]) view.push("show", runShow({ lastStep: 250, bytes }));
    await new Promise((resolve) => setTimeout(resolve, 1300));
    assert.equal(view.calls.filter(({ verb }) => verb === "series").length, before);
    view.push("visible", { visible: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(
      view.calls.filter(({ verb }) => verb === "series").length > before,
      "not asked again",
    );
  });

  test("draws a cross for what is not finite, and a gap and a mark where a run was resumed", async (t) => {
    const now = { steps: 240, notFinite: [150], resumes: [{ step: 101, again: 130 }] };
    const view = await open(t, runShow(), { now });
    const box = await plotBox(view);
    const crosses = view.page.locator(".chart-crosses path");
    assert.equal(await crosses.count(), 3, "one a line");
    const cross = await crosses.first().boundingBox();
    const middle = (cross?.x ?? 0) + (cross?.width ?? 0) / 2;
    const wanted = box.x + (box.width * 149) / 239;
    assert.ok(Math.abs(middle - wanted) < 2, `${middle}, not ${wanted}`);
    assert.equal(await pieces(view, "total 2", "smoothed"), 2);
    assert.equal(await pieces(view, "total 2", "raw"), 3, "at the resume and at the cross");
    assert.match((await view.page.locator(".resume title").first().textContent()) ?? "", /101–130/);
    await press(view, "End");
    for (let i = 0; i < 9; i++) await press(view, "Shift+ArrowLeft");
    assert.match((await status(view)) ?? "", /^step 150: total not finite, CLM not finite/);
  });

  test("has one crosshair over all charts, which a click pins and a drag turns into a stretch", async (t) => {
    const view = await open(t, runShow(), { now: { steps: 240 } });
    await view.page.locator(".curve-more summary").click();
    await view.page.waitForFunction(
      () => document.querySelectorAll(".small-charts .chart-lines path").length > 4,
    );
    assert.equal(await text(view, ".legend-at >> nth=0"), "at step 240");
    const box = await plotBox(view);
    const x = (step: number): number => box.x + (box.width * (step - 1)) / 239;
    const y = box.y + box.height / 2;
    await view.page.mouse.move(x(120), y);
    await view.painted();
    assert.equal(await view.page.locator(".chart-hover line").count(), 4);
    assert.equal(
      await text(view, ".legend-value >> nth=0"),
      significant(figureAt("total", "fused", 120)),
    );
    assert.equal(await text(view, ".legend-at >> nth=0"), "at step 120");
    await view.page.mouse.click(x(120), y);
    await view.page.mouse.move(0, 0);
    await view.painted();
    assert.equal(await status(view), `step 120: ${at(120)}`);
    assert.equal(await view.page.locator(".chart-chosen line").count(), 4);

    const asked = view.calls.length;
    await view.page.mouse.move(x(50), y);
    await view.page.mouse.down();
    await view.page.mouse.move(x(80), y, { steps: 4 });
    await view.page.mouse.up();
    await view.painted();
    const bodies = view.calls.slice(asked).filter(({ verb }) => verb === "series");
    assert.ok(bodies.length > 0, "nothing was asked");
    for (const { body } of bodies) {
      const { from, to } = body as SeriesBody;
      assert.deepEqual([from, to], [50, 80]);
    }
    assert.match(await text(view, ".curve-range"), /steps 50–80 of 240/);
    await view.page.mouse.dblclick(x(120), y);
    await view.painted();
    assert.equal(await view.page.locator(".curve-range").isVisible(), false);
  });

  test("reduces 100,000 steps to what it has pixels for, and asks for a chosen step by itself", async (t) => {
    const show = runShow({ lastStep: 100_000, marks: [] });
    const view = await open(t, show, { now: { steps: 100_000, arms: ["fused"] } });
    const { points } = (await view.called("series")) as SeriesBody;
    const box = await plotBox(view);
    assert.ok(points >= box.width && points <= 2 * box.width + 100, `${points} for ${box.width}`);
    assert.equal(await pieces(view, "total 2", "smoothed"), 1);
    const paint = await view.page.evaluate(() => {
      const path = document.querySelector(".chart-lines path.raw");
      return (path?.getAttribute("d") ?? "").length;
    });
    assert.ok(paint < 60_000, `${paint} characters`);
    const x = box.x + box.width * 0.5003;
    const asked = view.calls.length;
    await view.page.mouse.click(x, box.y + 50);
    await view.painted();
    const step = Number(/step ([\d,]+)/.exec((await status(view)) ?? "")?.[1].replace(",", ""));
    await view.page.waitForFunction(
      () => !document.querySelector(".status")?.textContent?.includes("≈"),
    );
    assert.equal(await status(view), `step ${step.toLocaleString("en-US")}: ${at(step)}`);
    const alone = view.calls.slice(asked).filter(({ verb }) => verb === "series");
    assert.deepEqual([...new Set(alone.map(({ body }) => (body as SeriesBody).from))], [step]);
  });

  test("goes along tokens and time, and on a logarithmic axis", async (t) => {
    const now = { steps: 240, resumes: [{ step: 101, again: 100 }] };
    const view = await open(t, runShow(), { now });
    const labels = () => view.page.locator(".chart-axis text.x").allTextContents();
    assert.deepEqual((await labels()).slice(0, 2), ["20", "40"]);
    await view.page.locator(".curve-controls vscode-dropdown").nth(1).click();
    await view.page.locator("vscode-option", { hasText: "time" }).click();
    await view.painted();
    assert.ok((await labels()).includes("5 min"), (await labels()).join());
    await view.page.locator(".curve-controls vscode-checkbox").click();
    await view.painted();
    assert.equal(await pieces(view, "total 2", "smoothed"), 2);
    const state = JSON.stringify(await view.stored());
    assert.match(state, /"axis":"time","y":"log"/);
  });

  test("opens a stage: its figures, its files, the end of the log", async (t) => {
    const view = await open(t, runShow(), { now: { steps: 240 } });
    await view.page.locator('[data-stage="split"]').focus();
    await press(view, "ArrowRight", "ArrowRight", "Enter");
    const detail = await text(view, ".stage-detail");
    assert.match(detail, /extract[\s\S]*finished[\s\S]*training chunks\s*3,458/);
    assert.deepEqual(await view.called("logTail"), { run: folder });
    await view.page.locator(".stage-log .log", { hasText: "step 240" }).waitFor();
    await view.page.locator(".stage-files vscode-link").first().click();
    assert.deepEqual(await view.called("openAt"), {
      what: "file",
      run: folder,
      path: "extract/shard-00000.arrow",
    });
    await press(view, "Escape");
    assert.equal(await view.page.locator(".stage-detail").isVisible(), false);
  });

  test("shows scores with their differences, and mean and spread of several seeds", async (t) => {
    const done = runStatesShown.done;
    const view = await open(t, done, { now: { steps: 400 } });
    const rows = await view.page.locator(".score-table tbody tr").allInnerTexts();
    assert.match(rows[0], /mean of domains\s+2\.006\s+1\.806\s+1\.775\s+−0\.0308/);
    assert.match(rows[1], /prose\s+2\.605\s+2\.413\s+2\.390\s+−0\.0225/);
    assert.match(
      await text(view, ".differences"),
      /fused target − continued CLM −0\.0308 .*better/,
    );
    assert.match(await text(view, ".scores"), /1,150 held-out chunks, 378 kB/);
    assert.equal(await view.page.locator(".score-plot path.dot").count(), 12);
    view.show({ ...done, scores: threeSeeds });
    await view.page.locator(".score-table small").first().waitFor();
    assert.match(await text(view, ".scores"), /standard deviation of 3 seeds/);
    assert.match(await text(view, ".score-table tbody tr >> nth=1"), /2\.433\s+± 0\.020/);
    assert.doesNotMatch(
      await text(view, "#view"),
      /(^|[^a-z])fused(?! (target|row|distributions))/,
    );
  });

  test("names why positions have no row, with whole and part", async (t) => {
    const view = await open(t, runShow(), { now: { steps: 240 } });
    const quality = await text(view, ".quality");
    assert.match(quality, /180,201 of 216,040 \(83\.4 %\) answered/);
    assert.match(quality, /no row: no shared boundary 31,000 of 216,040 \(14\.3 %\)/);
    assert.match(quality, /lost in mapping: 2\.1 % of a row's mass/);
    const bar = view.page.locator(".reason-bar").first();
    const widths = await bar
      .locator("rect")
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute("width")) + 1));
    const whole = Number(await bar.getAttribute("width"));
    assert.ok(Math.abs(widths.reduce((sum, one) => sum + one, 0) - whole) < 2, widths.join());
    assert.ok(Math.abs(widths[0] / whole - 180_201 / 216_040) < 0.01, widths.join());
  });

  test("has a table of every step, and exports what it drew", async (t) => {
    const saved: { name: string; type: string; content: unknown }[] = [];
    const view = await open(
      t,
      runShow(),
      { now: { steps: 240 } },
      {
        verbs: {
          export: (body: (typeof saved)[number]) => {
            saved.push(body);
            return { saved: true };
          },
        },
      },
    );
    await press(view, "t");
    await view.page.locator('[role="row"]', { hasText: "fused target" }).first().waitFor();
    assert.equal(await status(view), "480 rows, every step.");
    await press(view, "Escape");
    assert.equal(await view.page.locator(".chart-svg").first().isVisible(), true);
    for (const type of ["SVG", "PNG", "CSV"]) {
      const before = saved.length;
      view.push("press", { what: "export" });
      await view.page.locator(".menu-item", { hasText: `as ${type}` }).click();
      for (let i = 0; i < 100 && saved.length === before; i++) await view.painted();
    }
    assert.deepEqual(
      saved.map(({ type }) => type),
      ["svg", "png", "csv"],
    );
    const [svg, png, csv] = saved.map(({ content }) => content);
    assert.match(
      String(svg),
      /<svg[^>]*xmlns[\s\S]*total[\s\S]*fusion[\s\S]*<path[^>]*stroke-dasharray/,
    );
    assert.ok(png instanceof ArrayBuffer && png.byteLength > 2000, "no picture");
    const lines = String(csv).trim().split(/\r?\n/);
    assert.equal(lines.length, 481);
    assert.match(lines[0], /^step,training,seed,total,CLM,fusion,true next token/);
  });

  test("says in the status line why something was refused", async (t) => {
    const view = await open(
      t,
      runShow(),
      { now: { steps: 240 } },
      {
        verbs: {
          act: () => {
            throw new Problem("busy", "The run is already stopping.");
          },
        },
      },
    );
    await view.page.locator(".run-state vscode-button:visible").click();
    await view.page.locator(".status", { hasText: "already stopping" }).waitFor();
    assert.equal(await view.page.locator(".chart-svg").first().isVisible(), true);
  });

  test("every key does what the list of keys says, and the live region tells of it", async (t) => {
    const view = await open(t, runShow(), { now: { steps: 240 } });
    const { page } = view;
    const says = async (key: string, sentence: string | RegExp) => {
      await press(view, key);
      const said = (await status(view)) ?? "";
      if (typeof sentence === "string") assert.equal(said, sentence, key);
      else assert.match(said, sentence, key);
    };
    assert.equal(await page.locator(".status").getAttribute("role"), "status");
    assert.equal(
      await status(view),
      "running: training 240 of 400 · 11 min left · 5,150 tok/s · 1.9 GB",
    );
    await says("ArrowRight", `step 1: ${at(1)}`);
    await says("ArrowRight", `step 2: ${at(2)}`);
    await says("Shift+ArrowRight", `step 12: ${at(12)}`);
    await says("PageDown", `step 36: ${at(36)}`);
    await says("PageUp", `step 12: ${at(12)}`);
    await says("End", `step 240: ${at(240)}`);
    await says("p", /^step 200: .*; checkpoint at step 200$/);
    await says("+", "steps 100–220 of 240");
    assert.equal(await text(view, ".curve-range >> nth=0"), "steps 100–220 of 240\nAll steps");
    await says("=", /^steps \d+–\d+ of 240$/);
    await says("-", /^steps \d+–\d+ of 240$/);
    await says("0", "all 240 steps");
    await says("l", "The chart shows: Loss on the true next token.");
    assert.equal(await page.locator(".legend-label").first().textContent(), "fused target");
    await says("l", "The chart shows: Loss of the fused target.");
    const before = view.calls.filter(({ verb }) => verb === "series").length;
    await says("r", "The curves are read again.");
    for (let i = 0; i < 100; i++) {
      if (view.calls.filter(({ verb }) => verb === "series").length > before) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(view.calls.filter(({ verb }) => verb === "series").length > before, "not read again");
    await says("k", /^Kept: /);
    assert.deepEqual(await view.called("persist"), { kept: true });
    await says("k", /^Not kept: /);
    await says("y", /^Copied: step 200: /);
    await says("t", "480 rows, every step.");
    await press(view, "Escape");

    await press(view, "?");
    const listed = await listedKeys(view);
    for (const key of ["← →", "PageUp", "Home", "n", "p", "+", "0", "l", "t", "r", "y", "k", "?"]) {
      assert.ok(listed.includes(key), `${key} is not in the list of keys`);
    }
    await press(view, "Escape");
    assert.equal(await page.locator("dialog.help").isVisible(), false);
    assert.match((await status(view)) ?? "", /^480 rows|^step 200|^Copied/);
    assert.deepEqual([...view.errors, ...view.violations], []);
  });

  test("everything that a pointer can do is reached by Tab and done by key", async (t) => {
    const view = await open(t, runStatesShown.lost, { now: { steps: 240 } });
    const { page } = view;
    const reached: string[] = [];
    for (let where: string | null = ""; where !== null && reached.length < 60; ) {
      await page.keyboard.press("Tab");
      where = await page.evaluate(() => {
        const element = document.activeElement as (HTMLElement & { reached?: boolean }) | null;
        if (element === null || element === document.body || element.reached) return null;
        element.reached = true;
        const label = element.getAttribute("aria-label") ?? element.textContent ?? "";
        return label.trim().replace(/\s+/g, " ");
      });
      if (where !== null) reached.push(where);
    }
    const inOrder = [
      /^Resume$/,
      /^Keep/,
      /^More actions$/,
      /^provenance$/,
      /^End of the log$/,
      /^Show log$/,
      /^split/,
      /shows|^Loss of the fused target/,
      /along|^step/,
      /^log$/,
      /^total/,
      /^Loss of the fused target by step$/,
      /^Gradient norm, /,
    ];
    let last = -1;
    for (const wanted of inOrder) {
      const found = reached.findIndex((one, i) => i > last && wanted.test(one));
      assert.ok(found > last, `${wanted} is not reached in its turn: ${reached.join(" | ")}`);
      last = found;
    }
    assert.equal(reached.filter((one) => /^(split|pack|extract|map)/.test(one)).length, 1);
    await page.getByRole("button", { name: "Resume" }).focus();
    await page.keyboard.press("Enter");
    assert.deepEqual(await view.called("act"), { run: folder, what: "resume" });
    await page.locator(".legend-line").first().focus();
    await page.keyboard.press("Enter");
    await view.painted();
    assert.equal(await page.locator(".legend-line").first().getAttribute("aria-pressed"), "false");
  });

  for (const theme of themeKinds) {
    test(`has no serious finding of axe and clips nothing at 420 px, ${theme}`, async (t) => {
      const view = await openWhole(t, { theme, width: 420, height: 900 });
      assert.deepEqual(await view.seriousFindings(), []);
      assert.deepEqual(await cutTexts(view.page, { apart: "title, .chart-export" }), []);
      const wide = await view.page.evaluate(() => {
        const main = document.querySelector(".view");
        return (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0);
      });
      assert.ok(wide <= 0, `${wide} pixels too wide`);
      assert.deepEqual([...view.errors, ...view.violations], []);
    });

    test(`is drawn with enough contrast, ${theme}`, async (t) => {
      const isHigh = theme.startsWith("highContrast");
      for (const show of [runStatesShown.done, runStatesShown.failed]) {
        const view = await openWhole(t, { theme }, show);
        const marks = ".line.smoothed, .cross, .mark path, path.dot, .state-sign, .sign";
        const found = await contrasts(view.page, marks);
        assert.ok(found.text.length > 40 && found.marks.length > 5, "nothing was looked at");
        const least = (of: typeof found.text) => Math.min(...of.map(({ ratio }) => ratio));
        t.diagnostic(
          `figure: ${theme}, ${show.state}: text ${least(found.text).toFixed(2)}, marks ${least(found.marks).toFixed(2)}`,
        );
        assert.deepEqual(
          found.text.filter(({ ratio }) => ratio < (isHigh ? 7 : 4.5)),
          [],
        );
        assert.deepEqual(
          found.marks.filter(({ ratio }) => ratio < (isHigh ? 7 : 3)),
          [],
        );
      }
    });
  }

  test("cuts no text off at 200 %, and none of a long name", async (t) => {
    for (const show of [
      runStatesShown.done,
      { ...runStatesShown.failed, name: `a-name-without-a-space-${"x".repeat(90)}` },
    ]) {
      const view = await openWhole(t, { zoom: 2 }, show);
      assert.deepEqual(await cutTexts(view.page, { apart: "title, .chart-export" }), []);
    }
  });

  /** With everything open that can be opened. */
  async function openWhole(
    t: TestContext,
    options: ViewPageOptions & { readonly theme?: ThemeKind },
    show = runStatesShown.done,
  ): Promise<ViewPage> {
    const view = await open(t, show, { now: { steps: show.lastStep } }, options);
    await view.page.locator(".curve-more summary").click();
    await view.page.locator(".provenance summary").click();
    await view.page.locator('[data-stage="extract"]').click();
    await view.page.waitForFunction(
      () => document.querySelectorAll(".small-charts .chart-lines path").length > 4,
    );
    await view.painted();
    return view;
  }
});
