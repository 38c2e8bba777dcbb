/** The distributions view in a browser, before a host that answers with what the pipeline makes of invented rows. */
import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import { utf8Encode } from "../../src/core/text/bytes.ts";
import type {
  DistributionsShow,
  DocumentFigures,
  FusionControls,
} from "../../src/protocol/distributionsView.ts";
import { inventedText } from "../support/toyProject.ts";
import { barContrasts, contrasts, cutTexts } from "../support/viewLooks.ts";
import {
  closeBrowser,
  openView,
  type ViewPage,
  type ViewPageOptions,
} from "../support/viewPage.ts";
import { type ToyHost, toyHost } from "./distributionsToy.ts";

/** Its table is wider than a narrow panel, and scrolls. */
const reachable = { isReachableEnough: true, apart: "svg, vscode-option" };

after(closeBrowser);

const seed = Number(process.env.FUSELAB_TEST_SEED ?? Date.now() % 100_000);
const hard = "</script><img src=x onerror=alert(1)> اللغة العربية 👩‍👩‍👧 é<unk>\r\n\n\tend";

/** Of letters that the invented words have none of; only A's tokenizer knows it. */
const wordOfA = "wyvqx";
/** Invented lines, each with a word inside which A has no row and B has one, whatever the seed. */
const textWithGaps = (seed: number, lines: number): string =>
  inventedText(seed, lines).replaceAll(".\n", ` ${wordOfA}.\n`);

let host: ToyHost;
let hostOfHardText: ToyHost;
/** Where it depends on the pieces of a position, and on who has a row there, whether there is anything to measure. */
let hostOfOneSeed: ToyHost;
before(() => {
  process.stdout.write(`# seed ${seed}\n`);
  const texts = [textWithGaps(seed, 12), textWithGaps(seed + 1, 3)];
  host = toyHost({ texts, sources: 2, seed, wordOfA });
  hostOfOneSeed = toyHost({ texts: [inventedText(5, 24)], sources: 2, seed: 5 });
  hostOfHardText = toyHost({ texts: [hard, "a"], sources: 2, seed, corpus: inventedText(1, 30) });
});

async function open(
  t: TestContext,
  { show, distributions, row }: ToyHost,
  more: ViewPageOptions = {},
): Promise<ViewPage> {
  const { verbs, ...options } = more;
  const view = await openView("distributions", {
    height: 900,
    ...options,
    show: options.show ?? show,
    verbs: {
      distributions,
      row,
      useInRecipe: () => null,
      readAgain: () => null,
      ...verbs,
    } as never,
  });
  t.after(async () => {
    await view.close();
    assert.deepEqual(view.violations, []);
    assert.deepEqual(view.errors, []);
  });
  return view;
}

const drawn = (view: ViewPage, position?: number) =>
  view.page.waitForSelector(
    position === undefined
      ? ".detail-box[data-position]"
      : `.detail-box[data-position="${position}"]`,
  );
const status = (view: ViewPage) => view.page.locator(".status").innerText();
const chosen = async (view: ViewPage) =>
  Number(await view.page.locator(".cell.is-chosen").getAttribute("data-position"));
const press = async (view: ViewPage, ...keys: readonly string[]) => {
  for (const key of keys) await view.page.keyboard.press(key);
  await view.painted();
};
const choosing = (view: ViewPage, control: string, value: string) =>
  view.page.evaluate(
    ({ control, value }) => {
      const list = document.querySelector<HTMLElement & { value: string }>(
        `[data-control="${control}"] vscode-dropdown`,
      );
      if (list === null) throw new Error(`There is no control ${control}.`);
      list.value = value;
      list.dispatchEvent(new Event("change"));
    },
    { control, value },
  );
const choiceOf = (view: ViewPage, control: string): Promise<string> =>
  view.page
    .locator(`[data-control="${control}"] vscode-dropdown`)
    .evaluate((list) => (list as HTMLElement & { value: string }).value);
const slide = (view: ViewPage, control: string, value: number) =>
  view.page.evaluate(
    ({ control, value }) => {
      const input = document.querySelector<HTMLInputElement>(`[data-control="${control}"] input`);
      if (input === null) throw new Error(`There is no control ${control}.`);
      input.value = String(value);
      input.dispatchEvent(new Event("input"));
    },
    { control, value },
  );
/** Probabilities by token of a column, as they stand in the lines. */
const column = (view: ViewPage, name: string): Promise<Record<string, number>> =>
  view.page.evaluate((name) => {
    const cells = document.querySelectorAll<HTMLElement>(
      `.detail-table tbody ${name} [data-probability]`,
    );
    return Object.fromEntries(
      [...cells].map((cell) => [
        cell.closest<HTMLElement>("tr")?.dataset.tokenId ?? "",
        Number(cell.dataset.probability),
      ]),
    );
  }, name);
