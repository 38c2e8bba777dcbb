/**
 * The tokens of a vocabulary with the bytes they stand for. Bytes that are part of a character stay as they
 * are; a special token stands for no bytes, even where its name could be read as text, and neither does the
 * unknown token, which stands for anything.
 */
import { bytesKey, utf8Encode } from "./bytes.ts";
import type { AddedToken, ModelDefinition, Roles } from "./definition.ts";
import { byteOfPiece, type Spelling } from "./spelling.ts";
import type { TokenTable } from "./tokenizer.ts";

/** Pieces by id, the model's and the added ones; an added token overrides a piece of the same id. */
export function piecesById(
  model: ModelDefinition,
  added: readonly AddedToken[],
): (string | undefined)[] {
  const pieces: (string | undefined)[] = [];
  if (model.type === "Unigram") for (const [piece] of model.pieces) pieces.push(piece);
  else for (const [piece, id] of model.vocab) pieces[id] = piece;
  for (const { id, content } of added) pieces[id] = content;
  return Array.from(pieces);
}

/** Ids by piece. Where two ids have the same piece the first is found. */
export function idsByPiece(pieces: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  for (const [id, piece] of pieces.entries())
    if (piece !== undefined && !ids.has(piece)) ids.set(piece, id);
  return ids;
}

export function unknownId(model: ModelDefinition): number | undefined {
  if (model.type === "Unigram") return model.unknownId;
  return model.unknownPiece === undefined ? undefined : model.vocab.get(model.unknownPiece);
}

export function buildTokenTable(parts: {
  readonly model: ModelDefinition;
  readonly addedTokens: readonly AddedToken[];
  readonly pieces: readonly (string | undefined)[];
  readonly idByPiece: ReadonlyMap<string, number>;
  readonly roles: Roles;
  readonly spelling: Spelling;
  /** The text an added token is found as, spaces unmarked. */
  readonly addedText: (token: AddedToken) => string;
}): TokenTable {
  const { model, addedTokens, pieces, idByPiece, roles, spelling } = parts;
  const size = pieces.length;
  const unknown = unknownId(model);
  const special = new Uint8Array(size);
  for (const token of addedTokens) if (token.special) special[token.id] = 1;
  for (const id of [roles.bos, roles.eos, unknown]) if (id !== undefined) special[id] = 1;

  const addedById = new Map(addedTokens.map((token) => [token.id, token]));
  const bytes = pieces.map((piece, id) => {
    if (piece === undefined || special[id]) return undefined;
    const added = addedById.get(id);
    return added ? utf8Encode(parts.addedText(added)) : spelling.pieceBytes(piece);
  });

  // Ordinary tokens first, then byte fall-back, then added ones: who comes first keeps the key.
  const rank = (id: number): number => {
    if (addedById.has(id)) return 2;
    return spelling.byteFallback && byteOfPiece(pieces[id]!) !== undefined ? 1 : 0;
  };
  const idByBytes = new Map<string, number>();
  for (const wanted of [0, 1, 2])
    for (const [id, value] of bytes.entries()) {
      if (value === undefined || value.length === 0 || rank(id) !== wanted) continue;
      const key = bytesKey(value);
      if (!idByBytes.has(key)) idByBytes.set(key, id);
    }
  const { bos, eos } = roles;
  const { marker } = spelling;
  return { size, pieces, bytes, special, idByBytes, idByPiece, bos, eos, unknown, marker };
}
