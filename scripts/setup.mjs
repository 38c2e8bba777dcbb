/**
 * Makes a checkout ready with nothing but Node: installs the packages that package-lock.json names, and with
 * `--build` bundles dist/. A checkout that is ready is left alone and the network is not touched.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const lockFile = path.join(root, "package-lock.json");
/** Says for which package-lock.json the packages were installed. */
const mark = path.join(root, "node_modules", ".fuselab-lock");

refuseOldNode();
install();
if (process.argv.includes("--build")) await bundle();

function refuseOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 10)) return;
  fail(`FuseLab needs Node 20.10 or newer; this is ${process.version}. Install a newer Node.`);
}

function install() {
  const wanted = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  if (existsSync(mark) && readFileSync(mark, "utf8").trim() === wanted) return;
  if (isInstalled()) {
    writeFileSync(mark, `${wanted}\n`);
    return;
  }
  console.log("setup: installing the packages of package-lock.json (npm ci)");
  const { status, error } = spawnSync(
    "npm",
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
      // onnxruntime-node would otherwise download CUDA libraries that FuseLab does not use.
      env: {
        ...process.env,
        ONNXRUNTIME_NODE_INSTALL: "skip",
        ONNXRUNTIME_NODE_INSTALL_CUDA: "skip",
      },
    },
  );
  if (error !== undefined) {
    fail(`npm could not be started (${error.message}). Install npm, or put it on the PATH.`);
  }
  if (status !== 0) {
    fail(
      "npm ci failed; its own message is above. If it could not reach the registry, check the network and npm's proxy and registry settings; if it says that package.json and package-lock.json differ, run npm install. Then run this again.",
    );
  }
  writeFileSync(mark, `${wanted}\n`);
}

/** Whether someone has installed exactly these packages already: npm notes what it installed in a file of its own. */
function isInstalled() {
  const note = path.join(root, "node_modules", ".package-lock.json");
  if (!existsSync(note)) return false;
  const installed = JSON.parse(readFileSync(note, "utf8")).packages ?? {};
  const { "": _root, ...wanted } = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  return Object.entries(wanted).every(([place, { version, integrity, optional }]) => {
    const found = installed[place];
    // Optional packages are those of other systems.
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

async function bundle() {
  const started = performance.now();
  const { build } = await import("../esbuild.mjs");
  try {
    await build();
  } catch {
    fail("The build failed; esbuild's messages are above.");
  }
  console.log(`setup: built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
