// Our side in a process of its own, which answers as a Python peer does (bench/peer.py): the run of a trainer is held
// at the end of every step until the bench asks for more. What is timed goes from one end of a step to another,
// everything between included.
import { readSync, writeSync } from "node:fs";
import { type Trainer, trainers } from "./trainers.js";

type Request = { id: number } & (
  | { call: "setup"; arguments: { kind: Trainer } }
  | { call: "steps"; arguments: { count: number } }
);

let held = "";

/**
 * The next request; waits for it, and nothing else in this process goes on meanwhile. Ends the
 * process when there is none.
 */
function request(): Request {
  const buffer = Buffer.alloc(65536);
  for (;;) {
    const end = held.indexOf("\n");
    if (end >= 0) {
      const line = held.slice(0, end);
      held = held.slice(end + 1);
      return JSON.parse(line);
    }
    const size = readSync(0, buffer);
    if (size === 0) process.exit(0);
    held += buffer.toString("utf8", 0, size);
  }
}

const answer = (id: number, ms: number) => writeSync(1, `${JSON.stringify({ id, result: null, ms })}\n`);

const setup = request();
if (setup.call !== "setup") throw new Error(`the first call must be setup, got ${setup.call}`);
let asked: Request = setup;
let start = performance.now();
let left = 1;
await trainers[setup.arguments.kind](1_000_000, () => {
  if (--left > 0) return;
  answer(asked.id, performance.now() - start);
  asked = request();
  if (asked.call !== "steps") throw new Error(`expected steps, got ${asked.call}`);
  left = asked.arguments.count;
  start = performance.now();
});
