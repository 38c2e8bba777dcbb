/**
 * Starts a run, or goes on with one, for the editor: forked for one question, it opens the models, makes the run
 * folder, starts the detached worker and ends. So the extension host loads nothing of the engine.
 */
import { Problem } from "../core/problem.ts";
import { parseRecipe } from "../pipeline/recipe.ts";
import { Port } from "../port/port.ts";
import type { RunStarterVerbs, StartBody } from "../protocol/runStarter.ts";
import { resumeRun, startRun } from "./startRun.ts";

const post = process.send?.bind(process);
if (post === undefined) throw new Error("runStarter.ts runs only as a forked child process");

const port = new Port<object, RunStarterVerbs>(
  (message) => {
    post(message);
  },
  {
    start: async (body) => {
      const { text, file, runsFolder, threads } = startBody(body);
      return { folder: await startRun(parseRecipe(text, file), runsFolder, optional({ threads })) };
    },
    resume: async (body) => {
      const { run } = body as { readonly run: unknown };
      if (typeof run !== "string") throw malformed();
      await resumeRun(run);
      return null;
    },
  },
  { timeLimit: 60_000, onDefect: (error) => process.stderr.write(`${String(error)}\n`) },
);
process.on("message", (message) => port.receive(message));
process.on("disconnect", () => process.exit());

function startBody(body: unknown): StartBody {
  const { text, file, runsFolder, threads } = body as Readonly<Record<string, unknown>>;
  if (typeof text !== "string" || typeof file !== "string" || typeof runsFolder !== "string") {
    throw malformed();
  }
  if (threads === undefined) return { text, file, runsFolder };
  if (!Number.isSafeInteger(threads) || Number(threads) < 1) throw malformed();
  return { text, file, runsFolder, threads: Number(threads) };
}

function optional({ threads }: { readonly threads: number | undefined }) {
  return threads === undefined ? {} : { threads };
}

const malformed = (): Problem =>
  new Problem("badInput", "A run is started from a recipe's text, its file and the runs' folder.");
