/** The names of a package's files: a VSIX is a ZIP archive, read here from its central directory. */
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const entryLength = 46;
const headerLength = 30;
const deflated = 8;

export interface PackedFile {
  readonly name: string;
  /** Bytes in the archive, and unpacked. */
  readonly packed: number;
  readonly size: number;
  /** Where its own header stands in the archive. */
  readonly at: number;
}

export function filesOfPackage(file: string): readonly PackedFile[] {
  const bytes = readFileSync(file);
  let end = bytes.length - endLength;
  while (end >= 0 && bytes.readUInt32LE(end) !== endSignature) end--;
  if (end < 0) throw new Error(`${file} is not a ZIP archive.`);
  const files: PackedFile[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== entrySignature) throw new Error(`${file} is broken at ${at}.`);
    const nameLength = bytes.readUInt16LE(at + 28);
    const behind = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    files.push({
      name: bytes.toString("utf8", at + entryLength, at + entryLength + nameLength),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      at: bytes.readUInt32LE(at + 42),
    });
    at += entryLength + nameLength + behind;
  }
  return files;
}

/** The text of one file in a package. */
export function textInPackage(file: string, name: string): string {
  const found = filesOfPackage(file).find((one) => one.name === name);
  if (found === undefined) throw new Error(`${file} holds no ${name}.`);
  const bytes = readFileSync(file);
  const { at, packed } = found;
  const from = at + headerLength + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  const content = bytes.subarray(from, from + packed);
  const isDeflated = bytes.readUInt16LE(at + 8) === deflated;
  return (isDeflated ? inflateRawSync(content) : content).toString("utf8");
}
