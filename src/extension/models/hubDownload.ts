/**
 * A model from the Hugging Face Hub, or a mirror that speaks its protocol: the files FuseLab reads, and no
 * others. A folder appears whole or not at all. Knows no editor.
 */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Problem } from "../../core/problem.ts";

/** As the Hub allows them: owner and name, or a name alone. */
const idPattern = /^(?:[A-Za-z0-9][\w.-]{0,95}\/)?[A-Za-z0-9][\w.-]{0,95}$/;

const wanted =
  /^(?:config\.json|generation_config\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|README\.md|LICEN[CS]E(?:\.\w+)?|model\.safetensors\.index\.json|model(?:-\d{5}-of-\d{5})?\.safetensors)$/;

const mostFiles = 300;
const largestFile = 200e9;

export interface HubOrder {
  readonly id: string;
  readonly endpoint: string;
  /** Where models are kept: the model becomes a folder in it. */
  readonly cacheFolder: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (file: string, done: number, of: number | undefined) => void;
}

/** @returns the model's folder. @throws Problem that says what the Hub refused, `unsupported` where a token is wanted. */
export async function downloadModel(order: HubOrder): Promise<string> {
  const { id, cacheFolder } = order;
  if (!isHubId(id)) {
    throw new Problem(
      "badInput",
      `${JSON.stringify(id.slice(0, 100))} is not the name of a model on the Hub.`,
      {
        next: "Give it as owner/name.",
      },
    );
  }
  const folder = path.join(cacheFolder, id.replace("/", "--"));
  if (await isFolder(folder)) return folder;
  const files = await filesOf(order);
  const temporary = `${folder}.${process.pid}.partial`;
  await mkdir(temporary, { recursive: true });
  try {
    for (const file of files) await download(order, file, path.join(temporary, file));
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

export const isHubId = (id: string): boolean => idPattern.test(id) && !id.includes("..");

async function filesOf(order: HubOrder): Promise<string[]> {
  const response = await ask(order, `api/models/${order.id}`);
  const { siblings } = await listOf(response, order);
  const names = Array.isArray(siblings)
    ? siblings.map((one: { rfilename?: unknown }) => String(one?.rfilename))
    : [];
  const files = names.filter((name) => wanted.test(name)).slice(0, mostFiles);
  if (files.includes("tokenizer.json")) return files;
  throw new Problem("unsupported", `${order.id} has no tokenizer.json on the Hub.`, {
    next: "Convert its tokenizer with transformers and add the folder.",
  });
}

async function listOf(response: Response, order: HubOrder): Promise<{ siblings?: unknown }> {
  try {
    const list: unknown = await response.json();
    return typeof list === "object" && list !== null ? list : {};
  } catch (cause) {
    throw interrupted(order, "The list of files", cause);
  }
}

async function download(order: HubOrder, file: string, place: string): Promise<void> {
  const response = await ask(order, `${order.id}/resolve/main/${file}`);
  const length = response.headers.get("content-length");
  const of = length === null ? undefined : Number(length);
  if (response.body === null || (of !== undefined && of > largestFile)) {
    throw new Problem("tooLarge", `${file} of ${order.id} cannot be downloaded.`);
  }
  let done = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, next) {
      done += chunk.length;
      order.onProgress(file, done, of);
      next(done > largestFile ? new Error("longer than it said") : null, chunk);
    },
  });
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  try {
    await pipeline(body, counting, createWriteStream(place), { signal: order.signal });
  } catch (cause) {
    throw interrupted(order, file, cause);
  }
  if (of !== undefined && done !== of) throw interrupted(order, file);
}

/** A download that did not come to its end: given up, no room for it, or cut off on the way. */
function interrupted(
  { id, cacheFolder, signal }: HubOrder,
  what: string,
  cause?: unknown,
): Problem {
  if (signal.aborted) return new Problem("cancelled", "The download was cancelled.");
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "";
  if (unwritable.has(code)) {
    return new Problem("failed", `${cacheFolder} cannot take ${what} of ${id} (${code}).`, {
      next: "Make room there, or set fuselab.hub.cacheFolder to another folder.",
      cause,
    });
  }
  return new Problem("failed", `${what} of ${id} came only in part.`, {
    next: "Try again.",
    ...(cause === undefined ? {} : { cause }),
  });
}

const unwritable = new Set(["ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "ENOTDIR"]);

async function ask({ endpoint, token, signal, id }: HubOrder, place: string): Promise<Response> {
  const base = addressOf(endpoint);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(new URL(place, base), { headers, signal }).catch(
    (cause: unknown) => {
      if (signal.aborted) throw new Problem("cancelled", "The download was cancelled.");
      throw new Problem("failed", `${base.host} cannot be reached.`, {
        next: "Check the network, or the setting fuselab.hub.endpoint.",
        cause,
      });
    },
  );
  if (response.ok) return response;
  if (response.status === 401 || response.status === 403) {
    throw new Problem("unsupported", `The Hub does not give ${id} to everyone.`, {
      next: "Accept its conditions on the Hub and give an access token.",
    });
  }
  if (response.status === 404) throw new Problem("missing", `The Hub knows no model ${id}.`);
  throw new Problem("failed", `The Hub answered ${response.status} for ${id}.`, {
    next: "Try again later.",
  });
}

function addressOf(endpoint: string): URL {
  const text = endpoint.endsWith("/") ? endpoint : `${endpoint}/`;
  const isWeb = /^https?:\/\//i.test(text);
  if (isWeb && URL.canParse(text)) return new URL(text);
  throw new Problem("badInput", "The setting fuselab.hub.endpoint is no web address.", {
    next: "Write one that begins with https://.",
  });
}

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
