/**
 * The alignment view in a browser. Its host answers from src/core on tokenizers that the test trains; what pictures
 * must show is worked out here a second time, by another edit distance and a DTW of a few lines.
 */
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { alignTokens } from "../../src/core/alignment/alignTokens.ts";
import { Problem } from "../../src/core/problem.ts";
import { createTokenizer } from "../../src/core/text/textTokenizer.ts";
import type { TextTokenizer } from "../../src/core/text/tokenizer.ts";
import type { TokenizerFiles } from "../../src/pipeline/zoo/tokenizerFiles.ts";
import type { AlignmentShow } from "../../src/protocol/alignmentView.ts";
import { type Colour, contrastOf } from "../support/editor/picture.ts";
import { inventedText } from "../support/toyProject.ts";
import { read, toyTokenizer } from "../support/toyTokenizer.ts";
import { trainers } from "../support/trainedTokenizers.ts";
import {
  closeBrowser,
  openView,
  type ViewPage,
  type ViewPageOptions,
} from "../support/viewPage.ts";
import { until } from "../support/waiting.ts";
import { type AlignedByHand, alignedByHand, spelled } from "./alignmentByHand.ts";
import { type AlignmentWorld, alignmentShow, alignmentVerbs, encoded } from "./alignmentHost.ts";

after(closeBrowser);

const corpus = [inventedText(3, 120)];
const trained = (name: string, files: TokenizerFiles): TextTokenizer =>
  createTokenizer({ tokenizer: files.tokenizer }, { name, fingerprint: name });
const bytePairs = trained("bytePairs", trainers.byteLevelGpt2(corpus));
const pieces = trained("pieces", trainers.sentencePieceBpe(corpus));
const unigram = trained("unigram", trainers.unigram(corpus));

/** The target tokens of a text for which DTW and bytes answer differently. */
function differencesIn(text: string, source: TextTokenizer): number[] {
  const { outcome } = alignTokens(
    { tokenizer: pieces, encoding: encoded(pieces, text) },
    { tokenizer: source, encoding: encoded(source, text) },
    { mode: "corrected" },
  );
  return Array.from(outcome!.keys()).filter((token) => [1, 2, 3].includes(outcome![token]));
}

const proseOf = (seed: number): string => inventedText(seed, 5).slice(0, 260);
const hasDifferences = (seed: number): boolean =>
  [bytePairs, unigram].every((source) => differencesIn(proseOf(seed), source).length > 2);

/** Printed by the test of pixels. Some texts have nothing to walk along: the next one then. */
let seed = Math.floor(1e6 * Math.random());
while (!hasDifferences(seed)) seed++;
const prose = proseOf(seed);

interface Opened extends ViewPage {
  readonly world: AlignmentWorld;
}

async function open(
  t: TestContext,
  world: AlignmentWorld,
  {
    shown = {},
    awaits = "fuselab.painted",
    ...options
  }: ViewPageOptions & { readonly shown?: Partial<AlignmentShow>; readonly awaits?: string } = {},
): Promise<Opened> {
  const view = await openView("alignment", {
    ...options,
    show: alignmentShow(world, shown),
    verbs: { ...(alignmentVerbs(world) as ViewPageOptions["verbs"]), ...options.verbs },
  });
  t.after(async () => {
    assert.deepEqual([view.errors, view.violations], [[], []]);
    await view.close();
  });
  if (awaits !== "")
    await view.page.waitForFunction(
      (name) => performance.getEntriesByName(name).length > 0,
      awaits,
    );
  return { ...view, world };
}

const status = (view: ViewPage) => view.page.locator("footer.status").innerText();
const press = async (view: ViewPage, ...keys: readonly string[]) => {
  for (const key of keys) await view.page.keyboard.press(key);
  await view.painted();
};
const focusMatrix = (view: ViewPage) => view.page.locator(".matrix-pane").focus();

/** Local costs, detours and the path, the plain way. */
function expectedOf(target: TextTokenizer, source: TextTokenizer, text: string): AlignedByHand {
  const said = (tokenizer: TextTokenizer): string[] =>
    Array.from(encoded(tokenizer, text).ids, (id) => spelled(tokenizer.table.bytes[id]!));
  return alignedByHand(said(source), said(target));
}

interface Place {
  readonly cell: number;
  readonly left: number;
  readonly top: number;
}

const placeOf = (view: ViewPage): Promise<Place> =>
  view.page.locator(".matrix-canvas").evaluate((canvas) => {
    const { cell, left, top } = (canvas as HTMLElement).dataset;
    return { cell: Number(cell), left: Number(left), top: Number(top) };
  });

/** The legend's stops by the value they begin at. */
const stopsOf = (view: ViewPage): Promise<{ value: number; colour: string }[]> =>
  view.page.locator(".legend-stop").evaluateAll((stops) =>
    stops.map((stop) => ({
      value: Number((stop as HTMLElement).dataset.value),
      colour: (stop as HTMLElement).dataset.colour ?? "",
    })),
  );

/** Cells in the upper left corner, beside and on the way through it. */
const chosenCells = [
  [1, 1],
  [2, 2],
  [3, 1],
  [1, 4],
  [5, 2],
  [6, 6],
  [4, 9],
  [8, 3],
  [2, 11],
] as const;