const asked = (view: ViewPage, verb: string) =>
  view.calls.filter((call) => call.verb === verb).map((call) => call.body as { position: number });
/** A position that the pipeline answers for as the view should find it. */
const positionWhere = async (
  { distributions, show }: ToyHost,
  controls: FusionControls,
  holds: (figures: DocumentFigures, i: number) => boolean,
  document = 0,
): Promise<{ figures: DocumentFigures; position: number }> => {
  const figures = await distributions({ document, controls });
  const position = figures.fusedBits.findIndex((_, i) => holds(figures, i));
  assert.ok(position >= 0, `no such position in the text of seed ${seed}; ${show.title}`);
  return { figures, position };
};
const hasFusedRow = ({ fusedBits }: DocumentFigures, i: number): boolean =>
  !Number.isNaN(fusedBits[i]);
/** Chooses as the editor's cursor would. */
const goTo = async (view: ViewPage, figures: DocumentFigures, position: number, document = 0) => {
  view.push("cursor", { document, byte: figures.byteStarts[position] });
  await drawn(view, position);
};

describe("what is shown", () => {
  test("begins where the target is surprised most, and is what the pipeline says", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    const { controls } = host.show;
    const figures = await host.distributions({ document: 0, controls });
    const losses = Array.from({ length: figures.positions }, (_, i) => figures.bits[3 * i]);
    const position = losses.indexOf(Math.max(...losses));
    assert.equal(await chosen(view), position);
    const { fused, taught, columns } = await host.row({ document: 0, controls, position });
    await view.page.locator(".detail-more vscode-button").click();
    const shown = await column(view, ".col-fused");
    for (const { id, p } of fused.row.slice(0, 12)) {
      assert.ok(Math.abs(shown[id] - p) < 1e-6, `fused ${id}: ${shown[id]}, not ${p}`);
    }
    const byToken = new Map(taught.row.map(({ id, p }) => [id, p]));
    for (const [id, p] of Object.entries(await column(view, ".col-taught"))) {
      assert.ok(Math.abs(p - (byToken.get(Number(id)) ?? 0)) < 1e-6, `taught ${id}`);
    }
    const weights = await view.page
      .locator(".detail-table thead [data-weight]")
      .evaluateAll((heads) => heads.map((head) => Number((head as HTMLElement).dataset.weight)));
    assert.deepEqual(
      weights,
      [1, 2, 0].map((m) => columns[m].weight),
    );
    assert.ok(
      await view.page.evaluate(() => performance.getEntriesByName("fuselab.painted").length),
    );
    assert.ok(await view.page.evaluate(() => performance.getEntriesByName("fuselab.paint").length));
  });

  test("has mass bars that add up to 1, everywhere", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await choosing(view, "vocabulary", "exact");
    for (let i = 0; i < 6; i++) {
      await press(view, "ArrowRight");
      await drawn(view, await chosen(view));
      const sums = await view.page
        .locator("[data-mass]")
        .evaluateAll((bars) =>
          bars.map((bar) =>
            ((bar as HTMLElement).dataset.mass ?? "")
              .split(" ")
              .reduce((sum, part) => sum + Number(part), 0),
          ),
        );
      assert.ok(sums.length >= 3, "columns without a mass bar");
      for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-3, `a bar of ${sum}`);
    }
  });

  test("counts positions without rows as the figures do", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    const { controls } = host.show;
    const { reasons, positions, summary } = await host.distributions({ document: 0, controls });
    const missing = Array.from(
      { length: positions },
      (_, i) => Number(reasons[3 * i + 1] > 0) + Number(reasons[3 * i + 2] > 0),
    );
    const counts = view.page.locator(".skip-counts");
    assert.equal(Number(await counts.getAttribute("data-skip")), missing.filter(Boolean).length);
    assert.equal(
      Number(await counts.getAttribute("data-no-source")),
      missing.filter((count) => count === 2).length,
    );
    const fused = view.page.locator('.figure[data-model="fused"]');
    assert.match(
      (await fused.innerText()).replace(/\s+/g, " "),
      new RegExp(`on ${summary.fused.positions} of ${summary.fused.of}`),
    );
  });

  test("shows a missing source as an empty slot with its reason", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    const isMissing = ({ reasons }: DocumentFigures, i: number) =>
      reasons[3 * i + 1] > 0 && reasons[3 * i + 2] === 0;
    const { figures, position } = await positionWhere(host, host.show.controls, isMissing);
    await goTo(view, figures, position);
    const slot = view.page.locator(".empty-slot");
    assert.equal(await slot.getAttribute("data-letter"), "A");
    assert.equal(await slot.getAttribute("data-reason"), "noSharedBoundary");
    assert.match(await slot.innerText(), /no shared boundary/);
    assert.match(await status(view), /A has no row here: no shared boundary/);
    assert.equal(
      await view.page.locator(".cell.is-chosen .cell-best").innerText(),
      `${await bestOf(figures, position)}°`,
    );
  });

  test("prints a bound as a bound: bar without an end, ≥, and sums that say at least", async (t) => {
    const narrow = toyHost({ texts: [inventedText(seed, 12)], sources: 2, seed, topK: 3 });
    const view = await open(t, narrow);
    await drawn(view);
    await choosing(view, "preset", "published");
    await view.page.waitForSelector('.figure[data-model="fused"] >> text=at least');
    const controls = narrow.show.presets.published;
    const { figures, position } = await positionWhere(
      narrow,
      controls,
      (all, i) => all.fusedBound[i] === 1,
    );
    await goTo(view, figures, position);
    const line = view.page.locator("tr.is-true .col-fused");
    assert.match(await line.innerText(), /^≥ \d/);
    assert.equal(await line.locator(".is-open").count(), 1);
    assert.equal(await line.locator("[data-probability]").count(), 0);
    assert.match(await status(view), /fused at most .* \(≥ [\d.]+ bits\)/);
    assert.ok(await view.page.locator(".cell.is-chosen .cell-bar.is-open").count());
    assert.doesNotMatch(await view.page.locator("body").innerText(), /∞|Infinity|NaN/);
  });

  test("marks figures that rest on a tail of unknown shape with ≈, and says why", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await slide(view, "temperature", 1.5);
    const fused = view.page.locator('.figure[data-model="fused"]', { hasText: "≈" });
    await fused.waitFor();
    assert.match((await fused.getAttribute("title")) ?? "", /top k only/);
    assert.match(await status(view), /≈/);
  });

  test("takes tokens for text, whatever they hold", async (t) => {
    const view = await open(t, hostOfHardText);
    await drawn(view);
    const figures = await hostOfHardText.distributions({
      document: 0,
      controls: hostOfHardText.show.controls,
    });
    assert.equal(await view.page.locator(".cell").count(), figures.positions);
    assert.equal(await view.page.locator("img, .view script").count(), 0);
    const shown = (await view.page.locator(".cell-text").allInnerTexts()).join("");
    assert.match(shown, /<\/script>/);
    assert.match(shown, /onerror=alert\(1\)/);
    assert.match(shown, /[ء-ي]|⟨D[89]/);
    assert.match(shown, /<unk>/);
    assert.equal(shown.includes("→") && shown.includes("↵"), true, "tab and line end are visible");
    await press(view, "End");
    await drawn(view, figures.positions - 1);
    assert.match(await view.page.locator(".detail-title").innerText(), /the end/);
    assert.equal(utf8Encode(figures.text).length, figures.byteEnds[figures.positions - 1]);
  });
});

