/**
 * Twelve mistakes that would be believed if no test saw them. Each is one piece of source replaced by another, and
 * names the test that has to turn red. `find` stands exactly once in its file.
 */
export interface Sabotage {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** File from the repository's root, and how the test's name begins. */
  readonly test: { readonly file: string; readonly name: string };
  /** The test starts processes from dist/. */
  readonly needsBuild?: true;
}

export const sabotages: readonly Sabotage[] = [
  {
    name: "rows of the source are off by one",
    file: "src/core/fusion/correctedRows.ts",
    find: "const { ids, probs, goldSlot } = massOf(input, shared.sourceRow[i]);",
    replace:
      "const { ids, probs, goldSlot } = massOf(input, Math.max(0, shared.sourceRow[i] - 1));",
    test: {
      file: "test/unit/alignRows.test.ts",
      name: "a source with the target's own tokenizer comes back as it is",
    },
  },
  {
    name: "the matrix's axes are swapped",
    file: "webview/alignment/cellTiles.ts",
    find: "pixels[i] = words[",
    replace: "pixels[(i % tileSide) * tileSide + Math.floor(i / tileSide)] = words[",
    test: {
      file: "test/views/alignment.test.ts",
      name: "pixels have the legend's colour for costs worked out here",
    },
  },
  {
    name: "the legend is reversed",
    file: "webview/alignment/matrixPanel.ts",
    find: "[stops[i].from, colour]",
    replace: "[stops[stops.length - 1 - i].from, colour]",
    test: {
      file: "test/views/alignment.test.ts",
      name: "pixels have the legend's colour for costs worked out here",
    },
  },
  {
    name: "λ is ignored",
    file: "webview/distributions/taught.ts",
    find: "return mixed(next, lambda, 1 - lambda, fused.row, fused.leftOver);",
    replace: "return mixed(next, 0.9, 0.1, fused.row, fused.leftOver);",
    test: { file: "test/views/distributions.test.ts", name: "λ moves TAUGHT and asks nobody" },
  },
  {
    name: "lost mass is dropped",
    file: "src/core/fusion/alignedRowWriter.ts",
    find: "noTargetToken[row] += mass;",
    replace: "noTargetToken[row] += 0 * mass;",
    test: {
      file: "test/unit/alignRows.test.ts",
      name: "shorter source tokens give the product of their probabilities",
    },
  },
  {
    name: "equal predecessors of the warping path are taken in the wrong order",
    file: "src/core/alignment/dtw.ts",
    find: "sourceFirst ? above <= before : above < before",
    replace: "sourceFirst ? above < before : above <= before",
    test: { file: "test/oracle/dtw.test.ts", name: "paths are those of the plain programme" },
  },
  {
    name: "a text that changed is taken for the one that is shown",
    file: "webview/alignment/staleText.ts",
    find: "set(isChanged);",
    replace: "set(false);",
    test: { file: "test/views/alignment.test.ts", name: "a changed text is said" },
  },
  {
    name: "a resumed run's events have a gap",
    file: "src/pipeline/runEvents.ts",
    find: "let seq = lastSeqOf(file) + 1;",
    replace: "let seq = lastSeqOf(file) + 2;",
    test: {
      file: "test/unit/runEvents.test.ts",
      name: "counts on over processes",
    },
  },
  {
    name: "a run is not stopped when asked",
    file: "src/engine/runWorker.ts",
    find: `if (await stopAsked(folder)) stop("file");`,
    replace: "await stopAsked(folder);",
    test: { file: "test/system/run.test.ts", name: "stops within a step when asked" },
    needsBuild: true,
  },
  {
    name: "a token's text is taken for markup",
    file: "webview/shared/tokenElement.ts",
    find: "element.textContent = shown;",
    replace: "element.innerHTML = shown;",
    test: {
      file: "test/views/shared.test.ts",
      name: "markup in tokens and names is shown as text",
    },
  },
  {
    name: "every subject opens another panel",
    file: "src/extension/panelShelf.ts",
    find: "const free = this.#panels.find(({ view }) => !view.kept);",
    replace: "const free = this.#panels.find(() => false);",
    test: {
      file: "test/e2e/alignment.test.ts",
      name: "takes the whole file where nothing is selected",
    },
    needsBuild: true,
  },
  {
    name: "a hidden view goes on polling",
    file: "webview/run/curves/seriesFeed.ts",
    find: "if (isVisible === visible) return;",
    replace: "if (visible || !visible) return;",
    test: { file: "test/views/run.test.ts", name: "neither asks nor draws while it is hidden" },
  },
];
