/*
 * Loaded into the kernel's processes by NODE_OPTIONS=--import. In the main thread of process 2 it makes chosen moments
 * last, so that an interrupt finds them: RLHF_LAB_TEST_DELAYS={"moment": milliseconds}, each once. A cell may choose
 * others, which hold from its end on: delays({ "moment": milliseconds }).
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Readable } from "node:stream";
import { isMainThread } from "node:worker_threads";

const { compareExchange, wait } = Atomics;
const still = new Int32Array(new SharedArrayBuffer(4));
let delays = JSON.parse(process.env.RLHF_LAB_TEST_DELAYS ?? "{}");
let next;
/** Orders that have been acknowledged under these delays. */
let taken = 0;

/** Asleep for the most part, which costs no processor time; an interrupt hits it when it looks at the clock. */
function moment(name) {
  if (!(name in delays)) return;
  const until = performance.now() + delays[name];
  delete delays[name];
  while (performance.now() < until) wait(still, 0, 0, 5);
}

if (isMainThread && process.argv[1]?.endsWith("cells/main.js")) {
  globalThis.delays = (chosen) => {
    next = chosen;
  };
  // The watchdog has been started, the compiler has not.
  const { readFileSync, writeSync } = fs;
  fs.readFileSync = (path, ...rest) => {
    if (String(path).includes("typescript")) moment("start");
    return readFileSync(path, ...rest);
  };
  // Reports: about to be written.
  fs.writeSync = (fd, bytes, ...rest) => {
    const [, type] = (fd === 4 && /^\n\{"type":"(\w+)"/.exec(bytes)) || [];
    if (type === "taken") taken += 1;
    if (type !== undefined) moment(type === "taken" ? `report taken ${taken}` : `report ${type}`);
    const written = writeSync(fd, bytes, ...rest);
    if (type === "done" && next !== undefined) [delays, next, taken] = [next, undefined, 0];
    return written;
  };
  syncBuiltinESMExports();
  // Orders: out of the pipe, not yet looked at.
  const { push } = Readable.prototype;
  Readable.prototype.push = function (chunk, ...rest) {
    for (const [, type] of String(chunk ?? "").matchAll(/^\d+ \d+ \{"type":"(\w+)"/gm)) moment(`order ${type}`);
    return push.call(this, chunk, ...rest);
  };
  // A cell: about to begin, about to be over (cells/watchdogState.ts has the words: mode in three bits, cell above).
  Atomics.compareExchange = (array, at, before, after) => {
    const [modeBefore, modeAfter, cell] = [before & 7, after & 7, after >>> 3];
    if (cell > before >>> 3 && modeAfter === 1) moment("begins");
    if (cell > 0 && modeBefore !== 0 && modeAfter === 0) moment("is over");
    return compareExchange(array, at, before, after);
  };
}
