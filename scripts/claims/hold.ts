// Runs the claims of some lessons and judges them.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lessonFiles, lessonsFolder } from "../master/course.js";
import { state } from "../setup/places.mjs";
import type { Experiment, Observation, Verdict } from "./claim.js";
import { type Instructions, observeAll, USUAL_INSTRUCTIONS } from "./pool.js";
import { type Observed, Store, stampOf } from "./store.js";
import type { Task } from "./worker.js";

/** A file of claims, read. */
export interface ClaimsFile {
  lesson: string;
  file: string;
  experiments: readonly Experiment[];
}

/** A claim, judged. */
export interface Held {
  id: string;
  experiment: string;
  keys: number;
  /** Of all keys of its experiment. */
  seconds: number;
  verdict: Verdict;
}

export interface HoldOptions {
  jobs: number;
  /** Where observations are kept. */
  folder?: string;
  /** Forgets what was observed before. */
  again?: boolean;
  /** Float32 as another processor rounds it: of all that is drawn; what is computed exactly is float64. */
  instructions?: Instructions;
  /** Begins nothing after that; experiments with keys left are not judged. Then what is quick comes first. */
  minutes?: number;
  onObserved?: (lesson: string, observed: Observed, left: number) => void;
}

/** The files claims.ts, of some lessons or of all. */
export async function readClaims(lessons: readonly string[] = [], folder = lessonsFolder): Promise<ClaimsFile[]> {
  return Promise.all(
    lessonFiles("claims.ts", lessons, folder).map(async ({ lesson, file }) => {
      return { lesson, file, experiments: (await import(pathToFileURL(file).href)).default };
    }),
  );
}

/** Runs what has not been observed yet, and judges every claim. */
export async function hold(files: readonly ClaimsFile[], options: HoldOptions): Promise<Held[]> {
  const { instructions = USUAL_INSTRUCTIONS } = options;
  const usual = instructions === USUAL_INSTRUCTIONS;
  const folder = options.folder ?? join(state, "claims", usual ? "" : instructions);
  const stores = new Map<string, Store>();
  const tasks: Task[] = [];
  const lessonOf = new Map(files.map(({ file, lesson }) => [file, lesson]));
  const asked = files.map(({ experiments, ...rest }) => ({
    ...rest,
    experiments: experiments.filter(({ few }) => usual || few !== "exact"),
  }));
  for (const { lesson, file, experiments } of asked) {
    const store = new Store(join(folder, `${lesson}.jsonl`), stampOf(file), options.again);
    stores.set(file, store);
    for (const { name, keys } of experiments) {
      for (const key of keys) {
        if (store.get(name, key) === undefined) tasks.push({ file, experiment: name, key });
      }
    }
  }
  const long = new Set(
    asked.flatMap(({ experiments }) => experiments.filter(({ few }) => few === "transformer")).map(({ name }) => name),
  );
  // Long ones first, so that the end is not one long run; last where the time is limited.
  const sign = options.minutes === undefined ? 1 : -1;
  tasks.sort((a, b) => sign * (Number(long.has(b.experiment)) - Number(long.has(a.experiment))));
  let left = tasks.length;
  await observeAll(tasks, { jobs: options.jobs, instructions, minutes: options.minutes }, (task, observed) => {
    stores.get(task.file)!.add(observed);
    options.onObserved?.(lessonOf.get(task.file)!, observed, --left);
  });
  return asked.flatMap(({ file, experiments }) =>
    experiments.flatMap((experiment) => {
      const observed = experiment.keys.map((key) => stores.get(file)!.get(experiment.name, key));
      return observed.every((one) => one !== undefined) ? judge(experiment, observed as Observed[]) : [];
    }),
  );
}

/** The verdicts on an experiment, from what each of its keys showed, in their order. */
export function judge({ name, keys, claims }: Experiment, observed: readonly Observed[]): Held[] {
  const seconds = observed.reduce((sum, { seconds }) => sum + seconds, 0);
  const failed = observed.find(({ error }) => error !== undefined);
  return Object.entries(claims).map(([id, demand]) => {
    const about = { id, experiment: name, keys: keys.length, seconds };
    if (failed !== undefined) {
      const verdict = {
        holds: false,
        seen: `key(${failed.key}): ${failed.error}`,
        wanted: "an observation of every key",
      };
      return { ...about, verdict };
    }
    try {
      return { ...about, verdict: demand(observed.map(({ observation }) => observation as Observation)) };
    } catch (error) {
      return { ...about, verdict: { holds: false, seen: String(error), wanted: "observations that can be judged" } };
    }
  });
}