async function bestOf(figures: DocumentFigures, position: number): Promise<string> {
  const own = [...figures.bits.subarray(3 * position, 3 * position + 3)];
  const known = own.filter((bits) => !Number.isNaN(bits));
  return "TAB"[own.indexOf(Math.min(...known))];
}

describe("controls", () => {
  test("λ moves TAUGHT and asks nobody", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    const { figures, position } = await positionWhere(host, host.show.controls, hasFusedRow);
    await goTo(view, figures, position);
    await view.page.waitForTimeout(150);
    const before = view.calls.length;
    const fused = await column(view, ".col-fused");
    const trueId = await view.page.locator("tr.is-true").getAttribute("data-token-id");
    for (const lambda of [0, 0.9, 1]) {
      await slide(view, "lambda", lambda);
      const taught = await column(view, ".col-taught");
      const expected = lambda + (1 - lambda) * (fused[trueId!] ?? 0);
      assert.ok(Math.abs((taught[trueId!] ?? 0) - expected) < 1e-6, `λ ${lambda}`);
      for (const [id, p] of Object.entries(fused)) {
        if (id === trueId || lambda === 1) continue;
        assert.ok(Math.abs(taught[id] - (1 - lambda) * p) < 1e-6, `λ ${lambda}, token ${id}`);
      }
    }
    assert.deepEqual(
      view.calls.slice(before).map(({ verb }) => verb),
      [],
    );
    assert.match(await view.page.locator(".differs").innerText(), /differs from corrected: 1/);
  });

  test("the newest setting wins, and the old picture stays until it is there", async (t) => {
    const gates: (() => void)[] = [];
    let isHeld = false;
    const held = async (body: Parameters<ToyHost["distributions"]>[0]) => {
      if (isHeld) await new Promise<void>((resolve) => gates.push(resolve));
      return host.distributions(body);
    };
    const view = await open(t, host, { verbs: { distributions: held as never } });
    await drawn(view);
    const cells = await view.page.locator(".cell").count();
    isHeld = true;
    await choosing(view, "vocabulary", "exact");
    await choosing(view, "rule", "avgCE");
    await view.called("distributions", 2);
    assert.equal(await view.page.locator(".cell").count(), cells);
    assert.equal(await view.page.locator(".detail-table").count(), 1);
    for (const pass of gates) pass();
    await view.page.waitForFunction(() =>
      (document.querySelector('[data-weight-of="A"]')?.textContent ?? "").includes("."),
    );
    const { controls } = asked(view, "row").at(-1) as unknown as { controls: FusionControls };
    assert.deepEqual([controls.vocabulary, controls.rule], ["exact", "avgCE"]);
    await view.page.locator(".controls-end [aria-label='Reset the settings']").first().click();
    assert.equal(await view.page.locator(".differs").innerText(), "");
  });

  test("a refused setting goes back to what is shown, with the reason in words", async (t) => {
    const view = await open(t, host, {
      verbs: {
        distributions: ((body: Parameters<ToyHost["distributions"]>[0]) => {
          if (body.controls.vocabulary !== "exact") return host.distributions(body);
          throw new Problem("badInput", "No such map for these models.");
        }) as never,
      },
    });
    await drawn(view);
    await choosing(view, "vocabulary", "exact");
    await view.page.waitForSelector(".line.notice");
    assert.match(await view.page.locator(".line.notice").innerText(), /No such map/);
    assert.equal(await choiceOf(view, "vocabulary"), "firstToken");
    assert.equal(await view.page.locator(".detail-table").count(), 1);
  });

  test("what cannot apply is disabled, and says why", async (t) => {
    const show: DistributionsShow = {
      ...host.show,
      disabled: { temperature: "the run's rows are read at 1" },
    };
    const view = await open(t, host, { show });
    await drawn(view);
    const field = view.page.locator('[data-control="temperature"]');
    assert.equal(await field.getAttribute("title"), "the run's rows are read at 1");
    assert.equal(await field.locator("input").isDisabled(), true);
    await choosing(view, "preset", "published");
    const bytes = view.page.locator('[data-control="positions"] vscode-option[value="bytes"]');
    await view.page.waitForSelector(
      '[data-control="positions"] vscode-option[value="bytes"][disabled]',
      { state: "attached" },
    );
    assert.match((await bytes.getAttribute("title")) ?? "", /dtw only/);
  });

  test("the present settings go to a recipe", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await slide(view, "lambda", 0.7);
    await view.page.locator(".controls-end vscode-button", { hasText: "Use in recipe" }).click();
    const body = (await view.called("useInRecipe")) as { controls: FusionControls };
    assert.equal(body.controls.lambda, 0.7);
  });
});

