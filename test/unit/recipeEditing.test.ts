/** What the editor knows of a recipe while it is written: where the cursor stands, what fits there, what keys mean. */
import assert from "node:assert/strict";
import path from "node:path";
import { suite, test } from "node:test";
import { fixesAt } from "../../src/extension/recipes/recipeFixes.ts";
import { helpOf, suggestionsAt } from "../../src/extension/recipes/recipeHelp.ts";
import { recipeKeyAt, recipePositionAt } from "../../src/extension/recipes/recipeText.ts";
import { domainOf, pathFrom, writeRecipe } from "../../src/extension/recipes/writtenRecipe.ts";
import { checkRecipe } from "../../src/pipeline/recipe.ts";
import { recipeJsonSchema } from "../../src/pipeline/recipeSchema.ts";

/** The text and the place of `|` in it. */
function cursor(written: string): [text: string, offset: number] {
  return [written.replace("|", ""), written.indexOf("|")];
}

const labelsAt = (written: string, models: readonly { name: string; path: string }[] = []) => {
  const position = recipePositionAt(...cursor(written));
  assert.ok(position, `nothing found in ${written}`);
  return suggestionsAt(recipeJsonSchema, position, models).map(({ label }) => label);
};

suite("completion offers", () => {
  test("the keys of a recipe that are not there yet", () => {
    const labels = labelsAt("version: 1\nname: x\n|");
    assert.ok(labels.includes("target"));
    assert.ok(!labels.includes("version") && !labels.includes("name"));
  });

  test("the keys of a section where its first is to be written", () => {
    assert.deepEqual(labelsAt("alignment:\n  |").sort(), [
      "fallback",
      "positions",
      "shorterRows",
      "vocabulary",
    ]);
  });

  test("the keys that are left of a section with a word begun", () => {
    const labels = labelsAt("alignment:\n  positions: bytes\n  vo|\n");
    assert.ok(labels.includes("vocabulary") && !labels.includes("positions"));
  });

  test("keys inside braces, and in an entry of the corpus", () => {
    assert.ok(labelsAt("training: { steps: 4, l| }").includes("lambda"));
    assert.deepEqual(labelsAt("corpus:\n  - { domain: prose, | }"), ["files", "field", "weight"]);
    assert.ok(labelsAt("corpus:\n  - |").includes("domain"));
  });

  test("the words that a value may be", () => {
    assert.deepEqual(labelsAt("fusion: { rule: | }").sort(), ["avgCE", "minCE"]);
    assert.deepEqual(labelsAt("mode: |"), ["corrected", "published"]);
    assert.deepEqual(labelsAt("baselines: [sources, |]"), ["sources", "clm", "ensemble"]);
  });

  test("known models where a model is named", () => {
    const models = [{ name: "prose", path: "./zoo/prose" }];
    assert.deepEqual(labelsAt("target: |", models), ["prose"]);
    assert.deepEqual(labelsAt("sources:\n  - |", models), ["prose"]);
  });

  test("nothing in a comment, and nothing for what is no key", () => {
    assert.equal(recipePositionAt(...cursor("mode: corrected # see |")), undefined);
    assert.deepEqual(labelsAt("nonsense: |"), []);
  });

  test("no help for a text that is no recipe by its size", () => {
    assert.equal(recipePositionAt(`mode: ${"x".repeat(70_000)}`, 6), undefined);
  });
});

suite("hover", () => {
  test("finds the key under the pointer, with its place in the text", () => {
    const text = "training: { steps: 400, lambda: 0.4 }";
    const found = recipeKeyAt(text, text.indexOf("lambda") + 2);
    assert.deepEqual(found?.path, ["training", "lambda"]);
    assert.equal(text.slice(found.from, found.to), "lambda");
  });

  test("says what a key means, what may stand there, and both modes' defaults", () => {
    const help = helpOf(recipeJsonSchema, ["representation", "topK"]) ?? "";
    assert.match(help, /most probable next tokens/);
    assert.match(help, /from 1 to 256/);
    assert.match(help, /`64` \(corrected\), `10` \(published\)/);
  });
});

suite("what mends a mistake", () => {
  /** The text after each offered change, for every problem that is found. */
  const mended = (written: string): string[] =>
    checkRecipe(written, "/x/new.fusion.yaml").problems.flatMap(({ from }) =>
      fixesAt(recipeJsonSchema, written, from).map(
        (fix) => written.slice(0, fix.from) + fix.text + written.slice(fix.to),
      ),
    );
  const whole = writeRecipe({
    name: "x",
    target: "./a",
    sources: ["./b"],
    corpus: [{ domain: "prose", files: "a.md" }],
    mode: "corrected",
  });

  test("is the key or the word that was meant, the nearest first", () => {
    assert.deepEqual(mended(whole.replace("lambda", "lamda")), [whole]);
    assert.deepEqual(mended(whole.replace("corrected", "'corected'"))[0], whole);
    assert.equal(mended(`${whole}alignment: { positions: byte }\n`)[0].includes(": bytes"), true);
  });

  test("is the nearest number that is allowed", () => {
    assert.deepEqual(mended(whole.replace("0.4", "1.5")), [whole.replace("0.4", "1")]);
    assert.deepEqual(mended(whole.replace("version: 1", "version: 7")), [whole]);
  });

  test("is nothing where the schema does not say what is right", () => {
    assert.deepEqual(mended(`${whole}weather: fine\n`), []);
    assert.deepEqual(mended(whole.replace("target: ./a\n", "")), []);
    assert.deepEqual(mended(whole.replace("lambda: 0.4", "lambda: high")), []);
    assert.deepEqual(mended(whole), []);
  });
});

suite("a new recipe", () => {
  const answers = {
    name: "three: into one",
    target: "./models/a b",
    sources: ["./models/b", "/elsewhere/c"],
    corpus: [{ domain: "prose", files: "text/**/*.md" }],
  } as const;

  test("is valid in both modes, whatever its name holds", () => {
    for (const mode of ["corrected", "published"] as const) {
      const { parsed, problems } = checkRecipe(
        writeRecipe({ ...answers, mode }),
        "/x/new.fusion.yaml",
      );
      assert.deepEqual(
        problems.filter(({ severity }) => severity === "error"),
        [],
      );
      assert.equal(parsed?.recipe.mode, mode);
      assert.equal(parsed?.recipe.training.lambda, mode === "published" ? 0.9 : 0.4);
      assert.deepEqual(parsed?.recipe.sources, answers.sources);
    }
  });

  test("names models by the shorter path", () => {
    const at = (...parts: string[]) => path.join(path.sep, ...parts);
    assert.equal(pathFrom(at("w", "p"), at("w", "p", "zoo", "m")), "./zoo/m");
    assert.equal(pathFrom(at("w", "p"), at("w", "m")), "../m");
    assert.equal(pathFrom(at("w", "p", "q", "r"), at("m")), at("m"));
  });

  test("calls domains as recipes may", () => {
    assert.equal(domainOf("--my [texts]"), "my texts");
    assert.equal(domainOf("!!!"), "text");
  });
});
