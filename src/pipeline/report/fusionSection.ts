/** What fusion did, as the report shows it: who won, how much aligned, why not, and what became of the mass. */
import type { FuseResult } from "../stages/fuse.ts";
import { html, type Markup } from "./html.ts";

export function fusionSection({ candidates, tally }: FuseResult): Markup {
  const share = (part: number, whole: number): string =>
    whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
  const sources = candidates.slice(1);
  const reasons = Object.keys(
    tally.sources[0]?.noRow ?? {},
  ) as (keyof (typeof tally.sources)[0]["noRow"])[];
  const cases = Object.keys(
    tally.sources[0]?.cases ?? {},
  ) as (keyof (typeof tally.sources)[0]["cases"])[];
  const perSource = (name: string, value: (i: number) => string): Markup =>
    html`<tr><th scope="row">${name}</th>${sources.map((_, i) => html`<td>${value(i)}</td>`)}</tr>`;
  return html`<h2>Fusion</h2>
<p>${tally.positions.toLocaleString("en")} positions of ${tally.chunks.toLocaleString("en")} chunks; ${share(tally.fused, tally.positions)} have a fused row, ${share(tally.fellBack, tally.positions)} fell back.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Candidate</th><th scope="col">chunks won</th><th scope="col">rows from it</th></tr></thead>
<tbody>${candidates.map(
    (name, i) =>
      html`<tr><th scope="row">${name}</th><td>${share(tally.candidates[i].chunks, tally.chunks)}</td><td>${share(tally.candidates[i].positions, tally.positions)}</td></tr>`,
  )}</tbody></table></div>
<h3>Alignment by source</h3>
<div class="scroll"><table>
<thead><tr><th scope="col">Share of target positions</th>${sources.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${perSource("with a row", (i) => share(tally.sources[i].rows, tally.sources[i].positions))}
${reasons.map((reason) => perSource(`no row: ${reason}`, (i) => share(tally.sources[i].noRow[reason], tally.sources[i].positions)))}
${cases.map((name) => perSource(`case ${name}`, (i) => share(tally.sources[i].cases[name], tally.sources[i].positions)))}
${perSource("mass left over, per row", (i) => share(tally.sources[i].mass.leftOver, tally.sources[i].rows))}
${perSource("of it without a target token", (i) => share(tally.sources[i].mass.noTargetToken, tally.sources[i].rows))}
${perSource("dropped as duplicates", (i) => share(tally.sources[i].mass.duplicateDropped, tally.sources[i].rows))}
${perSource("merged (kept)", (i) => share(tally.sources[i].mass.merged, tally.sources[i].rows))}
</tbody></table></div>`;
}
