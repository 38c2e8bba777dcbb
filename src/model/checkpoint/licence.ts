/**
 * What a model folder says of its licence, and what is known of licences that restrict what FuseLab does:
 * improving one model with the predictions of another. Not legal advice; the licence's own text decides.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { fileExists, isJsonObject, type JsonObject, readHead } from "./outsideFile.ts";

/** The identifiers the Hugging Face Hub accepts in a model card (huggingface.co/docs/hub/repositories-licenses). */
const hubLicences = new Set(
  `apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0
  bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc
  cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0
  cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0
  cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1
  eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc h-research intel-research lppl-1.3c
  ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openmdw-1.0 openrail++ osl-3.0 postgresql ofl-1.1 ncsa
  unlicense zlib pddl lgpl-lr deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1
  llama3.2 llama3.3 llama4 grok2-community gemma unknown other`.split(/\s+/),
);

export function isHubLicence(licence: string): boolean {
  return hubLicences.has(licence);
}

/** First lines of licence files, and names people give, by the identifier they mean. */
const knownNames: readonly (readonly [pattern: RegExp, identifier: string])[] = [
  [/^(the )?apache licen[cs]e,?( version)?( 2(\.0)?)?$/, "apache-2.0"],
  [/^(the )?mit licen[cs]e( \(mit\))?$/, "mit"],
  [/^(meta )?llama ([23]|3\.[123]|4) community licen[cs]e( agreement)?$/, "llama$2"],
  [/^gemma terms of use$/, "gemma"],
  [/^tongyi qianwen licen[cs]e( agreement)?$/, "tongyi-qianwen"],
  [/^qwen licen[cs]e( agreement)?$/, "qwen"],
  [/^qwen research licen[cs]e( agreement)?$/, "qwen-research"],
  [/^tencent hunyuan community licen[cs]e( agreement)?$/, "tencent-hunyuan-community"],
];

/** The Hub's identifier of a licence where it is recognised, else the words as they came, on one line. */
export function licenceIdentifier(stated: string): string {
  const words = stated
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 200);
  const lower = words.toLowerCase();
  if (hubLicences.has(lower)) return lower;
  const known = knownNames.find(([pattern]) => pattern.test(lower));
  return known === undefined ? words : lower.replace(known[0], known[1]);
}

const forbids = "forbids using the model or its output to improve any other large language model";
const namedLlama =
  'asks that a model improved with it or its output, when distributed, has a name that begins with "Llama" and shows "Built with Llama" (section 1.b.i)';
const builtWithQwen =
  'asks that a model improved with it or its output, when distributed, shows "Built with Qwen" or "Improved using Qwen" in its documentation';

const restrictions: Readonly<Record<string, string>> = {
  llama2: `The Llama 2 Community License ${forbids}, except Llama 2 and its derivatives (section 1.b.v).`,
  llama3: `The Meta Llama 3 Community License ${forbids}, except Llama 3 and its derivatives (section 1.b.v).`,
  "llama3.1": `The Llama 3.1 Community License ${namedLlama}.`,
  "llama3.2": `The Llama 3.2 Community License ${namedLlama}.`,
  "llama3.3": `The Llama 3.3 Community License ${namedLlama}.`,
  llama4: `The Llama 4 Community License ${namedLlama}.`,
  gemma:
    "The Gemma Terms of Use count a model that was trained on Gemma's predictions to perform like it as a derivative of Gemma (section 1.1): whoever distributes it passes on the terms and their restrictions of use.",
  "tongyi-qianwen": `The Tongyi Qianwen License Agreement ${forbids}, except Tongyi Qianwen and its derivatives (section 5.b).`,
  qwen: `The Qwen License Agreement ${builtWithQwen}.`,
  "qwen-research": `The Qwen Research License Agreement is for use that is not commercial, and ${builtWithQwen}.`,
  "tencent-hunyuan-community": `The Tencent Hunyuan Community License Agreement ${forbids}, except Tencent Hunyuan and its derivatives (section 5.b).`,
};

/**
 * One sentence on what a licence demands of whoever improves another model with this one's output: that it
 * is forbidden, or on which condition it is allowed. `undefined` says only that nothing is known.
 */
export function trainingRestriction(licence: string): string | undefined {
  const identifier = licenceIdentifier(licence);
  return Object.hasOwn(restrictions, identifier) ? restrictions[identifier] : undefined;
}

/** Names under which folders keep their licence. */
export const licenceFile = /^(licen[cs]e|copying)(\.(txt|md))?$/i;

/**
 * The licence a folder states: `license` in the front matter of README.md (with `other`, `license_name`),
 * else the first line of its licence file, else `license` in config.json.
 */
export async function readLicence(folder: string, config: JsonObject): Promise<string | undefined> {
  const stated =
    (await fromCard(path.join(folder, "README.md"))) ??
    (await fromFile(folder)) ??
    firstText(config.license);
  return stated === undefined ? undefined : licenceIdentifier(stated);
}

async function fromCard(file: string): Promise<string | undefined> {
  if (!(await fileExists(file))) return undefined;
  const head = await readHead(file, 2 ** 16);
  const matter = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(\r?\n|$)/.exec(head)?.[1];
  if (matter === undefined) return undefined;
  let card: unknown;
  try {
    card = parse(matter, { logLevel: "error" });
  } catch {
    // A card that is not YAML states nothing; the licence file is asked next.
    return undefined;
  }
  if (!isJsonObject(card)) return undefined;
  const licence = firstText(card.license);
  return licence === "other" ? (firstText(card.license_name) ?? licence) : licence;
}

async function fromFile(folder: string): Promise<string | undefined> {
  for (const name of (await readdir(folder)).filter((each) => licenceFile.test(each)).sort()) {
    const file = path.join(folder, name);
    if (!(await fileExists(file))) continue;
    const lines = (await readHead(file, 2 ** 12)).split(/\r?\n/);
    return lines.map((line) => line.replace(/^[\s#*]+|[\s*]+$/g, "")).find((line) => line !== "");
  }
  return undefined;
}

/** The text, or the first of a list of texts. */
function firstText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" && first.trim() !== "" ? first : undefined;
}
