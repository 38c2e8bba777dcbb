import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { dealOut, domains, type FilePassages, parts } from "../../src/pipeline/zoo/corpusParts.ts";
import {
  buildDemoCorpus,
  corpusHash,
  passagesOfFile,
  writeDemoCorpus,
} from "../../src/pipeline/zoo/demoCorpus.ts";
import { shareSeen, shinglesOf } from "../../src/pipeline/zoo/nearDuplicates.ts";
import { gatherDocuments, passagesOfCode } from "../../src/pipeline/zoo/passages.ts";
import {
  paragraphsOfDocComment,
  paragraphsOfMarkdown,
} from "../../src/pipeline/zoo/runningText.ts";
import { commentsOf, withoutComments } from "../../src/pipeline/zoo/sourceComments.ts";
import { temporaryFolder, writeFiles } from "../support/folders.ts";

const root = path.resolve(import.meta.dirname, "../..");
const unlimited = { prose: 1e9, code: 1e9, declarations: 1e9 };

const comments: readonly [source: string, found: readonly string[]][] = [
  ["let a = 1; // one\nlet b /* two */ = 2;", ["line // one", "block /* two */"]],
  ["/** three */ class A {}", ["doc /** three */"]],
  ["/**/ x /***/", ["block /**/", "block /***/"]],
  [`s = "// no" + '/* no */' + "\\" // no"; // yes`, ["line // yes"]],
  [
    "t = `// no $" + "{a /* yes */ + `/* no */`} // no`; /* end */",
    ["block /* yes */", "block /* end */"],
  ],
  ["t = `$" + "{{ a: `}` }} // no` // yes", ["line // yes"]],
  ["r = /[/*]\\/* no/g.test(x) // yes", ["line // yes"]],
  ["return /'/ // yes\n'", ["line // yes"]],
  ["a = b / c; // yes / no", ["line // yes / no"]],
  ["f(x) / 2 /* yes */ / 3", ["block /* yes */"]],
  ["/* never closed", ["block /* never closed"]],
];
for (const [source, found] of comments) {
  test(`comments of ${JSON.stringify(source)}`, () => {
    const spans = commentsOf(source).map(
      ({ kind, start, end }) => `${kind} ${source.slice(start, end)}`,
    );
    assert.deepEqual(spans, found);
  });
}

test("a line that held nothing but a comment goes with it, other lines keep their code", () => {
  const source = "/* head */\nlet a = 1; // one\n\n    // two\n/** three\n * four */\nlet b = 2;\n";
  assert.equal(withoutComments(source, ["doc", "block", "line"]), "let a = 1;\n\nlet b = 2;\n");
  assert.equal(
    withoutComments(source, ["doc", "block"]),
    "let a = 1; // one\n\n    // two\nlet b = 2;\n",
  );
});

test("a doc comment gives its paragraphs, with described parameters and without code and other tags", () => {
  const comment = `/**
     * Opens the file and **waits** until
     * it is there, see {@link open} and [the manual](https://example.org/a).
     *
     * \`\`\`js
     * const six = await open("this is code and no prose at all");
     * \`\`\`
     * @since v1.2.3 which is a version that nobody describes here
     * @param {string} path - the path of the file that is to be opened
     * @returns a handle that has to be closed after its use
     */`;
  assert.deepEqual(paragraphsOfDocComment(comment), [
    "Opens the file and waits until it is there, see open and the manual.",
    "The path of the file that is to be opened",
    "A handle that has to be closed after its use",
  ]);
});

test("Markdown gives paragraphs and list items without headings, tables, code, pictures and addresses", () => {
  const markdown = `# A heading that is long enough to be read
[![badge](https://example.org/b.svg)](https://example.org)

This is *running* text that goes on
over two lines with a [link](https://example.org).

- the first item of a list that says something
- the second item of a list that says more

| a table | with cells that | would be | long enough |

    indented code that is long enough to be a paragraph

\`\`\`
fenced code that is long enough to be a paragraph
\`\`\`

これは英語ではない文章なので、残りません this is mostly not English at all.
`;
  assert.deepEqual(paragraphsOfMarkdown(markdown), [
    "This is *running* text that goes on over two lines with a link.",
    "the first item of a list that says something",
    "the second item of a list that says more",
  ]);
});

test("code is cut at statements, long ones at their members, and nothing is lost", () => {
  const method = (name: string): string =>
    `    ${name}(first, second) {\n        const sum = first + second + ${name.length};\n        return sum * first * second;\n    }\n`;
  const code = `import one from "one";\nclass Long {\n${["alpha", "beta", "gamma"].map(method).join("")}}\nfunction short(a, b, c) {\n    return a + b + c + a;\n}\n`;
  const passages = passagesOfCode(code, 150);
  assert.equal(passages.join("\n"), code);
  assert.equal(passages.length, 4);
  assert.match(passages[1], /^ {4}beta/);
  assert.match(passages[3], /^function short/);
});

