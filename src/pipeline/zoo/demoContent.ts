/**
 * Makes the content that the extension carries, so that its first minutes need neither network nor
 * repository: `texts/<domain>/<part>/`, `models/`, `demo.fusion.yaml` and `manifest.json`. Models are trained
 * on the very texts that lie beside them, so all of it is made, kept and replaced as one.
 */
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import { elementCount } from "../../model/architecture/config.ts";
import { parametersOf } from "../../model/architecture/parameters.ts";
import {
  type ContentManifest,
  contentFiles,
  contentManifestName,
  modelBytes,
} from "./contentManifest.ts";
import {
  contentLimit,
  contentMaxBytes,
  contentModels,
  contentReach,
  contentRecipe,
  contentVersion,
} from "./contentPlan.ts";
import {
  type ByDomain,
  type DealtText,
  type Domain,
  dealOut,
  domains,
  parts,
} from "./corpusParts.ts";
import { corpusHash } from "./demoCorpus.ts";
import { type ModelTraining, makeModel } from "./makeModel.ts";
import { gatherDocuments } from "./passages.ts";
import { repositoryPassages } from "./repositoryText.ts";
import type { ZooModel } from "./zooPlan.ts";

export interface ContentOptions extends ModelTraining {
  /** The repository whose text it is. */
  readonly root: string;
  /** The folder that holds the declarations of its sources. */
  readonly declarations: string;
  /** Versions of the programs that make it, for the manifest. */
  readonly madeWith: Readonly<Record<string, string>>;
}

/** UTF-16 units of a file of texts, about: large enough that there are few, small enough to look at. */
const fileSize = 16_000;

/** Code is cut in pieces that no compiler should look at. */
const extensions: ByDomain<string> = { prose: ".md", code: ".txt", declarations: ".txt" };

/**
 * Makes the content anew and puts it in the place of what is in `folder`, when it is complete.
 *
 * @throws Problem where `folder` holds something else, or models and tokenizers are too large.
 */
export async function makeDemoContent(
  folder: string,
  options: ContentOptions,
): Promise<ContentManifest> {
  await refuseOther(folder);
  const passages = await repositoryPassages(options.root, options.declarations);
  const corpus = dealOut(passages, {
    seed: options.seed,
    maxBytes: contentMaxBytes,
    reach: contentReach,
  });
  options.onProgress("texts", 1, 1);
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    await writeTexts(path.join(temporary, "texts"), corpus);
    await makeModels(temporary, corpus, options);
    await writeFile(path.join(temporary, "demo.fusion.yaml"), contentRecipe());
    const manifest = await manifestOf(temporary, corpus, options);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    return manifest;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function refuseOther(folder: string): Promise<void> {
  const present: string[] = await readdir(folder).catch(() => []);
  if (present.length === 0 || present.includes(contentManifestName)) return;
  throw new Problem("badInput", "The folder for the content holds something else.", {
    file: folder,
    next: "Choose another folder, or empty this one.",
  });
}

/** Documents are dealt out one by one, so that the parts are of a kind, and then gathered into few files. */
async function writeTexts(folder: string, { documents }: DealtText): Promise<void> {
  for (const part of parts) {
    for (const domain of domains) {
      const own = documents[part].filter((document) => document.domain === domain);
      const texts = gatherDocuments(
        own.map(({ text }) => text),
        "\n",
        fileSize,
      );
      const place = path.join(folder, domain, part);
      await mkdir(place, { recursive: true });
      for (const [i, text] of texts.entries()) {
        const number = String(i + 1).padStart(2, "0");
        await writeFile(path.join(place, `${number}${extensions[domain]}`), text);
      }
    }
  }
}

/** One after the other, so that the compute may be this very thread. */
async function makeModels(
  folder: string,
  { documents }: DealtText,
  options: ContentOptions,
): Promise<void> {
  const texts = {
    documents: documents.pretraining,
    folderOf: (domain: Domain) => path.join(folder, "texts", domain, "pretraining"),
    origin: "of its own repository",
  };
  for (const model of contentModels) {
    await makeModel(path.join(folder, "models", model.name), model, texts, options, "F16");
  }
}

async function manifestOf(
  folder: string,
  corpus: DealtText,
  { seed, madeWith }: ContentOptions,
): Promise<ContentManifest> {
  const files = await contentFiles(folder);
  const bytes = modelBytes(files);
  if (bytes > contentLimit) {
    throw new Problem(
      "tooLarge",
      `Models and tokenizers take ${bytes} bytes; ${contentLimit} are allowed.`,
      { next: "Make models or vocabularies smaller in contentPlan.ts." },
    );
  }
  const manifest: ContentManifest = {
    version: contentVersion,
    seed,
    madeWith: { ...madeWith },
    corpus: {
      hash: corpusHash(corpus),
      domains: Object.fromEntries(
        domains.map((domain) => {
          const { parts: amounts, heldOutOverlap } = corpus.reports[domain];
          return [domain, { ...amounts, heldOutOverlap }];
        }),
      ),
    },
    models: contentModels.map(describe),
    files,
  };
  await writeFile(path.join(folder, contentManifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function describe(model: ZooModel): ContentManifest["models"][number] {
  const { name, role, config, tokenizer, training } = model;
  return {
    name,
    role,
    architecture: config.architecture,
    parameters: parametersOf(config).reduce((sum, { shape }) => sum + elementCount(shape), 0),
    tokenizer: tokenizer.kind,
    vocabulary: config.vocabulary,
    domains: [...model.domains],
    steps: training.steps,
  };
}
