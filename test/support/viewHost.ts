/**
 * The host of a view under test: over the same port as the real one, it meets every verb as the test says, records
 * what was asked, and pushes what the test wants pushed.
 */
import type { Page } from "playwright-core";
import { Problem } from "../../src/core/problem.ts";
import { type Offered, Port } from "../../src/port/port.ts";

/** How the scripted host meets a verb. A Problem that is thrown travels as a refusal. */
export type Verb = (body: never, signal: AbortSignal) => unknown;

export interface RecordedCall {
  readonly verb: string;
  readonly body: unknown;
}

export interface ScriptedHost {
  readonly calls: readonly RecordedCall[];
  called(verb: string, nth?: number): Promise<unknown>;
  /** Takes what the page sent. */
  receive(message: unknown): void;
  push(verb: string, body: unknown): void;
  show(body: unknown): void;
  close(): void;
}

/** Of every view, beside `ready`: met by doing nothing. */
const quietVerbs: Readonly<Record<string, Verb>> = {
  chooseToken: () => null,
  revealText: () => null,
  export: () => ({ saved: true }),
  copy: () => null,
  openAt: () => null,
  persist: () => null,
};

export function scriptedHost(
  page: Page,
  verbs: Readonly<Record<string, Verb>>,
  show: unknown,
): ScriptedHost {
  const calls: RecordedCall[] = [];
  let standing = show;
  let whenCalled: (() => void)[] = [];
  const met: Readonly<Record<string, Verb>> = { ...quietVerbs, ready: () => null, ...verbs };
  const offers = Object.entries(met).map(([verb, meet]) => [
    verb,
    (body: unknown, signal: AbortSignal) => {
      calls.push({ verb, body });
      const waiting = whenCalled;
      whenCalled = [];
      for (const look of waiting) look();
      if (verb === "ready" && standing !== undefined) port.push("show", standing);
      return meet(body as never, signal);
    },
  ]);
  const port = new Port<object, Record<string, Verb>>(
    (message) => {
      // A page that is closing hears nothing any more.
      void page
        .evaluate((data) => {
          window.dispatchEvent(new MessageEvent("message", { data }));
        }, message)
        .catch(() => undefined);
    },
    Object.fromEntries(offers) as Offered<Record<string, Verb>>,
    { timeLimit: 10_000 },
  );
  const called = async (verb: string, nth = 1): Promise<unknown> => {
    const until = Date.now() + 10_000;
    for (;;) {
      const found = calls.filter((call) => call.verb === verb)[nth - 1];
      if (found !== undefined) return found.body;
      if (Date.now() > until) {
        const seen = calls.map((call) => call.verb).join(" ");
        throw new Error(`The view did not call ${verb} ${nth} times; it called: ${seen}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        whenCalled.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };
  return {
    calls,
    called,
    receive: (message) => port.receive(unpacked(message)),
    push: (verb, body) => port.push(verb, body),
    show(body) {
      standing = body;
      port.push("show", body);
    },
    close: () => port.close(new Problem("cancelled", "The page was closed.")),
  };
}

/** The page's `packed` undone. */
function unpacked(value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(unpacked);
  if ("fuselabBuffer" in value) return (value.fuselabBuffer as Uint8Array).slice().buffer;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, unpacked(own)]));
}
