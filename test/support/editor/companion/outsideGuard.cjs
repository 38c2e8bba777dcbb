/**
 * Loaded into the extension host and what it starts: a connection to anywhere but this machine is refused and noted
 * in the file that FUSELAB_OUTSIDE_LOG names.
 */
const { appendFileSync } = require("node:fs");
const net = require("node:net");

const log = process.env.FUSELAB_OUTSIDE_LOG;
const own = new Set(["127.0.0.1", "::1", "localhost", ""]);
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  // Node hands the arguments over as one normalised list, users of a socket as they are.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const isList = typeof first === "object" && first !== null;
  const { host = "", port, path } = isList ? first : { host: second, port: first };
  if (port === undefined || path || typeof host !== "string" || own.has(host)) {
    return connect.apply(this, args);
  }
  if (log) appendFileSync(log, `${host}:${port}\n`);
  process.nextTick(() => this.destroy(new Error(`The test refuses to connect to ${host}.`)));
  return this;
};
