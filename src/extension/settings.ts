/**
 * The extension's settings, typed and checked: a value of the wrong kind, or out of bounds, is as good as absent,
 * and the log says so once. The names are those of package.json; a test holds both against each other.
 */
import * as vscode from "vscode";
import { matrixLayers } from "../protocol/alignmentView.ts";
import type { Log } from "./log.ts";

interface Kind<Value> {
  readonly fallback: Value;
  /** `undefined`: not a value of this setting. */
  read(value: unknown): Value | undefined;
}

const text = (fallback: string): Kind<string> => ({
  fallback,
  read: (value) => (typeof value === "string" ? value.trim() : undefined),
});

const whole = (fallback: number, least: number, most: number): Kind<number> => ({
  fallback,
  read: (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
      ? Number(value)
      : undefined,
});

const flag = (fallback: boolean): Kind<boolean> => ({
  fallback,
  read: (value) => (typeof value === "boolean" ? value : undefined),
});

const oneOf = <Word extends string>(words: readonly Word[], fallback: Word): Kind<Word> => ({
  fallback,
  read: (value) => words.find((word) => word === value),
});

const mostTexts = 200;
const texts: Kind<readonly string[]> = {
  fallback: [],
  read: (value) =>
    Array.isArray(value) &&
    value.length <= mostTexts &&
    value.every((one) => typeof one === "string")
      ? value.map((one: string) => one.trim()).filter((one) => one !== "")
      : undefined,
};

/** Every setting of the extension. Megabytes, minutes, tokens, threads; 0 threads: chosen by FuseLab. */
export const settingKinds = {
  "runs.folder": text("runs"),
  "models.folders": texts,
  "models.default": texts,
  "alignment.maxTokens": whole(4000, 100, 20_000),
  "alignment.layer": oneOf(matrixLayers, "detour"),
  "alignment.followEdits": flag(true),
  "inspector.memoryLimitMB": whole(0, 0, 1_048_576),
  "inspector.idleMinutes": whole(5, 1, 1440),
  "training.threads": whole(0, 0, 1024),
  "hub.endpoint": text("https://huggingface.co"),
  "hub.cacheFolder": text(""),
  logEvents: flag(false),
} as const satisfies Record<string, Kind<unknown>>;

export type SettingName = keyof typeof settingKinds;
type ValueOf<Name extends SettingName> = (typeof settingKinds)[Name]["fallback"] extends infer Value
  ? Value extends string
    ? (typeof settingKinds)[Name] extends Kind<infer Word>
      ? Word
      : never
    : Value extends number
      ? number
      : Value extends boolean
        ? boolean
        : Value
  : never;

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

  /** @throws where the editor cannot write the setting. */
  async set<Name extends SettingName>(
    name: Name,
    value: ValueOf<Name>,
    where = vscode.ConfigurationTarget.Global,
  ): Promise<void> {
    await vscode.workspace.getConfiguration("fuselab").update(name, value, where);
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
