/** What checking a recipe comes to: what was found, and the figures it was found in. The shape of `check --json`. */

import type { Mode } from "../../core/mode.ts";
import type { TokenizerFamily } from "../../core/text/tokenizer.ts";
import type { ModelConfig } from "../../model/architecture/config.ts";
import type { FloatType } from "../../model/checkpoint/safetensors.ts";
import type { DiskEstimate, MemoryEstimate } from "../estimate.ts";
import type { TextEstimate } from "../estimateText.ts";
import type { TimeEstimate } from "../estimateTime.ts";
import type { Machine, RunResources } from "../runResources.ts";
import type { Part, SourceFit } from "./sourceFit.ts";

export const findingSubjects = [
  "recipe",
  "models",
  "text",
  "sources",
  "memory",
  "disk",
  "licences",
] as const;
export type FindingSubject = (typeof findingSubjects)[number];

/** An `error` would make the run fail, a `warning` probably is not what was meant, a `note` is good to know. */
export interface Finding {
  readonly severity: "error" | "warning" | "note";
  readonly about: FindingSubject;
  readonly message: string;
  /** What to do. */
  readonly next?: string;
  readonly file?: string;
  readonly line?: number;
}

export interface CheckedModel {
  readonly role: "target" | "source";
  /** 0 is the target, then the sources in the recipe's order. */
  readonly index: number;
  readonly label: string;
  readonly path: string;
  readonly architecture: ModelConfig["architecture"];
  readonly parameters: number;
  readonly layers: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Tokens it can read at a time. */
  readonly context: number;
  readonly dtype: FloatType;
  readonly tokenizer: {
    readonly family: TokenizerFamily;
    readonly tokens: number;
    /** What stands before a text: its BOS, its EOS for want of one, or nothing, which no run can use. */
    readonly opening: "BOS" | "EOS" | "none";
    readonly fingerprint: string;
  };
  /** `null` where the folder states none. */
  readonly licence: string | null;
}

/** What is known of one domain's files. */
export interface CheckedDomain {
  readonly domain: string;
  readonly files: number;
  readonly documents: number;
}

export interface CheckedText extends TextEstimate {
  /** Bytes that were cut and counted, of all. */
  readonly sampled: Part;
  readonly files: readonly CheckedDomain[];
  /** Chunks of the sample that the target's tokenizer cannot reproduce, and the first. */
  readonly leftOut: Part & { readonly first?: string };
  /** Held-out chunks of the sample that every model can read. */
  readonly heldOutReadable: Part;
  /** Held-out texts that are trained on too, word for word, and the first. */
  readonly copies: Part & { readonly first?: string };
}

export interface CheckedSource extends SourceFit {
  readonly label: string;
  /** Chunks of the target's making that its context cuts again. */
  readonly tooLong: Part;
  /** Target positions of a few chunks, and those that got a row with the recipe's settings. */
  readonly rows?: Part;
}

export interface RecipeCheck {
  readonly file: string;
  /** Whether a run of this recipe would fail. */
  readonly fails: boolean;
  readonly findings: readonly Finding[];
  readonly recipe?: {
    readonly name: string;
    readonly mode: Mode;
    readonly steps: number | null;
    readonly batch: number;
    readonly length: number;
  };
  readonly machine: Machine;
  readonly resources?: RunResources;
  /** Those that could be opened, the target first. */
  readonly models: readonly CheckedModel[];
  readonly text?: CheckedText;
  readonly sources: readonly CheckedSource[];
  readonly memory?: MemoryEstimate;
  readonly disk?: DiskEstimate;
  /** Absent also where nothing was timed. */
  readonly time?: TimeEstimate;
}
