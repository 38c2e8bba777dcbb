/** The names of a package's files: a VSIX is a ZIP archive, read here from its central directory. */
import { readFileSync } from "node:fs";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const entryLength = 46;

export interface PackedFile {
  readonly name: string;
  /** Bytes in the archive, and unpacked. */
  readonly packed: number;
  readonly size: number;
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
    });
    at += entryLength + nameLength + behind;
  }
  return files;
}