/** A text that both tokenizers cut differently from its beginning: swapped axes would look alike otherwise. */
function unevenText(): string {
  for (let at = seed; ; at++) {
    const text = proseOf(at);
    const expected = expectedOf(pieces, bytePairs, text);
    const isUneven = (["detour", "local", "cumulative"] as const).every((layer) =>
      chosenCells.some(([i, j]) => expected[layer][i][j] !== expected[layer][j][i]),
    );
    if (isUneven) return text;
  }
}

test(`pixels have the legend's colour for costs worked out here (seed ${seed})`, async (t) => {
  const text = unevenText();
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [text] }, { height: 1000 });
  const expected = expectedOf(pieces, bytePairs, text);
  await focusMatrix(view);
  // The upper left corner of the matrix, large enough to hit a cell beside what is drawn over it.
  await press(view, "Home");
  while ((await placeOf(view)).cell < 14) await press(view, "+");
  for (const layer of ["detour", "local", "cumulative"] as const) {
    await view.page.waitForTimeout(200);
    await view.painted();
    const { cell, left, top } = await placeOf(view);
    assert.ok(cell > 10, `${cell} pixels a cell`);
    const stops = await stopsOf(view);
    const colours = new Set<string>();
    for (const [row, column] of chosenCells) {
      const value = expected[layer][row][column];
      const stop = stops.findLast((one) => value >= one.value)!;
      const [r, g, b] = await view.pixel(
        ".matrix-canvas",
        left + (column + 0.82) * cell,
        top + (row + 0.18) * cell,
      );
      assert.equal(`rgb(${r} ${g} ${b})`, stop.colour, `${layer} ${value} at ${row}, ${column}`);
      colours.add(stop.colour);
    }
    assert.ok(colours.size > 1, `${layer}: one colour everywhere proves nothing`);
    await press(view, "l");
  }
});

test("below a pixel a cell the least detour of what a pixel covers is drawn, so the path stays", async (t) => {
  // A word again and again: any order of pairing it costs nothing, so best paths fill a square beside the drawn one.
  const text = `${prose} ${"mu ".repeat(300)}${inventedText(seed + 1, 14)}`;
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [text] }, { height: 560 });
  await focusMatrix(view);
  await press(view, "Home");
  const { cell, left, top } = await placeOf(view);
  assert.ok(cell < 1, `${cell}`);
  const stops = await stopsOf(view);
  const { detour, path } = expectedOf(pieces, bytePairs, text);
  const side = 2 ** Math.ceil(-Math.log2(cell) - 1e-9);
  const leastOf = (i: number, j: number) =>
    Math.min(...detour.slice(i, i + side).flatMap((row) => row.slice(j, j + side)));
  const colourOf = (value: number) => stops.findLast((stop) => value >= stop.value)!.colour;
  // What is drawn over the cells: the path, the groups of bytes, what is chosen.
  const ends = [bytePairs, pieces].map((tokenizer) => encoded(tokenizer, text).ends);
  const shared = Array.from(ends[0], (end, i) => [i, ends[1].findIndex((one) => one >= end)]);
  const marks = [...path, ...shared];
  const clear = 4 * side + 4 / cell;
  const isClear = (i: number, j: number): boolean =>
    Math.max(i, j) > 40 / cell &&
    marks.every(([row, column]) => Math.max(Math.abs(row - i), Math.abs(column - j)) > clear);
  let checked = 0;
  let basin = 0;
  for (let i = side; i + 2 * side < detour.length && checked < 200; i += 7 * side)
    for (let j = side; j + 2 * side < detour[0].length; j += 3 * side) {
      const least = leastOf(i, j);
      if (least > 11 || !isClear(i, j)) continue;
      const at = [left + (j + side / 2) * cell, top + (i + side / 2) * cell] as const;
      const [r, g, b] = await view.pixel(".matrix-canvas", ...at);
      // A square is hardly larger than a pixel, so that its neighbour may have the pixel's middle.
      const around = [-side, 0, side].flatMap((di) =>
        [-side, 0, side].map((dj) => leastOf(i + di, j + dj)),
      );
      const colours = around.map(colourOf);
      assert.ok(colours.includes(`rgb(${r} ${g} ${b})`), `${r} ${g} ${b}, ${least} at ${i}, ${j}`);
      checked++;
      if (around.every((value) => value === 0)) basin++;
    }
  assert.ok(basin > 10, `${basin} of ${checked} squares lie where all detours are 0`);
});

const exportAs = async (view: ViewPage, what: string, nth = 1): Promise<string> => {
  await view.page.getByRole("button", { name: "More actions" }).click();
  await view.page.getByRole("menuitem", { name: what }).click();
  const { content } = (await view.called("export", nth)) as { content: unknown };
  return String(content);
};

