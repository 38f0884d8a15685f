// What has been made, and from what. A stamp is "unfinished" from before a step starts until its result was verified,
// so a set-up that died half-way is never trusted.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { state } from "./places.mjs";

/**
 * A hash of files and folders (their relative names and contents) and of plain facts.
 * @param {{ files?: string[], facts?: unknown }} inputs absolute paths; a missing one counts as missing
 */
export function hash({ files = [], facts = null }) {
  const sum = createHash("sha256").update(JSON.stringify(facts));
  for (const path of files) {
    for (const name of listFiles(path)) {
      sum.update(`\0${name}\0`).update(readFileSync(join(path, name)));
    }
  }
  return sum.digest("hex");
}

/** The files below a folder, relative and sorted; [""] for a file itself, [] if nothing is there. */
export function listFiles(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  if (stat.isFile()) return [""];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

const place = (step) => join(state, "setup", `${step.replaceAll(" ", "-")}.json`);

/**
 * @param {string} step
 * @returns {import("./setup.d.ts").Stamp | undefined} undefined: never made
 */
export function readStamp(step) {
  let text;
  try {
    text = readFileSync(place(step), "utf8");
  } catch {
    return undefined;
  }
  try {
    const stamp = JSON.parse(text);
    return stamp.unfinished ? "unfinished" : stamp;
  } catch {
    return "unfinished"; // cut short by a full disk
  }
}

/** Called before a step touches anything. */
export function markUnfinished(step) {
  write(step, { unfinished: true });
}

/** Called after the step's result was verified. */
export function writeStamp(step, inputs, record) {
  write(step, { inputs, record });
}

function write(step, content) {
  mkdirSync(join(state, "setup"), { recursive: true });
  const temporary = `${place(step)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(content)}\n`);
  renameSync(temporary, place(step));
}
