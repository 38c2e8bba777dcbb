/**
 * *Show fused distributions* in the editor: of selected text and of a run. What the view draws is tested with the
 * view; here it is that what stands there is what the models say, and what the editor does with it.
 */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Frame, Locator } from "playwright-core";
import type { FusedRows } from "../../src/core/fusion/representation.ts";
import { createRandom } from "../../src/core/random.ts";
import { fusedShards } from "../../src/pipeline/chunkShards.ts";
import type { InspectedPosition } from "../../src/pipeline/inspectedPosition.ts";
import type { InspectedChunk } from "../../src/pipeline/inspectText.ts";
import { modeDefaults } from "../../src/pipeline/recipeDefaults.ts";
import { runPaths } from "../../src/pipeline/runPaths.ts";
import { fuselab } from "../support/commandLine.ts";
import { type Editor, openEditor, pictured } from "../support/editor/editor.ts";
import { untilStored } from "../support/editor/storage.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import { inventedText, makeToyProject } from "../support/toyProject.ts";
import { eventually, until } from "../support/waiting.ts";
import {
  choosePreset,
  detail,
  goTo,
  positionOf,
  positionShown,
  type ShownPosition,
} from "./distributionsShown.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const builtIn = (name: string): string => path.join(root, "demo", "models", name);

/** The target, then the sources in the order in which they are listed. */
const models = ["generalist-llama", "code-neox", "prose-gpt2"];

const seed = Number(process.env.FUSELAB_TEST_SEED ?? Date.now() % 100_000);

const lines = Array.from(
  { length: 30 },
  (_, i) => `Line ${i + 1}: export const sum = (a) => a + ${i * 17}; // e\u0301clair </script> 😀`,
);
/** Lines 10 to 12. */
const selected = `${lines.slice(9, 12).join("\n")}\n`;

/** Words and statements that no model has seen, another text for every seed. */
function randomText(): string {
  const random = createRandom(seed);
  const [decorations, words] = [["// 😀", "\t", "  - «é»", "const a ="], inventedText(seed, 9)];
  return words.replaceAll(
    ".\n",
    () => ` ${random.integer(10_000)};\n${decorations[random.integer(decorations.length)]} `,
  );
}
const texts = { "a.md": `${lines.join("\n")}\n`, "random.md": randomText() };

let editor: Editor;
before(async () => {
  editor = await openEditor({ files: texts, viewport: { width: 1800, height: 1000 } });
  const project = await makeToyProject(editor.file("toy"), { steps: 2, checkpointEvery: 2 });
  const run = await fuselab(["run", project.recipe, "--out", editor.file("runs")]);
  assert.equal(run.code, 0, run.stderr);
});
after(() => editor?.close());
const inEditor = (body: Parameters<typeof pictured>[1]) => pictured(() => editor, body);

const panel = /^Fused · /;
const chosen = (workbench: Workbench): Locator =>
  workbench.page.locator('.monaco-editor .view-overlays [class*="ced-"]');
const status = (frame: Frame): Locator => frame.locator(".view > [role=status]");
const focusedText = (workbench: Workbench): Locator =>
  workbench.page.locator(".editor-instance > .monaco-editor.focused");

async function focusText(workbench: Workbench, name: string): Promise<void> {
  await workbench.tab(name).click();
  await until("the text has the focus", async () => (await focusedText(workbench).count()) === 1);
}

async function selectLines(workbench: Workbench): Promise<void> {
  await workbench.openFile(editor.file("a.md"));
  await focusText(workbench, "a.md");
  await workbench.select({ line: 10 }, { line: 13 });
}

/** The panel, with a position in full. */
async function shown(workbench: Workbench, title: string | RegExp = panel): Promise<Frame> {
  const frame = await workbench.webview(title);
  await detail(frame).locator("tr[data-token-id]").first().waitFor({ timeout: 60_000 });
  return frame;
}

/** What the command line says of a text, position by position. */
async function inspected(
  text: string,
  mode: "corrected" | "published",
): Promise<readonly InspectedPosition[]> {
  const file = editor.file("inspected.txt");
  writeFileSync(file, text);
  const { code, stdout, stderr } = await fuselab([
    ...["inspect", "--json", "--text", file, "--mode", mode, "--length", "512"],
    ...["--target", builtIn("generalist-llama")],
    ...["--source", builtIn("code-neox"), builtIn("prose-gpt2")],
  ]);
  assert.equal(code, 0, stderr);
  const { chunks } = JSON.parse(stdout) as { readonly chunks: readonly InspectedChunk[] };
  return chunks.flatMap(({ positions }) => positions);
}

