/** Tells a view how far the inspector is with what the view asked: from the second word on, and that it is done. */
import type * as vscode from "vscode";
import type { InspectorProgress, InspectorVerb } from "../../protocol/inspector.ts";
import type { ViewOutlet } from "../viewPanel.ts";

interface Work {
  readonly verb: InspectorVerb;
  what: string;
}

export interface Told {
  /** What is worked on from now. */
  name(what: string): void;
  end(): void;
}

export class WorkTold implements vscode.Disposable {
  readonly #outlet: Pick<ViewOutlet, "push">;
  readonly #watching: vscode.Disposable;
  readonly #works = new Set<Work>();
  #shown = false;

  constructor(
    inspector: { readonly onProgress: vscode.Event<InspectorProgress> },
    outlet: Pick<ViewOutlet, "push">,
  ) {
    this.#outlet = outlet;
    this.#watching = inspector.onProgress((progress) => this.#tell(progress));
  }

  begin(verb: InspectorVerb): Told {
    const work: Work = { verb, what: "" };
    this.#works.add(work);
    return {
      name: (what) => {
        work.what = what;
      },
      end: () => {
        this.#works.delete(work);
        if (this.#works.size > 0 || !this.#shown) return;
        this.#shown = false;
        this.#outlet.push("progress", null);
      },
    };
  }

  dispose(): void {
    this.#watching.dispose();
  }

  /** Calls of the text thread come one after the other, so the oldest of a verb is the one at work. */
  #tell({ verb, done, of }: InspectorProgress): void {
    const work = [...this.#works].find((one) => one.verb === verb);
    if (work === undefined) return;
    this.#shown = true;
    this.#outlet.push("progress", { what: work.what, done, of });
  }
}
