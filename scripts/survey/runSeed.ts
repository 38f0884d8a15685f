// One seed of a study, once: what is finished is not run again, and of two processes with one seed one waits.
import { join } from "node:path";
import { refuseWhatJsonLoses } from "../claims/store.js";
import { withLock } from "../setup/lock.mjs";
import { finished, type Kind, writeLine } from "./results.js";
import type { Named } from "./study.js";

export interface RunSeedOptions {
  quick: boolean;
  /** Runs what is finished, too. */
  again: boolean;
  say: (sentence: string) => void;
}

export const kindOf = ({ name, version }: Named, quick: boolean): Kind => ({ study: name, version, quick });

/** Runs a seed and writes its line; whether it had to. @throws what the study or the folder refuses */
export function runSeed(
  named: Named,
  folder: string,
  seed: number,
  { quick, again, say }: RunSeedOptions,
): Promise<boolean> {
  const kind = kindOf(named, quick);
  const work = async () => {
    if (!again && finished(folder, seed, kind, say) !== undefined) {
      say(`Seed ${seed} is finished.`);
      return false;
    }
    const start = performance.now();
    const shared = join(folder, "shared", kind.version.slice(0, 12));
    const observation = await named.study.run(seed, { quick, shared: quick ? `${shared}-quick` : shared });
    refuseWhatJsonLoses(observation, `seed ${seed}`);
    const seconds = (performance.now() - start) / 1000;
    writeLine(folder, { ...kind, seed, seconds, observation });
    say(`Seed ${seed}: ${seconds.toFixed(1)} s.`);
    return true;
  };
  const onWait = ({ pid, host }: { pid: number; host: string }) =>
    say(`Seed ${seed}: process ${pid} on ${host} is at it; waiting for its result.`);
  return withLock(join(folder, `seed-${seed}.lock`), work, { onWait });
}