const attributesOf = (svg: string, tag: string, has: string): Record<string, string>[] =>
  [...svg.matchAll(new RegExp(`<${tag} [^>]*${has}[^>]*>`, "g"))].map(([mark]) =>
    Object.fromEntries(
      [...mark.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    ),
  );

test("the path and the cells read back from the SVG are those worked out here", async (t) => {
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [prose] });
  const expected = expectedOf(pieces, bytePairs, prose);
  const svg = await exportAs(view, "Export as SVG…");
  const points = attributesOf(svg, "circle", "data-row");
  assert.deepEqual(
    points.map((point) => [Number(point["data-row"]), Number(point["data-column"])]),
    expected.path,
  );
  assert.deepEqual(
    points.map((point) => Number(point["data-cost"])),
    expected.path.map(([i, j]) => expected.local[i][j]),
  );
  const cells = attributesOf(svg, "rect", "data-row");
  const within = expected.detour.flatMap((row, i) =>
    row.flatMap((detour, j) => (detour < 12 ? [[i, j, detour]] : [])),
  );
  assert.deepEqual(
    cells.map((cell) => ["data-row", "data-column", "data-cost"].map((name) => Number(cell[name]))),
    within,
  );
  const stops = attributesOf(svg, "rect", "data-colour");
  for (const cell of cells) {
    const stop = stops.find((one) => one["data-value"] === cell["data-cost"])!;
    assert.equal(cell.fill.replaceAll(",", ""), stop.fill.replaceAll(",", ""));
  }
});

test("above 50,000 marks the cells of a picture are one image", async (t) => {
  const text = inventedText(5, 40).slice(0, 1300);
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [text] });
  await press(view, "l");
  await until("the local layer", async () =>
    (await view.page.locator(".legend").innerText()).includes("local"),
  );
  const svg = await exportAs(view, "Export as SVG…");
  assert.equal(attributesOf(svg, "rect", "data-row").length, 0);
  assert.equal(attributesOf(svg, "image", "data-cells-per-pixel").length, 1);
  assert.ok(attributesOf(svg, "circle", "data-row").length > 100);
});

for (const [name, text] of Object.entries({
  prose,
  code: "if (a) {\n\treturn b[0] ?? c;\n}\n",
  emoji: "so 🙂 and 👩‍👩‍👧 end",
  Arabic: "مرحبا بالعالم",
  CRLF: "one\r\ntwo\r\n",
  tabs: "\ta\t\tb",
  markup: "x </script><img onerror=alert(1)> y",
  unknown: "a <unk> b",
  "an empty line": "one\n\ntwo",
  "one token": "b",
}))
  test(`figures, table and CSV count the same answers: ${name}`, async (t) => {
    const sources = [bytePairs, unigram];
    const view = await open(t, { tokenizers: [pieces, ...sources], texts: [text] });
    const own = { tokenizer: pieces, encoding: encoded(pieces, text) };
    const csv = (await exportAs(view, "Export figures as CSV…")).trim().split("\r\n").slice(1);
    for (const [i, tokenizer] of sources.entries()) {
      const letter = "AB"[i];
      const other = { tokenizer, encoding: encoded(tokenizer, text) };
      const { stats } = alignTokens(own, other, { mode: "corrected" });
      const body = view.page.locator(`.figures-table tbody[data-letter="${letter}"]`);
      const shown = await body
        .locator("[data-answers]")
        .evaluateAll((cells) =>
          cells.map((cell) => [cell.dataset.answers, cell.dataset.of].map(Number)),
        );
      const tokens = stats.targetTokens;
      assert.deepEqual(shown, [
        [stats.dtw!.answers, tokens],
        [stats.bytes!.answers, tokens],
      ]);
      const outcomes = await body
        .locator("[data-outcome]")
        .evaluateAll((cells) =>
          cells.map((cell) => [cell.dataset.outcome, Number(cell.dataset.count)]),
        );
      assert.deepEqual(Object.fromEntries(outcomes), stats.outcomes);
      assert.ok((await body.innerText()).includes(`equal piece ${stats.dtw!.equalPieces}`));

      const rows = csv.filter((row) => row.startsWith(`1,${letter},`));
      assert.equal(rows.length, tokens);
      const answered = (at: number) => rows.filter((row) => row.split(",").at(at) !== "").length;
      assert.deepEqual([answered(-4), answered(-2)], [stats.dtw!.answers, stats.bytes!.answers]);

      await press(view, String(i + 1), "t");
      const grid = view.page.getByRole("grid");
      assert.equal(await grid.getAttribute("aria-rowcount"), String(tokens + 1));
      if (tokens < 25) {
        const words = await grid.locator("tbody tr td:last-child").allInnerTexts();
        const same = words.filter((word) => word.includes("same row")).length;
        assert.equal(same, stats.outcomes!.same);
      }
      await press(view, "t");
    }
  });

