/**
 * Whether what *Align tokenizers* shows is true, in the editor: its colours, its path and its counts against an
 * alignment that is worked out here, against the command line and against the agents' tool; and how long it takes.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Frame } from "playwright-core";
import { fuselab } from "../support/commandLine.ts";
import { axeFindings } from "../support/editor/axe.ts";
import { type Editor, openEditor, pictured, themeNames } from "../support/editor/editor.ts";
import { colourAt, contrastOf } from "../support/editor/picture.ts";
import { root } from "../support/editor/tools.ts";
import { canvasPicture } from "../support/editor/webview.ts";
import type { Workbench } from "../support/editor/workbench.ts";
import { inventedText } from "../support/toyProject.ts";
import { eventually } from "../support/waiting.ts";
import { alignedByHand, spelledIn } from "../views/alignmentByHand.ts";

const seed = Math.floor(1e6 * Math.random());
const prose = inventedText(seed, 6).slice(0, 300);
/** Of all kinds that are easily counted wrongly. */
const kinds: Readonly<Record<string, string>> = {
  "prose.md": prose,
  "code.ts": "if (a) {\n\treturn b[0] ?? c;\n}\n",
  "emoji.txt": "so 🙂 and 👩‍👩‍👧 end",
  "arabic.txt": "مرحبا بالعالم",
  "crlf.txt": "one\r\ntwo\r\n",
  "tabs.txt": "\ta\t\tb",
  "markup.txt": "x </script><img onerror=alert(1)> y",
  "unknown.txt": "a <unk> b",
  "emptyLine.txt": "one\n\ntwo",
  "oneToken.txt": "a",
};
const long = ["long1.txt", "long2.txt"] as const;
const files = {
  ...kinds,
  [long[0]]: inventedText(seed + 1, 60).slice(0, 720),
  [long[1]]: inventedText(seed + 2, 60).slice(0, 720),
};
const [target, source] = ["generalist-llama", "prose-gpt2"] as const;

let editor: Editor;
before(async () => {
  editor = await openEditor({
    files,
    viewport: { width: 1600, height: 1000 },
  });
  const { workbench } = editor;
  // Before there is a panel: where it has the focus, a file would be opened over it.
  await workbench.openFile(editor.file("prose.md"));
  for (const file of Object.keys(files))
    await editor.command("vscode.open", { uri: `file://${editor.file(file)}` }, { preview: false });
  await workbench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
});
after(() => editor?.close());
type Body = (workbench: Workbench, context: TestContext) => Promise<void>;
const inEditor = (body: Body) => (context: TestContext) =>
  pictured(
    () => editor,
    (workbench) => body(workbench, context),
  )(context);

async function align(workbench: Workbench, file: string): Promise<Frame> {
  await workbench.tab(file).click();
  await workbench.runCommand("FuseLab: Align tokenizers");
  await workbench.tab(`Align · ${file}`).waitFor();
  return workbench.webview(`Align · ${file}`);
}

/** The matrix takes the keys. Nothing moves them out of the text editor but a press in the panel. */
async function enter(frame: Frame): Promise<void> {
  await frame.page().mouse.move(5, 5); // off the tabs, whose hover would lie over it
  await frame.locator("h1").click();
  const active = frame.page().locator(".editor-group-container.active .tab.active");
  await active.filter({ hasText: "Align · " }).waitFor();
  await frame.locator(".matrix-pane").focus();
}

