// Built engines in the user's cache folder, one per version and system, so that a second clone is instant. An entry
// appears there whole (renamed from a temporary folder, after it computed something) or not at all.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, tfjsNode } from "../places.mjs";
import { sentences } from "../sentences.mjs";
import { engineWorks } from "./check.mjs";
import { TENSORFLOW } from "./wheel.mjs";

/**
 * What stopped a way to get the engine, in words for people; `again`: it may work at the next start.
 * @typedef {{ why: string, again?: boolean }} Failure
 */

const NAPI = 8;
const BINDING = join("lib", `napi-v${NAPI}`, "tfjs_binding.node");

export const enginesFolder = () => join(cacheFolder(), "engine");

/** The entry's folder for this clone's tfjs-node on this system. */
export function entryFolder() {
  const { version } = JSON.parse(readFileSync(join(tfjsNode, "package.json"), "utf8"));
  const system = `${process.platform}-${process.arch}`;
  return join(enginesFolder(), `tfjs-node-${version}_tensorflow-${TENSORFLOW}_${system}_napi-v${NAPI}`);
}

/** Whether there is an entry that works here; one that does not is removed. */
export async function cacheWorks(stop) {
  const entry = entryFolder();
  if (!existsSync(join(entry, BINDING))) return false;
  const { ok } = await engineWorks(stop, join(entry, BINDING));
  if (!ok && !stop.aborted) rmSync(entry, { recursive: true, force: true });
  return ok;
}

/**
 * Lets `build` fill an empty folder, and makes that the entry if it works. Call it with the lock of the cache held.
 * @param {(folder: string) => Promise<Failure | undefined>} build
 * @param {AbortSignal} stop
 * @returns {Promise<Failure | undefined>} undefined: the entry is there
 */
export async function buildEntry(build, stop) {
  const entry = entryFolder();
  const folder = join(enginesFolder(), `building-${process.pid}`);
  try {
    mkdirSync(enginesFolder(), { recursive: true });
    for (const name of readdirSync(enginesFolder())) {
      // Of the dead.
      if (name.startsWith("building-")) rmSync(join(enginesFolder(), name), { recursive: true, force: true });
    }
    mkdirSync(folder);
    const failure = await build(folder);
    if (failure) return failure;
    if (!(await engineWorks(stop, join(folder, BINDING))).ok) {
      return { why: sentences.engineDoesNotWork.say() };
    }
    rmSync(entry, { recursive: true, force: true });
    renameSync(folder, entry);
    return undefined;
  } catch (error) {
    return { why: sentences.engineFailed.say(error.message), again: true };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts links to the entry in tfjs-node's place. */
export function linkEntry() {
  for (const part of ["deps", "lib"]) {
    const place = join(tfjsNode, part);
    rmSync(place, { recursive: true, force: true });
    symlinkSync(join(entryFolder(), part), place, "junction");
  }
}