describe("keys", () => {
  test("walk tokens, candidates and fall-backs, and say where they are", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await press(view, "Home");
    await drawn(view, 0);
    await press(view, "ArrowRight", "ArrowRight");
    assert.equal(await chosen(view), 2);
    await press(view, "Shift+ArrowRight");
    assert.equal(await chosen(view), 12);
    assert.match(await status(view), /^".+": (fused|no fused row)/);
    await drawn(view, 12);
    await press(view, "ArrowDown", "ArrowDown");
    assert.match(await status(view), /^candidate ".+", .*2 of \d+: fused/);
    await press(view, "n");
    assert.match(await status(view), /^fall-backs \d+ of \d+\./);
    const { reasons } = await host.distributions({ document: 0, controls: host.show.controls });
    const at = await chosen(view);
    assert.ok(reasons[3 * at + 1] > 0 || reasons[3 * at + 2] > 0);
    await choosing(view, "walk", "loss");
    await press(view, "p", "n");
    assert.match(await status(view), /^highest loss of T \d+ of/);
  });

  test("show the matrix, sources, table and other colours, and open the alignment", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await press(view, "x");
    assert.equal(await view.page.locator(".matrix-table").count(), 1);
    await press(view, "x", "2");
    assert.match(await status(view), /^B: /);
    assert.equal(await view.page.locator("th.is-lit-column").getAttribute("data-letter"), "B");
    await press(view, "l", "l");
    assert.match(await status(view), /gain/);
    await press(view, "o");
    const place = (await view.called("openAt")) as { what: string; byte: number };
    const figures = await host.distributions({ document: 0, controls: host.show.controls });
    assert.deepEqual(place, {
      what: "alignment",
      document: 0,
      byte: figures.byteStarts[await chosen(view)],
    });
    await press(view, "t");
    const grid = view.page.locator("[role=grid]");
    assert.equal(Number(await grid.getAttribute("aria-rowcount")), figures.positions + 1);
    await press(view, "Escape");
    assert.equal(await grid.count(), 0);
    assert.equal(await view.page.locator(".strip:focus").count(), 1);
    await press(view, "Escape");
    assert.equal(await view.called("revealText"), null);
    await press(view, "y");
    const { text } = (await view.called("copy")) as { text: string };
    assert.match(text, /^position\ttoken\t.*\n\d+\t/);
  });

  test("go line by line, to every kind of place, and say where they are", async (t) => {
    const view = await open(t, host, { width: 700 });
    await drawn(view);
    const figures = await host.distributions({ document: 0, controls: host.show.controls });
    await press(view, "Home", "PageDown");
    const below = await chosen(view);
    assert.ok(below > 4, `${below} is no line below`);
    await press(view, "PageUp");
    assert.ok((await chosen(view)) < 4, "back to a token of the first line, if not to the same");
    await press(view, "End");
    assert.equal(await chosen(view), figures.positions - 1);
    await press(view, "Shift+ArrowLeft");
    assert.equal(await chosen(view), figures.positions - 11);

    await choosing(view, "walk", "loss");
    await press(view, "n");
    const losses = Array.from({ length: figures.positions }, (_, i) => figures.bits[3 * i]);
    const byLoss = [...losses.keys()].sort((a, b) => losses[b] - losses[a] || a - b);
    const place = byLoss.indexOf(await chosen(view));
    assert.match(
      await status(view),
      new RegExp(`^highest loss of T ${place + 1} of ${figures.positions}\\. ".+": `),
    );
    await press(view, "n");
    assert.equal(await chosen(view), byLoss[(place + 1) % byLoss.length]);

    await choosing(view, "walk", "disagree");
    await press(view, "Home", "n");
    const differ = [...losses.keys()].filter(
      (i) => Math.abs(figures.fusedBits[i] - losses[i]) >= 1,
    );
    assert.ok(differ.length > 1, `T and fused agree in the text of seed ${seed}`);
    const next = differ.find((i) => i > 0) ?? differ[0];
    assert.equal(await chosen(view), differ[0] === 0 ? differ[1] : next);
    assert.match(await status(view), /^T and fused disagree \d+ of \d+\./);
    await press(view, "p", "p");
    assert.ok(differ.includes(await chosen(view)));
  });

  test("keep, list and copy, and say that there is no such source", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    const live = view.page.locator(".status");
    assert.equal(await live.getAttribute("role"), "status");
    await press(view, "k");
    assert.match(await status(view), /^Kept/);
    assert.deepEqual(await view.called("persist"), { kept: true });
    await press(view, "k");
    assert.match(await status(view), /^Not kept/);
    await press(view, "9");
    assert.equal(await status(view), "There are 2 sources.");
    await press(view, "?");
    const listed = (await view.page.locator("dialog[open] kbd").allInnerTexts()).join(" ");
    for (const key of ["← →", "↑ ↓", "PageUp", "Home", "n", "p", "x", "1…9", "l", "t", "o", "y"]) {
      assert.ok(listed.includes(key), `${key} is not listed: ${listed}`);
    }
    for (const key of ["r", "k", "?", "Esc"]) assert.ok(listed.includes(key), listed);
    await press(view, "Escape");
    assert.equal(await view.page.locator("dialog[open]").count(), 0);

    const { figures, position } = await positionWhere(host, host.show.controls, hasFusedRow);
    await goTo(view, figures, position);
    await press(view, "ArrowDown", "ArrowDown", "ArrowUp");
    const line = view.page.locator("tr.is-candidate");
    assert.equal(await line.getAttribute("aria-current"), "true");
    const [, piece = "", fused = ""] =
      /^candidate "(.+)"(?:, the true one)?, 1 of \d+: fused (\S+),/.exec(await status(view)) ?? [];
    assert.match(fused, /^(0?\.\d+|1|without)$/, await status(view));
    await press(view, "y");
    const { text } = (await view.called("copy")) as { text: string };
    const [head, values] = text.trimEnd().split("\n");
    assert.equal(head.split("\t").length, values.split("\t").length);
    assert.ok(values.includes(piece.trim()), `${values} without ${piece}`);
    assert.equal(await status(view), "Copied.");
  });

  test("reach everything that can be pressed: a tab stop each, one for the drawing", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await view.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const stops: string[] = [];
    for (let i = 0; i < 60; i++) {
      await view.page.keyboard.press("Tab");
      const stop = await view.page.evaluate(() => {
        const at = document.activeElement;
        if (at === null || at === document.body) return "";
        const control = at.closest<HTMLElement>("[data-control]")?.dataset.control;
        return control ?? at.getAttribute("aria-label") ?? at.textContent?.trim() ?? "?";
      });
      if (stop === "") break;
      stops.push(stop);
    }
    const controls = ["preset", "positions", "vocabulary", "rule", "per", "topK", "lambda"];
    for (const name of [...controls, "temperature", "measure", "subject", "walk", "next"]) {
      assert.equal(stops.filter((stop) => stop === name).length, 1, `${name} among ${stops}`);
    }
    const cells = await view.page.locator('.cell[tabindex="0"]').count();
    assert.equal(cells, 0, "tokens are no tab stops of their own");
    assert.equal(await view.page.locator('.strip[tabindex="0"]').count(), 1);
    assert.ok(stops.length < 30, `${stops}`);
  });
});

