/** The shared parts of the views in a browser, under the editor's policy and themes: frame, keys, table, menu, exports. */
import assert from "node:assert/strict";
import { after, afterEach, describe, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import { css, mix, parseColour } from "../../webview/shared/colour.ts";
import { themeKinds } from "../support/editorThemes.ts";
import {
  closeBrowser,
  openView,
  type ViewPage,
  type ViewPageOptions,
} from "../support/viewPage.ts";

const hostile = ["</script>", "<img src=x onerror=alert(1)>", "Ġthe", "\u202eback"];
const show = {
  revision: "1",
  title: "Align · draft.md 12–31",
  kept: false,
  restricted: false,
  restore: { text: "hash" },
  models: [
    { letter: "T", name: "llama-2", folder: "/m/llama" },
    { letter: "A", name: "<b>openllama</b>", folder: "/m/open" },
    { letter: "B", name: "neox", folder: "/m/neox" },
  ],
  pieces: hostile,
  rows: 10_000,
};

let view: ViewPage | undefined;
after(closeBrowser);
afterEach(async () => {
  await view?.close();
  view = undefined;
});

async function open(options: ViewPageOptions = {}): Promise<ViewPage> {
  const opened = await openView({ entry: "test/views/shared/page.ts" }, { show, ...options });
  view = opened;
  await opened.called("ready");
  await opened.page.getByRole("status").getByText("10000 rows").waitFor();
  await opened.painted();
  return opened;
}

const status = ({ page }: ViewPage) => page.locator("footer.status").textContent();

describe("words from outside", () => {
  test("markup in tokens and names is shown as text and does nothing", async () => {
    const opened = await open();
    const { page } = opened;
    assert.deepEqual(await page.locator(".pieces bdi").allTextContents(), [
      "</script>",
      "<img·src=x·onerror=aler…",
      "Ġthe",
      "⟨RLO⟩back",
    ]);
    assert.equal(
      await page.locator(".pieces bdi").nth(1).getAttribute("title"),
      "<img·src=x·onerror=alert(1)>",
    );
    assert.equal(await page.getByText("<b>openllama</b>").count(), 1);
    assert.equal(await page.locator("img, #view script, #view b").count(), 0);
    assert.deepEqual(opened.errors, []);
    assert.deepEqual(opened.violations, []);
  });
});

describe("states", () => {
  test("work is announced after 200 ms, keeps what was shown, and can be cancelled", async () => {
    const opened = await open();
    const { page, push } = opened;
    const waited = page.evaluate(async () => {
      await new Promise((resolve) => addEventListener("message", resolve, { once: true }));
      const since = performance.now();
      await new Promise<void>((resolve) => {
        new MutationObserver(() => resolve()).observe(document.querySelector(".lines") as Element, {
          childList: true,
          subtree: true,
        });
      });
      return performance.now() - since;
    });
    push("progress", { what: "Aligning", done: 30, of: 120 });
    assert.ok((await waited) >= 195);
    assert.equal(await page.locator(".line.working progress").getAttribute("value"), "30");
    assert.equal(await page.locator(".line.working progress").getAttribute("max"), "120");
    assert.ok(await page.locator("canvas.cells").isVisible());
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await status(opened), "Cancelled.");
    push("progress", null);
    await page.locator(".line.working").waitFor({ state: "detached" });
  });

  test("a host that does not say yet what is shown is waited for visibly", async () => {
    const opened = await openView({ entry: "test/views/shared/page.ts" }, {});
    view = opened;
    await opened.page.locator(".line.working").getByText("Opening…").waitFor();
    opened.show(show);
    await opened.page.getByRole("status").getByText("10000 rows").waitFor();
    assert.equal(await opened.page.locator(".line.working").count(), 0);
  });

  test("work that is done within 200 ms is never announced", async () => {
    const { page } = await open();
    const changes = await page.evaluate(async () => {
      let seen = 0;
      const lines = document.querySelector(".lines") as Element;
      new MutationObserver(() => seen++).observe(lines, { childList: true, subtree: true });
      [{ what: "Aligning" }, null].forEach((body, i) => {
        const data = { v: 1, kind: "event", verb: "progress", revision: i + 1, body };
        window.dispatchEvent(new MessageEvent("message", { data }));
      });
      await new Promise((resolve) => setTimeout(resolve, 350));
      return seen;
    });
    assert.equal(changes, 0);
  });

  test("a changed text dims what is shown and offers to do it again", async () => {
    const opened = await open();
    opened.push("textChanged", { revision: "1", changed: true });
    const again = opened.page.getByRole("button", { name: "Align again (r)" });
    await again.waitFor();
    const opacity = (at: string) =>
      opened.page.locator(at).evaluate((element) => Number(getComputedStyle(element).opacity));
    assert.ok((await opacity("canvas.cells")) <= 0.5);
    await again.click();
    assert.equal(await status(opened), "again");
    opened.push("textChanged", { revision: "1", changed: false });
    await again.waitFor({ state: "detached" });
    assert.equal(await opacity("canvas.cells"), 1);
  });

  test("a failure says what is wrong, what to do next, and shows the log", async () => {
    const opened = await open();
    const problem = { code: "failed", message: "It cannot be read.", next: "Look at line 3." };
    opened.show({ ...show, state: { kind: "failed", problem } });
    await opened.page.getByText("It cannot be read.").first().waitFor();
    assert.ok(await opened.page.getByText("Look at line 3.").isVisible());
    assert.ok(!(await opened.page.locator("canvas.cells").isVisible()));
    await opened.page.getByRole("button", { name: "Show log" }).click();
    assert.deepEqual(await opened.called("openAt"), { what: "log" });
  });

  test("an untrusted workspace says so and leads to trust; nothing chosen says what to do", async () => {
    const opened = await open();
    opened.show({ ...show, state: { kind: "restricted", sentence: "Not trusted." } });
    await opened.page.getByRole("button", { name: "Manage trust" }).click();
    assert.deepEqual(await opened.called("openAt"), { what: "trust" });
    opened.show({ ...show, state: { kind: "empty", sentence: "Select text." } });
    await opened.page.getByText("Select text.").waitFor();
  });

  test("a view says ready again when it is shown again, and its state is stored for the host", async () => {
    const opened = await open();
    assert.deepEqual(await opened.stored(), {
      version: 1,
      restore: { text: "hash" },
      kept: false,
      view: { version: 2, state: { at: 0 } },
    });
    opened.push("visible", { visible: false });
    opened.push("visible", { visible: true });
    await opened.called("ready", 2);
  });

  for (const state of [
    { version: 1, view: { version: 2, state: { at: 1 } } },
    { version: 1, view: { version: 2, state: { at: "1" } } },
    { version: 1, view: { version: 1, state: { at: 1 } } },
    { version: 7, view: { version: 2, state: { at: 1 } } },
  ]) {
    const isGood = JSON.stringify(state) === '{"version":1,"view":{"version":2,"state":{"at":1}}}';
    test(`stored state ${JSON.stringify(state)} is ${isGood ? "taken up" : "passed over"}`, async () => {
      const { page } = await open({ state });
      assert.equal(
        await page.locator(".switcher .number").textContent(),
        isGood ? "2 of 2" : "1 of 2",
      );
    });
  }
});

