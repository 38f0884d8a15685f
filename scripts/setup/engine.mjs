// Step: TensorFlow's C++ library under tfjs-node. In order: it already works; the cache has it; Python's TensorFlow
// package and a compiler; tfjs-node's own install script. Without any, the course still works, in slow JavaScript.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildEntry, cacheWorks, enginesFolder, linkEntry } from "./engine/cache.mjs";
import { engineWorks } from "./engine/check.mjs";
import { installOfficially } from "./engine/official.mjs";
import { buildFromWheel, compilerOnPath, TENSORFLOW } from "./engine/wheel.mjs";
import { withLock } from "./lock.mjs";
import { root, tfjsNode } from "./places.mjs";
import { sentences } from "./sentences.mjs";
import { listFiles } from "./stamp.mjs";

const DAY = 24 * 3600 * 1000;

/**
 * Files by name and size; or why there are none, which compiler there was, and when that was tried.
 * @typedef {{ files?: [string, number | undefined][], why?: string, compiler?: string | null, tried?: number }} Record
 * @type {import("./setup.d.ts").Step<Record>}
 */
export const engine = {
  name: "engine",
  doing: "TensorFlow",
  inputs: () => ({
    files: [join(tfjsNode, "package.json"), join(root, "scripts", "setup", "engine")],
    facts: [TENSORFLOW, process.platform, process.arch],
  }),
  intact: (record) =>
    // Without files it has failed for good: not again at every start.
    record.files
      ? record.files.every(([name, size]) => sizeOf(name) === size)
      : record.compiler === compilerOnPath() && Date.now() - (record.tried ?? 0) < DAY,
  warning: (record) => record.why && sentences.slowEngine.say(record.why),

  async make({ stop, show }) {
    show.doing("trying TensorFlow");
    if (existsSync(join(tfjsNode, "lib")) && (await engineWorks(stop)).ok) return made();
    const failure = await withLock(join(enginesFolder(), "lock"), () => fillCache({ stop, show }), {
      onWait: () => show.doing("waiting for another clone that builds TensorFlow"),
    });
    if (stop.aborted) return { again: true };
    if (!failure) {
      linkEntry();
      if ((await engineWorks(stop)).ok) return made();
    }
    const why = sentences.engineDoesNotLoad.say();
    return { why, ...failure, compiler: compilerOnPath(), tried: Date.now() };
  },
};

/**
 * Goes down the ladder until an engine that works is in the cache.
 * @returns {Promise<import("./engine/cache.mjs").Failure | undefined>} undefined: it is there
 */
async function fillCache({ stop, show }) {
  if (await cacheWorks(stop)) return undefined;
  const failures = [];
  for (const rung of [buildFromWheel, installOfficially]) {
    if (stop.aborted) break;
    const failure = await buildEntry((folder) => rung(folder, { stop, show }), stop);
    if (!failure) return undefined;
    failures.push(failure);
  }
  return { why: failures.map(({ why }) => why).join("; "), again: failures.some(({ again }) => again) };
}

/**
 * What `intact` looks at: every file of the engine, by name and size.
 * @returns {Record}
 */
function made() {
  const names = ["deps", "lib"].flatMap((part) => listFiles(join(tfjsNode, part)).map((name) => join(part, name)));
  return {
    files: names.filter((name) => !name.startsWith(join("deps", "include"))).map((name) => [name, sizeOf(name)]),
  };
}

function sizeOf(name) {
  return statSync(join(tfjsNode, name), { throwIfNoEntry: false })?.size; // follows links into the cache
}
