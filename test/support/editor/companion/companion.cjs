/**
 * An extension that sits beside FuseLab in every editor under test. It guards the extension host's connections, and
 * those of the processes started from there; the server drops NODE_OPTIONS, so the guard cannot come that way.
 * It changes user settings when the test writes a request, because a server's editor does not watch their file.
 */
const fs = require("node:fs");
const path = require("node:path");
const { ConfigurationTarget, workspace } = require("vscode");

require("./outsideGuard.cjs");

const requestFile = process.env.FUSELAB_SETTINGS_REQUEST;
const interval = 100;

exports.activate = (context) => {
  process.env.NODE_OPTIONS = `--require=${path.join(__dirname, "outsideGuard.cjs")}`;
  fs.watchFile(requestFile, { interval }, answer);
  context.subscriptions.push({ dispose: () => fs.unwatchFile(requestFile, answer) });
  answer();
};

/** A request is {id, changes}; the answer, beside it, {id} with an error where one of the settings is unknown. */
async function answer() {
  if (!fs.existsSync(requestFile)) return;
  const { id, changes } = JSON.parse(fs.readFileSync(requestFile, "utf8"));
  const result = { id };
  try {
    for (const [name, value] of Object.entries(changes)) {
      await workspace.getConfiguration().update(name, value, ConfigurationTarget.Global);
    }
  } catch (error) {
    result.error = String(error);
  }
  fs.writeFileSync(`${requestFile}.answer-${id}`, JSON.stringify(result));
}
