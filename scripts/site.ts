// npm run site [NN...] [-- --out FOLDER] [--no-run] [--no-reference]: the lessons as pages that anybody can read,
// with or without a web server. Lessons that have not been run since they or the library changed are run first;
// --no-run builds their pages without outputs.
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { callerPath } from "./callerPath.js";
import { hasPassed, problemLines, titleOf } from "./lessons/summary.js";
import { keepPassed, runNotebooks } from "./lessons.js";
import { editionsOf, lessonNumber, readMasters, root } from "./master/course.js";
import type { Master } from "./master/parse.js";
import { buildSite } from "./site/build.js";
import { readLesson } from "./site/lesson.js";

/** Runs lessons, keeps what passed, and prints what did not. Returns whether all passed. */
async function run(masters: readonly Master[]): Promise<boolean> {
  const jobs = await Promise.all(
    masters.map(async (master) => {
      const text = (await editionsOf(master)).find(({ edition }) => edition === "solution")!.text;
      return { master, edition: "solution" as const, text };
    }),
  );
  const runs = await runNotebooks(jobs, { onRun: keepPassed(jobs) });
  const failed = runs.filter((one) => !hasPassed(one));
  for (const one of failed) {
    console.error(`${titleOf(one)} did not pass, so its page shows no outputs:`);
    for (const line of problemLines(one)) console.error(line);
  }
  return failed.length === 0;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string", default: join(root, "site") },
      "no-run": { type: "boolean" },
      "no-reference": { type: "boolean" },
    },
  });
  const wanted = positionals.map(lessonNumber);
  const masters = readMasters(wanted);
  const unknown = positionals.find((_, i) => !masters.some(({ lesson }) => lesson === wanted[i]));
  if (unknown !== undefined) {
    throw new Error(`There is no lesson ${unknown}. (Options go behind two dashes: npm run site -- --out FOLDER)`);
  }
  const site = callerPath(values.out);
  let lessons = await Promise.all(masters.map((master) => readLesson(master)));
  const stale = masters.filter((_, i) => !lessons[i].executed);
  let passed = true;
  if (stale.length > 0) {
    const names = stale.map(({ lesson }) => lesson).join(", ");
    if (values["no-run"]) console.error(`Not run since they or the library changed, so without outputs: ${names}.`);
    else {
      console.error(`Running ${names}: not run yet, or changed since. What is done is kept.`);
      passed = await run(stale);
      lessons = await Promise.all(masters.map((master) => readLesson(master)));
    }
  }
  const say = (what: string) => console.error(`Writing ${what} ...`);
  const { pages, complaints } = await buildSite(site, lessons, { reference: !values["no-reference"], say });
  for (const line of complaints) console.log(line);
  const executed = lessons.filter((lesson) => lesson.executed).length;
  console.log(
    `${relative(process.env.INIT_CWD ?? process.cwd(), site) || "."}: ${pages.length} pages, ${executed} of ${lessons.length} lessons with outputs`,
  );
  const failed = complaints.length + (passed ? 0 : 1);
  console.log(`${lessons.length} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    console.error(error.message);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
  });
}
