/** Every job by name: what a compute thread can be asked to do. */
import { align } from "./stages/align.ts";
import { evaluate } from "./stages/evaluate.ts";
import { extract } from "./stages/extract.ts";
import { fuse } from "./stages/fuse.ts";
import { mapVocabulary } from "./stages/mapVocabulary.ts";
import { pack } from "./stages/pack.ts";
import { split } from "./stages/split.ts";
import { train } from "./stages/train.ts";
import { pretrain } from "./zoo/pretrain.ts";

export const jobs = {
  split,
  pack,
  extract,
  mapVocabulary,
  align,
  fuse,
  train,
  evaluate,
  pretrain,
} as const;
