/** A run, as commands are given it: by its folder, or by a tree's row. */

export type RunPlace = string | { readonly run: string };

export function runFolderOf(place: unknown): string | undefined {
  if (typeof place === "string") return place;
  if (typeof place !== "object" || place === null || !("run" in place)) return undefined;
  return typeof place.run === "string" ? place.run : undefined;
}
