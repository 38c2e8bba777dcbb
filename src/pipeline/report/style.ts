/** The report's style sheet. */
import type { Markup } from "./html.ts";

export const reportStyle: Markup = {
  markup: `
:root { color-scheme: light dark; --ink: #1c2024; --quiet: #5c6670; --paper: #ffffff; --rule: #d9dee3; --soft: #f3f5f7;
  --s0: #0b62c4; --s1: #b4540a; --s2: #1a7f4b; --s3: #8a3ab9; --better: #17673d; --worse: #a3261b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7ea; --quiet: #a0a9b2; --paper: #16191c; --rule: #343b42; --soft: #1f2428;
    --s0: #6cb0ff; --s1: #f0a35e; --s2: #63cf95; --s3: #cf9bf0; --better: #6fd39b; --worse: #ff9d92; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .6rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
.claim { font-size: 1.1rem; } .quiet, small, figcaption { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .35rem .5rem; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th:first-child { text-align: left; } thead th { vertical-align: bottom; border-bottom-width: 2px; }
tbody th { font-weight: 500; } small { display: block; font-size: .75rem; font-weight: 400; }
.side { display: flex; align-items: start; flex-wrap: wrap; gap: 1rem 2rem; } table.small { width: auto; min-width: 18rem; } caption { text-align: left; color: var(--quiet); padding: .3rem .5rem; }
tr.fused { background: var(--soft); } tr.fused th { font-weight: 700; } td.best { font-weight: 700; }
td.better { color: var(--better); } td.worse { color: var(--worse); }
figure { margin: 1rem 0 1.6rem; } svg { width: 100%; height: auto; display: block; }
.grid { stroke: var(--rule); stroke-width: 1; } .tick, .axis { fill: var(--quiet); font-size: 12px; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.s0 { stroke: var(--s0); --mark: var(--s0); } .s1 { stroke: var(--s1); --mark: var(--s1); } .s2 { stroke: var(--s2); --mark: var(--s2); } .s3 { stroke: var(--s3); --mark: var(--s3); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .3rem 0 0; padding: 0; font-size: .85rem; }
.legend li { display: flex; align-items: center; gap: .45rem; } .swatch { width: 1.2rem; height: 3px; background: var(--mark); }
pre { background: var(--soft); padding: .9rem 1rem; overflow-x: auto; font: 13px/1.5 ui-monospace, monospace; }
`,
};
