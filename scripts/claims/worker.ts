// A process that makes observations: gets { file, experiment, key }, answers with what was seen
// there. One for each core.
import { pathToFileURL } from "node:url";
import { key as keyOf } from "../../lib/src/index.js";
import type { Experiment } from "./claim.js";
import type { Observed } from "./store.js";

/** What a worker is asked for. */
export interface Task {
  file: string;
  experiment: string;
  key: number;
}

process.on("message", async ({ file, experiment, key }: Task) => {
  const start = performance.now();
  const answer = (rest: Pick<Observed, "observation" | "error">) =>
    process.send!({ experiment, key, seconds: (performance.now() - start) / 1000, ...rest } satisfies Observed);
  try {
    const { default: experiments }: { default: Experiment[] } = await import(pathToFileURL(file).href);
    const found = experiments.find(({ name }) => name === experiment);
    if (found === undefined) throw new Error(`${file} has no experiment "${experiment}"`);
    const observation = await found.run(keyOf(key));
    refuseWhatJsonLoses(observation, "what it returned");
    answer({ observation });
  } catch (error) {
    answer({ error: String((error as Error)?.stack ?? error) });
  }
});
/** NaN and infinities would come back as null, undefined not at all. */
function refuseWhatJsonLoses(value: unknown, place: string): void {
  if (typeof value === "object" && value !== null) {
    if (ArrayBuffer.isView(value)) throw new TypeError(`${place} is a typed array: make it a list`);
    for (const [name, item] of Object.entries(value)) refuseWhatJsonLoses(item, `${place}.${name}`);
  } else if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) {
    throw new TypeError(`${place} is ${value}: an observation is made of finite numbers, texts, true and false`);
  }
}

process.on("disconnect", () => process.exit());
