/** The version of this build, put in by the bundler, and those of what it computes with. */
import { createRequire } from "node:module";

declare const FUSELAB_VERSION: string;

export const version: string =
  typeof FUSELAB_VERSION === "string" ? FUSELAB_VERSION : "development";

/** By name: what decides the last digits of a result. */
export function currentVersions(): Record<string, string> {
  const { version: runtime } = createRequire(import.meta.url)("onnxruntime-node/package.json") as {
    version: string;
  };
  return { fuselab: version, node: process.versions.node, onnxruntime: runtime };
}
