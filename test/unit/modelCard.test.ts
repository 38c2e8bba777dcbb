import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import { parse } from "yaml";
import {
  isHubLicence,
  licenceIdentifier,
  readLicence,
  trainingRestriction,
} from "../../src/model/checkpoint/licence.ts";
import { inline, type ModelCard, renderModelCard } from "../../src/model/checkpoint/modelCard.ts";
import { temporaryFolder } from "../support/modelFolders.ts";

const card: ModelCard = {
  title: "Three specialists into one",
  summary: ["Fused with MinCE per chunk.", "200 steps."],
  table: {
    columns: ["Text", "bits per byte"],
    rows: [
      ["prose", "2.31"],
      ["code", "-0.02"],
    ],
  },
  sources: [
    { name: "prose-gpt2", role: "source", licence: "mit" },
    { name: "generalist", role: "target" },
  ],
  licence: "apache-2.0",
  baseModels: ["some/prose-gpt2", "some/generalist", "some/prose-gpt2"],
};

function frontMatter(markdown: string): Record<string, unknown> {
  const matter = /^---\n([\s\S]*?)\n---\n/.exec(markdown);
  assert.ok(matter, markdown);
  return parse(matter[1]);
}

test("a card has the front matter the Hub reads, and says how the model was made", () => {
  const markdown = renderModelCard(card);
  assert.deepEqual(frontMatter(markdown), {
    license: "apache-2.0",
    library_name: "transformers",
    pipeline_tag: "text-generation",
    base_model: ["some/prose-gpt2", "some/generalist"],
    tags: ["model-fusion"],
  });
  assert.match(markdown, /^# Three specialists into one$/m);
  assert.match(markdown, /^- Fused with MinCE per chunk\.$/m);
  assert.match(
    markdown,
    /^\| Text \| bits per byte \|\n\| --- \| --- \|\n\| prose \| 2\.31 \|\n\| code \| -0\.02 \|$/m,
  );
  assert.match(
    markdown,
    /^\| prose-gpt2 \| source \| mit \|\n\| generalist \| target \| not stated \|$/m,
  );
  assert.ok(markdown.endsWith("\n"));
});

describe("the front matter holds only what the Hub accepts", () => {
  const matterOf = (change: Partial<ModelCard>) =>
    frontMatter(renderModelCard({ ...card, ...change }));

  test("a licence outside its list goes as other, with a name", () => {
    const { license, license_name: name } = matterOf({ licence: "My own\nLicence: v2 #1" });
    assert.equal(license, "other");
    assert.equal(name, "my-own-licence-v2-1");
    assert.equal(matterOf({ licence: "許可" }).license, "other");
    assert.equal(matterOf({ licence: "LLAMA 2 COMMUNITY LICENSE AGREEMENT" }).license, "llama2");
  });

  test("a licence nobody stated is not made up", () => {
    const { licence, ...rest } = card;
    assert.ok(!("license" in frontMatter(renderModelCard(rest))), licence);
  });

  test("base models are Hub ids, not folders", () => {
    const folders = [
      "./zoo/generalist",
      "/home/some/model",
      "C:\\models\\x",
      "../up/x",
      "a/b/c",
      "plain",
      "x/y\nlicense: mit",
    ];
    assert.ok(!("base_model" in matterOf({ baseModels: folders })));
    assert.deepEqual(matterOf({ baseModels: [...folders, "some/model"] }).base_model, [
      "some/model",
    ]);
  });
});

describe("text from outside stays text", () => {
  const hostile =
    "a\n---\nlicense: mit\n---\n# h <script>alert(1)</script> [x](javascript:1) ![i](u) | `c` & <!-- \u202e*b*";

  test("whatever it holds, the card's structure is the same", () => {
    const plain = renderModelCard(card);
    const markdown = renderModelCard({
      title: hostile,
      summary: [hostile, hostile],
      table: {
        columns: [hostile, hostile],
        rows: [
          [hostile, hostile],
          [hostile, hostile],
        ],
      },
      sources: [
        { name: hostile, role: hostile, licence: hostile },
        { name: hostile, role: hostile },
      ],
      licence: "apache-2.0",
      baseModels: ["some/prose-gpt2", "some/generalist", hostile],
    });
    assert.equal(markdown.split("\n").length, plain.split("\n").length);
    assert.deepEqual(frontMatter(markdown), frontMatter(plain));
    const body = markdown.slice(markdown.indexOf("\n# "));
    assert.doesNotMatch(body, /[<>]/);
    assert.doesNotMatch(body, /(^|[^\\])[[\]`*]/);
    assert.doesNotMatch(body, /\u202e/);
    const bars = (text: string) =>
      text.split("\n").map((line) => line.match(/(?<!\\)\|/g)?.length ?? 0);
    assert.deepEqual(bars(markdown), bars(plain));
  });

  test("list items cannot begin a block of their own", () => {
    const items = [
      "# heading",
      "- list",
      "+ list",
      "1. list",
      "2) list",
      "---",
      "===",
      "1.5 times",
    ];
    const { length } = items;
    const lines = renderModelCard({ ...card, summary: items }).split("\n");
    const first = lines.findIndex((line) => line.startsWith("- "));
    assert.deepEqual(lines.slice(first, first + length), [
      "- \\# heading",
      "- \\- list",
      "- \\+ list",
      "- 1\\. list",
      "- 2\\) list",
      "- \\---",
      "- \\===",
      "- 1.5 times",
    ]);
  });

  test("figures are not littered with escapes", () => {
    assert.equal(inline("-0.023 ± 0.004 (n = 3)"), "-0.023 ± 0.004 (n = 3)");
  });
});

describe("the licence of a folder", () => {
  const folderWith = (context: TestContext, files: Record<string, string>): string => {
    const folder = temporaryFolder(context);
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return folder;
  };

  const cases: [what: string, files: Record<string, string>, licence: string | undefined][] = [
    ["from the card's front matter", { "README.md": "---\nlicense: MIT\n---\n# x" }, "mit"],
    [
      "from a list there",
      { "README.md": "---\r\nlicense: [apache-2.0, mit]\r\n---\r\n" },
      "apache-2.0",
    ],
    [
      "by its name where the Hub has none",
      { "README.md": "---\nlicense: other\nlicense_name: qwen\n---\n" },
      "qwen",
    ],
    [
      "the card before the file",
      { "README.md": "---\nlicense: mit\n---\n", LICENSE: "Apache License" },
      "mit",
    ],
    [
      "from the file where the card says nothing",
      { "README.md": "# x\nlicense: mit", LICENSE: "\n\n   Apache License\n  Version 2.0" },
      "apache-2.0",
    ],
    [
      "from the file where the card is broken",
      {
        "README.md": "---\n: [\n---\n",
        "LICENSE.txt": "META LLAMA 3 COMMUNITY LICENSE AGREEMENT\n",
      },
      "llama3",
    ],
    [
      "in the file's own words",
      { "LICENCE.md": "# Terms of the\u0007 House\n" },
      "Terms of the House",
    ],
    ["from config.json", {}, "gpl-3.0"],
  ];
  for (const [what, files, licence] of cases) {
    test(what, async (context) => {
      const config = what === "from config.json" ? { license: "GPL-3.0" } : { license: 1 };
      assert.equal(await readLicence(folderWith(context, files), config), licence);
    });
  }

  test("none where none is stated", async (context) => {
    assert.equal(await readLicence(folderWith(context, { "README.md": "# x" }), {}), undefined);
  });

  test("front matter that multiplies itself is not followed", async (context) => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[..."bcdefgh"].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[i]}`)}]`).join("\n")}`;
    const folder = folderWith(context, { "README.md": `---\n${bomb}\nlicense: mit\n---\n` });
    assert.equal(await readLicence(folder, {}), undefined);
  });
});

