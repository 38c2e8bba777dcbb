/** The text a command reads: from a file, or from standard input. */
import path from "node:path";
import { Problem } from "../core/problem.ts";
import { utf8Decode } from "../core/text/bytes.ts";
import { readLimited } from "../model/checkpoint/outsideFile.ts";
import { byteSize } from "./terminal.ts";

/** Bytes; what is read stands in memory several times over. */
const longestText = 8 * 1024 * 1024;

/**
 * The text of `file`; of standard input for `-`, and for `undefined` where it is not a terminal.
 * @throws Problem where there is none, or where it is empty, too long or not UTF-8.
 */
export async function readInputText(file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY === true) {
    throw new Problem("badInput", "There is no text.", {
      next: "Name a file with --text, or pipe a text into the command.",
    });
  }
  const piped = file === undefined || file === "-";
  const bytes = piped ? await readAll(process.stdin) : await readLimited(file, longestText);
  const name = piped ? "standard input" : path.basename(file);
  const where = piped ? {} : { file };
  const text = utf8Decode(bytes);
  if (text === undefined) {
    throw new Problem("badInput", `The text of ${name} is not UTF-8.`, {
      ...where,
      next: "Convert it first, for example with iconv.",
    });
  }
  if (text === "") {
    throw new Problem("badInput", `There is no text in ${name}.`, {
      ...where,
      next: "Name a file with --text, or pipe a text into the command.",
    });
  }
  return text;
}

async function readAll(stream: NodeJS.ReadStream): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > longestText) {
      throw new Problem("tooLarge", `The text is longer than ${byteSize(longestText)}.`, {
        next: "Pass a shorter text.",
      });
    }
  }
  return Buffer.concat(parts);
}
