import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import type { RecipeCheck } from "../../src/pipeline/checkRecipe.ts";
import { readEvents } from "../../src/pipeline/runEvents.ts";
import { fuselab } from "../support/commandLine.ts";
import { temporaryFolder } from "../support/folders.ts";
import { makeToyProject } from "../support/toyProject.ts";

/** Bytes of a folder's files. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0);
}

function within(share: number, actual: number, expected: number, what: string): void {
  const off = Math.abs(actual - expected) / expected;
  assert.ok(off <= share, `${what}: ${actual} was foretold, and it was ${expected}`);
}

describe("fuselab check", () => {
  test("foretells what the run then takes", async (t) => {
    const { folder, recipe } = await makeToyProject(temporaryFolder(t));
    const out = path.join(folder, "runs");
    const checked = await fuselab(["check", recipe, "--out", out, "--json"]);
    assert.equal(checked.code, 0, checked.stderr);
    assert.ok(!existsSync(out), "nothing is written");
    const { text, disk, memory, time, sources } = JSON.parse(checked.stdout) as RecipeCheck;
    assert.ok(text !== undefined && disk !== undefined && memory !== undefined);
    assert.ok(time !== undefined && time.fewest > 0);

    const ran = await fuselab(["run", recipe, "--out", out, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const run = (JSON.parse(ran.stdout) as { folder: string }).folder;
    const figures = new Map(
      (await readEvents(run)).flatMap((event) =>
        event.t === "stage" && event.phase === "finished" ? [[event.stage, event.figures]] : [],
      ),
    );
    const split = figures.get("split");
    assert.equal(text.training.chunks, split?.trainingChunks);
    assert.equal(text.heldOut.chunks, split?.heldOutChunks);
    assert.equal(text.training.bytes, split?.trainingBytes);
    assert.equal(text.steps, figures.get("pack")?.steps);
    within(0.15, text.read.chunks, figures.get("pack")?.chunks ?? 0, "chunks that are read");
    within(0.05, text.filled, figures.get("pack")?.filled ?? 0, "how full blocks are");
    const { rows = { count: 0, of: 1 } } = sources[0] ?? {};
    within(0.1, rows.count / rows.of, figures.get("align")?.share ?? 0, "aligned positions");
    const shards = ["representation", "aligned", "fused", "heldOut"] as const;
    for (const part of shards) {
      const actual = sizeOf(path.join(run, part));
      assert.ok(disk[part] > 0.85 * actual, `${part}: ${disk[part]} foretold, ${actual} written`);
      assert.ok(disk[part] < 1.6 * actual, `${part}: ${disk[part]} foretold, ${actual} written`);
    }
  });

  test("shows a page of 80 columns and exits with 0 where there are only warnings", async (t) => {
    const { recipe, source } = await makeToyProject(temporaryFolder(t), { steps: 3000 });
    writeFileSync(path.join(source, "README.md"), "---\nlicense: gemma\n---\n");
    const { code, stdout, stderr } = await fuselab(["check", recipe, "--quick"]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    for (const line of stdout.split("\n")) assert.ok([...line].length <= 80, line);
    for (const title of ["Models", "Text", "Sources", "Licences", "Memory", "Disk", "Time"]) {
      assert.match(stdout, new RegExp(`^${title}`, "m"));
    }
    assert.match(stdout, /^! source: The Gemma Terms of Use/m);
    assert.match(stdout, /^! 3000 steps pass/m);
    assert.match(stdout, /^ {2}→ Lower `steps`, or add text\.$/m);
    assert.match(stdout, /Not measured/);
    assert.match(stdout, /✓ The recipe can run; 2 warnings\.\n$/);
  });

  test("times the run, as a range", async (t) => {
    const { recipe } = await makeToyProject(temporaryFolder(t));
    const { code, stdout } = await fuselab(["check", recipe]);
    assert.equal(code, 0);
    assert.match(stdout, /^✓ \d.*(s|min|h) on 2 threads, 2 jobs side by side/m);
    assert.match(stdout, /split .*, pack .*, extract .*train .*evaluate/s);
  });

  test("exits with 2 where the run would fail, and says everything that is wrong", async (t) => {
    const { recipe, source, folder } = await makeToyProject(temporaryFolder(t));
    rmSync(path.join(source, "tokenizer.json"));
    writeFileSync(path.join(folder, "text/code.txt"), "too little\n");
    const { code, stdout, stderr } = await fuselab(["check", recipe]);
    assert.equal(code, 2, stderr);
    assert.match(stdout, /^✗ toy\.fusion\.yaml:4: source has no tokenizer\.json/m);
    assert.match(stdout, /^✗ Domain "code" has 0 held-out chunks/m);
    assert.match(stdout, /✗ A run would fail: 2 errors\.\n$/);
    const asJson = await fuselab(["check", recipe, "--json"]);
    assert.equal(asJson.code, 2);
    const { fails, findings } = JSON.parse(asJson.stdout) as RecipeCheck;
    assert.equal(fails, true);
    assert.equal(findings.length, 2);
  });

  test("shows a recipe's faults with their lines", async (t) => {
    const { recipe } = await makeToyProject(temporaryFolder(t));
    writeFileSync(recipe, readFileSync(recipe, "utf8").replace("batch: 2", "bach: 2"));
    const { code, stdout } = await fuselab(["check", recipe]);
    assert.equal(code, 2);
    assert.match(stdout, /^✗ toy\.fusion\.yaml:11: .*bach[\s\S]*Did you mean batch\?/m);
  });

  test("says what is not there", async () => {
    const { code, stderr, stdout } = await fuselab(["check", "nothing.fusion.yaml"]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /recipe cannot be read[\s\S]*nothing\.fusion\.yaml/);
  });
});
