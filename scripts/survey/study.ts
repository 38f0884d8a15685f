// What can be run a seed a process: a study of a lesson's room (survey.ts), or an experiment of its claims.
import { pathToFileURL } from "node:url";
import { key } from "rlhf-lab";
import { complaint, DomainError } from "rlhf-lab/core";
import type { Figure } from "rlhf-lab/notebook";
import type { Experiment, Observation } from "../claims/claim.js";
import { judge, readClaims } from "../claims/hold.js";
import { stampOf } from "../claims/store.js";
import { tableOf } from "../claims/table.js";
import { lessonFiles, lessonsFolder } from "../master/course.js";

/** How a seed is run. */
export interface SeedOptions {
  /** A fraction of the work, to try the plumbing. */
  quick: boolean;
  /** Where what all seeds share may be kept. */
  shared: string;
}

/** What merged observations come to. */
export interface Report {
  text: string;
  figures?: Readonly<Record<string, Figure>>;
  /** Whether a claim does not hold. */
  failed?: boolean;
}

/** Runs that differ by their seed alone, and what is made of them all. */
export interface Study<O extends Observation = Observation> {
  /** Its seeds; one that says so may be given more. */
  seeds: readonly number[];
  more?: boolean;
  run: (seed: number, options: SeedOptions) => O | Promise<O>;
  report: (observations: readonly O[], seeds: readonly number[], options: { quick: boolean }) => Report;
}

/** A study by its name. */
export interface Named {
  name: string;
  /** A hash of all that an observation depends on: the library, the data, the study, Node's version. */
  version: string;
  study: Study;
}

/** "05", a lesson's study; "05/who wrote the tokens", an experiment of its claims. @throws DomainError */
export async function findStudy(name: string, folder = lessonsFolder): Promise<Named> {
  const lesson = name.slice(0, 2);
  const files = /^\d\d(\/.+)?$/.test(name) ? lessonFiles("survey.ts", [lesson], folder) : [];
  if (name === lesson && files.length === 1) {
    const [{ file }] = files;
    const { default: study }: { default: Study } = await import(pathToFileURL(file).href);
    return { name, version: stampOf(file), study };
  }
  const claims = /^\d\d/.test(name) ? await readClaims([lesson], folder) : [];
  for (const { file, experiments } of claims) {
    const found = experiments.find((experiment) => name === `${lesson}/${experiment.name}`);
    if (found !== undefined) return { name, version: stampOf(file), study: ofExperiment(found) };
  }
  const studies = lessonFiles("survey.ts", [], folder).map((room) => room.lesson);
  const experiments = claims.flatMap((file) => file.experiments).map((one) => `${lesson}/${one.name}`);
  const known = [
    ...studies,
    ...experiments,
    ...(experiments.length === 0 ? ["NN/EXPERIMENT of a lesson's claims"] : []),
  ];
  throw new DomainError(complaint("study", `one of ${known.join(", ")}`, name));
}

/** The keys of an experiment are the seeds of a study; its claims are judged when all are there. */
function ofExperiment(experiment: Experiment): Study {
  return {
    seeds: experiment.keys,
    run: (seed) => experiment.run(key(seed)),
    report(observations) {
      const observed = observations.map((observation, i) => {
        return { experiment: experiment.name, key: experiment.keys[i], seconds: 0, observation };
      });
      const held = judge(experiment, observed);
      return { text: tableOf(held), failed: held.some(({ verdict }) => !verdict.holds) };
    },
  };
}