describe("export", () => {
  test("CSV holds every position with its figures and reasons", async (t) => {
    const view = await open(t, host, { verbs: { export: (() => ({ saved: true })) as never } });
    await drawn(view);
    await view.page.locator("[aria-label='More actions']").first().click();
    await view.page.getByText("Export figures as CSV…").click();
    const { content } = (await view.called("export")) as { content: string };
    const [head, ...lines] = content.trim().split("\r\n");
    const figures = await host.distributions({ document: 0, controls: host.show.controls });
    assert.equal(lines.length, figures.positions);
    const noRow = head.split(",").indexOf("no row A");
    const reasons = lines.filter((line) => line.split(",")[noRow] === "noSharedBoundary").length;
    const expected = figures.reasons.filter((code, i) => i % 3 === 1 && code === 4).length;
    assert.equal(reasons, expected);
  });

  test("SVG holds the whole strip as text", async (t) => {
    const view = await open(t, hostOfHardText, {
      verbs: { export: (() => ({ saved: true })) as never },
    });
    await drawn(view);
    await view.page.locator("[aria-label='More actions']").first().click();
    await view.page.getByText("Export as SVG…").click();
    const { content } = (await view.called("export")) as { content: string };
    const isSound = await view.page.evaluate((svg) => {
      const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
      return {
        fails: parsed.querySelectorAll("parsererror, script, img").length,
        cells: parsed.querySelectorAll("g[data-position]").length,
      };
    }, content);
    assert.equal(isSound.fails, 0);
    assert.equal(isSound.cells, await view.page.locator(".cell").count());
  });
});

