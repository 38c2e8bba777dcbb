import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { before, describe, test } from "node:test";
import { claimRun } from "../../src/pipeline/runClaim.ts";
import { openEventLog } from "../../src/pipeline/runEvents.ts";
import { createRun } from "../../src/pipeline/runFolder.ts";
import { readRunRecord } from "../../src/pipeline/runRecord.ts";
import { commandFile, fuselab } from "../support/commandLine.ts";
import { temporaryFolder, writeFiles } from "../support/folders.ts";
import { ended, newRun, noon, startProcess } from "../support/runs.ts";

/** The commands that `fuselab --help` lists. */
async function listedCommands(): Promise<string[]> {
  const { stdout } = await fuselab(["--help"]);
  const [, list = ""] = stdout.split("Commands:\n");
  return [...list.matchAll(/^ {2}(\w+)/gm)]
    .map((match) => match[1])
    .filter((name) => name !== "help");
}

describe("help", () => {
  let commands: string[] = [];
  before(async () => {
    commands = await listedCommands();
  });

  test("lists the commands", () => {
    for (const name of ["run", "resume", "stop", "status"])
      assert.ok(commands.includes(name), name);
  });

  test("explains every command and every option of it", async () => {
    for (const name of commands) {
      const { code, stdout, stderr } = await fuselab([name, "--help"]);
      assert.equal(code, 0, `${name}: ${stderr}`);
      assert.match(stdout, new RegExp(`^Usage: fuselab ${name}`));
      const [, description = ""] = stdout.split("\n\n");
      assert.ok(description.length > 40, `${name} says little of itself: ${description}`);
      for (const line of stdout.split("\n").filter((one) => /^ {2}-/.test(one))) {
        assert.match(line, /^ {2}-\S.* {2,}\S|^ {2}-.{30,}$/, `${name}: an option without a word`);
      }
    }
  });

  test("comes by itself where nothing is asked", async () => {
    const { stdout, stderr } = await fuselab([]);
    assert.match(stdout + stderr, /Usage: fuselab/);
  });

  test("tells the version", async () => {
    const { code, stdout } = await fuselab(["--version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe("wrong input ends with 2 and a sentence", () => {
  const cases: readonly [args: string[], expected: RegExp][] = [
    [["stoop"], /unknown command 'stoop'[\s\S]*stop/],
    [["status", "--jsno"], /unknown option '--jsno'[\s\S]*--json/],
    [["status", "nothing"], /There is no run nothing/],
    [["stop"], /No run in runs is running/],
    [["status", "./nowhere/run"], /is not the folder of a run/],
    [["run"], /missing required argument/],
    [["run", "missing.fusion.yaml"], /missing\.fusion\.yaml/],
  ];
  for (const [args, expected] of cases) {
    test(`fuselab ${args.join(" ")}`, async (t) => {
      const { code, stdout, stderr } = await fuselab(args, { cwd: temporaryFolder(t) });
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /^\s+at /m);
    });
  }

  test("a wrong recipe is refused with file and line before anything is made", async (t) => {
    const cwd = temporaryFolder(t);
    writeFiles(cwd, { "x.fusion.yaml": "version: 1\nname: x\ntraget: a\n" });
    const { code, stderr } = await fuselab(["run", "x.fusion.yaml"], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /x\.fusion\.yaml:\d/);
    assert.match(stderr, /traget[\s\S]*Did you mean target/);
  });

  test("with FUSELAB_DEBUG it also says where in the code", async (t) => {
    const environment = { FUSELAB_DEBUG: "1" };
    const { stderr } = await fuselab(["stop"], { cwd: temporaryFolder(t), environment });
    assert.match(stderr, /^\s+at /m);
  });
});

describe("status", () => {
  test("says that there are no runs", async (t) => {
    const { code, stdout } = await fuselab(["status"], { cwd: temporaryFolder(t) });
    assert.equal(code, 0);
    assert.match(stdout, /There are no runs in runs/);
  });

  test("lists runs for people and for programs", async (t) => {
    const cwd = temporaryFolder(t);
    await createRun(path.join(cwd, "runs"), { ...newRun, name: "A \u001b[31mred name" }, noon);
    writeFiles(cwd, { "runs/broken/run.json": "{" });
    const people = await fuselab(["status"], { cwd });
    assert.equal(people.code, 0);
    assert.match(people.stdout, /2026-03-09-a-31mred-name +queued/);
    assert.match(people.stdout, /broken +unreadable/);
    const [first, second] = JSON.parse((await fuselab(["status", "--json"], { cwd })).stdout);
    assert.equal(first.state, "queued");
    assert.equal(first.name, "A \u001b[31mred name");
    assert.match(second.problem, /run\.json/);
  });

  test("shows one run in detail, and obeys nothing that stands in its files", async (t) => {
    const cwd = temporaryFolder(t);
    const folder = await createRun(path.join(cwd, "runs"), newRun, noon);
    const claim = await claimRun(folder);
    const log = openEventLog(folder);
    log.append({ t: "stage", stage: "split", phase: "finished", seconds: 2 });
    log.append({ t: "warning", message: "odd \u001b]0;title\u0007 text" });
    log.close();
    await claim.release("done");
    const { code, stdout } = await fuselab(["status", "three"], { cwd });
    assert.equal(code, 0);
    assert.match(stdout, /✓ split +2 s/);
    assert.match(stdout, /state +done/);
    assert.match(stdout, /odd /);
    assert.ok(!stdout.includes("\u001b"));
    const { stages, warnings, state } = JSON.parse(
      (await fuselab(["status", "three", "--json"], { cwd })).stdout,
    );
    assert.equal(state, "done");
    assert.equal(stages[0].phase, "finished");
    assert.equal(warnings.length, 1);
  });

  test("--follow shows a run until it ends", async (t) => {
    const cwd = temporaryFolder(t);
    const folder = await createRun(path.join(cwd, "runs"), newRun, noon);
    const { child } = await startProcess(t, folder, "obey");
    const following = fuselab(["status", "three", "--follow"], { cwd });
    const stopping = await fuselab(["stop"], { cwd });
    assert.equal(stopping.code, 0, stopping.stderr);
    assert.match(stopping.stdout, /three-specialists-one-model has stopped/);
    const { code, stdout, stderr } = await following;
    assert.equal(code, 0);
    assert.match(stdout + stderr, /warning: from \d+[\s\S]*stopped/);
    await ended(child);
    assert.equal((await readRunRecord(folder)).state, "stopped");
  });

  test("into a pipe that closes early ends quietly", async (t) => {
    const cwd = temporaryFolder(t);
    for (let i = 0; i < 40; i++) await createRun(path.join(cwd, "runs"), newRun, noon);
    const child = spawn(process.execPath, [commandFile, "status", "--json"], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    await once(child, "close");
    assert.equal(stderr, "");
  });
});
