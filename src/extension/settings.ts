/**
 * The extension's settings, typed and checked: a value of the wrong kind, or out of bounds, is as good as absent,
 * and the log says so once. The names are those of package.json; a test holds both against each other.
 */
import * as vscode from "vscode";
import type { Log } from "./log.ts";
import { type Kind, type SettingName, settingKinds, type ValueOf } from "./settingKinds.ts";

export class Settings {
  readonly #log: Log;
  readonly #warned = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  get<Name extends SettingName>(name: Name, scope?: vscode.ConfigurationScope): ValueOf<Name> {
    const { read, fallback } = settingKinds[name] as Kind<unknown>;
    const written: unknown = vscode.workspace.getConfiguration("fuselab", scope).get(name);
    const value = written === undefined ? fallback : read(written);
    if (value !== undefined) return value as ValueOf<Name>;
    this.#warnOnce(name, written);
    return fallback as ValueOf<Name>;
  }

  /**
   * Where the value in force was written: in the workspace, if that one's counts, otherwise for the user.
   * @throws where the editor cannot write the setting.
   */
  async set<Name extends SettingName>(name: Name, value: ValueOf<Name>): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("fuselab");
    const ofWorkspace = configuration.inspect(name)?.workspaceValue !== undefined;
    const { Workspace, Global } = vscode.ConfigurationTarget;
    const where = ofWorkspace && vscode.workspace.isTrusted ? Workspace : Global;
    await configuration.update(name, value, where);
  }

  onChange(names: readonly SettingName[], act: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((change) => {
      if (names.some((name) => change.affectsConfiguration(`fuselab.${name}`))) act();
    });
  }

  #warnOnce(name: SettingName, written: unknown): void {
    const value = JSON.stringify(written)?.slice(0, 80);
    const sentence = `The setting fuselab.${name} cannot be ${value}; its default is used.`;
    if (this.#warned.has(sentence)) return;
    this.#warned.add(sentence);
    this.#log.warn(sentence);
  }
}
