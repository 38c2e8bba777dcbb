/** The settings of the extension, what their values may be, and what stands for one that is absent. */
import { matrixLayers } from "../protocol/alignmentView.ts";

export interface Kind<Value> {
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
export type ValueOf<Name extends SettingName> =
  (typeof settingKinds)[Name]["fallback"] extends infer Value
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
