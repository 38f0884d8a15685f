// npm run site [NN...] [-- --out FOLDER]: the lessons as pages that anybody can read. Runs what has not been run.
import { parseArgs } from "node:util";
import { callerPath } from "./callerPath.js";
import { readMasters } from "./master/course.js";
import { buildSite } from "./site/build.js";
import { readLesson } from "./site/lesson.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: "string" } } });
const masters = readMasters(positionals.map((lesson) => lesson.padStart(2, "0")));
const lessons = await Promise.all(masters.map((master) => readLesson(master)));
const { pages, complaints } = await buildSite(callerPath(values.out ?? "site"), lessons);
for (const line of complaints) console.log(line);
console.log(`${pages.length} pages`);
