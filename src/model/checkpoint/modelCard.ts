/**
 * The README.md of a written model: YAML front matter as the Hugging Face Hub reads it, then how the model
 * was made, its figures and its sources with their licences. Names and texts come from outside: what goes
 * into the front matter is checked against what the Hub accepts, and everything else is escaped, so that it
 * shows as the text it is.
 */
import { stringify } from "yaml";
import { isHubLicence, licenceIdentifier } from "./licence.ts";

export interface CardSource {
  readonly name: string;
  /** What it was to the run, e.g. "target" or "source". */
  readonly role: string;
  readonly licence?: string;
}

export interface CardTable {
  readonly columns: readonly string[];
  /** Cells by row; as many as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

export interface ModelCard {
  readonly title: string;
  /** How the model was made, one sentence an entry. */
  readonly summary: readonly string[];
  readonly table?: CardTable;
  readonly sources: readonly CardSource[];
  /** Of the model itself; the Hub's identifier where it has one. */
  readonly licence?: string;
  /** Hub ids, `owner/name`, of the models it is made from. Anything else, such as a folder, is left out: the Hub would refuse it. */
  readonly baseModels: readonly string[];
}

export function renderModelCard(card: ModelCard): string {
  const parts = [
    `---\n${stringify(frontMatter(card), { lineWidth: 0 })}---`,
    `# ${inline(card.title)}`,
    ...(card.summary.length === 0 ? [] : [card.summary.map(listItem).join("\n")]),
    ...(card.table === undefined ? [] : ["## Figures", renderTable(card.table)]),
    ...(card.sources.length === 0
      ? []
      : ["## Models it was made from", renderTable(sourceTable(card.sources))]),
    "Made with FuseLab. Check that the licences of all models above allow what you do with this one.",
  ];
  return `${parts.join("\n\n")}\n`;
}

/** One line of Markdown that shows `text` as it is. Control and direction characters are dropped. */
export function inline(text: string): string {
  return text
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim()
    .slice(0, 2000)
    .replace(/[&<>]/g, (character) => entities[character])
    .replace(/[\\`*_[\]|~$!]/g, "\\$&");
}

/** A list item whose first characters cannot start a heading, a rule or another list. */
function listItem(text: string): string {
  return `- ${inline(text).replace(/^([#+=-]|\d{1,9}(?=[.)](?: |$)))/, startEscape)}`;
}

const startEscape = (start: string) => (/\d/.test(start) ? `${start}\\` : `\\${start}`);

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function frontMatter(card: ModelCard): Record<string, unknown> {
  const bases = [...new Set(card.baseModels.filter(isHubId))];
  return {
    ...licenceFields(card.licence),
    library_name: "transformers",
    pipeline_tag: "text-generation",
    ...(bases.length > 0 ? { base_model: bases } : {}),
    tags: ["model-fusion"],
  };
}

/** The Hub takes only licences of its list; another one goes as `other` with a name. */
function licenceFields(licence: string | undefined): Record<string, string> {
  if (licence === undefined) return {};
  const identifier = licenceIdentifier(licence);
  if (isHubLicence(identifier)) return { license: identifier };
  const name = identifier
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 96);
  return name === "" ? { license: "other" } : { license: "other", license_name: name };
}

function isHubId(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(name) && !/--|\.\./.test(name);
}

function sourceTable(sources: readonly CardSource[]): CardTable {
  return {
    columns: ["Model", "Role", "Licence"],
    rows: sources.map(({ name, role, licence }) => [name, role, licence ?? "not stated"]),
  };
}

function renderTable({ columns, rows }: CardTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = columns.map(() => "---");
  return [columns.map(inline), rule, ...rows.map((row) => row.map(inline))].map(line).join("\n");
}