test("keys move the cell, walk differences and the path, and the live region says where", async (t) => {
  const view = await open(t, { tokenizers: [pieces, bytePairs, unigram], texts: [prose] });
  const expected = expectedOf(pieces, bytePairs, prose);
  const different = differencesIn(prose, bytePairs);
  const of = different.length;
  assert.match(await status(view), new RegExp(`^Difference 1 of ${of}: DTW .*T${different[0]} `));
  await press(view, "n");
  assert.match(await status(view), new RegExp(`^Difference 2 of ${of}: .*T${different[1]} `));
  await press(view, "p", "p");
  assert.match(
    await status(view),
    new RegExp(`^Difference ${of} of ${of}: .*T${different[of - 1]} `),
  );

  await focusMatrix(view);
  await press(view, "Home");
  assert.match(
    await status(view),
    /^source ".*", row 0; target ".*", column 0; cost \d+; detour 0; first cell of the path; /,
  );
  await press(view, "ArrowRight", "ArrowDown", "ArrowDown");
  assert.match(await status(view), new RegExp(`row 2; .*column 1; cost ${expected.local[2][1]}; `));
  await press(view, "Shift+ArrowRight");
  assert.match(await status(view), /row 2; .*column 11; .*not on the path/);
  await press(view, "Home", "g", "ArrowRight", "ArrowRight");
  const [row, column] = expected.path[2];
  assert.match(await status(view), new RegExp(`row ${row}; .*column ${column}; .*detour 0; `));
  await press(view, "End");
  assert.match(await status(view), new RegExp(`column ${encoded(pieces, prose).ids.length - 1}; `));

  await press(view, "2");
  assert.equal(
    await view.page.locator(".figures-table tbody[data-chosen=true]").getAttribute("data-letter"),
    "B",
  );
  const before = await placeOf(view);
  await press(view, "+");
  assert.ok((await placeOf(view)).cell > before.cell);
  const near = await placeOf(view);
  await press(view, "+", "-");
  assert.equal((await placeOf(view)).cell.toFixed(6), near.cell.toFixed(6));
  await press(view, "0");
  assert.equal((await placeOf(view)).cell, before.cell);
  await press(view, "1", "Home", "+", "+", "+", "+", "PageDown");
  const [, paged] = /row (\d+);/.exec(await status(view)) ?? [];
  assert.ok(Number(paged) > 1, paged);
  await press(view, "PageUp");
  assert.match(await status(view), /row 0;/);
  await press(view, "k");
  assert.deepEqual(await view.called("persist"), { kept: true });
  assert.match(await status(view), /^Kept: /);
  await press(view, "k", "0", "2", "ArrowLeft");
  await press(view, "y");
  assert.equal(((await view.called("copy")) as { text: string }).text.startsWith("source "), true);

  const focused = () => view.page.evaluate(() => document.activeElement?.className);
  await press(view, "m");
  assert.equal(await focused(), "ribbon");
  await press(view, "Home", "ArrowRight");
  assert.match(await status(view), /column 1; /);
  await press(view, "m");
  assert.equal(await focused(), "figures-table");
  await press(view, "ArrowUp", "m");
  assert.equal(
    await view.page.locator(".figures-table tbody[data-chosen=true]").getAttribute("data-letter"),
    "A",
  );
  assert.equal(await focused(), "matrix-pane");
  await press(view, "t");
  assert.equal(await focused(), "grid");
  await press(view, "Escape");
  assert.equal(await focused(), "matrix-pane");
  await press(view, "Escape");
  assert.equal(await view.called("revealText"), null);
  await press(view, "l");
  assert.deepEqual(await view.called("persist", 3), { remember: { layer: "local" } });
  await press(view, "?");
  assert.ok((await view.page.locator("dialog").innerText()).includes("next difference"));
});

test("the editor's cursor chooses its token, and choosing tells the editor whole characters", async (t) => {
  const text = "naïve café 🙂 end";
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [text] });
  assert.equal(view.calls.filter(({ verb }) => verb === "chooseToken").length, 0);
  view.push("cursor", { document: 0, byte: 15 });
  await until("the cursor's token", async () => {
    const { ends } = encoded(pieces, text);
    const token = ends.findIndex((end) => end > 15);
    return (await status(view)).includes(`column ${token};`);
  });
  assert.equal(view.calls.filter(({ verb }) => verb === "chooseToken").length, 0);
  await focusMatrix(view);
  await press(view, "ArrowRight");
  const range = (await view.called("chooseToken")) as {
    document: number;
    from: number;
    to: number;
  };
  const bytes = Buffer.from(text);
  assert.equal(range.document, 0);
  for (const at of [range.from, range.to]) assert.notEqual((bytes[at] ?? 0) & 0xc0, 0x80);
  await press(view, "Enter");
  assert.deepEqual(await view.called("revealText"), range);
});

test("a click chooses the cell under it, resting shows its card, a double click goes to the group", async (t) => {
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [prose] });
  const box = (await view.page.locator(".matrix-canvas").boundingBox())!;
  const { cell, left, top } = await placeOf(view);
  const at = (row: number, column: number) =>
    [box.x + left + (column + 0.5) * cell, box.y + top + (row + 0.5) * cell] as const;
  await view.page.mouse.click(...at(20, 24));
  assert.match(await status(view), /row 20; .*column 24;/);
  assert.ok(await view.page.locator(".card").isHidden());
  await view.page.mouse.move(...at(10, 12));
  await view.page.locator(".card").waitFor({ state: "visible" });
  const card = await view.page.locator(".card").innerText();
  assert.match(card, /A\s*10 .*T\s*12 /s);
  await view.page.mouse.dblclick(...at(30, 33));
  await view.painted();
  assert.ok((await placeOf(view)).cell > 3 * cell);
  await view.page.mouse.wheel(0, 40);
  await view.page.waitForTimeout(50);
  const zoomed = await placeOf(view);
  await view.page.keyboard.down("Control");
  await view.page.mouse.wheel(0, 200);
  await view.page.keyboard.up("Control");
  await until("Ctrl and wheel zoom out", async () => (await placeOf(view)).cell < zoomed.cell);
});

