/**
 * Whether the tests would notice: applies each sabotage to a copy of the sources, runs the test that it names, and
 * takes it back. A sabotage is found where that test is green before and red with it. Words behind the command keep
 * to sabotages whose name holds them. Exits with 1 where one is not found.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "node:test";
import { type Sabotage, sabotages } from "./sabotages.ts";

const root = path.dirname(path.dirname(import.meta.dirname));
/** Made by set-ups, not by sources: the copy shares them. */
const shared = ["node_modules", ".cache"];

type Colour = "green" | "red" | "missing";

const wanted = process.argv[2] ?? "";
const copy = mkdtempSync(path.join(os.tmpdir(), "fuselab-sabotage-"));
try {
  copySources(copy);
  const chosen = sabotages.filter(({ name }) => name.includes(wanted));
  let found = 0;
  for (const sabotage of chosen) if (await isFound(sabotage)) found++;
  console.log(`\n${found} of ${chosen.length} sabotages turned their test red`);
  process.exitCode = found === chosen.length && found > 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** What git tracks or would: never build outputs, which would hide a sabotage. */
function copySources(to: string): void {
  const { stdout } = spawnSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    cpSync(path.join(root, file), path.join(to, file), { recursive: true });
  }
  for (const folder of shared) symlinkSync(path.join(root, folder), path.join(to, folder), "dir");
}

async function isFound(sabotage: Sabotage): Promise<boolean> {
  const started = performance.now();
  const before = await colourOf(sabotage);
  const source = path.join(copy, sabotage.file);
  const text = readFileSync(source, "utf8");
  writeFileSync(
    source,
    text.replace(sabotage.find, () => sabotage.replace),
  );
  const after = await colourOf(sabotage);
  writeFileSync(source, text);
  const isRed = before === "green" && after === "red";
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const { file, name } = sabotage.test;
  console.log(`${isRed ? "found " : "MISSED"}  ${sabotage.name}`);
  console.log(`        ${file}: ${name} — ${before}, then ${after}, ${seconds} s`);
  return isRed;
}

async function colourOf({ test, needsBuild }: Sabotage): Promise<Colour> {
  if (needsBuild === true) build();
  const begins = new RegExp(`^${test.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
  // In the editor a test goes on where the one before it stopped.
  const alone = !test.file.startsWith("test/e2e/");
  let colour: Colour = "missing";
  const events = run({
    files: [path.join(copy, test.file)],
    timeout: 600_000,
    ...(alone ? { testNamePatterns: begins } : {}),
  });
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (!begins.test(data.name) || data.skip !== undefined) continue;
    colour = type === "test:fail" ? "red" : "green";
  }
  return colour;
}

function build(): void {
  mkdirSync(path.join(copy, "dist"), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, ["esbuild.mjs"], {
    cwd: copy,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The copy could not be built: ${stderr}`);
}