test("documents are gathered up to a size, and a short rest joins the last", () => {
  const passages = ["aaaa", "bbbb", "cccc", "dd"];
  assert.deepEqual(gatherDocuments(passages, "\n", 9), ["aaaa\nbbbb", "cccc\ndd"]);
  assert.deepEqual(gatherDocuments(passages, "\n", 14), ["aaaa\nbbbb\ncccc\ndd"]);
  assert.deepEqual(gatherDocuments([], "\n", 9), []);
});

test("a declaration file gives prose out of its doc comments and declarations without any", () => {
  const text =
    "/** Says what the constant below is good for. */\nexport const a: number; // hidden\n";
  assert.deepEqual(passagesOfFile({ name: "p/a.d.ts", kind: "declarations", text }), [
    { file: "p/a.d.ts", domain: "prose", passages: ["Says what the constant below is good for."] },
    { file: "p/a.d.ts", domain: "declarations", passages: ["export const a: number;\n"] },
  ]);
});

test("no document stands in two parts, and parts have their shares of the bytes", () => {
  const { documents, reports } = dealOut(invented(), { seed: 1, maxBytes: unlimited });
  const ids = parts.flatMap((part) => documents[part].map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length);
  for (const domain of domains) {
    const { pretraining, fusion, heldOut } = reports[domain].parts;
    const total = pretraining.bytes + fusion.bytes + heldOut.bytes;
    assert.ok(Math.abs(pretraining.bytes / total - 0.7) < 0.05);
    assert.ok(Math.abs(heldOut.bytes / total - 0.08) < 0.05);
    assert.ok(reports[domain].heldOutOverlap < 0.01);
  }
});

test("the seed decides the parts: the same gives the same, another gives others", () => {
  const hash = (seed: number): string =>
    corpusHash(dealOut(invented(), { seed, maxBytes: unlimited }));
  assert.equal(hash(1), hash(1));
  assert.notEqual(hash(1), hash(2));
});

test("a passage that mostly repeats an earlier one is dropped and counted, the first stays", () => {
  const files = invented();
  const [first] = files[0].passages;
  const passages = [`${first} and a few more words`];
  const { documents, reports } = dealOut([...files, { file: "again", domain: "code", passages }], {
    seed: 1,
    maxBytes: unlimited,
  });
  assert.equal(reports.code.repeatedPassages.count, 1);
  assert.equal(reports.prose.repeatedPassages.count, 0);
  assert.ok(parts.every((part) => documents[part].every(({ id }) => !id.startsWith("again"))));
});

test("documents that are near-duplicates stand in the same part", () => {
  // The same lines, three to a passage, but with other bounds: no passage repeats another, documents do.
  const random = createRandom(9);
  const lines = Array.from({ length: 150 }, () => sentence(random, 3));
  const grouped = (from: number): string[] =>
    Array.from({ length: 49 }, (_, i) => lines.slice(from + 3 * i, from + 3 * i + 3).join("\n"));
  const files: FilePassages[] = [
    ...invented(),
    { file: "one", domain: "code", passages: grouped(0) },
    { file: "other", domain: "code", passages: grouped(1) },
  ];
  const places = (seed: number, name: string): string[] => {
    const { documents, reports } = dealOut(files, { seed, maxBytes: unlimited });
    assert.equal(reports.code.repeatedPassages.count, 0);
    assert.equal(reports.code.clustered.count, 2);
    return parts.filter((part) => documents[part].some(({ id }) => id.startsWith(`${name}#`)));
  };
  for (let seed = 0; seed < 12; seed++) {
    assert.deepEqual(places(seed, "one"), places(seed, "other"));
  }
});

test("a held-out document that other parts mostly hold is dropped, and every other one stays", () => {
  // Each mixed file is the second half of one file and the first half of the next, with other bounds.
  const random = createRandom(11);
  const lines = Array.from({ length: 21 * 90 }, () => sentence(random, 3));
  const grouped = (from: number): string[] =>
    Array.from({ length: 29 }, (_, i) => lines.slice(from + 3 * i, from + 3 * i + 3).join("\n"));
  const files: FilePassages[] = Array.from({ length: 20 }, (_, i) => [
    { file: `whole-${i}`, domain: "code" as const, passages: grouped(90 * i) },
    { file: `mixed-${i}`, domain: "code" as const, passages: grouped(90 * i + 46) },
  ]).flat();
  const { documents, reports } = dealOut(
    [...invented().filter(({ domain }) => domain !== "code"), ...files],
    { seed: 3, maxBytes: unlimited },
  );
  const dealt = parts.flatMap((part) => documents[part]).filter(({ domain }) => domain === "code");
  const { clustered, leaked, repeatedPassages } = reports.code;
  assert.equal(repeatedPassages.count, 0);
  assert.equal(clustered.count, 0);
  assert.ok(leaked.count > 0);
  assert.equal(dealt.length + leaked.count, files.length);
  assert.ok(reports.code.parts.heldOut.count > 0);
});