describe("keys", () => {
  test("act everywhere but in fields; with Shift ten at a time", async () => {
    const opened = await open();
    const { keyboard } = opened.page;
    const pressed = async (key: string) => {
      await keyboard.press(key);
      return status(opened);
    };
    assert.equal(await pressed("ArrowRight"), "moved 1 0");
    assert.equal(await pressed("Shift+ArrowUp"), "moved 0 -10");
    assert.equal(await pressed("n"), "walk n");
    assert.equal(await pressed("3"), "source 3");
    assert.equal(await pressed("Control+n"), "source 3");
    await opened.page.locator("vscode-text-field").click();
    await keyboard.type("np3k?");
    assert.equal(await status(opened), "search np3k?");
    assert.equal(await opened.page.locator("dialog[open]").count(), 0);
    assert.equal(opened.calls.filter(({ verb }) => verb === "persist").length, 0);
  });

  test("? lists them, Esc goes out one level at a time and then to the editor", async () => {
    const opened = await open();
    const { keyboard } = opened.page;
    await keyboard.press("?");
    assert.deepEqual(await opened.page.locator("dialog dt").allTextContents(), [
      "← ↑ ↓ →",
      "n p",
      "1…9",
      "t",
      "k",
      "?",
      "Esc",
    ]);
    await keyboard.press("n");
    assert.match((await status(opened)) ?? "", /10000 rows/);
    await keyboard.press("Escape");
    assert.equal(await opened.page.locator("dialog[open]").count(), 0);
    await keyboard.press("t");
    assert.ok(await opened.page.getByRole("grid").isVisible());
    await keyboard.press("Escape");
    assert.ok(await opened.page.locator("canvas.cells").isVisible());
    assert.equal(opened.calls.filter(({ verb }) => verb === "revealText").length, 0);
    await keyboard.press("Escape");
    assert.equal(await opened.called("revealText"), null);
  });

  test("k keeps the panel, and the button shows it", async () => {
    const opened = await open();
    await opened.page.keyboard.press("k");
    assert.deepEqual(await opened.called("persist"), { kept: true });
    const keep = opened.page.locator('vscode-button[aria-label="Keep"]');
    assert.equal(await keep.getAttribute("aria-pressed"), "true");
    await keep.click();
    assert.deepEqual(await opened.called("persist", 2), { kept: false });
  });
});

