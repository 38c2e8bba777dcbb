import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import type { DistributionsShow, FusionControls } from "../../src/protocol/distributionsView.ts";
import {
  departures,
  figuresKey,
  obstacle,
  presetControls,
  presetOf,
  topKsOf,
} from "../../webview/distributions/controlRules.ts";
import {
  createRowStore,
  type KeptRow,
  type WantedRow,
} from "../../webview/distributions/rowStore.ts";
import { foundDocuments } from "../../webview/distributions/searchedDocuments.ts";

const corrected: FusionControls = {
  mode: "corrected",
  positions: "bytes",
  vocabulary: "firstToken",
  rule: "minCE",
  per: "chunk",
  lambda: 0.4,
  temperature: 1,
  topK: 64,
};
const published: FusionControls = {
  ...corrected,
  mode: "published",
  positions: "dtw",
  vocabulary: "minEditDistance",
  per: "block",
  lambda: 0.9,
  topK: 10,
};
const presets = { corrected, published };

describe("controls", () => {
  test("are called by the preset they stand at, a run's recipe first", () => {
    const selection = { origin: "selection", presets, resetTo: corrected } as const;
    assert.equal(presetOf(published, selection), "published");
    assert.equal(presetOf({ ...published, rule: "avgCE" }, selection), "custom");
    const run = { origin: "run", presets, resetTo: published } as const;
    assert.equal(presetOf(published, run), "recipe");
    assert.equal(presetControls("recipe", run), published);
  });

  test("differ from the point to reset to by every key", () => {
    assert.deepEqual(departures({ ...corrected, lambda: 0.9, rule: "avgCE" }, corrected), [
      "rule",
      "lambda",
    ]);
  });

  test("make the same figures at every λ, and at no other setting", () => {
    assert.equal(figuresKey(corrected), figuresKey({ ...corrected, lambda: 0.9 }));
    for (const change of [{ topK: 10 }, { temperature: 2 }, { mode: "published" }] as const) {
      assert.notEqual(figuresKey(corrected), figuresKey({ ...corrected, ...change }));
    }
  });

  test("cannot be set to what the host names an obstacle, in that mode alone", () => {
    const show: Pick<DistributionsShow, "obstacles"> = {
      obstacles: { corrected: {}, published: { positions: { bytes: "dtw only" } } },
    };
    assert.equal(obstacle(show, published, "positions", "bytes"), "dtw only");
    assert.equal(obstacle(show, corrected, "positions", "bytes"), undefined);
    assert.equal(obstacle({}, published, "positions", "bytes"), undefined);
  });

  test("offer every top k that somebody has set", () => {
    const show = { origin: "selection", presets, resetTo: { ...corrected, topK: 32 } } as const;
    assert.deepEqual(topKsOf({ ...corrected, topK: 7 }, show), [7, 10, 32, 64, 128]);
  });
});

describe("documents", () => {
  const documents = [
    { title: "prose/a.md", bytes: 1, bitsPerByte: 2 },
    { title: "prose/b.md", bytes: 1, bitsPerByte: 3 },
    { title: "code/a.ts", bytes: 1 },
  ];
  test("are found by all words, the worst for the target first", () => {
    assert.deepEqual(foundDocuments(documents, ""), [1, 0, 2]);
    assert.deepEqual(foundDocuments(documents, "A PROSE"), [0]);
    assert.deepEqual(foundDocuments(documents, "nothing"), []);
  });
});

/** Answers by hand: what was asked, and how each question is settled. */
function scripted(capacity?: number) {
  const asked: {
    place: WantedRow;
    signal: AbortSignal;
    answer: () => Promise<void>;
    refuse: (problem: Problem) => Promise<void>;
  }[] = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const store = createRowStore(
    (place, signal) =>
      new Promise<KeptRow>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Problem("cancelled", "Not wanted.")));
        asked.push({
          place,
          signal,
          answer: async () => {
            resolve({ row: { position: place.position } as KeptRow["row"], lambda: 0.4 });
            await settle();
          },
          refuse: async (problem) => {
            reject(problem);
            await settle();
          },
        });
      }),
    capacity,
  );
  const at = (position: number): WantedRow => ({ key: "settings", position });
  return { asked, store, at, positions: () => asked.map(({ place }) => place.position) };
}

describe("rows", () => {
  test("are asked for one at a time: the chosen one, then those ahead", async () => {
    const { asked, store, at, positions } = scripted();
    const chosen = store.choose(at(5), [6, 7]);
    assert.deepEqual(positions(), [5]);
    await asked[0].answer();
    assert.equal((await chosen)?.row.position, 5);
    assert.deepEqual(positions(), [5, 6]);
    await asked[1].answer();
    assert.deepEqual(positions(), [5, 6, 7]);
  });

  test("that were read ahead are there at once, and are not asked for again", async () => {
    const { asked, store, at, positions } = scripted();
    void store.choose(at(5), [6]);
    await asked[0].answer();
    await asked[1].answer();
    assert.equal((await store.choose(at(6), []))?.row.position, 6);
    assert.deepEqual(positions(), [5, 6]);
  });

  test("another choice ends the question before, whose answer is nobody's", async () => {
    const { asked, store, at } = scripted();
    const first = store.choose(at(5), []);
    const second = store.choose(at(9), []);
    assert.equal(asked[0].signal.aborted, true);
    await asked[1].answer();
    assert.equal(await first, undefined);
    assert.equal((await second)?.row.position, 9);
  });

  test("a row that is already being read ahead is waited for, not asked for again", async () => {
    const { asked, store, at, positions } = scripted();
    void store.choose(at(5), [6]);
    await asked[0].answer();
    const next = store.choose(at(6), []);
    assert.equal(asked[1].signal.aborted, false);
    await asked[1].answer();
    assert.equal((await next)?.row.position, 6);
    assert.deepEqual(positions(), [5, 6]);
  });

  test("a refusal of the chosen one is thrown, one ahead is kept quiet and tried again", async () => {
    const { asked, store, at } = scripted();
    const chosen = store.choose(at(5), []);
    await Promise.all([
      assert.rejects(chosen, /too large/),
      asked[0].refuse(new Problem("tooLarge", "It is too large.")),
    ]);
    void store.choose(at(5), [6]);
    await asked[1].answer();
    await asked[2].refuse(new Problem("busy", "Busy."));
    void store.choose(at(6), []);
    assert.equal(asked[3].place.position, 6);
    await asked[3].answer();
  });

  test("beyond the store's capacity the least recently used is forgotten", async () => {
    const { asked, store, at } = scripted(2);
    for (const position of [1, 2]) {
      void store.choose(at(position), []);
      await asked.at(-1)!.answer();
    }
    assert.ok(store.get(at(1)));
    void store.choose(at(3), []);
    await asked.at(-1)!.answer();
    assert.equal(store.get(at(2)), undefined);
    assert.ok(store.get(at(1)));
  });

  test("of other settings are other rows", async () => {
    const { asked, store, at } = scripted();
    void store.choose(at(1), []);
    await asked[0].answer();
    assert.equal(store.get({ key: "others", position: 1 }), undefined);
    store.clear();
    assert.equal(store.get(at(1)), undefined);
  });
});
