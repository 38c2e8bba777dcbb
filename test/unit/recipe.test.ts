import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Problem } from "../../src/core/problem.ts";
import { checkRecipe, parseRecipe } from "../../src/pipeline/recipe.ts";
import { schemaAt } from "../../src/pipeline/recipeSchema.ts";

const file = "/recipes/demo.fusion.yaml";

const smallest = `version: 1
name: two into one
target: ./target
sources: [./a, ./b]
corpus:
  - { domain: prose, files: "prose/**/*.md" }
`;

const recipeOf = (text: string) => parseRecipe(text, file).recipe;

/** Problems as `line:column severity key message`, which is what people go by. */
const problemsOf = (text: string) =>
  checkRecipe(text, file).problems.map(
    ({ line, column, severity, key, message }) =>
      `${line}:${column} ${severity} ${key}: ${message}`,
  );

const onlyProblem = (text: string) => {
  const { problems, parsed } = checkRecipe(text, file);
  assert.equal(problems.length, 1, JSON.stringify(problems, null, 1));
  return { ...problems[0], runs: parsed !== undefined };
};

describe("a recipe's defaults", () => {
  test("the smallest recipe means the corrected method", () => {
    const recipe = recipeOf(smallest);
    assert.equal(recipe.mode, "corrected");
    assert.deepEqual(recipe.alignment, {
      positions: "bytes",
      vocabulary: "firstToken",
      fallback: "nextToken",
      shorterRows: "candidates",
    });
    assert.deepEqual(recipe.fusion, {
      rule: "minCE",
      per: "chunk",
      unit: "byte",
      tail: "bucket",
      temperature: 0.25,
    });
    assert.equal(recipe.heldOut, 0.05);
    assert.deepEqual(recipe.corpus, [
      { domain: "prose", files: ["prose/**/*.md"], field: "text", weight: 1 },
    ]);
  });

  test("mode published brings the released code's settings", () => {
    const recipe = recipeOf(`${smallest}mode: published\n`);
    assert.deepEqual(
      [recipe.alignment.positions, recipe.alignment.vocabulary, recipe.alignment.fallback],
      ["dtw", "minEditDistance", "currentToken"],
    );
    assert.deepEqual(recipe.fusion, {
      rule: "minCE",
      per: "block",
      unit: "token",
      tail: "renormalise",
      temperature: 0.25,
    });
    assert.equal(recipe.training.lambda, 0.9);
    assert.equal(recipe.training.warmup, 0.008);
    assert.deepEqual(recipe.training.betas, [0.9, 0.95]);
  });

  test("what is written wins over the mode", () => {
    const text = `${smallest}mode: published\nalignment: { fallback: nextToken, vocabulary: exact }\ntraining: { lambda: 0.5 }\n`;
    const recipe = recipeOf(text);
    assert.equal(recipe.alignment.fallback, "nextToken");
    assert.equal(recipe.alignment.vocabulary, "exact");
    assert.equal(recipe.alignment.positions, "dtw");
    assert.equal(recipe.training.lambda, 0.5);
    assert.equal(recipe.training.clip, 1);
  });

  test("written steps take the place of the default epochs", () => {
    assert.equal(recipeOf(smallest).training.epochs, 1);
    const { steps, epochs } = recipeOf(`${smallest}training: { steps: 200 }\n`).training;
    assert.deepEqual([steps, epochs], [200, undefined]);
  });

  test("texts for evaluation take the place of the default held-out share", () => {
    const named = `${smallest}evaluation: [{ domain: prose, files: test/*.md }]\n`;
    assert.equal(recipeOf(named).heldOut, 0);
    assert.equal(recipeOf(`${named}heldOut: 0.1\n`).heldOut, 0.1);
  });

  test("relative paths start from the recipe's folder unless another is given", () => {
    assert.equal(parseRecipe(smallest, file).folder, "/recipes");
    assert.equal(parseRecipe(smallest, "/runs/x/recipe.yaml", "/recipes").folder, "/recipes");
  });
});

