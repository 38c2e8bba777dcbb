/**
 * An editor's own folder: home, temporary files, user data, extensions, workspace. Nothing of the machine's user is
 * read or written, and a process that names this folder was started by the test.
 */
import { randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { until } from "../waiting.ts";
import { root } from "./tools.ts";

export interface ProfileOptions {
  /** Added to settings that keep the editor quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether the workspace is one that the user has not trusted. */
  readonly restricted?: boolean;
  /** Files of the workspace by their path in it. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A folder whose content is copied into the workspace first. */
  readonly copyOf?: string;
}

export interface Profile {
  readonly base: string;
  readonly home: string;
  readonly userData: string;
  readonly extensions: string;
  readonly workspace: string;
  /** Where a connection to another machine was attempted, one "host:port" a line. */
  readonly outsideLog: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly restricted: boolean;
}

const quietSettings = {
  "chat.disableAIFeatures": true,
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": "off",
  "extensions.ignoreRecommendations": true,
  "files.simpleDialog.enable": true,
  "git.enabled": false,
  "npm.fetchOnlinePackageInfo": false,
  "remote.autoForwardPorts": false,
  "telemetry.telemetryLevel": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "update.mode": "none",
  "update.showReleaseNotes": false,
  "window.menuBarVisibility": "compact",
  "workbench.colorTheme": "Dark Modern",
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.settings.enableNaturalLanguageSearch": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

const trustSettings = {
  trusted: { "security.workspace.trust.enabled": false },
  restricted: {
    "security.workspace.trust.enabled": true,
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
    "security.workspace.trust.untrustedFiles": "open",
  },
};

const companionPatience = 30_000;

export function createProfile(options: ProfileOptions = {}): Profile {
  const { settings = {}, restricted = false, files = {}, copyOf } = options;
  const base = mkdtempSync(path.join(os.tmpdir(), "fuselab-editor-"));
  const profile: Profile = {
    base,
    home: path.join(base, "home"),
    userData: path.join(base, "user-data"),
    extensions: path.join(base, "extensions"),
    workspace: path.join(base, "workspace"),
    outsideLog: path.join(base, "outside.log"),
    environment: environmentOf(base),
    restricted,
  };
  for (const folder of [profile.home, profile.extensions, profile.workspace]) mkdirSync(folder);
  mkdirSync(path.join(base, "tmp"));
  mkdirSync(path.join(profile.userData, "User"), { recursive: true });
  writeFileSync(path.join(base, "config.yaml"), "auth: none\n");
  writeFileSync(profile.outsideLog, "");
  const trust = restricted ? trustSettings.restricted : trustSettings.trusted;
  writeFileSync(
    path.join(profile.userData, "User", "settings.json"),
    JSON.stringify({ ...quietSettings, ...trust, ...settings }, undefined, 2),
  );
  if (copyOf !== undefined) cpSync(copyOf, profile.workspace, { recursive: true });
  const companion = path.join(root, "test", "support", "editor", "companion");
  cpSync(companion, path.join(profile.extensions, "fuselab-test.companion-1.0.0"), {
    recursive: true,
  });
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(profile.workspace, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return profile;
}

/** What companion.cjs does in the extension host, by `do`. */
export type CompanionRequest = { readonly do: string } & Readonly<Record<string, unknown>>;

/** Has something done in the extension host of the editor that runs on the profile; throws where it is refused. */
export async function askCompanion(
  { base }: Profile,
  request: CompanionRequest,
  limit = companionPatience,
): Promise<unknown> {
  const file = companionRequest(base);
  const id = randomUUID();
  writeFileSync(`${file}.new`, JSON.stringify({ ...request, id }));
  renameSync(`${file}.new`, file);
  const answerFile = `${file}.answer-${id}`;
  await until(`the editor answers ${request.do}`, () => existsSync(answerFile), limit);
  const { error, value } = JSON.parse(readFileSync(answerFile, "utf8"));
  if (error !== undefined) throw new Error(error);
  return value;
}

export function removeProfile({ base }: Profile): void {
  rmSync(base, { recursive: true, force: true });
}

/** Where companion.cjs looks for requests. */
function companionRequest(base: string): string {
  return path.join(base, "request.json");
}

/** The machine's environment without what another editor, npm or the test runner left in it. */
function environmentOf(base: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(vscode|npm|electron|node|xdg|fuselab|omp)_/i.test(name),
  );
  const home = path.join(base, "home");
  const temporary = path.join(base, "tmp");
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, ".config"),
    XDG_DATA_HOME: path.join(home, ".local", "share"),
    XDG_CACHE_HOME: path.join(home, ".cache"),
    XDG_RUNTIME_DIR: temporary,
    TMPDIR: temporary,
    // The gallery of extensions is never asked.
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "" }),
    FUSELAB_OUTSIDE_LOG: path.join(base, "outside.log"),
    FUSELAB_COMPANION_REQUEST: companionRequest(base),
  };
}
