// The set-up that every command relies on: runs the steps whose result is missing, stale or unfinished. By itself,
// `node scripts/setup.mjs packages` or `... project`, it makes a part, for images that keep the packages in a layer.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command } from "./setup/command.mjs";
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

/**
 * In order: each may use what those before it made. What others made, for which manifests and requirements are enough;
 * and what is made of our own files.
 * @type {Record<string, import("./setup/setup.d.ts").Step[]>}
 */
export const PARTS = { packages: [nodePackages, virtualEnv, engine], project: [kernel, figures, library, start] };
const STEPS = [...PARTS.packages, ...PARTS.project];

/**
 * Makes what is missing, showing progress on stderr. Quick (a few hundredths of a second) when there is nothing to do.
 * @param {AbortSignal} stop
 * @param {import("./setup/setup.d.ts").Step[]} steps
 * @throws SetupError with one sentence for people
 */
export async function setUp(stop = new AbortController().signal, steps = STEPS) {
  if (!steps.every(isReady)) {
    try {
      mkdirSync(state, { recursive: true });
      writeFileSync(join(state, "write-test"), "can we write here?");
      rmSync(join(state, "write-test"));
    } catch (error) {
      throw explain(`Writing to ${state}`, String(error));
    }
    await withLock(join(state, "setup", "lock"), () => makeWhatIsMissing(stop, steps), {
      onWait: ({ pid }) => console.error(`Waiting for another set-up of this clone (process ${pid}) ...`),
    });
  }
  for (const step of steps) {
    const stamp = readStamp(step.name);
    const warning = typeof stamp === "object" && step.warning?.(stamp.record);
    if (warning && !told.has(step)) console.error(`Warning: ${warning}`);
  }
}

/** Steps whose warning has been shown. */
const told = new Set();

async function makeWhatIsMissing(stop, steps) {
  await leftoversEnded();
  if (steps.every(isReady)) return;
  console.error("Setting up rlhf-lab; what the tools print goes to .rlhf-lab/setup.log");
  writeFileSync(
    logFile,
    `${new Date().toISOString()} Node ${process.version} on ${process.platform} ${process.arch}\n`,
  );
  for (const step of steps) {
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await command((stop) => {
    const [part, ...more] = process.argv.slice(2);
    const steps = part === undefined ? STEPS : Object.hasOwn(PARTS, part) && PARTS[part];
    if (!steps || more.length > 0) throw new SetupError(sentences.noSuchPart.say());
    return setUp(stop, steps);
  });
}
