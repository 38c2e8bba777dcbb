/**
 * An extension that sits beside FuseLab in every editor under test. It guards the extension host's connections, and
 * those of the processes started from there; the server drops NODE_OPTIONS, so the guard cannot come that way.
 * It does in the host what a test asks for by writing a request, among it changing user settings, because a
 * server's editor does not watch their file.
 */
const fs = require("node:fs");
const path = require("node:path");
const { commands, ConfigurationTarget, lm, Uri, workspace } = require("vscode");

require("./outsideGuard.cjs");

const requestFile = process.env.FUSELAB_COMPANION_REQUEST;
const interval = 100;
/** Milliseconds between two looks at the clock. */
const beat = 5;

exports.activate = (context) => {
  process.env.NODE_OPTIONS = `--require=${path.join(__dirname, "outsideGuard.cjs")}`;
  fs.watchFile(requestFile, { interval }, answer);
  context.subscriptions.push({ dispose: () => fs.unwatchFile(requestFile, answer) });
  answer();
};

/** A request is {id, do, …}; the answer, beside it, {id} with a value, or an error where it was refused. */
async function answer() {
  if (!fs.existsSync(requestFile)) return;
  const request = JSON.parse(fs.readFileSync(requestFile, "utf8"));
  const result = { id: request.id };
  try {
    result.value = await deeds[request.do](request);
  } catch (error) {
    result.error = error instanceof Error ? error.message : String(error);
  }
  const file = `${requestFile}.answer-${request.id}`;
  fs.writeFileSync(`${file}.new`, JSON.stringify(result));
  fs.renameSync(`${file}.new`, file);
}

const deeds = {
  /** Fails where one of the settings is unknown. */
  async changeSettings({ changes }) {
    for (const [name, value] of Object.entries(changes)) {
      await workspace.getConfiguration().update(name, value, ConfigurationTarget.Global);
    }
  },
  /** As another extension or a key could. An argument {uri} is handed over as an address. */
  async runCommand({ command, args }) {
    const given = args.map((one) => (one?.uri === undefined ? one : Uri.parse(one.uri)));
    await commands.executeCommand(command, ...given);
  },
  async invokeTool({ name, input }) {
    const { content } = await lm.invokeTool(name, { input, toolInvocationToken: undefined });
    return content.map(({ value }) => value).join("");
  },
  startWatch() {
    watch.own = 0;
    watch.all = 0;
    watch.timer = setInterval(look, beat);
    watch.at = performance.now();
    watch.used = process.cpuUsage();
  },
  stopWatch() {
    clearInterval(watch.timer);
    return { own: watch.own, all: watch.all };
  },
};

/**
 * Milliseconds that the host's event loop was late, at most: `all` by the clock, `own` only as far as the host was
 * computing meanwhile, for on a machine with more to do a process also waits for its turn.
 */
const watch = { own: 0, all: 0, at: 0, used: process.cpuUsage(), timer: undefined };

function look() {
  const now = performance.now();
  const late = now - watch.at - beat;
  const { user, system } = process.cpuUsage(watch.used);
  watch.all = Math.max(watch.all, late);
  watch.own = Math.max(watch.own, Math.min(late, (user + system) / 1000));
  watch.at = now;
  watch.used = process.cpuUsage();
}