test("a changed text is said; r aligns again, and short texts do it by themselves", async (t) => {
  const world = { tokenizers: [pieces, bytePairs], texts: [prose] };
  const view = await open(t, world, { shown: { followEdits: false } });
  view.push("textChanged", { revision: "another", changed: true });
  view.push("textChanged", { revision: "1", changed: true });
  const line = view.page.getByText("Text changed");
  await line.waitFor();
  const before = view.calls.filter(({ verb }) => verb === "chooseToken").length;
  await press(view, "n");
  assert.equal(
    view.calls.filter(({ verb }) => verb === "chooseToken").length,
    before,
    "links are off",
  );
  await press(view, "r");
  await view.called("alignAgain");
  const place = (await status(view)).match(/T(\d+)/)![1];
  view.show(alignmentShow(world, { revision: "2" }));
  await line.waitFor({ state: "detached" });
  await view.page.locator(".view[data-stale]").waitFor({ state: "detached" });
  await until("the place is kept", async () => (await status(view)).includes(`column ${place};`));

  view.show(alignmentShow(world, { revision: "3" }));
  await view.called("align", 3);
  view.push("textChanged", { revision: "3", changed: true });
  await view.called("alignAgain", 2);
});

test("above the limit DTW is refused with its figures, and the visible part is aligned", async (t) => {
  const text = inventedText(seed, 60);
  const view = await open(
    t,
    { tokenizers: [pieces, bytePairs], texts: [text] },
    { shown: { maxTokens: 300 }, awaits: "" },
  );
  const words = view.page.locator(".matrix-words");
  await words.getByText("cells").waitFor();
  assert.match(
    await words.innerText(),
    /[\d,]+ source tokens by [\d,]+ target tokens are [\d,]+ cells \(\d+ MB/,
  );
  assert.deepEqual(
    view.calls.filter(({ verb }) => verb === "align").map(({ body }) => body),
    [{ document: 0, positions: "bytes" }],
  );
  await view.page.getByRole("button", { name: "Align the visible part" }).click();
  const { positions, range } = (await view.called("align", 2)) as {
    positions: string;
    range: { from: number; to: number };
  };
  assert.equal(positions, "both");
  assert.ok(range.from === 0 && range.to < text.length && range.to > 50);
  await view.page.locator(".figures-table").getByText("the visible part").waitFor();
  const table = (await view.called("costTable")) as { range: unknown };
  assert.deepEqual(table.range, range);
  await until("the matrix of the part", async () => (await placeOf(view)).cell > 0);
});

test("long texts show bytes first; DTW can be cancelled and asked for again", async (t) => {
  const text = inventedText(seed, 160);
  const world = { tokenizers: [pieces, bytePairs], texts: [text] };
  const verbs = alignmentVerbs(world);
  let isAborted = false;
  let hangs = true;
  const view = await open(t, world, {
    awaits: "",
    verbs: {
      align: (body: Parameters<typeof verbs.align>[0], signal: AbortSignal) => {
        if (body.positions === "bytes" || !hangs) return verbs.align(body);
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            isAborted = true;
            reject(new Problem("cancelled", "Cancelled."));
          }),
        );
      },
    },
  });
  await view.page.locator(".figures-table").getByText("at work…").waitFor();
  view.push("progress", { what: "Warping", done: 10, of: 40 });
  assert.match(
    await view.page.locator('[data-letter="A"] .answers').innerText(),
    /\d of [\d,]+ \(/,
  );
  await view.page.getByRole("button", { name: "Cancel" }).click();
  await until("the call is cancelled", () => isAborted);
  await view.page.locator(".figures-table").getByText("cancelled").waitFor();
  hangs = false;
  await press(view, "r");
  await view.page.locator(".figures-table").getByText("equal piece").waitFor();
});

test("an identical tokenizer is stated, one that cannot read the text is shown with its reason", async (t) => {
  const narrow = toyTokenizer(["<s>", "</s>", "a", "b"], { name: "narrow" });
  const view = await open(
    t,
    { tokenizers: [pieces, pieces, narrow, bytePairs], texts: [prose] },
    { awaits: "" },
  );
  await view.page.locator(".line.notice").getByText("A: same tokenizer as T").waitFor();
  await view.page.locator(".line.notice").getByText("B (narrow): no token fits").waitFor();
  assert.match(await view.page.locator(".matrix-words").innerText(), /same tokenizer as T/);
  await press(view, "2");
  assert.match(await view.page.locator(".matrix-words").innerText(), /no token fits/);
  await press(view, "3");
  assert.match(await status(view), /^Difference 1 of /);
  assert.ok(await view.page.locator(".matrix").isVisible());
});

test("a text of one token and an empty one are drawn for what they are", async (t) => {
  const toy = toyTokenizer(["<s>", "</s>", "a"], { name: "toy" });
  const other = toyTokenizer(["<s>", "</s>", "a", "b"], { name: "other" });
  const view = await open(t, { tokenizers: [toy, other], texts: ["a", ""] });
  assert.equal(read(toy, "a").encoding.ids.length, 1);
  assert.match(
    await status(view),
    /row 0; .*column 0; cost 0; detour 0; first cell of the path; same row/,
  );
  await view.page.getByRole("button", { name: "Next document" }).click();
  await until("the empty text", async () => (await status(view)).includes("empty"));
  assert.match(await view.page.locator(".matrix-words").innerText(), /empty/);
});

