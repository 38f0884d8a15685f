// npm run claims [NN...] [-- --again] [--jobs N] [--instructions NAME] [--minutes N]: runs what the lessons claim, over
// its keys, and says whether it holds. After so many minutes it begins nothing more, and says what was left out.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hold, readClaims } from "./claims/hold.js";
import { INSTRUCTIONS } from "./claims/pool.js";
import { tableOf } from "./claims/table.js";
import { lessonNumber } from "./master/course.js";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      again: { type: "boolean" },
      jobs: { type: "string" },
      instructions: { type: "string" },
      minutes: { type: "string" },
    },
  });
  const wanted = positionals.map(lessonNumber);
  const files = await readClaims(wanted);
  const missing = wanted.filter((lesson) => !files.some((file) => file.lesson === lesson));
  if (missing.length > 0)
    throw new Error(`There is no claims.ts in a folder of lesson ${missing[0]} in course/lessons.`);
  const jobs = values.jobs === undefined ? availableParallelism() : Number(values.jobs);
  if (!(Number.isInteger(jobs) && jobs >= 1)) throw new Error(`--jobs needs a whole number from 1, got ${values.jobs}`);
  const instructions = INSTRUCTIONS.find((name) => name === values.instructions);
  if (values.instructions !== undefined && instructions === undefined) {
    throw new Error(`--instructions needs one of ${INSTRUCTIONS.join(", ")}, got ${values.instructions}`);
  }

  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  if (minutes !== undefined && !(minutes > 0))
    throw new Error(`--minutes needs a number above 0, got ${values.minutes}`);

  let told = performance.now();
  const held = await hold(files, {
    jobs,
    again: values.again,
    instructions,
    minutes,
    onObserved: (lesson, { experiment, key, seconds, error }, left) => {
      const now = performance.now();
      if (error === undefined && left > 0 && now - told < 5000) return; // a line in five seconds is enough
      told = now;
      const what = error === undefined ? `${seconds.toFixed(1)} s` : "failed";
      console.error(`${lesson} ${experiment}: key ${key} ${what}; ${left} to go`);
    },
  });
  console.log(tableOf(held));
  const broken = held.filter(({ verdict }) => !verdict.holds);
  for (const { id, experiment, verdict } of broken) {
    console.log(`${id} does not hold (${experiment})\n    wanted ${verdict.wanted}; seen ${verdict.seen}`);
  }
  const judged = new Set(held.map(({ id }) => id));
  const left =
    minutes === undefined
      ? []
      : files
          .flatMap(({ experiments }) => experiments)
          .flatMap(({ claims }) => Object.keys(claims).filter((id) => !judged.has(id)));
  if (left.length > 0) console.log(`not judged, the ${minutes} minutes were over: ${left.join(", ")}`);
  const skipped = left.length > 0 ? `, ${left.length} skipped` : "";
  console.log(`${held.length - broken.length} passed, ${broken.length} failed${skipped}`);
  if (broken.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    console.error(error.message);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
  });
}
