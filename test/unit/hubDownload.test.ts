/** Downloads from a hub: a server of the test's own stands for it. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { downloadModel, isHubId } from "../../src/extension/models/hubDownload.ts";

const files: Record<string, string> = {
  "config.json": "{}",
  "tokenizer.json": '{"model":{}}',
  "model.safetensors": "weights",
};
const listed = [
  ...Object.keys(files),
  "pytorch_model.bin",
  "../evil.json",
  "run.py",
  "onnx/model.onnx",
];
const asked: string[] = [];
let server: Server;
let endpoint: string;
let folder: string;
let respond: (url: string, response: ServerResponse, token: string | undefined) => boolean = () =>
  false;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "fuselab-hub-"));
  server = createServer((request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    if (respond(url, response, request.headers.authorization)) return;
    if (url.startsWith("/api/models/")) {
      response.end(JSON.stringify({ siblings: listed.map((rfilename) => ({ rfilename })) }));
      return;
    }
    const body = files[path.basename(url)];
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-length": body.length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  respond = () => false;
  asked.length = 0;
});

const order = (id: string, change: { token?: string; signal?: AbortSignal } = {}) => ({
  id,
  endpoint,
  cacheFolder: folder,
  token: change.token,
  signal: change.signal ?? new AbortController().signal,
  onProgress: () => undefined,
});

test("the files that FuseLab reads are kept, and nothing else that the hub lists", async () => {
  const model = await downloadModel(order("owner/small"));
  assert.equal(model, path.join(folder, "owner--small"));
  assert.deepEqual((await readdir(model)).sort(), Object.keys(files).sort());
  assert.equal(await readFile(path.join(model, "model.safetensors"), "utf8"), "weights");
  assert.ok(asked.every((url) => !/evil|run\.py|onnx|pytorch/.test(url)));
});

test("a model that is there is not asked for again", async () => {
  await downloadModel(order("owner/small"));
  assert.deepEqual(asked, []);
});

test("a file that ends early leaves no folder behind", async () => {
  respond = (url, response) => {
    if (!url.endsWith("model.safetensors")) return false;
    response.writeHead(200, { "content-length": 7 });
    response.write("wei");
    setTimeout(() => response.destroy(), 20);
    return true;
  };
  await assert.rejects(downloadModel(order("owner/torn")));
  assert.ok(!(await readdir(folder)).some((name) => name.includes("torn")));
});

test("a model that is not for everyone asks for a token, which is then sent", async () => {
  respond = (_, response, token) => {
    if (token === "Bearer secret") return false;
    response.writeHead(401).end();
    return true;
  };
  await assert.rejects(
    downloadModel(order("owner/gated")),
    /does not give owner\/gated to everyone/,
  );
  await downloadModel(order("owner/gated", { token: "secret" }));
});

test("an unknown model, a name that is none, and an endpoint that is none are said so", async () => {
  respond = (_, response) => {
    response.writeHead(404).end();
    return true;
  };
  await assert.rejects(downloadModel(order("owner/none")), /knows no model owner\/none/);
  await assert.rejects(downloadModel(order("../../etc")), /not the name of a model/);
  await assert.rejects(
    downloadModel({ ...order("a/b"), endpoint: "file:///etc" }),
    /no web address/,
  );
  assert.ok(isHubId("gpt2") && !isHubId("a/b/c") && !isHubId("a/..b") && !isHubId(""));
});