describe("states", () => {
  const problem = { code: "tooLarge", message: "llama has 7 B parameters.", next: "Open a run." };
  for (const [name, change, words] of [
    ["restricted", { restricted: true }, /not trusted/],
    ["no models", { models: [] }, /at least one source/],
    ["nothing selected", { documents: [] }, /Nothing is selected/],
    ["too large", { problem }, /7 B parameters/],
  ] as const) {
    test(`${name}: is said, asks for nothing, and is left when there is something to draw`, async (t) => {
      const show = { ...host.show, ...change } as unknown as DistributionsShow;
      const view = await open(t, host, { show });
      await view.page.locator(".state:visible").waitFor();
      assert.match(await view.page.locator(".state").innerText(), words);
      assert.equal(asked(view, "distributions").length, 0);
      view.show(host.show);
      await drawn(view);
      assert.equal(await view.page.locator(".state:visible").count(), 0);
    });
  }

  test("models that are too large are refused with a way out", async (t) => {
    const refuse = () => {
      throw new Problem("tooLarge", "llama needs 28 GB.", { next: "Choose a smaller model." });
    };
    const view = await open(t, host, { verbs: { distributions: refuse as never } });
    await view.page.locator(".state:visible").waitFor();
    assert.match(await view.page.locator(".state").innerText(), /28 GB/);
    await view.page.getByText("Choose models").click();
    assert.deepEqual(await view.called("openAt"), { what: "models" });
  });

  test("a text that is another after a reload is offered to be read again, not asked for once more", async (t) => {
    const refuse = () => {
      throw new Problem("stale", "The text in the editor is another than before.");
    };
    const view = await open(t, host, { verbs: { distributions: refuse as never } });
    await view.page.locator(".state:visible").waitFor();
    await view.page.locator(".state vscode-button", { hasText: "Read again" }).click();
    assert.equal(await view.called("readAgain"), null);
    assert.equal(asked(view, "distributions").length, 1);
  });

  test("a text that changed dims the picture and can be read again", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    view.push("textChanged", { revision: host.show.revision, changed: true });
    await view.page.waitForSelector(".line.stale");
    assert.match(await view.page.locator(".line.stale").innerText(), /Read again \(r\)/);
    await press(view, "r");
    assert.equal(await view.called("readAgain"), null);
    view.show({ ...host.show, revision: "another" });
    await view.page.waitForSelector(".line.stale", { state: "detached" });
  });

  for (const end of ["refused", "given up"] as const) {
    test(`a text whose reading is ${end} leaves the old picture dimmed, and asks nothing of it`, async (t) => {
      let isRefused = false;
      const view = await open(t, host, {
        verbs: {
          distributions: (body: Parameters<ToyHost["distributions"]>[0]) => {
            if (!isRefused) return host.distributions(body);
            if (end === "given up") return new Promise(() => undefined);
            throw new Problem("failed", "The inspector's process ended.");
          },
        } as never,
      });
      await drawn(view);
      const dimmed = view.page.locator(".view[data-stale]");
      const line = view.page.locator(".line.stale");
      view.push("textChanged", { revision: host.show.revision, changed: true });
      await line.waitFor();
      await press(view, "r");
      await view.called("readAgain");
      isRefused = true;
      view.show({ ...host.show, revision: "another" });
      if (end === "given up") {
        const working = view.page.locator(".line.working");
        await working.waitFor();
        assert.equal(await dimmed.count(), 1, "old while the new one is awaited");
        assert.equal(await line.count(), 0);
        await working.getByText("Cancel").click();
      } else await view.page.getByText("The inspector's process ended.").first().waitFor();
      await line.waitFor();
      assert.equal(await dimmed.count(), 1);
      const before = view.calls.length;
      await press(view, "Home", "ArrowRight", "ArrowRight");
      await view.page.waitForTimeout(150);
      assert.deepEqual(
        view.calls.slice(before).map(({ verb }) => verb),
        [],
      );
      isRefused = false;
      await line.locator("vscode-button").click();
      await view.called("readAgain", 2);
      view.show({ ...host.show, revision: "a third" });
      await dimmed.waitFor({ state: "detached" });
      await press(view, "ArrowRight");
      await drawn(view, await chosen(view));
    });
  }

  test("a hidden view asks for nothing, and goes on where it was", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await view.page.waitForTimeout(150);
    await press(view, "Home");
    await drawn(view, 0);
    view.push("visible", { visible: false });
    await view.page.waitForTimeout(100);
    const before = asked(view, "row").length + asked(view, "distributions").length;
    await view.page.waitForTimeout(100);
    assert.equal(asked(view, "row").length + asked(view, "distributions").length, before);
    view.push("visible", { visible: true });
    await view.called("ready", 1);
    await view.painted();
    assert.equal(await chosen(view), 0);
    assert.equal(asked(view, "distributions").length, 1);
  });

  test("a reload takes up place, settings and look", async (t) => {
    const first = await open(t, host);
    await drawn(first);
    await press(first, "Home", "ArrowRight", "x", "l");
    await slide(first, "lambda", 0.8);
    const state = await first.stored();
    const view = await open(t, host, { state });
    await drawn(view, 1);
    assert.equal(await view.page.locator(".matrix-table").count(), 1);
    assert.match(await view.page.locator('[data-control="lambda"]').innerText(), /0\.80/);
    assert.equal(await choiceOf(view, "measure"), "entropy");
  });
});

