/** The browser that the workbench is shown in; only the editor's own server has a name in it. */
import { type Browser, chromium } from "playwright-core";
import type { Profile } from "./profile.ts";
import { editorTools } from "./tools.ts";

const flags = [
  "--no-sandbox", // the sandbox is refused to root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export function launchBrowser({ environment }: Profile): Promise<Browser> {
  const env = Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== "NODE_OPTIONS",
    ),
  );
  return chromium.launch({
    executablePath: editorTools().browser,
    headless: true,
    args: flags,
    env,
    // The test's own handlers end it with everything else.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