describe("table", () => {
  test("10,000 rows build fewer than 100 row elements and say how many they are", async () => {
    const opened = await open();
    await opened.page.keyboard.press("t");
    const grid = opened.page.getByRole("grid");
    assert.equal(await grid.getAttribute("aria-rowcount"), "10001");
    const built = () => opened.page.locator(".grid tr").count();
    assert.ok((await built()) < 100 && (await built()) > 20);
    await opened.page.keyboard.press("Control+End");
    await opened.painted();
    assert.ok((await built()) < 100);
    const at = opened.page.locator(".grid .at");
    assert.equal(await at.locator("xpath=..").getAttribute("aria-rowindex"), "10001");
    assert.equal(await grid.getAttribute("aria-activedescendant"), await at.getAttribute("id"));
    assert.ok(await at.isVisible());
  });

  test("is walked, sorted, chosen from and copied by keyboard alone", async () => {
    const opened = await open();
    const { keyboard } = opened.page;
    await keyboard.press("t");
    await keyboard.press("Shift+ArrowDown");
    await keyboard.press("Enter");
    assert.equal(await status(opened), "chosen row 10");
    await keyboard.press("Control+c");
    assert.deepEqual(await opened.called("copy"), { text: "row\tpiece\tcost\n10\t·the\t67" });
    for (const key of ["Home", "ArrowUp", "ArrowRight", "ArrowRight", "Enter", "Enter"]) {
      await keyboard.press(key);
    }
    const head = opened.page.getByRole("columnheader", { name: "cost" });
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    const first = opened.page.locator('.grid tr[aria-rowindex="2"] td').last();
    assert.equal(await first.textContent(), "100");
    await keyboard.press("Control+a");
    await keyboard.press("Control+c");
    const { text } = (await opened.called("copy", 2)) as { text: string };
    const lines = text.split("\n");
    assert.equal(lines.length, 10_001);
    assert.match(lines[10_000], /–$/); // what has no figure stays last
  });
});

