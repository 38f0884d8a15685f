// npm run survey -- 05 --seed 3 --out results: one seed of a study, a process; npm run survey -- 05 --merge results:
// the tables and figures of all of them. A study is a lesson's (05), or an experiment of its claims ("05/NAME").
import { fileURLToPath } from "node:url";
import { complaint, DomainError } from "rlhf-lab/core";
import { callerPath } from "./callerPath.js";
import { merge } from "./survey/merge.js";
import { runSeed } from "./survey/runSeed.js";
import { findStudy } from "./survey/study.js";
import { atLeast, inOneSentence, numberOf, parse } from "./training/settings.js";

const HELP = `npm run survey -- STUDY --seed 3 --out FOLDER     runs a seed, or some (1-4); a finished one is not run again
npm run survey -- STUDY --merge FOLDER             tables, figures and merged.json of all seeds
    STUDY    05: the survey of lesson 05; "05/who wrote the tokens": an experiment of its claims
    --seed   --merge takes it as well: the seeds that must be there
    --again  runs finished seeds, too          --quick  a fraction of the work, to try the way there`;

/** What the command does. @throws DomainError if it cannot be */
export async function survey(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: "string" },
      out: { type: "string" },
      merge: { type: "string" },
      again: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    console.log(HELP);
    return;
  }
  if (positionals.length > 1) throw new DomainError(complaint("study", "one, in quotes", positionals));
  const named = await findStudy(positionals[0].trim().replace(/^\d(?=\/|$)/, "0$&"));
  const { quick, again } = values;
  const seeds = values.seed === undefined ? undefined : seedsOf(values.seed);
  if (values.merge !== undefined) {
    if (values.out !== undefined) throw new DomainError(complaint("--merge", "to stand without --out", values.out));
    const folder = callerPath(values.merge);
    const { text, figures = {}, failed = false } = merge(named, folder, quick, seeds);
    console.log(text);
    const files = ["merged.json", ...Object.keys(figures).map((name) => `${name}.json`)];
    console.log(`\nIn ${folder}: ${files.join(", ")}.`);
    if (failed) process.exitCode = 1;
    return;
  }
  if (seeds === undefined) throw new DomainError(complaint("--seed", "a seed (3), or a range (1-4)", seeds));
  if (values.out === undefined) throw new DomainError(complaint("--out", "a folder for the results", values.out));
  const known = named.study.seeds;
  const strange = seeds.find((seed) => (named.study.more ? seed < 1 : !known.includes(seed)));
  if (strange !== undefined) {
    const expected = named.study.more ? "a seed from 1" : `one of the study's, ${known.join(", ")}`;
    throw new DomainError(complaint("--seed", expected, strange));
  }
  const folder = callerPath(values.out);
  for (const seed of seeds) await runSeed(named, folder, seed, { quick, again, say: console.log });
}

/** "3" or "1-4". @throws DomainError */
function seedsOf(text: string): number[] {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [first, last] = [from, to].map((end) =>
    numberOf("seed", end ?? "", `a seed, a whole number, or a range of them (1-4), not ${text}`, atLeast(0)),
  );
  if (last < first || last - first > 1e5)
    throw new DomainError(complaint("--seed", "a range that goes up (1-4)", text));
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await inOneSentence(() => survey(process.argv.slice(2)));
