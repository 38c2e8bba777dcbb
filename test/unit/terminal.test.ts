import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ageText, figureText, scoreText } from "../../src/cli/figures.ts";
import { eventLine, lossText, scoreTable } from "../../src/cli/runText.ts";
import { byteSize, createProgress, duration, table } from "../../src/cli/terminal.ts";
import type { EvaluationEvent, RunEvent, StepEvent } from "../../src/protocol/runEvents.ts";

/** A stream that keeps what is written, and a clock that is set by hand. */
function fakeScreen(isTTY: boolean, columns = 80) {
  let written = "";
  let time = 0;
  const stream = {
    isTTY,
    columns,
    write: (text: string) => {
      written += text;
      return true;
    },
  } as unknown as NodeJS.WriteStream;
  return {
    progress: createProgress(stream, () => time),
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
    taken: () => {
      const text = written;
      written = "";
      return text;
    },
  };
}

/** What stands on a terminal after what was written to it: knows only the way up and clearing downwards. */
function screenOf(text: string): string[] {
  const lines = [""];
  let row = 0;
  for (const [i, piece] of text.split("\u001b[").entries()) {
    const [, count = "", command, plain = piece] =
      i === 0 ? [] : (/^(\d*)([AJ])(.*)$/s.exec(piece) ?? []);
    if (command === "A") row -= Number(count);
    else if (command === "J") lines.splice(row, Infinity, "");
    for (const [j, part] of plain.split("\n").entries()) {
      if (j > 0) lines[++row] ??= "";
      lines[row] += part;
    }
  }
  return lines.filter((line) => line !== "");
}

describe("progress on a terminal", () => {
  test("is drawn over itself, with rate and time left, and leaves one line", () => {
    const { progress, wait, taken } = fakeScreen(true);
    let all = "";
    for (let i = 0; i <= 10; i++) {
      wait(1000);
      progress.update("read", i, 10);
      all += taken();
      if (i === 5) {
        const screen = screenOf(all);
        assert.equal(screen.length, 1);
        assert.match(screen[0], /read .*50 % \(5\/10\), 1\.0\/s, 5 s left/);
      }
    }
    assert.deepEqual(screenOf(all), ["read: done in 10 s"]);
  });

  test("keeps lines that stay above the bars of several tasks", () => {
    const { progress, wait, taken } = fakeScreen(true);
    wait(1000);
    progress.update("a", 1, 10);
    wait(1000);
    progress.update("b", 1, 10);
    progress.say("a line");
    const screen = screenOf(taken());
    assert.equal(screen.length, 3);
    assert.equal(screen[0], "a line");
    assert.match(screen[1], /^a /);
    assert.match(screen[2], /^b /);
  });

  test("fits the width", () => {
    const { progress, wait, taken } = fakeScreen(true, 50);
    wait(1000);
    progress.update("a name that is far too long for its column", 1, 10, "a note that is long too");
    for (const line of screenOf(taken())) assert.ok([...line].length < 50);
  });

  test("shows what a file says without obeying it", () => {
    const { progress, taken } = fakeScreen(true);
    progress.say("\u001b[2Jgone");
    assert.equal(taken().includes("\u001b[2J"), false);
  });
});

describe("progress in a log", () => {
  test("is a plain line at most every ten seconds, and one at the end", () => {
    const { progress, wait, taken } = fakeScreen(false);
    for (let i = 0; i <= 300; i++) {
      progress.update("read", i, 300);
      wait(100);
    }
    const lines = taken().trim().split("\n");
    assert.equal(lines.length, 3);
    assert.equal(lines[2], "read: done in 30 s");
    assert.ok(lines.every((line) => !line.includes("\u001b")));
  });
});

describe("figures", () => {
  test("are written as people read them", () => {
    assert.deepEqual([0, 59.6, 61, 3600, 7500].map(duration), [
      "0 s",
      "1 min 0 s",
      "1 min 1 s",
      "1 h 0 min",
      "2 h 5 min",
    ]);
    assert.deepEqual([512, 1500, 2_340_000, 34e9].map(byteSize), [
      "512 B",
      "1.5 kB",
      "2.3 MB",
      "34 GB",
    ]);
    assert.deepEqual([1000, 120_000, 7_200_000, 3 * 86_400_000].map(ageText), [
      "1 s ago",
      "2 min ago",
      "2 h ago",
      "3 d ago",
    ]);
    assert.deepEqual([12345, 0.83217].map(figureText), ["12,345", "0.8322"]);
    assert.deepEqual([1.23456, null].map(scoreText), ["1.2346", "–"]);
  });

  test("stand in tables under each other", () => {
    const text = table([
      ["model", "prose"],
      ["three", "2.1"],
      ["a", "10.25"],
    ]);
    assert.deepEqual(text.split("\n"), ["model  prose", "three    2.1", "a      10.25"]);
  });
});

describe("events in words", () => {
  const stamp = { v: 1, seq: 0, time: 0 } as const;

  test("say what stays, and nothing of what is drawn", () => {
    const finished: RunEvent = {
      ...stamp,
      t: "stage",
      stage: "align",
      phase: "finished",
      seconds: 61,
      figures: { positions: 12345, share: 0.83421 },
    };
    assert.equal(eventLine(finished), "align: 1 min 1 s, positions 12,345, share 0.8342");
    assert.equal(
      eventLine({ ...stamp, t: "warning", message: "m", next: "do" }),
      "warning: m\n  do",
    );
    const failed: RunEvent = { ...stamp, t: "failed", problem: { code: "failed", message: "m" } };
    assert.equal(eventLine(failed), "failed: m");
    assert.equal(eventLine({ ...stamp, t: "stage", stage: "map", phase: "started" }), undefined);
    const shard: RunEvent = {
      ...stamp,
      t: "shard",
      stage: "map",
      path: "x",
      bytes: 1,
      chunks: 1,
      reused: false,
    };
    assert.equal(eventLine(shard), undefined);
  });

  test("show a loss that is not finite as such", () => {
    const step = { loss: { total: null, clm: 2, fusion: 3, text: 4 } } as StepEvent;
    assert.equal(lossText(step), "loss not finite (true next token 4.000)");
  });

  test("give the scores of all models one table, also where a domain is missing", () => {
    const of = (
      kind: "target" | "ensemble",
      domains: [string, number | null][],
    ): EvaluationEvent => ({
      t: "evaluation",
      of: { kind },
      bitsPerByte: 2,
      bytes: 10,
      domains: domains.map(([domain, bitsPerByte]) => ({ domain, bitsPerByte, bytes: 5 })),
    });
    const text = scoreTable([
      of("target", [
        ["prose", 2.5],
        ["code", 1.5],
      ]),
      of("ensemble", [["prose", null]]),
    ]);
    assert.deepEqual(text.split("\n"), [
      "bits per byte            prose    code  average",
      "target before training  2.5000  1.5000   2.0000",
      "ensemble                     –       –   2.0000",
    ]);
    assert.equal(scoreTable([]), "");
  });
});
