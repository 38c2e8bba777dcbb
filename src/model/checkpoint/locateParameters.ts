/**
 * Finds every parameter of a model among the tensors of its checkpoint. Checkpoints differ in what they
 * carry: one of the bare model lacks the prefix of the names, old ones hold buffers that are computed anew,
 * and tied ones may hold the shared table under both names or only under the output's.
 */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import type { ArchitectureName, ModelConfig, Parameter } from "../architecture/config.ts";
import { architectureOf, parametersOf } from "../architecture/parameters.ts";
import { isFloatType, type SafetensorsFile } from "./safetensors.ts";

/** A tensor and where it is; `name` is its name in the file. */
export interface LocatedTensor {
  readonly source: SafetensorsFile;
  readonly name: string;
}

export interface LocatedParameters {
  /** By the parameter's name in `parametersOf`. */
  readonly parameters: ReadonlyMap<string, LocatedTensor>;
  /** A tied model's output table where the checkpoint holds it beside the embedding it must equal. */
  readonly tiedTwin?: { readonly embedding: LocatedTensor; readonly output: LocatedTensor };
}

/** What bare models leave out of their names. */
const prefixes: Readonly<Record<ArchitectureName, string>> = {
  llama: "model.",
  gpt2: "transformer.",
  neox: "gpt_neox.",
};

/** Masks and frequencies that older versions of transformers saved. */
const buffers = /(^|\.)(attn|attention)\.(bias|masked_bias)$|\.rotary_emb\.inv_freq$/;

/** Throws a Problem that names every kind of misfit: missing, surplus, of another shape or type. */
export function locateParameters(
  config: ModelConfig,
  files: readonly SafetensorsFile[],
): LocatedParameters {
  const parameters = parametersOf(config);
  const { found, surplus, twice } = collect(config, files);
  const output = config.tied ? outputName(config) : undefined;
  const embeddingName = architectureOf(config).outputTable(config);
  const embedding = found.get(embeddingName);
  const twin = output === undefined ? undefined : found.get(output);
  if (output !== undefined && twin !== undefined) {
    found.delete(output);
    if (embedding === undefined) found.set(embeddingName, twin);
  }

  const missing = parameters.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  const wrongShapes = parameters.flatMap((parameter) => wrongShape(parameter, found));
  const misfits = [
    ...(missing.length > 0 ? [`missing ${listed(missing)}`] : []),
    ...(surplus.length > 0 ? [`surplus ${listed(surplus)}`] : []),
    ...(twice.length > 0 ? [`twice there ${listed(twice)}`] : []),
    ...(wrongShapes.length > 0 ? [listed(wrongShapes)] : []),
  ];
  if (misfits.length > 0) throw misfit(config, files, misfits, missing);
  requireFloats(found);
  const tiedTwin = twin && embedding ? { tiedTwin: { embedding, output: twin } } : {};
  return { parameters: found, ...tiedTwin };
}

/** The tensors by the parameter they mean, the output table of a tied model included. */
function collect(config: ModelConfig, files: readonly SafetensorsFile[]) {
  const output = outputName(config);
  const known = new Set(parametersOf(config).map(({ name }) => name)).add(output);
  const prefix = prefixes[config.architecture];
  const found = new Map<string, LocatedTensor>();
  const surplus: string[] = [];
  const twice: string[] = [];
  for (const source of files) {
    for (const name of source.tensors.keys()) {
      if (buffers.test(name)) continue;
      // transformers 5 knows every output as lm_head, also GPT-NeoX's, which is embed_out on disk.
      const names = [name === "lm_head.weight" ? output : name, prefix + name];
      const meant = names.find((each) => known.has(each));
      if (meant === undefined) surplus.push(name);
      else if (found.has(meant)) twice.push(meant);
      else found.set(meant, { source, name });
    }
  }
  return { found, surplus, twice };
}

/** The name the output table has in a model that is not tied. */
function outputName(config: ModelConfig): string {
  const untied = { ...config, tied: false };
  return architectureOf(untied).outputTable(untied);
}

function wrongShape(
  { name, shape }: Parameter,
  found: ReadonlyMap<string, LocatedTensor>,
): string[] {
  const located = found.get(name);
  const actual = located?.source.tensors.get(located.name)?.shape ?? shape;
  if (actual.length === shape.length && actual.every((size, i) => size === shape[i])) return [];
  return [`${name} has the shape [${actual.join(", ")}] instead of [${shape.join(", ")}]`];
}

function requireFloats(found: ReadonlyMap<string, LocatedTensor>): void {
  for (const { source, name } of found.values()) {
    const type = source.tensors.get(name)?.type ?? "";
    if (isFloatType(type)) continue;
    throw new Problem(
      "unsupported",
      `"${name}" in ${path.basename(source.file)} has the type ${type}; F32, F16 and BF16 are read.`,
      { file: source.file, next: "Convert the checkpoint to one of these with transformers." },
    );
  }
}

function misfit(
  config: ModelConfig,
  files: readonly SafetensorsFile[],
  misfits: readonly string[],
  missing: readonly string[],
): Problem {
  const onlyHead =
    missing.length === 1 && missing[0] === outputName(config) && misfits.length === 1;
  const file = files[0]?.file ?? "";
  return new Problem("badInput", `The weights do not fit config.json: ${misfits.join("; ")}.`, {
    file: files.length === 1 ? file : path.dirname(file),
    next: onlyHead
      ? 'If the output shares the embedding, set "tie_word_embeddings" to true in config.json.'
      : "Check that config.json and the weights come from the same model.",
  });
}

function listed(items: readonly string[]): string {
  const shown = 5;
  const rest = items.length - shown;
  // Names come from outside and may be of any length.
  const start = items.slice(0, shown).map((item) => item.slice(0, 200));
  return start.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
