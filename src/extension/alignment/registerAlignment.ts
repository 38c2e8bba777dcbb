/** *Align tokenizers*: the command, the panels, and how they come back after a reload. */
import path from "node:path";
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { AlignmentAsks, AlignmentShow } from "../../protocol/alignmentView.ts";
import { chosenModels } from "../askModels.ts";
import type { TextArgument } from "../commandContract.ts";
import { type ModelChoice, storedChoice } from "../modelChoice.ts";
import { type OpenSubject, PanelShelf } from "../panelShelf.ts";
import type { Parts } from "../parts.ts";
import { selectedText, textArgument } from "../selectedText.ts";
import { restoredLink, storedLink, TextLink } from "../textLink.ts";
import { AlignmentSubject, layerKey } from "./alignmentSubject.ts";
import { missingText } from "./missingText.ts";

type Shelf = PanelShelf<AlignmentAsks, AlignmentShow>;
type Open = OpenSubject<AlignmentAsks, AlignmentShow>;

export function registerAlignment(parts: Parts): vscode.Disposable {
  const { commands, settings, context } = parts;
  const shelf: Shelf = new PanelShelf({
    kind: "alignment",
    parts: parts.views,
    verbs: ["align", "costTable", "detourBand", "cumulativeTile", "setTokenizers", "alignAgain"],
    restore: (stored) => restored(parts, stored),
  });
  return vscode.Disposable.from(
    shelf,
    commands.bind("alignTokenizers", (text) => align(parts, shelf, textArgument(text))),
    // What the setting says counts from when it is said.
    settings.onChange(["alignment.layer"], () => {
      void context.workspaceState.update(layerKey, undefined);
    }),
  );
}

async function align(parts: Parts, shelf: Shelf, argument: TextArgument): Promise<void> {
  const { document, ranges } = await selectedText(argument, parts.context.extensionPath);
  const choice = givenModels(argument) ?? (await chosenModels(parts, "tokenizers"));
  if (choice === undefined) return;
  const { byte, document: index = 0 } = argument;
  const place = byte === undefined ? undefined : { document: index, byte };
  const link = new TextLink(document, ranges);
  const key = keyOf(link, argument.models);
  let taken = false;
  shelf.open({
    key,
    make: (outlet) => {
      taken = true;
      return new AlignmentSubject(parts, outlet, { link, choice, place });
    },
  });
  if (!taken) link.dispose(); // it is shown already
}

/** The tokenizers that the command was given. @throws Problem where they are not two or more folders */
function givenModels({ models }: TextArgument): ModelChoice | undefined {
  if (models === undefined) return undefined;
  const [target, ...sources] = models;
  if (target !== undefined && sources.length > 0 && models.every(path.isAbsolute)) {
    return { target, sources };
  }
  throw new Problem("badInput", vscode.l10n.t("Two or more folders are needed, the target first."));
}

/** The same text, and the same tokenizers where they are given: only the focus moves. */
function keyOf(link: TextLink, models: readonly string[] | undefined): string {
  return JSON.stringify([link.stored(), models]);
}

async function restored(
  parts: Parts,
  stored: Readonly<Record<string, unknown>>,
): Promise<Open | undefined> {
  const [choice, text] = [storedChoice(stored), storedLink(stored.link)];
  if (choice === undefined || text === undefined) return undefined;
  try {
    const link = await restoredLink(text);
    if (link === undefined) return undefined;
    const make: Open["make"] = (outlet) => new AlignmentSubject(parts, outlet, { link, choice });
    return { key: keyOf(link, undefined), make };
  } catch (cause) {
    parts.failures.note(cause);
    return { key: text.uri, make: () => missingText(parts, stored, text.uri) };
  }
}