const isBound = ({ fused, next }: InspectedPosition): boolean =>
  fused.from !== "none" && fused.row.every(({ id }) => id !== next.id);

/** Of each kind that a text has one, beside some that the seed draws. */
function positionsToCompare(all: readonly InspectedPosition[]): readonly InspectedPosition[] {
  const random = createRandom(seed, 1);
  const kinds: readonly ((one: InspectedPosition) => boolean)[] = [
    isBound,
    ({ fused }) => fused.from === "none",
    ({ sources }) => sources.some(({ reason }) => reason !== undefined),
    ({ sources }) => sources.some(({ mass }) => mass.noTargetToken > 0),
    ({ sources }) => sources.some(({ mass }) => mass.duplicateDropped > 0),
  ];
  const drawn = Array.from({ length: 3 }, () => all[random.integer(all.length)]);
  return [...new Set([...kinds.map((isOfKind) => all.find(isOfKind)), ...drawn])].filter(
    (one) => one !== undefined,
  );
}

function assertNear(found: number | undefined, wanted: number | undefined, what: string): void {
  const isNear = Math.abs((found ?? Number.NaN) - (wanted ?? Number.NaN)) <= 1e-6;
  assert.ok(isNear, `${what}: ${found} is shown, not ${wanted}`);
}

/** Every figure that the view shows of a position is the command line's to the sixth place. */
function assertAsInspected(
  shown: ShownPosition,
  wanted: InspectedPosition,
  mode: "corrected" | "published",
): void {
  const { fused, next, sources, weights } = wanted;
  const at = `${mode}, position ${wanted.index}`;
  assert.equal(shown.position, wanted.index);
  for (const column of ["fused", "taught"] as const) {
    const row = new Map(wanted[column].row.map(({ id, p }) => [id, p]));
    for (const [id, p] of shown[column]) assertNear(p, row.get(id), `${at}, ${column} ${id}`);
  }
  // The likeliest are all there.
  for (const { id } of fused.row.slice(0, 10)) assert.ok(shown.fused.has(id), `${at}, no ${id}`);
  if (fused.from !== "none") {
    const { lambda } = modeDefaults[mode].training;
    for (const [id, p] of shown.taught) {
      const isTrue = id === next.id;
      const own = fused.row.find((entry) => entry.id === id)?.p ?? 0;
      assertNear(p, lambda * Number(isTrue) + (1 - lambda) * own, `${at}, taught ${id}`);
    }
    assert.ok(shown.taught.has(next.id), `${at}: the true next token is not taught`);
  } else assert.equal(shown.fused.size, 0, at);
  for (const [m, letter] of ["T", "A", "B"].entries()) {
    assertNear(shown.weights.get(letter), weights[m], `${at}, weight of ${letter}`);
  }
  const reasons = sources.flatMap(({ reason }, s) =>
    reason === undefined ? [] : [["AB"[s], reason]],
  );
  assert.deepEqual([...shown.empty], reasons, at);
  assert.equal(shown.trueFused.isOpen, isBound(wanted), at);
  if (isBound(wanted)) {
    const most = mode === "published" ? scaledAway(shown) : fused.leftOver;
    assertNear(shown.trueFused.atMost ?? undefined, most, `${at}, bound`);
    assert.match(shown.trueFused.words, /^≥ \d/);
  }
  assertMasses(shown, wanted, at);
}

/** A renormalised row has nothing beyond its candidates: what the columns lack counts, as they weigh. */
const scaledAway = ({ masses, weights }: ShownPosition): number =>
  masses.reduce(
    (sum, { column, parts }) => sum + (weights.get(column) ?? 0) * (1 - (parts[0] ?? 0)),
    0,
  );

