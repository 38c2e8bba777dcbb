import { openView, closeBrowser } from "../support/viewPage.ts";
import { runStatesShown, seriesAnswer, threeSeeds } from "./runShows.ts";
import { compareShow } from "./compareShows.ts";
import { mkdirSync } from "node:fs";
const out = "/tmp/fl2/run-shots"; mkdirSync(out, { recursive: true });
const only = process.argv[2] ?? "";
const jobs: [string, string, any, number, number, any?][] = [];
for (const theme of ["dark","light","highContrast","highContrastLight"] as const) for (const w of [1200, 700, 420]) { jobs.push([`running-${theme}-${w}`, "running", theme, w, w===1200?860:1300]); jobs.push([`compare-${theme}-${w}`, "compare", theme, w, w===1200?860:1300]); }
for (const s of ["queued","stopping","stopped","done","failed","lost","elsewhere"]) jobs.push([`${s}-dark-1200`, s, "dark", 1200, 860]);
jobs.push(["done-light-420","done","light",420,1600]);jobs.push(["done-light-1200","done","light",1200,860]);
jobs.push(["seeds-dark-1200","done","dark",1200,860, async (v:any, show:any)=>{ v.show({...show, scores: threeSeeds}); }]);
jobs.push(["open-light-1200","done","light",1200,1500, async (v:any)=>{ await v.page.click(".provenance summary"); await v.page.click("[data-stage=extract]"); await v.page.click(".curve-more summary"); await v.page.keyboard.press("n"); await v.page.keyboard.press("n"); }]);
jobs.push(["table-light-1200","done","light",1200,860, async (v:any)=>{ await v.page.keyboard.press("t"); await new Promise(r=>setTimeout(r,300)); }]);
jobs.push(["menu-dark-700","failed","dark",700,1000, async (v:any)=>{ await v.page.click(".tools vscode-button >> nth=1"); }]);
jobs.push(["time-dark-700","stopped","dark",700,1000, async (v:any)=>{ await v.page.evaluate(()=>{}); }]);
for (const [name, s, theme, w, h, act] of jobs) {
  if (!name.includes(only)) continue;
  const show = s === "compare" ? compareShow : (runStatesShown as any)[s];
  const v = await openView(s === "compare" ? "compare" : "run", { theme, width: w, height: h, show, 
    ...(name.startsWith("time") ? { state: { version: 1, view: { version: 1, state: { stage: null, isProvenanceOpen: false, curves: { axis: "time", y: "log", range: null, chosen: 120, hidden: [], layer: "text", areMoreOpen: true } } } } } : {}),
    verbs: {
    series: (b: any) => { const a = seriesAnswer(b, { steps: show.lastStep ?? 400, notFinite: s==="failed"?[150]:[], resumes: s==="stopped"?[{step:101,again:130}]:[] }); 
       if (s !== "compare") return a; const k = b.run.charCodeAt(6) - 65; return { ...a, series: a.series.map((x) => ({ ...x, values: x.values.map((y) => y + 0.25 * k), smoothed: x.smoothed.map((y) => y + 0.25 * k) })) }; },
    logTail: () => ({ text: "09:04:01 step 239\n09:04:02 step 240\n" }), act: () => null } });
  await v.page.waitForFunction(() => performance.getEntriesByName("fuselab.painted").length > 0, undefined, { timeout: 8000 }).catch((e)=>console.log(name, "not painted"));
  await act?.(v, show);
  await new Promise(r=>setTimeout(r,150));
  await v.screenshot(`${out}/${name}.png`);
  if (v.errors.length || v.violations.length) console.log(name, v.errors, v.violations);
  await v.close();
}
await closeBrowser();
