/**
 * What a distributions panel shows. Nothing is computed here: every question of the view becomes one of the
 * inspector's, which keeps what models read, so that a control that is turned reads nothing again.
 */
import * as vscode from "vscode";
import { Problem } from "../../core/problem.ts";
import type { Offered } from "../../port/port.ts";
import type {
  DistributionsAsks,
  DistributionsShow,
  FusionControls,
} from "../../protocol/distributionsView.ts";
import type { FuseAnswer, FuseWants, InspectorProgress } from "../../protocol/inspector.ts";
import type { CommonAsks, OpenAt, TextRange } from "../../protocol/views.ts";
import { ownArrays } from "../alignment/alignedDocument.ts";
import { readTokenizers } from "../alignment/alignmentAsks.ts";
import { Scope } from "../lifetimes.ts";
import type { Parts } from "../parts.ts";
import { requireTrust } from "../trust.ts";
import type { ViewOutlet, ViewSubject } from "../viewPanel.ts";
import { readControls, recipeText, settingsOf } from "./controls.ts";
import type { Origin } from "./origin.ts";

type OwnAsks = Omit<DistributionsAsks, keyof CommonAsks>;

export interface DistributionsStart {
  readonly origin: Origin;
  /** The controls at first, where they are not those to reset to. */
  readonly controls?: FusionControls | undefined;
  /** Offers the runs instead of a model that is too large to be read here. */
  readonly onTooLarge: (problem: Problem) => void;
}

/** Where the workspace keeps what the view wants remembered. */
export const rememberedKey = "distributions.remembered";

/** Characters of what the view may have remembered. */
const mostRemembered = 10_000;

/** Milliseconds: reading a text with several models takes longer than most questions. */
const timeLimit = 300_000;

export class DistributionsSubject implements ViewSubject<DistributionsAsks, DistributionsShow> {
  readonly offers: Offered<OwnAsks>;
  readonly #parts: Parts;
  readonly #outlet: ViewOutlet;
  readonly #origin: Origin;
  readonly #onTooLarge: DistributionsStart["onTooLarge"];
  readonly #scope = new Scope();
  #controls: FusionControls | undefined;
  #asks = 0;
  #isProgressShown = false;
  #isTooLargeTold = false;

  constructor(
    parts: Parts,
    outlet: ViewOutlet,
    { origin, controls, onTooLarge }: DistributionsStart,
  ) {
    this.#parts = parts;
    this.#outlet = outlet;
    this.#origin = this.#scope.own(origin);
    this.#controls = controls;
    this.#onTooLarge = onTooLarge;
    this.#scope.own(parts.inspector.onProgress((progress) => this.#tell(progress)));
    this.#scope.own(vscode.workspace.onDidGrantWorkspaceTrust(() => outlet.refresh()));
    this.offers = {
      distributions: (body, signal) => this.#distributions(body, signal),
      row: (body, signal) => this.#row(body, signal),
      setModels: async (body) => {
        await origin.setModels(readTokenizers(body));
        return null;
      },
      readAgain: () => {
        origin.readAgain();
        return null;
      },
      useInRecipe: (body) => this.#useInRecipe(body),
    };
  }

  get title(): string {
    return this.#origin.title;
  }

  async snapshot(): Promise<Omit<DistributionsShow, "kept">> {
    const show = await this.#origin.show();
    const remembered = this.#parts.context.workspaceState.get(rememberedKey);
    const controls = this.#controls ?? show.resetTo;
    return {
      ...show,
      restore: { ...show.restore, controls },
      restricted: !vscode.workspace.isTrusted,
      controls,
      ...(isRecord(remembered) ? { remembered } : {}),
    };
  }

  chooseToken(range: TextRange): void {
    this.#origin.chooseToken?.(range);
  }

  async revealText(range: TextRange | null): Promise<void> {
    await this.#origin.revealText?.(range);
  }

  openAt(place: OpenAt): Promise<boolean> {
    return this.#origin.openAt(place);
  }

  remember(values: Readonly<Record<string, unknown>>): void {
    if (JSON.stringify(values).length > mostRemembered) return;
    void this.#parts.context.workspaceState.update(rememberedKey, values);
  }

  onVisible(visible: boolean): void {
    this.#origin.onVisible?.(visible);
  }

  dispose(): void {
    this.#scope.dispose();
  }

  async #distributions(body: unknown, signal: AbortSignal): ReturnTypeOf<"distributions"> {
    const { document, controls } = readAsk(body);
    this.#controls = controls;
    const { figures } = await this.#fuse(document, controls, { want: "figures" }, signal);
    if (figures === undefined) throw new Error("no figures in the answer");
    this.#origin.answered(document, figures, controls);
    return ownArrays(figures);
  }

  async #row(body: unknown, signal: AbortSignal): ReturnTypeOf<"row"> {
    const { document, controls } = readAsk(body);
    const first = indexOf(body, "position");
    const wants = { want: "position", first } as const;
    const { position } = await this.#fuse(document, controls, wants, signal);
    if (position === undefined) throw new Error("no position in the answer");
    return position;
  }

  async #fuse(
    document: number,
    controls: FusionControls,
    wants: FuseWants,
    signal: AbortSignal,
  ): Promise<FuseAnswer<unknown>> {
    requireTrust("No model is read");
    const question = {
      ...this.#origin.question(document),
      ...wants,
      settings: settingsOf(controls, this.#origin.kind),
    };
    this.#asks++;
    try {
      return await this.#parts.inspector.call("fuse", question, { signal, timeLimit });
    } catch (error) {
      this.#offerRuns(error);
      throw error;
    } finally {
      this.#asks--;
      if (this.#asks === 0 && this.#isProgressShown) {
        this.#isProgressShown = false;
        this.#outlet.push("progress", null);
      }
    }
  }

  /** Once: the view says it too. */
  #offerRuns(error: unknown): void {
    if (!(error instanceof Problem) || error.code !== "tooLarge" || this.#isTooLargeTold) return;
    if (this.#origin.kind === "run") return;
    this.#isTooLargeTold = true;
    this.#onTooLarge(error);
  }

  #tell({ verb, what, done, of }: InspectorProgress): void {
    if (verb !== "fuse" || what === undefined || this.#asks === 0) return;
    this.#isProgressShown = true;
    const sentence =
      what.doing === "read"
        ? vscode.l10n.t("{0} reads", what.model)
        : vscode.l10n.t("Vocabulary map {0} → T, tokens in view", what.model);
    this.#outlet.push("progress", { what: sentence, done, of });
  }

  async #useInRecipe(body: unknown): Promise<null> {
    const controls = readControls((body as { readonly controls?: unknown }).controls);
    await vscode.env.clipboard.writeText(recipeText(controls));
    vscode.window.setStatusBarMessage(
      vscode.l10n.t("FuseLab: the settings are on the clipboard, as sections of a recipe."),
      5000,
    );
    return null;
  }
}

type ReturnTypeOf<Verb extends keyof OwnAsks> = Promise<ReturnType<OwnAsks[Verb]>>;

function readAsk(body: unknown): { document: number; controls: FusionControls } {
  if (!isRecord(body)) throw new Problem("badInput", "The view asks for no document.");
  return { document: indexOf(body, "document"), controls: readControls(body.controls) };
}

function indexOf(body: unknown, name: string): number {
  const value = isRecord(body) ? body[name] : undefined;
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw new Problem("badInput", `The view asks for no ${name}.`);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
