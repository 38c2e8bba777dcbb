/** The check of a recipe as a page of 80 columns: figures by subject, and under each what was found about it. */
import path from "node:path";
import type {
  CheckedModel,
  Finding,
  FindingSubject,
  RecipeCheck,
} from "../pipeline/checkRecipe.ts";
import { alignedLines, columnsOf, cutTo } from "./columns.ts";
import { withoutControls } from "./failure.ts";
import { figureText } from "./figures.ts";
import { byteSize } from "./terminal.ts";

const pageWidth = 80;
const longestName = 20;

/** Leads a line: all is well, will fail, look again, good to know. */
const marks = { fine: "✓", error: "✗", warning: "!", note: "·" } as const;

export function checkPage(check: RecipeCheck): string {
  const sections = [
    section("recipe", recipeTitle(check), [], check),
    section("models", "Models", modelLines(check), check),
    section("text", "Text", textLines(check), check),
    section("sources", "Sources, as the target's tokens see them", sourceLines(check), check),
    section("licences", "Licences", licenceLines(check), check),
    section("memory", "Memory", memoryLines(check), check),
    section("disk", "Disk", diskLines(check), check),
    timeSection(check),
    verdict(check),
  ];
  return withoutControls(
    sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join("\n"))
      .join("\n\n"),
  );
}

function section(
  subject: FindingSubject,
  title: string,
  lines: readonly string[],
  { findings }: RecipeCheck,
): string[] {
  const own = findings.filter(({ about }) => about === subject).flatMap(findingLines);
  if (lines.length === 0 && own.length === 0 && subject !== "recipe") return [];
  return [title, ...lines, ...own];
}

function findingLines({ severity, message, next, file, line }: Finding): string[] {
  const place = file === undefined || line === undefined ? "" : `${path.basename(file)}:${line}: `;
  return [
    ...wrapped(`${marks[severity]} `, `${place}${message}`),
    ...(next === undefined ? [] : wrapped("  → ", next)),
  ];
}

/** Words in lines of the page's width; later lines stand under the first word. */
function wrapped(lead: string, text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && columnsOf(lead) + columnsOf(longer) > pageWidth) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  const margin = " ".repeat(columnsOf(lead));
  return [...lines, line].map((words, i) => (i === 0 ? lead : margin) + words);
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function recipeTitle({ file, recipe }: RecipeCheck): string {
  const name = path.basename(file);
  return recipe === undefined ? name : `${recipe.name} (${name}, ${recipe.mode})`;
}

/** T is the target, A, B, C … the sources in the recipe's order, as in every view. */
const letterOf = (index: number): string =>
  index === 0 ? "T" : index <= 26 ? String.fromCharCode(64 + index) : `A${letterOf(index - 26)}`;

const percent = ({ count, of }: { readonly count: number; readonly of: number }): string =>
  of === 0 ? "–" : `${((100 * count) / of).toFixed(1)} %`;

function modelLines({ models }: RecipeCheck): string[] {
  if (models.length === 0) return [];
  const right = { align: "right" } as const;
  return indented(
    alignedLines(
      [{}, {}, {}, right, right, {}, {}, right],
      [
        ["", "", "", "parameters", "rows", "tokenizer", "first", "context"],
        ...models.map((model) => [
          letterOf(model.index),
          cutTo(model.label, longestName),
          model.architecture,
          `${parametersText(model)} ${model.dtype}`,
          figureText(model.vocabulary),
          model.tokenizer.family,
          model.tokenizer.opening,
          figureText(model.context),
        ]),
      ],
    ),
  );
}

const parametersText = ({ parameters }: CheckedModel): string =>
  parameters >= 1e9 ? `${(parameters / 1e9).toFixed(2)}B` : `${(parameters / 1e6).toFixed(2)}M`;

function textLines({ text, recipe, findings }: RecipeCheck): string[] {
  if (text === undefined || recipe === undefined) return [];
  const { domains, files, sampled, steps, epochs, training, read, filled, exact } = text;
  const about = exact ? "" : "about ";
  const right = { align: "right" } as const;
  const rows = domains.map(({ domain, training: taught, heldOut }) => {
    const known = files.find((one) => one.domain === domain);
    return [
      domain,
      figureText(known?.files ?? 0),
      byteSize(taught.bytes),
      figureText(taught.chunks),
      byteSize(heldOut.bytes),
      rangeText(heldOut.chunks),
    ];
  });
  const plan =
    `${figureText(steps)} steps of ${recipe.batch} × ${recipe.length} tokens are ` +
    `${about}${epochs.toFixed(2)} passes over the training text: ` +
    `${about}${figureText(Math.round(read.chunks))} of ${figureText(Math.round(training.chunks))} ` +
    `chunks, ${figureText(Math.round(read.tokens[0] ?? 0))} target tokens, blocks ${Math.round(100 * filled)} % full.`;
  return [
    ...indented(
      alignedLines(
        [{}, right, right, right, right, right],
        [["", "files", "training", "chunks", "held out", "chunks"], ...rows],
      ),
    ),
    ...wrapped(leadOf(findings, "text"), plan),
    ...(exact
      ? []
      : wrapped(
          "  ",
          `Counted on a sample of ${byteSize(sampled.count)} of ${byteSize(sampled.of)}.`,
        )),
  ];
}

