/** Runs axe-core in a panel's document and tells what it finds, in words a failing test can print. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, ImpactValue } from "axe-core";
import type { Frame } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface AxeFinding {
  readonly rule: string;
  readonly impact: ImpactValue;
  readonly help: string;
  /** Selectors and what axe says about each. */
  readonly places: readonly string[];
}

/** Findings of these impacts, by default those that count: serious and critical. */
export async function axeFindings(
  frame: Frame,
  impacts: readonly ImpactValue[] = ["serious", "critical"],
): Promise<readonly AxeFinding[]> {
  await frame.evaluate(source); // not as a script element: the panel's policy refuses foreign scripts
  const { violations } = await frame.evaluate(async (): Promise<AxeResults> => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    // The editor gives the panel its title and its language.
    return axe.run(document, {
      resultTypes: ["violations"],
      rules: { "document-title": { enabled: false }, "html-has-lang": { enabled: false } },
    });
  });
  return violations
    .filter(({ impact }) => impacts.includes(impact ?? null))
    .map(({ id, impact, help, nodes }) => ({
      rule: id,
      impact: impact ?? null,
      help,
      places: nodes.map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`),
    }));
}
