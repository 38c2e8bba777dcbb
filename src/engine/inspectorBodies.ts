/** What may be asked of the inspector, checked: the types stand in protocol/inspector.ts. */
import path from "node:path";
import * as z from "zod";
import { modes } from "../core/mode.ts";
import { Problem } from "../core/problem.ts";
import { vocabularyMethods } from "../core/vocabulary/vocabularyMap.ts";
import { recipeSchema } from "../pipeline/recipeSchema.ts";
import type { InspectorVerb } from "../protocol/inspector.ts";
import { seriesFigures } from "../protocol/runSeries.ts";

const place = z
  .string()
  .max(4096)
  .refine((text) => path.isAbsolute(text) && !text.includes("\0"), "must be an absolute path");
const text = z
  .string()
  .refine((value) => !/\p{Surrogate}/u.test(value), "holds half of a surrogate pair");
const mode = z.enum(modes).optional();
const count = (least: number, most: number) => z.int().min(least).max(most);
/** What every question about a pair says. */
const pair = {
  target: place,
  source: place,
  text,
  mode,
  range: z.strictObject({ from: count(0, 1e9), to: count(0, 1e9) }).optional(),
  maxTokens: count(1, 20_000).optional(),
};
const someNumber = (most: number) => z.number().positive().max(most);

const { representation, alignment, fusion } = recipeSchema.shape;
export const fuseSettings = z.strictObject({
  mode,
  representation,
  alignment,
  fusion,
  lambda: z.number().min(0).max(1).optional(),
  length: count(8, 131_072).optional(),
});

export const bodies = {
  hello: z.strictObject({
    restricted: z.boolean(),
    allowedFolders: z.array(place).max(1000).optional(),
    idleMinutes: someNumber(10_000).optional(),
    memoryLimitMB: someNumber(1e9).optional(),
    threads: count(1, 1024).optional(),
    limitSeconds: someNumber(86_400).optional(),
  }),
  loadTokenizer: z.strictObject({ folder: place }),
  describeModel: z.strictObject({ folder: place }),
  tokenize: z.strictObject({ folder: place, text }),
  align: z.strictObject({
    ...pair,
    positions: z.enum(["bytes", "dtw", "both"]).optional(),
    costs: z.boolean().optional(),
  }),
  costTable: z.strictObject(pair),
  detourBand: z.strictObject({ ...pair, cap: count(0, 254) }),
  cumulativeTile: z.strictObject({
    ...pair,
    row: count(0, 1e9),
    column: count(0, 1e9),
    rows: count(0, 1e9),
    columns: count(0, 1e9),
    step: count(1, 1e9),
  }),
  vocabularyMap: z.strictObject({
    source: place,
    target: place,
    method: z.enum(vocabularyMethods),
    mode,
    out: place.optional(),
    examples: count(0, 200).optional(),
  }),
  loadModel: z.strictObject({ folder: place }),
  unload: z.strictObject({ folder: place }),
  represent: z.strictObject({
    folder: place,
    text,
    topK: count(0, 256),
    length: count(2, 131_072).optional(),
  }),
  fuse: z
    .strictObject({
      target: place.optional(),
      sources: z.array(place).min(1).max(32).optional(),
      text: text.optional(),
      run: place.optional(),
      document: z.string().max(5000).optional(),
      settings: fuseSettings.optional(),
      want: z.enum(["figures", "position", "documents"]).optional(),
      first: count(0, 1e9).optional(),
      count: count(0, 1e9).optional(),
    })
    .refine(isOneText, "holds neither a run nor a target, sources and a text"),
  validateRecipe: z.strictObject({ text: z.string(), file: place }),
  estimate: z.strictObject({ file: place, runsFolder: place, quick: z.boolean().optional() }),
  series: z.strictObject({
    run: place,
    figure: z.enum(seriesFigures),
    points: count(2, 20_000),
    from: count(0, 1e9).optional(),
    to: count(0, 1e9).optional(),
  }),
  bye: z.null(),
} as const satisfies Readonly<Record<InspectorVerb, z.ZodType>>;

/** Either a text with its models, or a run with a document where it is not asked which there are. */
function isOneText(body: {
  readonly target?: unknown;
  readonly sources?: unknown;
  readonly text?: unknown;
  readonly run?: unknown;
  readonly document?: unknown;
  readonly want?: unknown;
}): boolean {
  const { target, sources, text, run, document, want } = body;
  const parts = [target, sources, text];
  if (run === undefined) {
    return !parts.includes(undefined) && document === undefined && want !== "documents";
  }
  const asksWhich = want === "documents";
  return parts.every((part) => part === undefined) && asksWhich === (document === undefined);
}

export type Body<Verb extends InspectorVerb> = z.infer<(typeof bodies)[Verb]>;

/** @throws Problem `badInput` that names the first field that is wrong. */
export function readBody<Verb extends InspectorVerb>(verb: Verb, body: unknown): Body<Verb> {
  const read = bodies[verb].safeParse(body);
  if (read.success) return read.data as Body<Verb>;
  const [issue] = read.error.issues;
  const field = issue?.path.map(String).join(".") || "body";
  throw new Problem("badInput", `${verb}: ${field.slice(0, 80)}: ${issue?.message ?? "is wrong"}.`);
}