test("several documents are summed and shown one by one", async (t) => {
  const texts = [prose, inventedText(8, 3), inventedText(9, 3)];
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts });
  const counted = texts.map((text) => encoded(pieces, text).ids.length);
  const figures = view.page.locator(".figures-table");
  await figures.getByText("all 3 documents").waitFor();
  const of = () => figures.locator("[data-of]").first().getAttribute("data-of");
  assert.equal(await of(), String(counted.reduce((sum, count) => sum + count)));
  await figures.getByRole("button", { name: "this one" }).click();
  assert.equal(await of(), String(counted[0]));
  await view.page.getByRole("button", { name: "Next document" }).click();
  await until("the second document", async () => (await of()) === String(counted[1]));
  view.push("cursor", { document: 2, byte: 0 });
  await until("the cursor's document", async () => (await of()) === String(counted[2]));
});

test("while the first answer is awaited nothing is drawn, and it can be cancelled", async (t) => {
  const world = { tokenizers: [pieces, bytePairs], texts: [prose] };
  let hangs = true;
  const verbs = alignmentVerbs(world);
  const view = await open(t, world, {
    awaits: "",
    verbs: {
      align: (body: Parameters<typeof verbs.align>[0]) =>
        hangs ? new Promise(() => undefined) : verbs.align(body),
    },
  });
  const cancel = view.page.getByRole("button", { name: "Cancel" });
  await cancel.waitFor();
  for (const part of [".matrix", ".ribbon", ".matrix-bar"])
    assert.ok(await view.page.locator(part).isHidden(), part);
  view.push("progress", { what: "A → T", done: 3, of: 10 });
  await view.page.getByText("A → T", { exact: true }).waitFor();
  await cancel.click();
  await view.page.getByText("nothing is aligned yet").waitFor();
  await view.page.getByRole("button", { name: "Align again" }).click();
  await view.called("alignAgain");
  hangs = false;
  view.show(alignmentShow(world, { revision: "2" }));
  await view.page.locator(".figures-table").getByText("equal piece").waitFor();
  // What the host says last about its work ends the line.
  view.push("progress", { what: "Matrix A → T", done: 1, of: 2 });
  await view.page.getByText("Matrix A → T", { exact: true }).waitFor();
  view.push("progress", null);
  await view.page.getByText("Matrix A → T", { exact: true }).waitFor({ state: "detached" });
});

for (const { code, action, verb, body } of [
  { code: "failed", action: "Align again", verb: "alignAgain", body: null },
  { code: "missing", action: "Choose tokenizers", verb: "openAt", body: { what: "tokenizers" } },
] as const)
  test(`a first answer that is refused as ${code} has a way out`, async (t) => {
    const world = { tokenizers: [pieces, bytePairs], texts: [prose] };
    let refusal: Problem | undefined = new Problem(code, "No answer came.", { next: "Do this." });
    const verbs = alignmentVerbs(world);
    const align = (asked: Parameters<typeof verbs.align>[0]) => {
      if (refusal !== undefined) throw refusal;
      return verbs.align(asked);
    };
    const view = await open(t, world, { awaits: "", verbs: { align } });
    const state = view.page.locator(".state:visible");
    await state.getByText("No answer came.").waitFor();
    await state.getByText("Do this.").waitFor();
    await state.getByRole("button", { name: action }).click();
    assert.deepEqual(await view.called(verb), body);
    refusal = undefined;
    view.show(alignmentShow(world, { revision: "2" }));
    await view.page.locator(".figures-table").getByText("equal piece").waitFor();
    assert.equal(await state.count(), 0);
  });

test("a source without an answer has a way out, and the others are shown", async (t) => {
  const world = { tokenizers: [pieces, bytePairs, unigram], texts: [prose] };
  const problem = { code: "failed", message: "The inspector ended.", next: "Try again." } as const;
  let fails = true;
  const verbs = alignmentVerbs(world);
  const align = (asked: Parameters<typeof verbs.align>[0]) => {
    const answer = verbs.align(asked);
    const [, second] = answer.pairs;
    return fails ? { ...answer, pairs: [{ identical: false, problem }, second] } : answer;
  };
  const view = await open(t, world, { awaits: "", verbs: { align } });
  const words = view.page.locator(".matrix-words:visible");
  await words.getByText("The inspector ended.").waitFor();
  const figures = view.page.locator(".figures-table");
  await figures.getByText("equal piece").first().waitFor();
  await words.getByRole("button", { name: "Align again" }).click();
  await view.called("alignAgain");
  fails = false;
  view.show(alignmentShow(world, { revision: "2" }));
  await words.waitFor({ state: "hidden" });
});

test("another target is chosen among those that are known, others by the host", async (t) => {
  const known = [pieces, bytePairs, unigram].map(({ name }) => ({
    name,
    folder: `/models/${name}`,
  }));
  const view = await open(
    t,
    { tokenizers: [pieces, bytePairs], texts: [prose] },
    { shown: { known } },
  );
  await view.page.getByRole("button", { name: /choose another target/ }).click();
  await view.page.getByRole("menuitem", { name: "bytePairs" }).click();
  assert.deepEqual(await view.called("setTokenizers"), {
    target: "/models/bytePairs",
    sources: ["/models/pieces"],
  });
  await view.page.getByRole("button", { name: "+ tokenizer" }).click();
  assert.deepEqual(await view.called("openAt"), { what: "tokenizers" });
});

