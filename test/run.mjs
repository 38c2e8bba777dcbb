/**
 * Runs suites, each a folder of test/: `node test/run.mjs unit oracle system`; `check` is scripts/check.mjs and
 * counts as one test. A name behind `--` keeps to files whose path holds it. Prints a dot a test, failures
 * whole, what was skipped and why, the slowest files, and last one line with the counts. Exits with 1 on a
 * failure, and where nothing ran.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

const self = fileURLToPath(import.meta.url);
const testFolder = path.dirname(self);

if (!process.execArgv.includes("tsx")) runWithTypeScript();
// An error thrown here would vanish: node:test takes it for one of a test's.
await runSuites(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});

/** Test files are processes of their own that take over this one's flags, so the loader is given here. */
function runWithTypeScript() {
  const { status } = spawnSync(
    process.execPath,
    ["--import", "tsx", self, ...process.argv.slice(2)],
    {
      cwd: path.dirname(testFolder),
      stdio: "inherit",
      // Two files run side by side: native threads on top of that only get in each other's way.
      env: { ...process.env, FUSELAB_THREADS: "1", OMP_NUM_THREADS: "1" },
    },
  );
  process.exit(status ?? 1);
}

async function runSuites(args) {
  const separator = args.indexOf("--");
  const suites = separator < 0 ? args : args.slice(0, separator);
  const only = separator < 0 ? "" : (args[separator + 1] ?? "");
  const files = suites.flatMap(filesOf).filter((file) => file.includes(only));
  const outcome = { passed: 0, failed: [], skipped: [], seconds: new Map(), errors: new Map() };
  if (suites.includes("check")) noteCheck(outcome);
  if (files.length > 0) await runFiles(files, outcome);
  report(outcome);
  process.exit(outcome.failed.length === 0 && outcome.passed > 0 ? 0 : 1);
}

function filesOf(suite) {
  const folder = path.join(testFolder, suite);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join(folder, name))
    .sort();
}

/** The tests run also where the check fails: both are wanted in one go. */
function noteCheck(outcome) {
  const file = path.join(path.dirname(testFolder), "scripts", "check.mjs");
  const { status } = spawnSync(process.execPath, [file], { stdio: "inherit" });
  if (status === 0) outcome.passed++;
  else outcome.failed.push({ name: file, file, message: "What it found is printed above." });
}

async function runFiles(files, outcome) {
  const events = run({ files, concurrency: 2, timeout: 900_000 });
  for await (const { type, data } of events) {
    if (type === "test:pass") notePass(outcome, data);
    else if (type === "test:fail") noteFailure(outcome, data);
    else if (type === "test:stderr" || type === "test:stdout") noteOutput(outcome, data);
  }
  process.stdout.write("\n");
}

function notePass(outcome, data) {
  noteTime(outcome, data);
  if (data.details.type === "suite") return;
  if (data.name === data.file) {
    outcome.failed.push({ ...data, message: "The file holds no test." });
  } else if (isSkipped(data)) {
    outcome.skipped.push(data);
    process.stdout.write("s");
  } else {
    outcome.passed++;
    process.stdout.write(".");
  }
}

function noteFailure(outcome, data) {
  noteTime(outcome, data);
  const { error } = data.details;
  if (error?.failureType === "subtestsFailed") return; // told by the subtest
  outcome.failed.push({ ...data, message: messageOf(outcome, data) });
  process.stdout.write("F");
}

/** A file that fell over as a whole is explained by what it printed. */
function messageOf(outcome, { name, file, details: { error } }) {
  if (name === file) return outcome.errors.get(file) ?? "The file ended with an error.";
  const cause = error?.cause ?? error;
  return cause?.stack ?? inspect(cause, { depth: 6 });
}

function noteOutput({ errors }, { file, message }) {
  errors.set(file, ((errors.get(file) ?? "") + message).slice(-20_000));
}

function noteTime({ seconds }, { nesting, file, details }) {
  if (nesting > 0 || file === undefined) return;
  seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1000);
}

function isSkipped({ skip, todo }) {
  return (skip ?? todo ?? false) !== false;
}

function report({ passed, failed, skipped, seconds }) {
  for (const { name, file, message } of failed) {
    console.log(`\nFAILED ${shortName(file)}: ${name === file ? "the whole file" : name}`);
    console.log(message.replace(/^/gm, "  "));
  }
  if (skipped.length > 0) console.log("\nSkipped:");
  for (const { name, file, skip, todo } of skipped) {
    const reason = [skip, todo].find((one) => typeof one === "string" && one !== "");
    console.log(`  ${shortName(file)}: ${name} (${reason ?? "no reason given"})`);
  }
  console.log("\nSlowest files:");
  const slowest = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, 5);
  for (const [file, time] of slowest) console.log(`  ${time.toFixed(1)} s  ${shortName(file)}`);
  const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  console.log(`\n${passed} passed, ${failed.length} failed${tail}`);
}

function shortName(file) {
  return path.relative(path.dirname(testFolder), file ?? "");
}
