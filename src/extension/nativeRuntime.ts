/** Whether the package carries ONNX Runtime for this system: the universal package does not. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Problem } from "../core/problem.ts";

/** `extension`: the extension's folder. */
export function hasNativeRuntime(extension: string): boolean {
  const library = path.join("onnxruntime-node", "bin", "napi-v6", process.platform, process.arch);
  return existsSync(path.join(extension, "node_modules", library, "onnxruntime_binding.node"));
}

/** @throws Problem `unsupported`. `what`: "Models are not trained". */
export function requireNativeRuntime(extension: string, what: string): void {
  if (hasNativeRuntime(extension)) return;
  throw new Problem(
    "unsupported",
    `${what}: this package of FuseLab carries no native runtime for ${process.platform}-${process.arch}.`,
    {
      next: "Install the package of this platform, where there is one. Aligning tokenizers and reading finished runs work without it.",
    },
  );
}
