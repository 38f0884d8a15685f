// One set-up at a time in a clone, and one build at a time in the cache. The lock is a file that its holder keeps
// fresh; the file of a holder that died is taken over.
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const BEAT = 1000; // ms between signs of life
const SILENCE = 30_000; // ms without one, after which a holder counts as dead

/**
 * Runs `work` while holding the lock.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ onWait?: (holder: { pid: number, host: string }) => void }} [options] onWait: called once
 *   if someone else holds it
 * @returns {Promise<T>}
 */
export async function withLock(file, work, { onWait } = {}) {
  const me = { pid: process.pid, host: hostname(), token: randomUUID() };
  await take(file, me, onWait);
  const beat = setInterval(() => keep(file, me), BEAT);
  const release = () => readHolder(file)?.token === me.token && rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off("exit", release);
    release();
  }
}

async function take(file, me, onWait) {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ; ) {
    if (create(file, me)) return;
    const holder = readHolder(file);
    if (holder && alive(file, holder)) {
      if (!told) onWait?.(holder);
      told = true;
      await sleep(200);
    } else if (await takeOver(file, me)) {
      return;
    }
  }
}

function create(file, me) {
  const temporary = `${file}.${me.token}`;
  writeFileSync(temporary, JSON.stringify(me));
  try {
    linkSync(temporary, file); // fails if the file exists, and is never seen half-written
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Moves a dead holder's file away. Two may try at once: a file that turns out to be a living one's is put back. */
async function takeOver(file, me) {
  const aside = `${file}.${me.token}.dead`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return false; // someone was quicker
    throw error;
  }
  try {
    const holder = readHolder(aside);
    if (holder && alive(aside, holder)) {
      linkSync(aside, file);
      return false;
    }
    if (!create(file, me)) return false;
    await sleep(100); // a slower rival may have moved ours away: see whether it is still there
    return readHolder(file)?.token === me.token;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function keep(file, me) {
  try {
    if (readHolder(file)?.token !== me.token) return;
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // the file is gone: `take` of the others sees to it
  }
}

function readHolder(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function alive(file, holder) {
  const silent = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (silent > SILENCE) return false;
  return holder.host !== hostname() || isRunning(holder.pid);
}

/** Whether a process of this machine runs. */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