describe("documents", () => {
  test("are switched between, each with its own figures", async (t) => {
    const view = await open(t, host);
    await drawn(view);
    await view.page.locator("[aria-label='Next document']").first().click();
    await view.page.waitForFunction(() =>
      document.querySelector(".switcher")?.textContent?.includes("2 of 2"),
    );
    const body = asked(view, "distributions").at(-1) as unknown as { document: number };
    assert.equal(body.document, 1);
  });

  test("of a run are searched, the worst for the target first", async (t) => {
    const texts = Array.from({ length: 5 }, (_, i) => inventedText(i, 2));
    const run = toyHost({ texts, sources: 1, origin: "run", seed });
    const view = await open(t, run);
    await drawn(view);
    assert.equal(await choiceOf(view, "preset"), "recipe");
    await view.page.locator(".document-search vscode-button").click();
    const items = view.page.locator(".search-item");
    const order = await items.evaluateAll((all) =>
      all.map((one) => Number((one as HTMLElement).dataset.document)),
    );
    const scores = order.map((i) => run.show.documents[i].bitsPerByte ?? 0);
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
    );
    await view.page.keyboard.type("text-2");
    assert.equal(await items.count(), 1);
    await press(view, "Enter");
    await view.page.waitForFunction(() =>
      document.querySelector(".document-search")?.textContent?.includes("text-2.md"),
    );
  });
});

