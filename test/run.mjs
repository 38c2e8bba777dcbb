/**
 * Runs suites, each a folder of test/: `node test/run.mjs unit oracle system editor e2e`; `check` is
 * scripts/check.mjs and counts as one test. `editor` runs inside a real VS Code, `e2e` drives one that has the
 * packaged extension installed; what they need is made ready first. A file that drives a browser and failed is run once
 * more by itself, which decides; that it was needed is printed. A name behind `--` keeps to files whose path holds it. Prints a dot a test, failures whole, what was skipped and why, figures that tests measured, the slowest
 * files, and last one line with the counts. Exits with 1 on a failure, and where nothing ran.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

const self = fileURLToPath(import.meta.url);
const testFolder = path.dirname(self);
const root = path.dirname(testFolder);

/** A diagnostic of a test that begins so is a figure, shown with the machine it was measured on. */
const figureMark = "figure: ";

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
      cwd: root,
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
  const outcome = {
    passed: 0,
    failed: [],
    skipped: [],
    repeated: [],
    passesOf: new Map(),
    figures: [],
    seconds: new Map(),
    errors: new Map(),
  };
  const filesOfAll = (names) => names.flatMap(filesOf).filter((file) => file.includes(only));
  const quick = filesOfAll(suites.filter((name) => !["editor", "e2e"].includes(name)));
  const driven = filesOfAll(suites.filter((name) => name === "e2e"));
  const inHost = suites.includes("editor") && (await hostSuite()).suiteFiles(only).length > 0;
  makeReady({ editor: inHost, vsix: driven.length > 0 });
  if (suites.includes("check")) noteCheck(outcome);
  await runFiles(quick, 2, outcome);
  if (inHost) await runInHost(only, outcome);
  await runFiles(driven, 1, outcome); // one at a time: an editor takes the whole machine
  await repeatFailed(outcome, [...filesOfAll(["views"]), ...driven]);
  report(outcome);
  process.exit(outcome.failed.length === 0 && outcome.passed > 0 ? 0 : 1);
}

/** The set-ups before the first test: what they lack is better known at once than after a quarter of an hour. */
function makeReady({ editor, vsix }) {
  if (!editor && !vsix) return;
  runScript("setupEditor.mjs");
  if (vsix) {
    runScript("package.mjs", "--target", "linux-x64");
    process.env.FUSELAB_VSIX = path.join(root, "dist", "package", "fuselab-linux-x64.vsix");
  } else runScript("setup.mjs", "--build");
}

function runScript(name, ...args) {
  const file = path.join(root, "scripts", name);
  const { status, stdout } = spawnSync(process.execPath, [file, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status === 0) return;
  console.log(stdout);
  process.exit(1);
}

function hostSuite() {
  return import("./support/editor/hostSuite.ts");
}

function filesOf(suite) {
  const folder = path.join(testFolder, suite);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join(folder, name))
    .sort();
}

/** The suite in the extension host tells its results afterwards; here each becomes one of ours. */
async function runInHost(only, outcome) {
  const folder = path.join(testFolder, "editor");
  try {
    const { runHostSuite } = await hostSuite();
    for (const result of await runHostSuite(only)) noteResult(outcome, folder, result);
  } catch (error) {
    outcome.failed.push({ name: folder, file: folder, message: error.stack });
  }
  process.stdout.write("\n");
}

function noteResult(outcome, folder, { file, title, state, milliseconds, error }) {
  const data = { name: title, file: path.join(folder, `${file}.ts`), nesting: 0 };
  if (state === "failed") outcome.failed.push({ ...data, message: error });
  else if (state === "pending") outcome.skipped.push({ ...data, skip: true });
  else outcome.passed++;
  noteTime(outcome, { ...data, details: { duration_ms: milliseconds } });
  process.stdout.write({ passed: ".", failed: "F", pending: "s" }[state]);
}

/** The tests run also where the check fails: both are wanted in one go. */
function noteCheck(outcome) {
  const file = path.join(root, "scripts", "check.mjs");
  const { status } = spawnSync(process.execPath, [file], { stdio: "inherit" });
  if (status === 0) outcome.passed++;
  else outcome.failed.push({ name: file, file, message: "What it found is printed above." });
}

async function runFiles(files, concurrency, outcome) {
  if (files.length === 0) return;
  const events = run({ files, concurrency, timeout: 900_000 });
  for await (const { type, data } of events) {
    if (type === "test:pass") notePass(outcome, data);
    else if (type === "test:fail") noteFailure(outcome, data);
    else if (type === "test:diagnostic") noteFigure(outcome, data);
    else if (type === "test:stderr" || type === "test:stdout") noteOutput(outcome, data);
  }
  process.stdout.write("\n");
}

/**
 * What drives a browser on a machine that others use as well may be too slow once. A fault of the product fails
 * twice; whoever reads the summary sees what did not.
 */
async function repeatFailed(outcome, repeatable) {
  const files = new Set(outcome.failed.map(({ file }) => file));
  for (const file of [...files].filter((one) => repeatable.includes(one))) {
    const isOfFile = (one) => one.file === file;
    outcome.repeated.push(...outcome.failed.filter(isOfFile));
    outcome.failed = outcome.failed.filter((one) => !isOfFile(one));
    outcome.skipped = outcome.skipped.filter((one) => !isOfFile(one));
    outcome.passed -= outcome.passesOf.get(file) ?? 0;
    await runFiles([file], 1, outcome);
  }
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
    outcome.passesOf.set(data.file, (outcome.passesOf.get(data.file) ?? 0) + 1);
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

function noteFigure({ figures }, { message }) {
  if (message.startsWith(figureMark)) figures.push(message.slice(figureMark.length));
}

function noteTime({ seconds }, { nesting, file, details }) {
  if (nesting > 0 || file === undefined) return;
  seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1000);
}

function isSkipped({ skip, todo }) {
  return (skip ?? todo ?? false) !== false;
}

function report({ passed, failed, skipped, repeated, figures, seconds }) {
  for (const { name, file, message } of failed) {
    console.log(`\nFAILED ${shortName(file)}: ${name === file ? "the whole file" : name}`);
    console.log(message.replace(/^/gm, "  "));
  }
  if (repeated.length > 0) console.log("\nFailed at first, and were run again:");
  for (const { name, file, message } of repeated) {
    console.log(`  ${shortName(file)}: ${name === file ? "the whole file" : name}`);
    console.log(message.split("\n").slice(0, 12).join("\n").replace(/^/gm, "    "));
  }
  if (skipped.length > 0) console.log("\nSkipped:");
  for (const { name, file, skip, todo } of skipped) {
    const reason = [skip, todo].find((one) => typeof one === "string" && one !== "");
    console.log(`  ${shortName(file)}: ${name} (${reason ?? "no reason given"})`);
  }
  if (figures.length > 0) console.log(`\nFigures (${machine()}):`);
  for (const figure of figures) console.log(`  ${figure}`);
  console.log("\nSlowest files:");
  const slowest = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, 5);
  for (const [file, time] of slowest) console.log(`  ${time.toFixed(1)} s  ${shortName(file)}`);
  const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  console.log(`\n${passed} passed, ${failed.length} failed${tail}`);
}

function machine() {
  const [processor] = os.cpus();
  const memory = (os.totalmem() / 2 ** 30).toFixed(0);
  return `${os.cpus().length} x ${processor?.model.trim()}, ${memory} GiB, ${os.type()} ${os.arch()}, Node ${process.version}`;
}

function shortName(file) {
  return path.relative(root, file ?? "");
}