function assertMasses(shown: ShownPosition, { sources, fused }: InspectedPosition, at: string) {
  const of = new Map(shown.masses.map((mass) => [mass.column, mass]));
  const readers = sources.flatMap(({ reason }, s) => (reason === undefined ? ["AB"[s]] : []));
  const columns = [...readers, "T", ...(fused.from === "none" ? [] : ["fused"]), "taught"];
  assert.deepEqual([...of.keys()], columns, at);
  for (const { column, parts, drawn, words } of shown.masses) {
    const [, leftOver = 0, noTargetToken = 0, duplicateDropped = 0] = parts;
    const sum = parts.reduce((all, part) => all + part, 0);
    assert.ok(Math.abs(sum - 1) < 1e-4, `${at}, ${column}: a bar of ${sum}`);
    assert.ok(Math.abs(drawn - 1) < 0.025, `${at}, ${column}: ${drawn} of the bar is drawn`);
    assert.equal(/left/.test(words), leftOver > 0, `${at}, ${column}: ${words}`);
    assert.equal(/no target token/.test(words), noTargetToken > 0, words);
    assert.equal(/duplicate dropped/.test(words), duplicateDropped > 0, words);
  }
  for (const [s, { mass, reason }] of sources.entries()) {
    if (reason !== undefined) continue;
    const parts = of.get("AB"[s] ?? "")?.parts;
    assertNear(parts?.[2], mass.noTargetToken, `${at}, lost by ${"AB"[s]}`);
    assertNear(parts?.[3], mass.duplicateDropped, `${at}, dropped of ${"AB"[s]}`);
  }
  if (fused.from !== "none") assertNear(of.get("fused")?.parts[1], fused.leftOver, at);
}