test("after a reload the view stands where it stood, unless the text is another", async (t) => {
  const world = { tokenizers: [pieces, bytePairs, unigram], texts: [prose] };
  const first = await open(t, world);
  await focusMatrix(first);
  await press(first, "2", "Home", "ArrowRight", "ArrowRight", "+", "+", "+", "+", "l");
  const [sentence, place] = [await status(first), await placeOf(first)];
  await until("the state is stored", async () =>
    JSON.stringify(await first.stored()).includes('"layer":"local"'),
  );
  const state = await first.stored();

  const again = await open(t, world, { state });
  await again.painted();
  assert.equal(await status(again), sentence);
  assert.deepEqual(await placeOf(again), place);
  assert.match(await again.page.locator(".legend").innerText(), /local cost/);

  const other = await open(t, world, { state, shown: { revision: "other" } });
  assert.match(await status(other), /^Difference 1 of /);
  const torn = await open(t, world, {
    state: { version: 1, view: { version: 1, state: { cell: 7 } } },
  });
  assert.match(await status(torn), /^Difference 1 of /);
});

test("a hidden view neither asks nor paints", async (t) => {
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [prose] });
  view.push("visible", { visible: false });
  await view.page.waitForTimeout(100);
  const count = () =>
    view.page.evaluate(() => performance.getEntriesByName("fuselab.paint").length);
  const [paints, calls] = [await count(), view.calls.length];
  view.push("cursor", { document: 0, byte: 40 });
  await view.page.waitForTimeout(150);
  assert.deepEqual([await count(), view.calls.length], [paints, calls]);
  view.push("visible", { visible: true });
  await until("it paints again", async () => (await count()) > paints);
});

test("panning 4,000 by 4,000 tokens takes a small part of a frame", {
  timeout: 90_000,
}, async (t) => {
  const text = inventedText(seed, 900);
  const cut = (tokenizer: TextTokenizer) => Array.from(encoded(tokenizer, text).ends);
  const end = Math.min(cut(pieces)[3990], cut(bytePairs)[3990]);
  const part = Buffer.from(text)
    .subarray(0, end)
    .toString()
    .replace(/\uFFFD+$/, "");
  const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [part] });
  const pane = (await view.page.locator(".matrix-pane").boundingBox())!;
  await focusMatrix(view);
  for (const zooms of [0, 4, 4]) {
    await press(view, ...Array.from({ length: zooms }, () => "+"));
    await view.page.waitForTimeout(200);
    await view.page.evaluate(() => {
      performance.clearMeasures();
      const watch = { frames: 0, longest: 0, since: performance.now() };
      Object.assign(globalThis, { watch });
      const frame = (): void => {
        watch.frames++;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries())
          watch.longest = Math.max(watch.longest, duration);
      }).observe({ type: "longtask" });
    });
    await view.page.mouse.move(pane.x + 300, pane.y + 200);
    await view.page.mouse.down();
    for (let i = 0; i < 60; i++)
      await view.page.mouse.move(pane.x + 300 - 4 * i, pane.y + 200 - 3 * i);
    await view.page.mouse.up();
    const times = await view.page.evaluate(() =>
      performance.getEntriesByName("fuselab.paint").map(({ duration }) => duration),
    );
    times.sort((a, b) => a - b);
    const [median, late] = [
      times[times.length >> 1] ?? 0,
      times[Math.floor(0.95 * times.length)] ?? 0,
    ];
    const { cell } = await placeOf(view);
    const { longest, rate } = await view.page.evaluate(() => {
      const { watch } = globalThis as unknown as {
        watch: { frames: number; longest: number; since: number };
      };
      const seconds = (performance.now() - watch.since) / 1000;
      return { longest: watch.longest, rate: watch.frames / seconds };
    });
    const task = longest === 0 ? "no task over 50 ms" : `longest task ${longest.toFixed(0)} ms`;
    t.diagnostic(
      `figure: panning 4,000 x 4,000 tokens at ${cell.toFixed(2)} px a cell: ${times.length} paints, median ${median.toFixed(1)} ms (budget 8), 95 % ${late.toFixed(1)} ms (budget 16), ${task}, ${rate.toFixed(0)} frames a second`,
    );
    assert.ok(times.length > 10 && median <= 40, `${median} ms`);
  }
});

for (const theme of ["dark", "light", "highContrast", "highContrastLight"] as const)
  test(`nothing serious is found by axe, and nothing is cut at 420 pixels: ${theme}`, async (t) => {
    const world = { tokenizers: [pieces, bytePairs, unigram], texts: [prose, "b"] };
    const view = await open(t, world, { theme, width: 420, height: 800 });
    assert.deepEqual(await view.seriousFindings(), []);
    const wide = await view.page.evaluate(() => document.querySelector(".view")!.scrollWidth);
    assert.ok(wide <= 420, `${wide}`);
    const cut = await view.page
      .locator(".figures-table, footer.status, .top")
      .evaluateAll((parts) =>
        parts
          .filter((part) => part.scrollWidth > part.clientWidth + 1)
          .map((part) => part.className),
      );
    assert.deepEqual(cut, []);
    await view.page.getByRole("button", { name: "matrix", exact: true }).click();
    await view.painted();
    assert.ok(await view.page.locator(".matrix").isVisible());
    await press(view, "t");
    assert.deepEqual(await view.seriousFindings(), []);
  });

