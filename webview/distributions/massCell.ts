/** A column's mass as one bar that adds up to 1, and its parts in figures. */
import { make } from "../shared/dom.ts";
import { massBar } from "../shared/massBar.ts";
import type { Mass } from "./mass.ts";
import { probability } from "./numbers.ts";

export function massCell(mass: Mass, letter: string, width: number): HTMLElement {
  const { mapped, leftOver, noTargetToken, duplicateDropped, merged, unaccounted } = mass;
  const lost = noTargetToken + duplicateDropped;
  const box = make("div", "mass-cell");
  box.dataset.mass = [mapped, leftOver, noTargetToken, duplicateDropped]
    .map((part) => part.toPrecision(9))
    .join(" ");
  if (unaccounted === 0) box.append(massBar({ mapped, leftOver, lost }, { letter, width }));
  const parts = [`mapped ${probability(mapped)}`];
  if (merged > 0) parts[0] += ` (merged ${probability(merged)})`;
  if (leftOver > 0) parts.push(`left ${probability(leftOver)}`);
  if (noTargetToken > 0) parts.push(`lost ${probability(noTargetToken)} no target token`);
  if (duplicateDropped > 0) parts.push(`lost ${probability(duplicateDropped)} duplicate dropped`);
  if (unaccounted !== 0) parts.push(`unaccounted ${unaccounted.toFixed(3)}`);
  box.append(make("div", "mass-words small", parts.join(" · ")));
  return box;
}
