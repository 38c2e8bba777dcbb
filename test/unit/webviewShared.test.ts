/** The parts of the views that need no page: mass bars, rows in sight, tables as text, and "latest wins". */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import { Latest } from "../../webview/shared/latest.ts";
import { massGeometry } from "../../webview/shared/massGeometry.ts";
import { csvText, tsvText } from "../../webview/shared/separated.ts";
import { rowWindow, scrollToRow } from "../../webview/shared/tableGeometry.ts";

describe("mass bar", () => {
  test("the parts follow each other and fill the width", () => {
    const parts = massGeometry({ mapped: 0.74, leftOver: 0.21, lost: 0.05 }, 200);
    assert.deepEqual(
      parts.map(({ part }) => part),
      ["mapped", "leftOver", "lost"],
    );
    let end = 0;
    for (const { x, width } of parts) {
      assert.ok(Math.abs(x - end) < 1e-9);
      end = x + width;
    }
    assert.ok(Math.abs(end - 200) < 1e-9);
    assert.ok(Math.abs(parts[0].width - 148) < 1e-9);
  });

  test("what is nothing is not drawn, and rounding is spread over the bar", () => {
    assert.deepEqual(massGeometry({ mapped: 1.0004, leftOver: 0, lost: 0 }, 100), [
      { part: "mapped", x: 0, width: 100 },
    ]);
  });

  test("a row that does not add up to 1 is refused", () => {
    for (const mapped of [0.5, 1.2, Number.NaN]) {
      assert.throws(() => massGeometry({ mapped, leftOver: 0, lost: 0 }, 100), RangeError);
    }
  });
});

describe("rows in sight", () => {
  test("cover what is seen, with a margin, and stay inside the table", () => {
    for (const scrollTop of [0, 7, 24 * 500, 24 * 9_980, 1e9]) {
      const { from, to } = rowWindow(10_000, 24, scrollTop, 600);
      const top = Math.min(scrollTop, 10_000 * 24 - 600);
      assert.ok(from >= 0 && to <= 10_000 && to - from < 60);
      assert.ok(from * 24 <= top && to * 24 >= top + 600, `${from}–${to} at ${scrollTop}`);
    }
    assert.deepEqual(rowWindow(3, 24, 0, 600), { from: 0, to: 3 });
    assert.deepEqual(rowWindow(0, 24, 0, 600), { from: 0, to: 0 });
  });

  test("scrolling to a row moves as little as possible", () => {
    assert.equal(scrollToRow(5, 20, 0, 200), 0);
    assert.equal(scrollToRow(10, 20, 0, 200), 20);
    assert.equal(scrollToRow(2, 20, 100, 200), 40);
  });
});

describe("tables as text", () => {
  test("CSV quotes what needs it and leaves out what is not there", () => {
    const rows = [
      ['say "hi"', 1.5, null],
      ["a,b\nc", Number.NaN, -2],
    ];
    assert.equal(
      csvText(["text", "x", "y"], rows),
      'text,x,y\r\n"say ""hi""",1.5,\r\n"a,b\nc",,-2\r\n',
    );
  });

  test("a token that a spreadsheet would run as a formula is marked as text; figures are left alone", () => {
    assert.equal(csvText(["t"], [["=1+1"], ["@x"], ["-x"]]), "t\r\n'=1+1\r\n'@x\r\n'-x\r\n");
    assert.equal(csvText(["t"], [["-1.5"], [-1.5]]), "t\r\n-1.5\r\n-1.5\r\n");
  });

  test("TSV keeps one row a line", () => {
    assert.equal(
      tsvText([
        ["a\tb", 1],
        ["c\r\nd", null],
      ]),
      "a b\t1\nc d\t",
    );
  });
});

describe("latest wins", () => {
  test("an overtaken answer is not delivered, and its work is told", async () => {
    const latest = new Latest();
    let finish = (_: string): void => undefined;
    let told = false;
    const first = latest.run((signal) => {
      signal.addEventListener("abort", () => {
        told = true;
      });
      return new Promise<string>((resolve) => {
        finish = resolve;
      });
    });
    const second = latest.run(async () => "second");
    assert.equal(told, true);
    finish("first");
    assert.equal(await first, undefined);
    assert.equal(await second, "second");
    assert.equal(latest.isBusy, false);
  });

  test("a refusal of overtaken work is silent, of wanted work it is heard", async () => {
    const latest = new Latest();
    const refused = latest.run((signal) => {
      return new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Problem("cancelled", "over")));
      });
    });
    latest.cancel();
    assert.equal(await refused, undefined);
    await assert.rejects(
      latest.run(async () => {
        throw new Problem("busy", "Later.");
      }),
      Problem,
    );
  });
});