interface Counts {
  readonly dtw: number;
  readonly bytes: number;
  readonly of: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

interface Told extends Counts {
  readonly path: readonly (readonly [number, number])[];
  readonly sourceEnds: readonly number[];
  readonly targetEnds: readonly number[];
}

/** What the command line says. */
async function told(file: string): Promise<Told> {
  const folderOf = (name: string) => path.join(root, "demo", "models", name);
  const models = ["--target", folderOf(target), "--source", folderOf(source)];
  const { stdout, stderr } = await fuselab([
    "align",
    ...models,
    "--text",
    editor.file(file),
    "--json",
  ]);
  assert.notEqual(stdout, "", stderr);
  const { answers, outcome, path: cells, ...sides } = JSON.parse(stdout);
  return {
    ...countsOf(answers.dtw, answers.bytes, outcome),
    path: cells,
    sourceEnds: sides.source.byteEnds,
    targetEnds: sides.target.byteEnds,
  };
}

function countsOf(
  dtw: readonly unknown[],
  bytes: readonly unknown[],
  outcome: readonly string[],
): Counts {
  const given = (answers: readonly unknown[]) => answers.filter((answer) => answer !== null).length;
  return {
    dtw: given(dtw),
    bytes: given(bytes),
    of: outcome.length,
    outcomes: Object.fromEntries(
      ["same", "dtwOnly", "bytesOnly", "other", "neither"].map((name) => [
        name,
        outcome.filter((one) => one === name).length,
      ]),
    ),
  };
}

/** What the figures of the view say. */
async function figures(frame: Frame): Promise<Counts> {
  const body = frame.locator('.figures-table tbody[data-letter="A"]');
  const cells = await body.locator("[data-answers]").evaluateAll((found) =>
    found.map((cell) => {
      const { answers, of } = (cell as HTMLElement).dataset;
      return [Number(answers), Number(of)] as const;
    }),
  );
  const outcomes = await body.locator("[data-outcome]").evaluateAll((found) =>
    found.map((cell) => {
      const { outcome, count } = (cell as HTMLElement).dataset;
      return [outcome, Number(count)] as const;
    }),
  );
  assert.equal(cells.length, 2);
  assert.equal(cells[0][1], cells[1][1]);
  return {
    dtw: cells[0][0],
    bytes: cells[1][0],
    of: cells[0][1],
    outcomes: Object.fromEntries(outcomes),
  };
}

/** As the signs and words of table and CSV name them. */
const outcomeWords: Readonly<Record<string, string>> = {
  "● same row": "same",
  "◐ DTW only": "dtwOnly",
  "◑ bytes only": "bytesOnly",
  "◆ other row": "other",
  "○ neither": "neither",
};

/** The table twin, as it is copied. */
async function tableCounts(workbench: Workbench, frame: Frame): Promise<Counts> {
  await enter(frame);
  await workbench.page.keyboard.press("t");
  await frame.locator(".grid").focus();
  await workbench.page.evaluate(() => navigator.clipboard.writeText(""));
  await workbench.page.keyboard.press("Control+a");
  await workbench.page.keyboard.press("Control+c");
  const copied = await eventually(async () => {
    const text = await workbench.page.evaluate(() => navigator.clipboard.readText());
    assert.notEqual(text, "");
    return text;
  });
  await workbench.page.keyboard.press("t");
  const [head, ...rows] = copied.trimEnd().split(/\r?\n/);
  const columns = head.split("\t");
  const column = (name: string) =>
    rows.map((row) => {
      const cell = row.split("\t")[columns.indexOf(name)];
      return cell === "–" ? null : cell;
    });
  const outcome = column("outcome").map((words) => outcomeWords[words ?? ""] ?? `${words}`);
  return countsOf(column("DTW: A"), column("bytes: A"), outcome);
}

/** A file that the view's menu writes. */
async function exported(
  workbench: Workbench,
  frame: Frame,
  what: string,
  name: string,
): Promise<string> {
  const file = editor.file(name);
  await frame.getByRole("button", { name: "More actions" }).click();
  await frame.getByRole("menuitem", { name: what }).click();
  await workbench.answerFileDialog("Save the drawing", file);
  return eventually(async () => {
    assert.ok(existsSync(file), `${name} is not written`);
    const text = readFileSync(file, "utf8");
    assert.notEqual(text, "");
    return text;
  });
}

function csvCounts(csv: string): Counts {
  const rows = csv
    .trimEnd()
    .split("\r\n")
    .slice(1)
    .map((row) => row.split(","));
  const column = (at: number) => rows.map((row) => row.at(at) || null);
  return countsOf(
    column(-4),
    column(-2),
    column(-1).map((name) => `${name}`),
  );
}

const placeOf = (frame: Frame) =>
  frame.locator(".matrix-canvas").evaluate((canvas) => {
    const { cell, left, top } = (canvas as HTMLElement).dataset;
    return { cell: Number(cell), left: Number(left), top: Number(top) };
  });

const stopsOf = (frame: Frame) =>
  frame.locator(".legend-stop").evaluateAll((stops) =>
    stops.map((stop) => {
      const { value, colour } = (stop as HTMLElement).dataset;
      return { value: Number(value), colour: colour ?? "" };
    }),
  );

test(
  `the matrix has the legend's colours and the path that are worked out here (seed ${seed})`,
  inEditor(async (workbench, context) => {
    context.diagnostic(`seed ${seed}`);
    await workbench.tab("prose.md").click();
    await workbench.runCommand("FuseLab: Align tokenizers");
    await workbench.pickMany([target, source]);
    await workbench.quickPickRows().filter({ hasText: source }).waitFor();
    await workbench.pick(target);
    const frame = await workbench.webview(/^Align · /);
    const { path: cells, sourceEnds, targetEnds, ...counts } = await told("prose.md");
    await eventually(async () => assert.deepEqual(await figures(frame), counts));
    const expected = alignedByHand(spelledIn(prose, sourceEnds), spelledIn(prose, targetEnds));
    assert.deepEqual(cells, expected.path);

    await enter(frame);
    await workbench.page.keyboard.press("Home");
    while ((await placeOf(frame)).cell < 16) {
      await workbench.page.keyboard.press("+");
      await sleep(60);
    }
    for (const layer of ["detour", "local", "cumulative"] as const) {
      await frame.locator(".legend").filter({ hasText: layer }).waitFor();
      await eventually(async () => {
        const { cell, left, top } = await placeOf(frame);
        const picture = await canvasPicture(frame.locator(".matrix-canvas"));
        const stops = await stopsOf(frame);
        const colours = new Set<string>();
        for (let i = 0; i < 12; i++) {
          // Beside what is drawn over the cells.
          const [row, column] = [1 + ((5 * i) % 11), 1 + ((7 * i) % 11)];
          const value = expected[layer][row][column];
          const { colour } = stops.findLast((stop) => value >= stop.value)!;
          const drawn = colourAt(picture, left + (column + 0.82) * cell, top + (row + 0.18) * cell);
          assert.equal(`rgb(${drawn.join(" ")})`, colour, `${layer} ${value} at ${row}, ${column}`);
          colours.add(colour);
        }
        assert.ok(colours.size > 1, `${layer}: one colour everywhere proves nothing`);
      });
      await frame.locator(".matrix-pane").focus();
      await workbench.page.keyboard.press("l");
    }

    const svg = await exported(workbench, frame, "Export as SVG…", "prose.svg");
    const points = [...svg.matchAll(/<circle [^>]*data-row="(\d+)" data-column="(\d+)"/g)];
    assert.deepEqual(
      points.map(([, row, column]) => [Number(row), Number(column)]),
      expected.path,
    );
  }),
);

test(
  "figures, table, CSV, command line and agents' tool give the same counts of all kinds of text",
  inEditor(async (workbench) => {
    for (const [file, text] of Object.entries(kinds)) {
      const frame = await align(workbench, file);
      const { path: _, sourceEnds: __, targetEnds, ...counts } = await told(file);
      assert.equal(targetEnds.at(-1), Buffer.byteLength(text), file);
      await eventually(async () => assert.deepEqual(await figures(frame), counts, file));
      assert.deepEqual(await tableCounts(workbench, frame), counts, `${file}: table`);
      const csv = await exported(workbench, frame, "Export figures as CSV…", `${file}.csv`);
      assert.deepEqual(csvCounts(csv), counts, `${file}: CSV:\n${csv}`);
      const answer = await editor.invokeTool("fuselab_align_text", { text, target, source });
      const { answered, outcomes } = JSON.parse(answer);
      assert.deepEqual({ ...answered, outcomes }, counts, `${file}: tool`);
    }
  }),
);

/** Runs the command and waits for the picture; milliseconds from the key that runs it. */
async function timed(workbench: Workbench, file: string, frame: Frame): Promise<number> {
  await workbench.tab(file).click();
  const { page } = workbench;
  await page.keyboard.press("F1");
  await workbench.quickInput().locator("input").first().fill(">FuseLab: Align tokenizers");
  await workbench.quickPickRows().filter({ hasText: "FuseLab: Align tokenizers" }).waitFor();
  const start = Date.now();
  await page.keyboard.press("Enter");
  return eventually(async () => {
    const painted = await frame.evaluate(() => {
      const marks = performance.getEntriesByName("fuselab.painted");
      return performance.timeOrigin + (marks.at(-1)?.startTime ?? 0);
    });
    assert.ok(painted > start, `${file} is not painted`);
    return painted - start;
  });
}

test(
  "500 tokens are soon painted",
  inEditor(async (workbench, context) => {
    for (const file of long) await align(workbench, file);
    const frame = await workbench.webview(/^Align · /);
    const tokens = await eventually(async () => {
      const { of } = await figures(frame);
      assert.ok(of > 300);
      return of;
    });
    const warm: number[] = [];
    for (let i = 0; i < 6; i++) warm.push(await timed(workbench, long[i % 2], frame));
    warm.sort((a, b) => a - b);
    for (const { pid } of editor.processes("inspector.js")) process.kill(pid, "SIGKILL");
    await eventually(async () => assert.match(editor.log(), /inspector \d+ ended/));
    const cold = await timed(workbench, long[0], frame);
    const milliseconds = (value: number) => `${value.toFixed(0)} ms`;
    context.diagnostic(
      `figure: alignment of ${tokens} tokens from the command to the picture: warm ${milliseconds(warm[3])} ` +
        `(${milliseconds(warm[0])} to ${milliseconds(warm[5])}, budget 300 ms), with a new inspector ${milliseconds(cold)} (budget 1,500 ms to its answer)`,
    );
    assert.ok(warm[0] < 3000 && cold < 15_000, `${warm} ${cold}`);
  }),
);

test(
  "nothing serious is found by axe in four themes, nothing leaves the machine, and 200 % cuts no text",
  inEditor(async (workbench) => {
    const frame = await align(workbench, "prose.md");
    // Not first the one that is set: nothing would change.
    for (const theme of themeNames.toReversed()) {
      await editor.setTheme(theme);
      await eventually(async () => assert.deepEqual(await axeFindings(frame), []));
      const [strongest, ...others] = (await stopsOf(frame)).map(
        ({ colour }) => /(\d+)\D+(\d+)\D+(\d+)/.exec(colour)?.slice(1).map(Number) ?? [],
      );
      const contrast = contrastOf(strongest as never, others.at(-1) as never);
      assert.ok(contrast >= 3, `${theme}: ${contrast}`);
      await workbench.screenshot(`alignment-${theme}`);
    }
    await workbench.setZoom(2, { width: 1600, height: 1000 });
    await eventually(async () => {
      const cut = await frame
        .locator(".top, .view-title, .figures-table td, .figures-table, .view > [role=status]")
        .evaluateAll((parts) =>
          parts
            .filter((part) => part.scrollWidth > part.clientWidth + 1)
            .map((part) => part.className),
        );
      assert.deepEqual(cut, []);
    });
    await workbench.screenshot("alignment-200");
    await workbench.setZoom(1, { width: 1600, height: 1000 });
    assert.deepEqual(editor.outside(), []);
  }),
);