/** In a strip of a canvas: its most frequent colour, and the one that stands out most against it. */
const inkOf = (view: ViewPage, canvas: string, box: readonly [number, number, number, number]) =>
  view.page.locator(canvas).evaluate((element, [x, y, width, height]) => {
    const own = element as HTMLCanvasElement;
    const ratio = own.width / own.getBoundingClientRect().width;
    const cut = [x, y, width, height].map((one) => Math.round(one * ratio));
    const { data } = own.getContext("2d")!.getImageData(cut[0], cut[1], cut[2], cut[3]);
    const counts = new Map<string, number>();
    for (let i = 0; i < data.length; i += 4) {
      const key = `${data[i]} ${data[i + 1]} ${data[i + 2]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([key]) => key.split(" ").map(Number) as [number, number, number]);
  }, box);

for (const theme of ["dark", "light", "highContrast", "highContrastLight"] as const)
  test(`what is drawn stands out from its ground: ${theme}`, async (t) => {
    const view = await open(t, { tokenizers: [pieces, bytePairs], texts: [prose] }, { theme });
    const least = theme.startsWith("high") ? 7 : 4.5;
    const stands = async (what: string, canvas: string, box: [number, number, number, number]) => {
      const [ground, ...inks] = await inkOf(view, canvas, box);
      const most = Math.max(...inks.map((ink) => contrastOf(ground, ink)));
      assert.ok(most >= least, `${what}: ${most.toFixed(1)}`);
    };
    const { left, top, cell } = await placeOf(view);
    await stands("figures of the upper axis", ".matrix-canvas", [left, 8, 200, top - 30]);
    await stands("figures of the left axis", ".matrix-canvas", [20, top, left - 26, 200]);
    await stands("tokens of a source", ".ribbon-canvas", [40, 14, 300, 22]);
    await stands("tokens of the target", ".ribbon-canvas", [40, 52, 300, 22]);
    const rgb = (text: string): Colour => {
      const [red, green, blue] = (text.match(/\d+/g) ?? []).map(Number);
      return [red, green, blue];
    };
    const stops = (await stopsOf(view)).map(({ colour }) => rgb(colour));
    assert.ok(contrastOf(stops[0], stops.at(-1)!) >= 3, "the scale's ends");
    // The path, far from what is chosen, on its way through the strongest colour.
    const { path } = expectedOf(pieces, bytePairs, prose);
    const [row, column] = path[Math.floor(0.8 * path.length)];
    const middle = [left + (column + 0.5) * cell, top + (row + 0.5) * cell];
    const around = [middle[0] - 3, middle[1] - 3, 7, 7] as const;
    const colours = await inkOf(view, ".matrix-canvas", around);
    const most = Math.max(...colours.map((one) => contrastOf(one, stops.at(-1)!)));
    assert.ok(most >= 3, `path on the background: ${most.toFixed(1)}`);
  });

test("stacked parts lie below each other, however wide and high the panel is", async (t) => {
  const world = { tokenizers: [pieces, bytePairs, unigram], texts: [prose] };
  for (const [width, height] of [
    [890, 900],
    [640, 500],
    [500, 800],
    [480, 400],
  ]) {
    const view = await open(t, world, { width, height });
    const parts = await view.page.evaluate(() =>
      [".figures", ".matrix", ".matrix-bar", ".ribbon", "footer.status"].map((part) => {
        const { top, bottom } = document.querySelector(part)!.getBoundingClientRect();
        return { part, top, bottom };
      }),
    );
    // The status line stays at the window's lower edge, over what is scrolled.
    for (const [i, { part, top }] of parts.slice(1, -1).entries()) {
      const above = parts[i];
      assert.ok(top >= above.bottom - 1, `${part} over ${above.part} at ${width} x ${height}`);
    }
    const { scrolled, status } = await view.page.evaluate(() => {
      const view = document.querySelector(".view")!;
      view.scrollTop = view.scrollHeight;
      const ribbon = document.querySelector(".ribbon")!.getBoundingClientRect();
      return {
        scrolled: ribbon.bottom,
        status: document.querySelector("footer.status")!.getBoundingClientRect().top,
      };
    });
    assert.ok(scrolled <= status + 1, `the ribbon's end is not reached at ${width} x ${height}`);
  }
});

test("at 200 % no text is cut", async (t) => {
  const world = { tokenizers: [pieces, bytePairs, unigram], texts: [prose, "b"] };
  const view = await open(t, world, { width: 1200, height: 1000, zoom: 2 });
  const cut = await view.page
    .locator(".figures-table, .figures-table td, footer.status, .top, h1, .legend, .detail *")
    .evaluateAll((parts) =>
      parts
        .filter((part) => part.checkVisibility() && part.scrollWidth > part.clientWidth + 1)
        .filter((part) => getComputedStyle(part).display !== "inline")
        .map((part) => `${part.className}: ${part.textContent}`),
    );
  assert.deepEqual(cut, []);
  const wide = await view.page.evaluate(() => document.querySelector(".view")!.scrollWidth);
  assert.ok(wide <= 600, `${wide}`);
});
