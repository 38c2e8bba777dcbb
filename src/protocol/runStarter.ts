/** What the extension host asks of the short-lived process that starts runs: it has the code that opens models, the host has not. */

export interface RunStarterVerbs {
  /** Makes a run folder from a recipe and starts its worker. Answers with the folder. */
  start(body: StartBody): { readonly folder: string };
  /** Goes on with a run that ended early. */
  resume(body: { readonly run: string }): null;
}

export interface StartBody {
  /** The recipe as it stands, perhaps not saved, and the file it belongs to: relative paths start there. */
  readonly text: string;
  readonly file: string;
  readonly runsFolder: string;
  /** Threads where the recipe names none. */
  readonly threads?: number;
}
