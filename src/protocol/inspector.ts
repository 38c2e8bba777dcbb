/**
 * What the extension host may ask of the inspector, verb by verb. Every question names the folders it is about,
 * so that none depends on an earlier one: what was loaded is only kept to be fast, and an inspector that was
 * restarted answers the same. Arrays travel as typed arrays. Folders and files are absolute paths.
 */
import type {
  AlignAnswer,
  AlignBody,
  CostTable,
  CumulativeTile,
  DetourBand,
  MatrixTile,
  PairBody,
  TokenisedAnswer,
} from "./alignedPair.ts";
import type {
  DocumentFigures,
  FusedPosition,
  FusionControls,
  TokenizerFamily,
} from "./fusedFigures.ts";
import type { SeriesAnswer, SeriesBody } from "./runSeries.ts";

type Mode = "corrected" | "published";

/**
 * `Chunk` is a chunk of a text under inspection (pipeline/inspectText.ts), `Check` what a recipe comes to
 * (pipeline/check/recipeCheck.ts): plain values whose shapes stand where they are made.
 */
export interface InspectorVerbs<Chunk = unknown, Check = unknown> {
  /** The first call, once. Everything else is refused before it. */
  hello(body: InspectorHello): InspectorGreeting;
  loadTokenizer(body: { readonly folder: string }): TokenizerSummary;
  /** What a model is, from its small files and the heads of its weights: nothing of it is loaded. */
  describeModel(body: { readonly folder: string }): ModelDescription;
  tokenize(body: { readonly folder: string; readonly text: string }): TokenisedAnswer;
  align(body: AlignBody): AlignAnswer;
  /** What the square of a pair is drawn from. Only costs that were computed once per pair are kept, and for the last pairs. */
  costTable(body: PairBody): CostTable;
  detourBand(body: PairBody & { readonly cap: number }): DetourBand;
  cumulativeTile(body: PairBody & MatrixTile): CumulativeTile;
  vocabularyMap(body: VocabularyMapBody): VocabularyMapAnswer;
  /** Opens a model and keeps it in memory. */
  loadModel(body: { readonly folder: string }): ModelSummary;
  unload(body: { readonly folder: string }): { readonly unloaded: boolean };
  represent(body: RepresentBody): RepresentAnswer;
  fuse(body: FuseBody): FuseAnswer<Chunk>;
  /** The recipe's text alone: no file it names is looked at. */
  validateRecipe(body: { readonly text: string; readonly file: string }): RecipeAnswer;
  estimate(body: EstimateBody): Check;
  series(body: SeriesBody): SeriesAnswer;
  /** The last call: the process ends after its answer. */
  bye(body: null): null;
}
export type InspectorVerb = keyof InspectorVerbs;

/** What the inspector pushes: how far a call is that takes long. Calls of a thread come one after the other. */
export interface InspectorEvents {
  progress: InspectorProgress;
}

export interface InspectorProgress {
  readonly verb: InspectorVerb;
  /** What is being done, where a verb does more than one thing: whose reading, which map. */
  readonly what?: { readonly doing: "read" | "map"; readonly model: string };
  readonly done: number;
  readonly of: number;
}

export interface InspectorHello {
  /** An untrusted workspace: no models, and only the folders below are read. It stays so until the process ends. */
  readonly restricted: boolean;
  readonly allowedFolders?: readonly string[];
  /** Minutes without a call after which the process ends, counted from the last answer. */
  readonly idleMinutes?: number;
  /** Megabytes that a model with its work, and the objects of a thread, may take. */
  readonly memoryLimitMB?: number;
  /** Threads that models compute with. */
  readonly threads?: number;
  /** Seconds any one call may take; each verb has a limit of its own where this is absent. */
  readonly limitSeconds?: number;
}

export interface InspectorGreeting {
  readonly fuselab: string;
  readonly node: string;
  readonly pid: number;
  readonly restricted: boolean;
}

export interface TokenizerSummary {
  readonly folder: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly family: TokenizerFamily;
  /** Ids that stand for a token, and one more than the largest id. */
  readonly tokens: number;
  readonly size: number;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly unknown: number | undefined;
  readonly marker: string | undefined;
}

export interface ModelDescription {
  readonly folder: string;
  readonly architecture: string;
  readonly parameters: number;
  /** The type of most of its numbers on disk. */
  readonly dtype: string;
  readonly context: number;
  readonly vocabulary: number;
  /** As its card or its licence file says. */
  readonly licence: string | undefined;
  readonly tokenizer: TokenizerSummary;
}

