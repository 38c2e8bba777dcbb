/** Everything that can be said of the code without running it: types, fences, lint and format. Exits with 1 on any fault. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** The file behind a package's command: the same on every system, with no shell between. */
function commandOf(name, command) {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin } = require(manifest);
  return path.join(path.dirname(manifest), typeof bin === "string" ? bin : bin[command]);
}

const checks = [
  { name: "types", file: commandOf("typescript", "tsc"), args: ["-b"] },
  { name: "fences", file: path.join(root, "scripts", "fences.mjs"), args: [] },
  {
    name: "lint and format",
    file: commandOf("@biomejs/biome", "biome"),
    args: ["check", "--error-on-warnings"],
  },
];

let failed = false;
for (const { name, file, args } of checks) {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: "inherit" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`check: ${name} ${status === 0 ? "ok" : "FAILED"} (${seconds} s)`);
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