test("a domain has at most the bytes asked for, about", () => {
  const maxBytes = { ...unlimited, prose: 60_000 };
  const { reports } = dealOut(invented(), { seed: 1, maxBytes });
  const bytes = parts.reduce((sum, part) => sum + reports.prose.parts[part].bytes, 0);
  assert.ok(bytes >= 60_000 && bytes < 66_000, `${bytes}`);
  assert.ok(reports.prose.leftOver.bytes > 0);
});

test("too little text for three parts is a problem that names the domain", () => {
  const files = invented().filter(({ domain }) => domain !== "code");
  assert.throws(() => dealOut(files, { seed: 1, maxBytes: unlimited }), {
    name: "Problem",
    code: "badInput",
    message: /code/,
  });
});

test("a checkout without its packages is told to install them", async (t) => {
  await assert.rejects(buildDemoCorpus({ root: temporaryFolder(t), seed: 1 }), {
    name: "Problem",
    code: "missing",
    next: /npm install/,
  });
});

test("the demo's corpus: three domains of a megabyte and more, hardly any held-out text seen before", async (t) => {
  const steps: number[] = [];
  const corpus = await buildDemoCorpus({
    root,
    seed: 5,
    onProgress: ({ done, of }) => steps.push(done / of),
  });
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
  const seen = new Set<number>();
  for (const part of ["pretraining", "fusion"] as const) {
    for (const { text } of corpus.documents[part]) {
      for (const shingle of shinglesOf(text)) seen.add(shingle);
    }
  }
  for (const domain of domains) {
    const held = corpus.documents.heldOut.filter((document) => document.domain === domain);
    const shingles = held.map(({ text }) => shinglesOf(text));
    assert.ok(shingles.every((each) => shareSeen(each, seen) <= 0.5));
    const all = shingles.reduce((sum, { length }) => sum + length, 0);
    const again = shingles.reduce((sum, each) => sum + shareSeen(each, seen) * each.length, 0);
    const { heldOutOverlap, parts: amounts } = corpus.reports[domain];
    assert.ok(Math.abs(heldOutOverlap - again / all) < 1e-9);
    assert.ok(heldOutOverlap < 0.1, `${domain}: ${heldOutOverlap}`);
    assert.ok(amounts.pretraining.bytes > 800_000);
    assert.ok(held.every(({ text }) => text === text.normalize("NFC") && !text.includes("\r")));
  }

  const folder = path.join(temporaryFolder(t), "corpora");
  await writeDemoCorpus(folder, corpus);
  const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8"));
  assert.equal(manifest.hash, corpusHash(corpus));
  for (const part of parts) {
    for (const domain of domains) {
      const names = readdirSync(path.join(folder, part, domain)).sort();
      const documents = corpus.documents[part].filter((document) => document.domain === domain);
      assert.deepEqual(
        names.map((name) => readFileSync(path.join(folder, part, domain, name), "utf8")),
        documents.map(({ text }) => text),
      );
    }
  }
});

test("a folder with the same corpus is left alone, with another it is replaced, anything else is refused", async (t) => {
  const folder = path.join(temporaryFolder(t), "corpora");
  const corpus = (seed: number) => ({
    seed,
    packages: [],
    ...dealOut(invented(), { seed, maxBytes: unlimited }),
  });
  const manifest = path.join(folder, "manifest.json");
  await writeDemoCorpus(folder, corpus(1));
  const { mtimeMs, ino } = statSync(manifest);
  await writeDemoCorpus(folder, corpus(1));
  assert.deepEqual(
    { mtimeMs, ino },
    { mtimeMs: statSync(manifest).mtimeMs, ino: statSync(manifest).ino },
  );
  await writeDemoCorpus(folder, corpus(2));
  assert.equal(JSON.parse(readFileSync(manifest, "utf8")).seed, 2);
  writeFiles(folder, { "mine.txt": "not the demo's" });
  await assert.rejects(writeDemoCorpus(folder, corpus(1)), { name: "Problem", code: "badInput" });
  assert.equal(readFileSync(path.join(folder, "mine.txt"), "utf8"), "not the demo's");
});

/** Text without repetition in all domains, about 90 kB each. */
function invented(): FilePassages[] {
  const random = createRandom(4);
  return domains.flatMap((domain) =>
    Array.from({ length: 40 }, (_, file) => ({
      file: `${domain}-${file}`,
      domain,
      passages: Array.from({ length: 6 }, () => sentence(random, 60)),
    })),
  );
}

function sentence(random: ReturnType<typeof createRandom>, words: number): string {
  return Array.from({ length: words }, () => `w${random.integer(100_000)}`).join(" ");
}
