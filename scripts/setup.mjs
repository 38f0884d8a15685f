// The set-up that every command relies on: runs the steps whose result is missing, stale or unfinished.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engine } from "./setup/engine.mjs";
import { figures } from "./setup/figures.mjs";
import { kernel } from "./setup/kernel.mjs";
import { library } from "./setup/library.mjs";
import { withLock } from "./setup/lock.mjs";
import { nodePackages } from "./setup/nodePackages.mjs";
import { logFile, state } from "./setup/places.mjs";
import { showStep } from "./setup/progress.mjs";
import { leftoversEnded } from "./setup/run.mjs";
import { sentences } from "./setup/sentences.mjs";
import { explain, SetupError } from "./setup/setupError.mjs";
import { hash, markUnfinished, readStamp, writeStamp } from "./setup/stamp.mjs";
import { start } from "./setup/start.mjs";
import { virtualEnv } from "./setup/virtualEnv.mjs";

// In order: each may use what those before it made.
/** @type {import("./setup/setup.d.ts").Step[]} */
const STEPS = [nodePackages, virtualEnv, engine, kernel, figures, library, start];

/**
 * Makes what is missing, showing progress on stderr. Quick (a few hundredths of a second) when there is nothing to do.
 * @param {AbortSignal} stop
 * @throws SetupError with one sentence for people
 */
export async function setUp(stop = new AbortController().signal) {
  if (!STEPS.every(isReady)) {
    try {
      mkdirSync(state, { recursive: true });
      writeFileSync(join(state, "write-test"), "can we write here?");
      rmSync(join(state, "write-test"));
    } catch (error) {
      throw explain(`Writing to ${state}`, String(error));
    }
    await withLock(join(state, "setup", "lock"), () => makeWhatIsMissing(stop), {
      onWait: ({ pid }) => console.error(`Waiting for another set-up of this clone (process ${pid}) ...`),
    });
  }
  for (const step of STEPS) {
    const stamp = readStamp(step.name);
    const warning = typeof stamp === "object" && step.warning?.(stamp.record);
    if (warning && !told.has(step)) console.error(`Warning: ${warning}`);
  }
}

/** Steps whose warning has been shown. */
const told = new Set();

async function makeWhatIsMissing(stop) {
  await leftoversEnded();
  if (STEPS.every(isReady)) return;
  console.error("Setting up rlhf-lab; what the tools print goes to .rlhf-lab/setup.log");
  writeFileSync(
    logFile,
    `${new Date().toISOString()} Node ${process.version} on ${process.platform} ${process.arch}\n`,
  );
  for (const step of STEPS) {
    if (!isReady(step)) await make(step, stop);
  }
}

function isReady(step) {
  try {
    const stamp = readStamp(step.name);
    if (stamp === undefined && step.adopt && step.intact()) {
      writeStamp(step.name, hash(step.inputs()), {});
      return true;
    }
    return (
      stamp !== undefined && stamp !== "unfinished" && stamp.inputs === hash(step.inputs()) && step.intact(stamp.record)
    );
  } catch {
    return false; // what it looks at is not there
  }
}

async function make(step, stop) {
  const before = readStamp(step.name);
  const show = showStep(step.name, step.doing);
  try {
    const inputs = hash(step.inputs()); // before: what changes meanwhile makes the result stale
    markUnfinished(step.name);
    const record = (await step.make({ stop, before, show })) ?? {};
    if (stop.aborted) throw new SetupError(sentences.stopped.say());
    if (!record.again && !step.intact(record)) throw new SetupError(sentences.notThere.say(step.name));
    if (!record.again) writeStamp(step.name, inputs, record);
    const warning = step.warning?.(record);
    if (warning) told.add(step);
    if (warning) show.warn(warning);
    else show.done();
  } catch (error) {
    show.failed();
    if (stop.aborted) throw new SetupError(sentences.stopped.say());
    throw error instanceof SetupError ? error : explain(`The step "${step.name}"`, String(error.stack ?? error));
  }
}
