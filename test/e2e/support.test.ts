import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { colourAt, contrastOf, readPicture } from "../support/editor/picture.ts";
import { endProcess, processesOf, waitForEnd } from "../support/editor/processes.ts";

/** What the other tests lean on: it has to see what is there, or they prove nothing. */

const sleeper = ["-e", "setTimeout(() => {}, 60_000)"];

test("a process that was detached and left is found by its folder alone, and none is once it ended", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fuselab-left-"));
  const byPlace = spawn(process.execPath, sleeper, { cwd: folder, detached: true });
  const byHome = spawn(process.execPath, sleeper, { env: { HOME: folder }, detached: true });
  const byCommand = spawn(process.execPath, [...sleeper, path.join(folder, "run")]);
  const wanted = [byPlace, byHome, byCommand].map(({ pid }) => pid).sort();
  try {
    assert.deepEqual((await waitForEnd(folder, 300)).map(({ pid }) => pid).sort(), wanted);
  } finally {
    for (const pid of wanted) endProcess(pid as number);
  }
  assert.deepEqual(await waitForEnd(folder, 10_000), []);
  assert.deepEqual(processesOf(`${folder}-other`), []);
  rmSync(folder, { recursive: true });
});

test("a picture's pixels are read back through each of PNG's five filters", () => {
  const width = 4;
  // Rows as they look; each is stored under the filter of its number.
  const rows = [0, 1, 2, 3, 4].map((row) =>
    Uint8Array.from({ length: width * 3 }, (_, i) => (row * 53 + i * 29 + i * i * row) % 256),
  );
  const picture = readPicture(png(width, rows));
  assert.deepEqual([picture.width, picture.height], [width, rows.length]);
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < width; x++) {
      assert.deepEqual(colourAt(picture, x + 0.5, y + 0.5), [...row.subarray(x * 3, x * 3 + 3)]);
    }
  }
  assert.throws(() => colourAt(picture, width, 0), RangeError);
});

test("contrast is WCAG's: 21 for black on white, and as published for a grey", () => {
  assert.equal(contrastOf([0, 0, 0], [255, 255, 255]), 21);
  assert.equal(contrastOf([119, 119, 119], [255, 255, 255]).toFixed(2), "4.48");
  assert.equal(contrastOf([1, 2, 3], [1, 2, 3]), 1);
});

/** An RGB picture whose n-th row is stored under filter n. */
function png(width: number, rows: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const lines = rows.map((row, y) => {
    const above = rows[y - 1] ?? new Uint8Array(row.length);
    return Uint8Array.from([y, ...row.map((value, i) => value - guess(y, row, above, i))]);
  });
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    part("IHDR", header),
    part("IDAT", deflateSync(Buffer.concat(lines))),
    part("IEND", Buffer.alloc(0)),
  ]);
}

function guess(filter: number, row: Uint8Array, above: Uint8Array, i: number): number {
  const a = row[i - 3] ?? 0;
  const b = above[i];
  const c = above[i - 3] ?? 0;
  const nearest = [a, b, c].map((one) => ({ one, away: Math.abs(a + b - c - one) }));
  const paeth = nearest.reduce((best, next) => (next.away < best.away ? next : best)).one;
  return [0, a, b, Math.floor((a + b) / 2), paeth][filter];
}

/** The checksum stays empty: the reader trusts the browser, and does not look. */
function part(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(type, "latin1"), body, Buffer.alloc(4)]);
}
