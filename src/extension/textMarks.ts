/**
 * A view's text in the editor: where the cursor stands goes to the view while it can be seen, what is chosen in
 * the view is marked in the text. Nothing scrolls that is in sight, and only `reveal` moves the focus.
 */
import * as vscode from "vscode";
import type { TextRange } from "../protocol/views.ts";
import type { TextLink } from "./textLink.ts";
import type { ViewOutlet } from "./viewPanel.ts";

/** Milliseconds in which the cursor comes to rest. */
const restTime = 50;

export class TextMarks implements vscode.Disposable {
  readonly #link: TextLink;
  readonly #outlet: Pick<ViewOutlet, "visible" | "push">;
  readonly #look = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("editor.wordHighlightStrongBackground"),
    border: "1px solid",
    borderColor: new vscode.ThemeColor("fuselab.target"),
    overviewRulerColor: new vscode.ThemeColor("fuselab.target"),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  readonly #watching: vscode.Disposable;
  #chosen: TextRange | undefined;
  #rest: NodeJS.Timeout | undefined;
  #told: string | undefined;

  constructor(link: TextLink, outlet: Pick<ViewOutlet, "visible" | "push">) {
    this.#link = link;
    this.#outlet = outlet;
    this.#watching = vscode.Disposable.from(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.#moved(textEditor)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#paint()),
      link.onChange((changed) => {
        if (changed) this.#chosen = undefined;
        this.#paint();
      }),
    );
  }

  /** Marks bytes of a text; they are scrolled to if they are out of sight. */
  choose(range: TextRange): void {
    this.#chosen = range;
    this.#paint();
    const place = this.#placeOf(range);
    if (place === undefined) return;
    for (const editor of this.#editors()) {
      editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  /** The editor gets the focus, and its cursor the place, if there is one. */
  async reveal(range: TextRange | null): Promise<void> {
    const place = range === null ? undefined : this.#placeOf(range);
    const viewColumn = this.#editors()[0]?.viewColumn ?? this.#columnOfTab();
    await vscode.window.showTextDocument(this.#link.document, {
      viewColumn: viewColumn ?? vscode.ViewColumn.One,
      preserveFocus: false,
      ...(place === undefined ? {} : { selection: place }),
    });
  }

  /** A hidden view marks nothing and hears nothing. */
  setVisible(visible: boolean): void {
    if (!visible) this.#chosen = undefined;
    this.#told = undefined;
    this.#paint();
  }

  dispose(): void {
    clearTimeout(this.#rest);
    this.#watching.dispose();
    this.#look.dispose();
  }

  #moved(editor: vscode.TextEditor): void {
    if (!this.#outlet.visible) return;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#tellCursor(editor), restTime);
  }

  #tellCursor(editor: vscode.TextEditor): void {
    const place = this.#link.isOf(editor.document)
      ? this.#link.placeOf(editor.selection.active)
      : undefined;
    const words = JSON.stringify(place ?? null);
    if (words === this.#told) return;
    this.#told = words;
    this.#outlet.push("cursor", place ?? null);
  }

  #paint(): void {
    const place = this.#chosen && this.#outlet.visible ? this.#placeOf(this.#chosen) : undefined;
    for (const editor of this.#editors()) {
      editor.setDecorations(this.#look, place === undefined ? [] : [place]);
    }
  }

  #placeOf({ document, from, to }: TextRange): vscode.Range | undefined {
    return this.#link.rangeOf(document, from, to);
  }

  #editors(): readonly vscode.TextEditor[] {
    return vscode.window.visibleTextEditors.filter(({ document }) => this.#link.isOf(document));
  }

  /** Where the document stands behind another tab. */
  #columnOfTab(): vscode.ViewColumn | undefined {
    const uri = this.#link.uri.toString();
    const group = vscode.window.tabGroups.all.find(({ tabs }) =>
      tabs.some(
        ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri,
      ),
    );
    return group?.viewColumn;
  }
}
