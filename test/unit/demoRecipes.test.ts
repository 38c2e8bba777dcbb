import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecipe, type Recipe } from "../../src/pipeline/recipe.ts";
import { ablationRecipes, demoRecipes } from "../../src/pipeline/zoo/demoRecipes.ts";

const all = [...demoRecipes(1), ...ablationRecipes(1)];
const read = (text: string): Recipe => parseRecipe(text, "/demo/x.fusion.yaml").recipe;

test("every recipe of the demo can be run as it stands", () => {
  for (const { name, text } of all) assert.equal(read(text).name, name);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});

test("they train on the same text for the same steps from the same seed", () => {
  const [ours, ...others] = all.map(({ text }) => read(text));
  assert.ok(ours);
  for (const other of others) {
    assert.deepEqual(other.corpus, ours.corpus);
    assert.deepEqual(other.evaluation, ours.evaluation);
    const { lambda: _, ...training } = ours.training;
    const { lambda: __, ...same } = other.training;
    assert.deepEqual(same, training);
  }
});

test("an ablation differs from ours in one key", () => {
  const flat = ({ representation, alignment, fusion, training, mode }: Recipe) =>
    Object.entries({ ...representation, ...alignment, ...fusion, ...training, mode });
  const ours = flat(read(demoRecipes(1)[0]!.text));
  for (const { name, text } of ablationRecipes(1)) {
    const changed = flat(read(text)).filter(
      ([key, value], i) => JSON.stringify([key, value]) !== JSON.stringify(ours[i]),
    );
    assert.equal(changed.length, 1, `${name}: ${changed.map(([key]) => key).join(", ")}`);
  }
});

test("the published recipe is the published method", () => {
  const published = read(all.find(({ name }) => name === "fusellm-published")!.text);
  assert.equal(published.mode, "published");
  assert.equal(published.training.lambda, 0.9);
  assert.deepEqual(published.representation, { topK: 10, temperature: 1 });
  const { positions, vocabulary, fallback } = published.alignment;
  assert.deepEqual([positions, vocabulary, fallback], ["dtw", "minEditDistance", "currentToken"]);
  const { rule, per, unit, tail } = published.fusion;
  assert.deepEqual([rule, per, unit, tail], ["minCE", "block", "token", "renormalise"]);
});
