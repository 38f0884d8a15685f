// A process that makes observations: gets { file, experiment, key }, answers with what was seen
// there. One for each core.
import { pathToFileURL } from "node:url";
import { key as keyOf } from "../../lib/src/index.js";
import type { Experiment } from "./claim.js";
import { type Observed, refuseWhatJsonLoses } from "./store.js";

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

process.on("disconnect", () => process.exit());
