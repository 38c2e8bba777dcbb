/** A comparison of runs for the tests of its view. */
import type { ComparedRunShow, CompareShow } from "../../src/protocol/runView.ts";
import { threeSeeds } from "./runShows.ts";

const run = (letter: string, name: string, more: Partial<ComparedRunShow>): ComparedRunShow => ({
  letter,
  folder: `/runs/${letter}`,
  name,
  state: "done",
  scores: threeSeeds,
  lastStep: 400,
  ...more,
});

const gain = (bitsPerByte: number, beyondSpread: boolean) => ({
  bitsPerByte,
  spread: 0.011,
  beyondSpread,
  domains: ["prose", "code", "declarations"].map((domain, i) => ({
    domain,
    bitsPerByte: bitsPerByte * (i + 0.5),
    spread: 0.011,
    beyondSpread: Math.abs(bitsPerByte * (i + 0.5)) > 0.011,
  })),
});

export const compareShow: CompareShow = {
  revision: "r",
  title: "4 runs",
  kept: false,
  restricted: false,
  restore: {},
  runs: [
    run("A", "ours", {}),
    run("B", "top 10 instead of 64", { difference: gain(0.0174, true) }),
    run("C", "λ 0.2 instead of 0.4", {
      difference: gain(-0.0051, false),
      state: "running",
      lastStep: 300,
    }),
    run("D", "another corpus", { notComparable: "it was measured on other held-out text" }),
  ],
  settings: [
    { key: "representation.topK", values: ["64", "10", "64", "64"] },
    { key: "training.lambda", values: ["0.4", "0.4", "0.2", "0.4"] },
    {
      key: "corpus[0].files",
      values: [
        "corpora/fusion/prose/*",
        "corpora/fusion/prose/*",
        "corpora/fusion/prose/*",
        "other/*",
      ],
    },
  ],
};
