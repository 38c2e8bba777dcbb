/** What a way of mapping vocabularies has to answer, id by id. The maps themselves stand in vocabularyMap.ts. */

export interface MappedToken {
  readonly target: number;
  readonly kind: "same" | "distance" | "firstToken" | "spaces";
  /** Edits between the two, where `kind` is `distance`. */
  readonly distance?: number;
}

/** The target token a source id stands for, `undefined` where there is none. Asked only for ids that are tokens. */
export type TokenMapper = (sourceId: number) => MappedToken | undefined;