describe("what licences demand of those who improve other models", () => {
  const forbidden = [
    "llama2",
    "llama3",
    "LLAMA 2 COMMUNITY LICENSE AGREEMENT",
    "Meta Llama 3 Community License",
    "Tongyi Qianwen LICENSE AGREEMENT",
  ];
  for (const licence of forbidden) {
    test(`${licence} forbids it`, () =>
      assert.match(trainingRestriction(licence) ?? "", /forbids/));
  }

  for (const licence of [
    "llama3.1",
    "llama3.2",
    "Llama 3.3 Community License Agreement",
    "llama4",
  ]) {
    test(`${licence} asks for a name`, () => {
      assert.match(trainingRestriction(licence) ?? "", /begins with "Llama"/);
    });
  }

  test("Gemma's terms go along, Qwen's name is shown", () => {
    assert.match(trainingRestriction("gemma") ?? "", /passes on the terms/);
    assert.match(trainingRestriction("qwen") ?? "", /Built with Qwen/);
    assert.match(trainingRestriction("Qwen RESEARCH LICENSE AGREEMENT") ?? "", /not commercial/);
  });

  test("of others nothing is claimed", () => {
    for (const licence of ["apache-2.0", "mit", "other", "constructor", "llama", ""]) {
      assert.equal(trainingRestriction(licence), undefined, licence);
    }
  });

  test("every licence the Hub lists is recognised as itself", () => {
    for (const licence of ["apache-2.0", "openrail++", "bsd-3-clause-clear", "gemma", "unknown"]) {
      assert.ok(isHubLicence(licence));
      assert.equal(licenceIdentifier(licence.toUpperCase()), licence);
    }
  });
});