describe("menu and exports", () => {
  test("the menu is opened, walked and left by keyboard; what cannot be chosen says why", async () => {
    const opened = await open();
    const { page } = opened;
    const more = page.locator('vscode-button[aria-haspopup="menu"]');
    await more.focus();
    await page.keyboard.press("Enter");
    const items = page.getByRole("menuitem");
    assert.equal(await items.count(), 6);
    assert.ok(await items.first().evaluate((item) => item === document.activeElement));
    await page.keyboard.press("n"); // by its first letter: "Not now", and no key of the view
    assert.equal(await page.locator(":focus").textContent(), "Not now");
    assert.equal(await page.locator(":focus").getAttribute("title"), "It cannot be.");
    await page.keyboard.press("Enter");
    assert.match((await status(opened)) ?? "", /10000 rows/);
    await page.keyboard.press("Escape");
    assert.ok(!(await items.first().isVisible()));
    assert.ok(await more.evaluate((button) => button === document.activeElement));
    assert.equal(opened.calls.filter(({ verb }) => verb === "revealText").length, 0);
  });

  test("SVG carries its colours, PNG its pixels, CSV every row", async () => {
    const opened = await open();
    const choose = async (label: RegExp) => {
      opened.push("press", { what: "export" });
      await opened.page.getByRole("menuitem", { name: label }).click();
    };
    await choose(/SVG/);
    const svg = (await opened.called("export", 1)) as {
      content: string;
      name: string;
      type: string;
    };
    assert.equal(`${svg.name}.${svg.type}`, "picture.svg");
    assert.match(svg.content, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    assert.match(svg.content, /stroke="rgb\(91, 167, 247\)"/); // source 1 of the dark theme
    assert.match(svg.content, /fill="rgb\(31 31 31\)"/); // its background
    assert.match(svg.content, /&lt;\/script&gt;<\/text>/);
    assert.doesNotMatch(svg.content, /var\(|class=|style=/);
    await choose(/PNG/);
    const png = (await opened.called("export", 2)) as { content: ArrayBuffer };
    const bytes = Buffer.from(png.content);
    assert.equal(bytes.subarray(1, 4).toString(), "PNG");
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [400, 120]);
    await choose(/CSV/);
    const csv = (await opened.called("export", 3)) as { content: string };
    assert.equal(csv.content.trimEnd().split("\r\n").length, 10_001);
    assert.match(csv.content, /^row,piece,cost\r\n0,<\/script>,–\r\n/);
    await opened.page.getByText("picture.csv saved.").waitFor();
  });

  test("a refused export says why in the status line", async () => {
    const refuse = () => {
      throw new Problem("failed", "The disk is full.");
    };
    const opened = await open({ verbs: { export: refuse } });
    opened.push("press", { what: "export" });
    await opened.page.getByRole("menuitem", { name: /CSV/ }).click();
    await opened.page.getByText("The disk is full.").waitFor();
  });
});

describe("controls", () => {
  test("each has a name, tells of a change once, and says why it cannot be used", async () => {
    const opened = await open();
    const { page } = opened;
    await page.getByRole("combobox", { name: "colour" }).click();
    await page.getByRole("option", { name: "gain" }).click();
    assert.equal(await status(opened), "colour gain");
    await page.getByRole("checkbox", { name: "log" }).click();
    assert.equal(await status(opened), "log false");
    await page.getByRole("slider", { name: "λ" }).press("ArrowLeft");
    assert.equal(await status(opened), "λ 0.85");
    assert.equal(await page.locator(".slider-value").textContent(), "0.85");
    await page.getByRole("button", { name: "Do it" }).click();
    assert.equal(await status(opened), "done");
    assert.equal(
      await page.locator('vscode-button[aria-label="Cannot"]').getAttribute("title"),
      "Not in this mode.",
    );
  });
});

describe("themes", () => {
  for (const theme of themeKinds) {
    test(`${theme}: no serious finding of axe in any state, none of the policy`, async () => {
      const opened = await open({ theme });
      const none = async (what: string) =>
        assert.deepEqual(await opened.seriousFindings(), [], what);
      await none("ready");
      opened.push("textChanged", { revision: "1", changed: true });
      opened.push("progress", { what: "Aligning", done: 1, of: 2 });
      await opened.page.locator(".line.working").waitFor();
      opened.push("press", { what: "export" });
      await opened.page.getByRole("menuitem").first().waitFor();
      await none("stale, working, with its menu");
      await opened.page.keyboard.press("Escape");
      await opened.page.keyboard.press("t");
      await none("table");
      await opened.page.keyboard.press("?");
      await none("help");
      await opened.page.keyboard.press("Escape");
      const problem = { code: "failed", message: "It cannot be read.", next: "Look at line 3." };
      opened.show({ ...show, state: { kind: "failed", problem } });
      await opened.page.getByRole("button", { name: "Show log" }).waitFor();
      await none("failed");
      assert.deepEqual(opened.violations, []);
      assert.deepEqual(opened.errors, []);
    });
  }

  test("a change of theme repaints, and pixels are the legend's colours", async () => {
    const opened = await open();
    const seen = new Set<string>();
    for (const theme of themeKinds) {
      await opened.setTheme(theme);
      const stop = opened.page.locator('.legend-stop[data-value="0"]');
      const colour = await stop.getAttribute("data-colour");
      const [r, g, b] = await opened.pixel("canvas.cells", 10, 10);
      assert.equal(`rgb(${r} ${g} ${b})`, colour);
      seen.add(String(colour));
    }
    assert.equal(seen.size, themeKinds.length);
  });

  test("colours are mixed as the browser mixes them in OKLab", async () => {
    const { page } = await open();
    const parsed = (text: string) => parseColour(text) ?? assert.fail(text);
    for (const [a, b, share] of [
      ["#1f1f1f", "#ff7a9c", 0.3],
      ["#ffffff", "#0b62c4", 0.35],
      ["#0b62c4", "#b4510a", 0.5],
    ] as const) {
      const pixel = await page.evaluate(
        ([a, b, share]) => {
          const canvas = document.createElement("canvas");
          const pen = canvas.getContext("2d");
          if (pen === null) throw new Error("no canvas");
          pen.fillStyle = `color-mix(in oklab, ${b} ${Number(share) * 100}%, ${a})`;
          pen.fillRect(0, 0, 1, 1);
          return [...pen.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
        },
        [a, b, share] as const,
      );
      const ours =
        css(mix(parsed(a), parsed(b), share))
          .match(/\d+/g)
          ?.map(Number) ?? [];
      ours.forEach((channel, i) => {
        assert.ok(Math.abs(channel - pixel[i]) <= 1, `${ours} is not ${pixel}`);
      });
    }
  });
});

describe("room", () => {
  for (const options of [
    { width: 420, height: 700 },
    { width: 1200, height: 800, zoom: 2 },
  ]) {
    test(`nothing is cut off sideways: ${JSON.stringify(options)}`, async () => {
      const { page } = await open(options);
      const beyond = await page.evaluate(() => {
        const right = document.documentElement.clientWidth;
        return [...document.querySelectorAll("#view *")]
          .filter((element) => element.getBoundingClientRect().right > right + 0.5)
          .filter((element) => element.closest(".visually-hidden") === null)
          .map((element) => element.outerHTML.slice(0, 80));
      });
      assert.deepEqual(beyond, []);
      assert.ok(await page.locator("footer.status").isVisible());
    });
  }
});
