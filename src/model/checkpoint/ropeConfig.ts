/**
 * Rotary frequencies in config.json, in both spellings: `rope_parameters` (transformers 5) holds everything;
 * before it `rope_theta` (GPT-NeoX: `rotary_emb_base`, `rotary_pct`) stood beside `rope_scaling`. Computed are
 * the plain frequencies, `linear` and `llama3`; the others are refused.
 */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import type { ModelConfig, RopeScaling } from "../architecture/config.ts";
import {
  type Fields,
  findField,
  readCount,
  readPositive,
  readTable,
  readText,
  unsupportedSetting,
} from "./configFields.ts";
import { isJsonObject } from "./outsideFile.ts";

/** The frequencies of a model with heads of `headSize`; `share` is the part of a head that turns where the file does not say. */
export function readRope(
  fields: Fields,
  head: { readonly headSize: number; readonly share: number },
  context: number,
): NonNullable<ModelConfig["rope"]> {
  const table = mergedTable(fields);
  const theta = readPositive(table, ["rope_theta", "rotary_emb_base"], 10_000);
  const share = readPositive(table, ["partial_rotary_factor", "rotary_pct"], head.share);
  const size = Math.trunc(head.headSize * share);
  if (share > 1 || size < 2 || size % 2 !== 0) {
    throw new Problem(
      "badInput",
      `${path.basename(fields.file)} turns ${size} of ${head.headSize} numbers of each head by position; that must be an even number from 2 to ${head.headSize}.`,
      { file: fields.file, next: "Correct rotary_pct, partial_rotary_factor or head_dim." },
    );
  }
  return { theta, size, scaling: readScaling(table, context) };
}

/** One table of all rotary settings, wherever they stand; what stands twice must be the same twice. */
function mergedTable(fields: Fields): Fields {
  const { file } = fields;
  const tables = ["rope_parameters", "rope_scaling"].map((name) => ({
    name: `${name}.`,
    json: readTable(fields, name)?.json ?? {},
  }));
  for (const { json } of tables) {
    const nested = Object.keys(json).find((key) => isJsonObject(json[key]));
    if (nested !== undefined) {
      throw unsupportedSetting({ file, json }, nested, "one set of rotary frequencies");
    }
  }
  const places = [{ name: "", json: fields.json }, ...tables];
  const names = new Set([...beside, ...tables.flatMap(({ json }) => Object.keys(json))]);
  const merged: Record<string, unknown> = {};
  for (const name of names) {
    const all = places.map((place) => [`${place.name}${name}`, place.json[name]] as const);
    const spellings = all.map(([spelling]) => spelling);
    merged[name] = findField({ file, json: Object.fromEntries(all) }, spellings)?.value;
  }
  return { file, json: merged };
}

/** Settings that older files keep beside the table instead of in it. */
const beside = [
  "rope_theta",
  "rotary_emb_base",
  "partial_rotary_factor",
  "rotary_pct",
  "original_max_position_embeddings",
] as const;

function readScaling(table: Fields, context: number): RopeScaling {
  const kind = readText(table, ["rope_type", "type"], "default");
  switch (kind) {
    case "default":
      return { kind: "none" };
    case "linear":
      return { kind: "linear", factor: readPositive(table, "factor") };
    case "llama3": {
      const scaling = {
        kind: "llama3",
        factor: readPositive(table, "factor"),
        lowFrequencyFactor: readPositive(table, "low_freq_factor"),
        highFrequencyFactor: readPositive(table, "high_freq_factor"),
        originalContext: readCount(table, "original_max_position_embeddings", 2 ** 24, context),
      } as const;
      if (scaling.lowFrequencyFactor < scaling.highFrequencyFactor) return scaling;
      throw new Problem(
        "badInput",
        `low_freq_factor in ${path.basename(table.file)} is not below high_freq_factor.`,
        { file: table.file, next: "Download the model's config.json again." },
      );
    }
    default:
      throw unsupportedSetting(
        table,
        table.json.rope_type === undefined ? "type" : "rope_type",
        'rotary frequencies of the kinds "default", "linear" and "llama3"',
      );
  }
}