describe("the fused distributions of a selection", () => {
  test(
    "are asked for once with which models, open beside, and leave the focus in the text",
    inEditor(async (workbench) => {
      await selectLines(workbench);
      await workbench.chooseFromContextMenu("Show fused distributions");
      await workbench.quickPickRows().first().waitFor();
      await workbench.pickMany(models);
      await workbench
        .quickInput()
        .getByPlaceholder(/^Which one is the target/)
        .waitFor();
      await workbench.pick("generalist-llama");
      const frame = await shown(workbench);
      assert.equal(await focusedText(workbench).count(), 1);
      await assertOrder(frame, models);
    }),
  );

  test(
    "take the focus when they are asked for a second time, and mark in the text what is chosen",
    inEditor(async (workbench) => {
      const frame = await shown(workbench);
      await workbench.runCommand("FuseLab: Show fused distributions");
      await until("the view has it", async () => (await focusedText(workbench).count()) === 0);
      await frame.locator('.strip [data-position="1"]').click();
      await until("another position", async () => (await positionOf(frame)) === 1);
      await chosen(workbench).first().waitFor();
      assert.match((await status(frame).textContent()) ?? "", /fused/);
      await workbench.page.keyboard.press("Escape");
      await focusedText(workbench).waitFor();
    }),
  );

  test(
    "follow the cursor, behind a character that the models read composed",
    inEditor(async (workbench) => {
      const frame = await shown(workbench);
      await workbench.goTo({ line: 11, column: 1 });
      await until("the second line", async () => (await positionOf(frame)) > 5);
      const [at, expected] = [await positionOf(frame), await inspected(selected, "corrected")];
      // The composed letter takes a byte less in every line above.
      const byte = Buffer.byteLength(`${lines[9]}\n`.normalize("NFC"));
      assert.equal(expected[at]?.token.byteEnd, byte);
    }),
  );

  test(
    "open the alignment of the same text and models at the chosen place",
    inEditor(async (workbench) => {
      await selectLines(workbench);
      await workbench.runCommand("FuseLab: Show fused distributions");
      await shown(workbench);
      await until("the view has it", async () => (await focusedText(workbench).count()) === 0);
      await workbench.page.keyboard.press("o");
      await workbench.tab(/^Align · a\.md/).waitFor();
      const alignment = await workbench.webview(/^Align · a\.md/);
      await until("three tokenizers", async () => {
        const words = await bodyOf(alignment);
        return ["generalist-llama", "prose-gpt2", "code-neox"].every((name) =>
          words.includes(name),
        );
      });
      await workbench.tab(/^Align · a\.md/).click({ button: "middle" });
      await workbench.tab(/^Align · a\.md/).waitFor({ state: "detached" });
    }),
  );

  test(
    "are read again by themselves after an edit inside",
    inEditor(async (workbench) => {
      const frame = await shown(workbench);
      const tokens = await frame.locator(".strip .cell").count();
      await focusText(workbench, "a.md");
      await workbench.goTo({ line: 11, column: 1 });
      await workbench.page.keyboard.type("More");
      await frame.getByText(/Text changed/).waitFor();
      await until(
        "more tokens",
        async () => (await frame.locator(".strip .cell").count()) > tokens,
      );
      await frame.getByText(/Text changed/).waitFor({ state: "hidden" });
      // Again at once: also while it is being read.
      for (let i = 0; i < 3; i++) await workbench.page.keyboard.type("z");
      for (let i = 0; i < 7; i++) await workbench.page.keyboard.press("Backspace");
      await until(
        "the tokens from before",
        async () => (await frame.locator(".strip .cell").count()) === tokens,
      );
      await frame.getByText(/Text changed/).waitFor({ state: "hidden" });
    }),
  );

  test(
    "come back after a reload, with the same text, models and settings",
    inEditor(async (workbench) => {
      const before = await shown(workbench);
      await choosePreset(before, "published");
      await until("fewer candidates", async () => /top 10/.test(await bodyOf(before)));
      await goTo(before, 7);
      await workbench.runCommand("File: Save");
      await untilStored(workbench.page, '"position":7,', '"mode":"published"');
      await workbench.reload();
      const frame = await shown(workbench);
      await until("the settings", async () => /top 10/.test(await bodyOf(frame)));
      await until("the place", async () => (await positionOf(frame)) === 7);
      await assertOrder(frame, models);
      await workbench.screenshot("distributions-selection");
    }),
  );

  test("of a random text are those of inspect --json, in both modes, wherever one goes", async (context) => {
    context.diagnostic(`seed ${seed}`);
    await inEditor(async (workbench) => {
      // Its group would take the file up.
      await workbench.tab(panel).click({ button: "middle" });
      await workbench.tab(panel).waitFor({ state: "detached" });
      await workbench.openFile(editor.file("random.md"));
      await focusText(workbench, "random.md");
      await workbench.selectAll();
      await workbench.runCommand("FuseLab: Show fused distributions");
      const frame = await shown(workbench, /^Fused · random\.md/);
      for (const mode of ["corrected", "published"] as const) {
        await choosePreset(frame, mode);
        const wanted = positionsToCompare(await inspected(texts["random.md"], mode));
        for (const position of wanted) {
          await goTo(frame, position.index);
          await eventually(async () =>
            assertAsInspected(await positionShown(frame), position, mode),
          );
        }
        const kinds = wanted.filter(isBound).length;
        context.diagnostic(`${mode}: ${wanted.length} positions, of them ${kinds} bounds`);
        if (mode === "published") assert.ok(kinds > 0, `no bound in the text of seed ${seed}`);
        await workbench.screenshot(`distributions-random-${mode}`);
      }
    })(context);
  });

  test(
    "are refused where the inspector dies in the middle, and the next question is answered",
    inEditor(async (workbench) => {
      const frame = await shown(workbench, /^Fused · random\.md/);
      const [inspector] = editor.processes("inspector.js");
      assert.ok(inspector);
      process.kill(inspector.pid, "SIGSTOP");
      await choosePreset(frame, "corrected");
      await frame.locator(".line.working").waitFor();
      process.kill(inspector.pid, "SIGKILL");
      await frame
        .locator(".line.notice")
        .getByText(/inspector's process ended/)
        .waitFor();
      assert.equal(await frame.locator(".line.working").count(), 0);
      assert.equal(await presetOf(frame), "published", "what is shown is what was answered");
      await choosePreset(frame, "corrected");
      await frame.locator(".line.notice").waitFor({ state: "detached" });
      await eventually(async () => assert.equal(await presetOf(frame), "corrected"));
      assert.equal(editor.processes("inspector.js").length, 1);
    }),
  );

  test(
    "say what is awaited, and can be cancelled, where the inspector is slow from the beginning",
    inEditor(async (workbench) => {
      const [inspector] = editor.processes("inspector.js");
      assert.ok(inspector);
      await workbench.tab(/^Fused · random\.md/).click({ button: "middle" });
      await focusText(workbench, "a.md");
      await workbench.select({ line: 2 }, { line: 3 });
      process.kill(inspector.pid, "SIGSTOP");
      try {
        await workbench.runCommand("FuseLab: Show fused distributions");
        const frame = await workbench.webview(/^Fused · a\.md/);
        await frame.getByText("a.md 2").waitFor();
        await frame.locator(".line.working").getByText("Cancel").click();
        await frame.getByText("Cancelled before there was anything to show.").waitFor();
      } finally {
        process.kill(inspector.pid, "SIGCONT");
      }
      const frame = await workbench.webview(/^Fused · a\.md/);
      await frame.getByRole("button", { name: "Try again" }).click();
      await shown(workbench, /^Fused · a\.md/);
      await focusText(workbench, "random.md");
      await workbench.selectAll();
      await workbench.runCommand("FuseLab: Show fused distributions");
      await shown(workbench, /^Fused · random\.md/);
    }),
  );

  test(
    "say that they are read again, and stay readable, while the inspector is slow",
    inEditor(async (workbench) => {
      const frame = await shown(workbench, /^Fused · random\.md/);
      const [inspector] = editor.processes("inspector.js");
      assert.ok(inspector);
      const positions = async () => / of ([\d,]+)/.exec(await bodyOf(frame))?.[1];
      const before = await positions();
      assert.ok(before !== undefined);
      process.kill(inspector.pid, "SIGSTOP");
      try {
        await focusText(workbench, "random.md");
        await workbench.goTo({ line: 2 });
        await workbench.page.keyboard.type("Another beginning. ");
        await frame.locator(".line.working").waitFor();
        assert.equal(await positions(), before, "what was shown is gone");
      } finally {
        process.kill(inspector.pid, "SIGCONT");
      }
      await frame.locator(".line.working").waitFor({ state: "detached" });
      await until("the new text is shown", async () => (await positions()) !== before);
    }),
  );
});

test(
  "the fused distributions of a run open from its row, worst document first, any is found, and its rows are the run's",
  inEditor(async (workbench) => {
    const [run] = readdirSync(editor.file("runs"));
    assert.ok(run);
    await workbench.openContainer("FuseLab");
    await workbench.runCommand("FuseLab: Refresh runs");
    await workbench.chooseFromRow("Runs", /toy/, "Show fused distributions");
    const frame = await shown(workbench, /^Fused · toy/);
    await assertOrder(frame, ["target", "source"]);
    await workbench.screenshot("distributions-run");

    await frame.locator(".document-search vscode-button").click();
    const scores = (await frame.locator(".search-item .number").allInnerTexts()).map(parseFloat);
    assert.ok(scores.length > 1 && scores.every((score) => score > 0), `${scores}`);
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
    );
    const id = await frame.locator(".search-item .search-title").last().innerText();
    await workbench.page.keyboard.type(id);
    await until("one document", async () => (await frame.locator(".search-item").count()) === 1);
    await workbench.page.keyboard.press("Enter");
    await frame.locator(".document-search").getByText(`${id} ·`).waitFor();

    const stored = await storedRow(path.join(editor.file("runs"), run), id);
    for (const position of [1, 4, stored.rows - 1]) {
      await goTo(frame, position);
      const [from, to] = [stored.offsets[position] ?? 0, stored.offsets[position + 1] ?? 0];
      const row = new Map(
        [...stored.ids.subarray(from, to)].map((token, k) => [token, stored.probs[from + k]]),
      );
      await eventually(async () => {
        const { fused } = await positionShown(frame);
        assert.ok(fused.size >= Math.min(10, row.size), `${fused.size} of ${row.size} candidates`);
        for (const [token, p] of fused) assertNear(p, row.get(token), `${id}, ${position}`);
      });
    }

    await goTo(frame, 4);
    await workbench.page.keyboard.press("r");
    await untilStored(workbench.page, "toy.2", '"position":4,');
    await workbench.reload();
    const again = await shown(workbench, /^Fused · toy/);
    await again.locator(".document-search").getByText(`${id} ·`).waitFor();
    await until("the place", async () => (await positionOf(again)) === 4);
  }),
);

test("nothing outside this machine was asked for anything", () => {
  assert.deepEqual(editor.outside(), []);
});

/** What fusion wrote down for a chunk. */
async function storedRow(run: string, id: string): Promise<FusedRows> {
  const folder = runPaths(run).fused;
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".arrow"))) {
    const shard = await fusedShards.read(path.join(folder, name), {});
    const found = shard.find(({ chunkId }) => chunkId === id);
    if (found !== undefined) return found.value;
  }
  throw new Error(`The run has no fused rows of ${id}.`);
}

const bodyOf = async (frame: Frame): Promise<string> =>
  (await frame.locator("body").innerText()).replaceAll(/\s+/g, " ");

const presetOf = (frame: Frame): Promise<string> =>
  frame
    .locator('[data-control="preset"] vscode-dropdown')
    .evaluate((list) => (list as HTMLElement & { value: string }).value);

/** Names in the top line, the target first. */
async function assertOrder(frame: Frame, names: readonly string[]): Promise<void> {
  const words = await bodyOf(frame);
  const places = names.map((name) => words.indexOf(name));
  assert.ok(
    places.every((place) => place >= 0),
    words.slice(0, 300),
  );
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
}