describe("a wrong recipe", () => {
  test("an unknown key is named with its line and the key that was meant", () => {
    const problem = onlyProblem(`${smallest}training:\n  lamda: 0.4\n`);
    assert.equal(problem.line, 8);
    assert.equal(problem.column, 3);
    assert.match(problem.message, /training has no key "lamda"/);
    assert.equal(problem.next, "Did you mean lambda?");
    assert.equal(problem.runs, false);
  });

  test("an unknown key like no other lists those there are", () => {
    assert.match(onlyProblem(`${smallest}colour: red\n`).next, /one of version, name, target/);
  });

  test("a number out of range is told its range", () => {
    const problem = onlyProblem(`${smallest}training: { lambda: 1.5 }\n`);
    assert.equal(`${problem.line}:${problem.column}`, "7:21");
    assert.equal(problem.message, "training.lambda cannot be 1.5.");
    assert.equal(problem.next, "Write a number from 0 to 1.");
  });

  test("a word that is not in the list is told the list and the nearest", () => {
    const problem = onlyProblem(`${smallest}fusion: { rule: minC }\n`);
    assert.equal(problem.next, "Did you mean minCE? Write minCE or avgCE.");
  });

  test("what does not work yet is not accepted", () => {
    assert.match(
      onlyProblem(`${smallest}training: { engine: torch }\n`).message,
      /engine cannot be "torch"/,
    );
  });

  test("a missing key is said at its parent", () => {
    const text = smallest.replace("target: ./target\n", "");
    assert.deepEqual(problemsOf(text), ["1:1 error target: target is missing."]);
    const entry = smallest.replace("domain: prose, ", "");
    assert.match(onlyProblem(entry).message, /corpus\[0\]\.domain is missing/);
    assert.equal(onlyProblem(entry).line, 6);
  });

  test("everything that is wrong is said at once, in the order of the file", () => {
    const text = `version: 2
name: ""
target: 5
sources: []
corpus: none
mod: x
`;
    assert.deepEqual(
      problemsOf(text).map((problem) => problem.split(" ")[0]),
      ["1:10", "2:7", "3:9", "4:1", "5:9", "6:1"],
    );
  });

  test("a wrong type is shown as it is written", () => {
    assert.equal(onlyProblem(`${smallest}heldOut: "a"\n`).message, 'heldOut cannot be "a".');
    assert.equal(onlyProblem(`${smallest}heldOut:\n`).message, "heldOut cannot be empty.");
    assert.equal(onlyProblem(`${smallest}training: 3\n`).message, "training cannot be 3.");
    assert.match(onlyProblem(`${smallest}training: { betas: [0.9] }\n`).next, /a list of 2/);
    assert.match(
      onlyProblem(smallest.replace("prose,", "a/b,")).next,
      /at most 40 letters, digits/,
    );
  });

  test("published refuses what the released code does not have, and says so", () => {
    const problems = problemsOf(
      `${smallest}mode: published\nalignment: { positions: bytes, vocabulary: firstToken }\n`,
    );
    assert.equal(problems.length, 2);
    assert.match(problems[0], /8:25 error alignment\.positions: .*dtw only, not by bytes/);
    assert.match(problems[1], /8:44 error alignment\.vocabulary: .*firstToken is not in it/);
  });

  test("corrected allows every alignment", () => {
    const { problems } = checkRecipe(
      `${smallest}alignment: { positions: dtw, vocabulary: minEditDistance }\n`,
      file,
    );
    assert.deepEqual(problems, []);
  });

  test("steps and epochs together are refused", () => {
    assert.match(onlyProblem(`${smallest}training: { steps: 5, epochs: 1 }\n`).message, /both/);
  });

  test("no text to measure on is refused", () => {
    assert.match(onlyProblem(`${smallest}heldOut: 0\n`).message, /no text to measure on/);
  });

  test("a source listed twice is refused at its second place", () => {
    const problem = onlyProblem(smallest.replace("[./a, ./b]", "[./a, ./b, ./a]"));
    assert.equal(`${problem.line}:${problem.column}`, "4:21");
  });

  test("what probably is not meant is a warning and still runs", () => {
    const problem = onlyProblem(`${smallest}fusion: { per: token }\n`);
    assert.equal(problem.severity, "warning");
    assert.equal(problem.runs, true);
    assert.match(
      onlyProblem(`${smallest}training: { lambda: 1 }\n`).message,
      /sources have no say/,
    );
    assert.match(onlyProblem(`${smallest}fusion: { temperature: 1 }\n`).message, /no effect/);
  });

  test("parseRecipe throws one problem that holds them all", () => {
    assert.throws(
      () => parseRecipe(`${smallest}fusion: { rule: best }\ntrianing: {}\n`, file),
      (error) => {
        assert.ok(error instanceof Problem);
        assert.equal(error.code, "badInput");
        assert.equal(error.file, file);
        assert.equal(error.line, 7);
        assert.match(error.message, /best[\s\S]*line 8: .*trianing/);
        return true;
      },
    );
  });
});

describe("hostile YAML", () => {
  const refused = (text: string, pattern: RegExp) => {
    const { parsed, problems } = checkRecipe(text, file);
    assert.equal(parsed, undefined);
    assert.match(problems.map(({ message }) => message).join("\n"), pattern);
    return problems;
  };

  test("an alias bomb is refused without being unfolded", () => {
    const levels = Array.from({ length: 30 }, (_, i) =>
      i === 0 ? "l0: &l0 [x, x]" : `l${i}: &l${i} [*l${i - 1}, *l${i - 1}]`,
    );
    const started = performance.now();
    refused(levels.join("\n"), /no anchors/);
    assert.ok(performance.now() - started < 2000);
  });

  test("tags, a second document, a key written twice and a broken line are named with their lines", () => {
    assert.equal(refused(`${smallest}heldOut: !!js/function x\n`, /no tags/)[0].line, 7);
    assert.ok(refused(`${smallest}---\nversion: 1\n`, /more than one document/)[0].line >= 7);
    assert.equal(refused(`${smallest}name: again\n`, /written twice/)[0].line, 7);
    refused(`${smallest}training: [\n`, /not YAML/);
  });

  test("text that is nested too deeply or too long is refused", () => {
    refused(`a: ${"[".repeat(30_000)}`, /nested too deeply|not YAML/);
    refused("#".repeat(70_000), /at most/);
  });

  test("an empty file and a list are no recipe", () => {
    refused("", /recipe cannot be empty/);
    refused("- a\n- b\n", /recipe cannot be a list/);
  });

  test("__proto__ is a key like others and unknown", () => {
    refused(`${smallest}__proto__: { polluted: 1 }\n`, /no key "__proto__"/);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  test("control characters do not come into names", () => {
    refused(smallest.replace("two into one", '"a\\u001b[31mb"'), /name cannot be/);
  });
});

test("every key of the schema says what it is", () => {
  const without: string[] = [];
  const visit = (path: readonly PropertyKey[]): void => {
    const node = schemaAt(path);
    if (path.length > 0 && typeof path.at(-1) === "string" && node?.description === undefined) {
      without.push(path.join("."));
    }
    for (const key of Object.keys(node?.properties ?? {})) visit([...path, key]);
    if (node?.items !== undefined) visit([...path, 0]);
  };
  visit([]);
  assert.deepEqual(without, []);
});
