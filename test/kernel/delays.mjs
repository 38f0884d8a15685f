/*
 * Loaded into the kernel's processes by NODE_OPTIONS=--import. In the main thread of process 2 it makes chosen moments
 * last, busily, so that an interrupt finds them: RLHF_LAB_TEST_DELAYS={"moment": milliseconds}, each once.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Readable } from "node:stream";
import { isMainThread } from "node:worker_threads";

const delays = JSON.parse(process.env.RLHF_LAB_TEST_DELAYS ?? "{}");

function moment(name) {
  if (!(name in delays)) return;
  const until = performance.now() + delays[name];
  delete delays[name];
  while (performance.now() < until);
}

if (isMainThread && process.argv[1]?.endsWith("cells/main.js")) {
  // The watchdog has been started, the compiler has not.
  const { readFileSync, writeSync } = fs;
  fs.readFileSync = (path, ...rest) => {
    if (String(path).includes("typescript")) moment("start");
    return readFileSync(path, ...rest);
  };
  // Reports: about to be written.
  fs.writeSync = (fd, bytes, ...rest) => {
    const [, type, number = ""] = (fd === 4 && /^\n\{"type":"(\w+)"(?:,"number":(\d+))?/.exec(bytes)) || [];
    if (type !== undefined) moment(`report ${type} ${number}`.trim());
    return writeSync(fd, bytes, ...rest);
  };
  syncBuiltinESMExports();
  // Orders: out of the pipe, not yet looked at.
  const { push } = Readable.prototype;
  Readable.prototype.push = function (chunk, ...rest) {
    for (const [, type] of String(chunk ?? "").matchAll(/^\d+ \d+ \{"type":"(\w+)"/gm)) moment(`order ${type}`);
    return push.call(this, chunk, ...rest);
  };
  // The first cell: about to begin, about to be over (cells/watchdogState.ts has the words).
  const { compareExchange } = Atomics;
  Atomics.compareExchange = (array, at, before, after) => {
    if (before === 0 && after === 9) moment("begins");
    if (before !== 0 && after === 8) moment("is over");
    return compareExchange(array, at, before, after);
  };
}