describe("sizes", () => {
  test("only lines in sight are built; rows are asked one by one and the next ones ahead", async (t) => {
    const long = toyHost({ texts: [inventedText(seed, 260)], sources: 1, seed, topK: 12 });
    const view = await open(t, long, { width: 700 });
    await drawn(view);
    const figures = await long.distributions({ document: 0, controls: long.show.controls });
    assert.ok(figures.positions > 1500, `${figures.positions} positions`);
    assert.ok((await view.page.locator(".cell").count()) < 400);
    assert.equal(await view.page.locator(".overview:visible").count(), 1);
    await press(view, "End");
    await drawn(view, figures.positions - 1);
    await press(view, "Home");
    await drawn(view, 0);
    await view.called("row", 4);
    const positions = asked(view, "row").map(({ position }) => position);
    assert.deepEqual(positions.slice(positions.lastIndexOf(0)).slice(0, 3), [0, 1, 2]);
    await press(view, "ArrowRight");
    await drawn(view, 1);
    assert.equal(asked(view, "row").filter(({ position }) => position === 1).length, 1);
  });

  for (const theme of ["dark", "light", "highContrast", "highContrastLight"] as const) {
    test(`${theme}: nothing serious for axe at 420 and 1100 pixels, and nothing runs out of the window`, async (t) => {
      for (const width of [420, 1100]) {
        const view = await open(t, host, { theme, width, zoom: width === 1100 ? 2 : 1 });
        await drawn(view);
        assert.deepEqual(await view.seriousFindings(), []);
        assert.deepEqual(await cutTexts(view.page, reachable), []);
        const [inner, outer] = await view.page.evaluate(() => [
          document.querySelector(".view")?.scrollWidth ?? 0,
          window.innerWidth,
        ]);
        assert.ok(inner <= outer, `${inner} pixels wide in ${outer}`);
      }
    });
  }

  for (const width of [420, 750, 1250]) {
    test(`bars of equal probability are equally long in every column at ${width} pixels`, async (t) => {
      const view = await open(t, hostOfOneSeed, { width });
      await drawn(view);
      for (const form of ["columns", "matrix"]) {
        const bars = await view.page
          .locator(".detail-table .p[data-probability]")
          .evaluateAll((all) =>
            all.map((box) => ({
              column: box.closest("td")?.dataset.letter ?? box.closest("td")?.className ?? "",
              probability: Number((box as HTMLElement).dataset.probability),
              length: box.querySelector(".p-bar")?.getBoundingClientRect().width ?? 0,
            })),
          );
        // A bar is at least a pixel long, so that what is little is not nothing.
        const long = bars.filter(({ length }) => length > 2);
        assert.ok(new Set(long.map(({ column }) => column)).size >= 3, "too few columns have bars");
        const whole = long.map(({ probability, length }) => length / probability);
        const [least, most] = [Math.min(...whole), Math.max(...whole)];
        assert.ok(most - least < 0.02 * most, `${form}: a bar of 1 has ${least} to ${most} pixels`);
        await press(view, "x");
      }
      const masses = await view.page
        .locator(".mass-row .mass")
        .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().width));
      assert.ok(masses.length >= 4, `${masses.length} bars of mass`);
      assert.ok(Math.max(...masses) - Math.min(...masses) < 1, masses.join(" "));
    });
  }

  test("two sources, the target and what is fused stand beside each other in half a window", async (t) => {
    const view = await open(t, hostOfOneSeed, { width: 750 });
    await drawn(view);
    const [last, fixed] = await view.page.evaluate(() =>
      ["th.col-target", "th.col-fused"].map((head) => {
        const { left, right } = document.querySelector(head)!.getBoundingClientRect();
        return [left, right];
      }),
    );
    assert.ok(last[1] <= fixed[0] + 1, `T reaches ${last[1]}, FUSED begins at ${fixed[0]}`);
  });

  for (const theme of ["dark", "light", "highContrast", "highContrastLight"] as const) {
    test(`${theme}: texts and bars stand out from what is behind them`, async (t) => {
      const isHigh = theme.startsWith("highContrast");
      const view = await open(t, host, { theme });
      await drawn(view);
      for (const letter of ["T", "A", "B"]) {
        // Chosen once each: the letter then stands on another ground.
        await view.page.locator(`.cell:has([data-letter="${letter}"])`).first().click();
        const { text } = await contrasts(view.page, "none");
        const letters = text.filter(({ what }) => what.includes("cell-best"));
        assert.deepEqual(
          letters.filter(({ ratio }) => ratio < (isHigh ? 7 : 4.5)),
          [],
        );
      }
      for (const form of ["columns", "matrix"]) {
        const { text } = await contrasts(view.page, "none");
        const bars = await barContrasts(view.page, ".p-bar, .cell-bar");
        assert.ok(text.length > 100 && bars.length > 20, "nothing was looked at");
        const least = (all: readonly { ratio: number }[]) =>
          Math.min(...all.map(({ ratio }) => ratio)).toFixed(2);
        t.diagnostic(`figure: ${theme}, ${form}: text ${least(text)}, bars ${least(bars)}`);
        assert.deepEqual(
          text.filter(({ ratio }) => ratio < (isHigh ? 7 : 4.5)),
          [],
        );
        assert.deepEqual(
          bars.filter(({ ratio }) => ratio < 3),
          [],
        );
        await press(view, "x");
      }
    });
  }
});