export interface VocabularyMapBody {
  readonly source: string;
  readonly target: string;
  readonly method: "exact" | "minEditDistance" | "firstToken";
  readonly mode?: Mode;
  /** An Arrow file that the map is written to, in the format of a run folder. */
  readonly out?: string;
  /** The most examples of each kind of mapping that are wanted. */
  readonly examples?: number;
}

/** See core/vocabulary/vocabularyMap.ts. */
export interface VocabularyMapAnswer {
  readonly method: "exact" | "minEditDistance" | "firstToken";
  readonly mode: Mode;
  readonly version: number;
  readonly sourceFingerprint: string;
  readonly targetFingerprint: string;
  readonly targetOf: Int32Array;
  readonly how: Uint8Array;
  readonly distance: Uint16Array;
  /** Source ids by how they were mapped. */
  readonly counts: Readonly<Record<string, number>>;
  /** Pieces of the source and what they stand for, by how they were mapped; the lowest ids. */
  readonly examples: Readonly<
    Record<string, readonly { readonly source: string; readonly target: string | null }[]>
  >;
}

export interface ModelSummary {
  readonly folder: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly context: number;
  readonly vocabulary: number;
  /** Bytes that reading a text takes, with the weights. */
  readonly memory: number;
}

export interface RepresentBody {
  readonly folder: string;
  readonly text: string;
  /** 0 for the true tokens' nats alone. */
  readonly topK: number;
  /** The most tokens of a chunk, BOS included; the model's context where it is absent. */
  readonly length?: number;
}

export interface RepresentAnswer {
  readonly name: string;
  readonly chunks: readonly {
    readonly text: string;
    readonly ids: Int32Array;
    /** UTF-8 offsets in the chunk. */
    readonly byteEnds: Int32Array;
    /** See core/fusion/representation.ts. */
    readonly representation: {
      readonly rows: number;
      readonly topK: number;
      readonly ids: Int32Array;
      readonly logProbs: Float32Array;
      readonly leftOver: Float32Array;
      readonly nats: Float32Array;
    };
  }[];
}

export type FuseBody = (FuseTextBody | FuseRunBody) & FuseWants;

/** A text that the models read. What they read is kept: other settings ask them nothing. */
export interface FuseTextBody {
  readonly target: string;
  readonly sources: readonly string[];
  readonly text: string;
}

/** A text of a run, as its models read it; only `run` for what there is. */
export interface FuseRunBody {
  /** The run's folder. */
  readonly run: string;
  /** `id` of one of its documents. */
  readonly document?: string;
}

export interface FuseWants {
  /** Keys of a recipe; those of the mode, or of the run's recipe, where they are absent. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** `position`: the one at `first`. Absent: positions described one by one. */
  readonly want?: "figures" | "position" | "documents";
  /** The first position wanted and how many: all where they are absent, if they fit a message. */
  readonly first?: number;
  readonly count?: number;
}

export interface FuseAnswer<Chunk> {
  /** Target first. */
  readonly labels: readonly string[];
  /** Positions of the whole text. */
  readonly positions: number;
  /** With those positions that were asked for; chunks without any are left out. */
  readonly chunks: readonly Chunk[];
  /** What a recipe with these settings would be warned of. */
  readonly warnings: readonly string[];
  readonly figures?: DocumentFigures;
  readonly position?: FusedPosition;
  readonly run?: InspectedRun;
}

/** What can be asked of a run. */
export interface InspectedRun {
  readonly name: string;
  /** The target first. */
  readonly models: readonly { readonly name: string; readonly folder: string }[];
  /** Of its recipe. Rows are kept at `topK`; a narrower one can be asked for. */
  readonly controls: FusionControls;
  /** The target's worst first, then those whose bits per byte were not looked up. */
  readonly documents: readonly {
    readonly id: string;
    readonly bytes: number;
    readonly bitsPerByte?: number;
  }[];
  /** Documents that are not listed, for their number. */
  readonly left: number;
}

export interface RecipeAnswer {
  readonly runnable: boolean;
  readonly problems: readonly {
    readonly severity: "error" | "warning";
    readonly key: string;
    readonly message: string;
    readonly next: string;
    /** From 1; `from` and `to` are offsets in the text. */
    readonly line: number;
    readonly column: number;
    readonly from: number;
    readonly to: number;
  }[];
}

export interface EstimateBody {
  readonly file: string;
  /** Where the run's folder would be made: whose disk is looked at. */
  readonly runsFolder: string;
  /** A smaller sample, and nothing is timed. */
  readonly quick?: boolean;
}
