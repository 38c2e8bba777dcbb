/** The agents' tool that explains one fused row: of a run's shards, or of what an open view shows. It loads no model. */
import path from "node:path";
import { Problem } from "../../core/problem.ts";
import type { FusedPosition } from "../../protocol/distributionsView.ts";
import type { Distributions } from "../distributions/registerDistributions.ts";
import type { Parts } from "../parts.ts";
import type { Runs } from "../runs/registerRuns.ts";
import { runNamed } from "./runTools.ts";
import { answerText } from "./toolAnswers.ts";
import { countOf, inputOf, optionalName } from "./toolInputs.ts";

const mostPositions = 1e9;
/** Candidates of a row that are told. */
const mostCandidates = 12;

export async function explainFusedRow(
  parts: Parts,
  runs: Runs,
  distributions: Distributions,
  value: unknown,
  signal: AbortSignal,
): Promise<string> {
  const input = inputOf(value);
  const document = countOf(input, "document", 0, mostPositions);
  const position = countOf(input, "position", 0, mostPositions);
  const name = optionalName(input, "run");
  if (name === undefined) return answerOf(await distributions.explain(document, position, signal));
  const run = await runNamed(runs, name);
  return answerOf(await positionOfRun(parts, { run, document, position, signal }));
}

async function positionOfRun(
  { inspector }: Parts,
  asked: {
    readonly run: string;
    readonly document: number;
    readonly position: number;
    readonly signal: AbortSignal;
  },
): Promise<FusedPosition> {
  const { run, signal } = asked;
  const { run: found } = await inspector.call("fuse", { run, want: "documents" }, { signal });
  const document = found?.documents[asked.document]?.id;
  if (document === undefined) {
    throw new Problem("missing", `${path.basename(run)} has no document ${asked.document}.`, {
      next: `It has ${found?.documents.length ?? 0}, counted from 0.`,
    });
  }
  const { position } = await inspector.call(
    "fuse",
    { run, document, want: "position", first: asked.position },
    { signal },
  );
  if (position !== undefined) return position;
  throw new Problem("missing", `This document has no position ${asked.position}.`);
}

function answerOf({ position, after, next, columns, fused, taught }: FusedPosition): string {
  const top = <Row>(row: readonly Row[]): readonly Row[] => row.slice(0, mostCandidates);
  return answerText(
    {
      position,
      after,
      next,
      fused: { ...fused, row: top(fused.row) },
      taught: { ...taught, row: top(taught.row) },
      models: columns.map(({ own, row, ...column }) => ({
        ...column,
        own: top(own),
        row: top(row),
      })),
    },
    ["models"],
  );
}