const rangeText = ({ fewest, most }: { readonly fewest: number; readonly most: number }): string =>
  fewest === most ? figureText(most) : `${figureText(fewest)}–${figureText(most)}`;

function sourceLines({ sources, models }: RecipeCheck): string[] {
  if (sources.length === 0) return [];
  const right = { align: "right" } as const;
  const rows = sources.map((source) => [
    letterOf(models.find(({ label }) => label === source.label)?.index ?? 0),
    cutTo(source.label, longestName),
    percent(source.vocabulary),
    percent(source.inUse),
    percent(source.sharedEnds),
    source.nextMapped === undefined ? "–" : percent(source.nextMapped),
    source.rows === undefined ? "–" : percent(source.rows),
  ]);
  return [
    ...indented(
      alignedLines(
        [{}, {}, right, right, right, right, right],
        [["", "", "tokens", "in use", "ends", "next", "rows"], ...rows],
      ),
    ),
    ...wrapped(
      "  ",
      "tokens: of its vocabulary, those that are a target token byte by byte; in use: the same in the text; ends: target positions where one of its tokens ends too; next: of those, where its true next token is mapped to the target's; rows: positions at which the recipe's alignment gives it a say.",
    ),
  ];
}

function licenceLines({ models, findings }: RecipeCheck): string[] {
  if (models.length === 0) return [];
  const names = models.map(({ label, licence }) => `${label} ${licence ?? "not stated"}`);
  return wrapped(leadOf(findings, "licences"), `${names.join(", ")}.`);
}

function memoryLines({ memory, machine, resources, findings }: RecipeCheck): string[] {
  if (memory === undefined || resources === undefined) return [];
  return wrapped(
    leadOf(findings, "memory"),
    `Up to ${byteSize(memory.peak)} at a time, of ${byteSize(machine.freeMemory)} that are free; ${jobsText(resources.slots)}, each within ${byteSize(memory.limit)}.`,
  );
}

const jobsText = (slots: number): string =>
  slots === 1 ? "one job at a time" : `${slots} jobs side by side`;

function diskLines({ disk, machine, findings }: RecipeCheck): string[] {
  if (disk === undefined) return [];
  const { total, ...parts } = disk;
  const named = Object.entries(parts)
    .filter(([, bytes]) => bytes > 0)
    .map(([what, bytes]) => `${partNames[what as keyof typeof parts]} ${byteSize(bytes)}`);
  return wrapped(
    leadOf(findings, "disk"),
    `Up to ${byteSize(total)}, of ${byteSize(machine.freeDisk)} that are free: ${named.join(", ")}.`,
  );
}

const partNames = {
  text: "text",
  representation: "representations",
  heldOut: "held-out scores",
  vocabulary: "vocabulary maps",
  aligned: "aligned rows",
  fused: "fused rows",
  checkpoints: "checkpoints",
  models: "models",
} as const;

function timeSection({ time, resources, fails }: RecipeCheck): string[] {
  if (resources === undefined || (time === undefined && fails)) return [];
  if (time === undefined) return ["Time", "  Not measured: leave out --quick to have it timed."];
  const stages = time.stages.map(({ stage, fewest, most }) => `${stage} ${spanText(fewest, most)}`);
  const threads = `${resources.threads} ${resources.threads === 1 ? "thread" : "threads"}`;
  return [
    "Time",
    ...wrapped(
      `${marks.fine} `,
      `${spanText(time.fewest, time.most)} on ${threads}, ${jobsText(resources.slots)}, if the machine stays as busy as it is.`,
    ),
    ...wrapped("  ", `${stages.join(", ")}.`),
    ...(time.rough
      ? wrapped("  ", "A rough figure: of the larger models a few layers were timed.")
      : []),
  ];
}

/** `4 – 6 min`, with the unit once where both have it. */
function spanText(fewest: number, most: number): string {
  const [low, high] = [coarse(fewest), coarse(most)];
  if (low === high) return high;
  const [unit] = high.split(" ").slice(-1);
  return `${low.endsWith(` ${unit}`) ? low.slice(0, -1 - (unit ?? "").length) : low} – ${high}`;
}

/** A time to one unit: an estimate has no seconds beside its hours. */
function coarse(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  return `${hours < 10 ? hours.toFixed(1) : Math.round(hours)} h`;
}

/** Figures with nothing wrong about them have a tick. */
function leadOf(findings: readonly Finding[], subject: FindingSubject): string {
  const faulty = findings.some(({ about, severity }) => about === subject && severity !== "note");
  return faulty ? "  " : `${marks.fine} `;
}

function verdict({ fails, findings }: RecipeCheck): string[] {
  const count = (severity: Finding["severity"], word: string): string[] => {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return found === 0 ? [] : [`${found} ${word}${found === 1 ? "" : "s"}`];
  };
  const counts = [...count("error", "error"), ...count("warning", "warning")].join(", ");
  if (fails) return [`${marks.error} A run would fail: ${counts}.`];
  return [`${marks.fine} The recipe can run${counts === "" ? "" : `; ${counts}`}.`];
}
