/** How a model is named in every view, table and picture: T the target, then A, B, C … in the recipe's order. */
export function modelLetter(candidate: number): string {
  if (candidate === 0) return "T";
  const letter = String.fromCharCode(65 + ((candidate - 1) % 26));
  return candidate <= 26 ? letter : `A${letter}`;
}
