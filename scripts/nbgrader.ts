// npm run nbgrader -- FOLDER COMMAND ...: nbgrader on a course folder, with this project's kernel and settings.
import { spawn } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { callerPath } from "./callerPath.js";
import { beginCourse } from "./class/beginCourse.js";
import { notNotebooks } from "./class/notNotebooks.js";
import { command } from "./setup/command.mjs";
import { jupyterEnvironment, runtimeFolder } from "./setup/jupyter.mjs";
import { root, state, venvPython } from "./setup/places.mjs";
import { setUp } from "./setup.mjs";

const USAGE = `Usage: npm run nbgrader -- FOLDER COMMAND ...

Runs nbgrader on the course in FOLDER, with this project's kernel and settings.
  FOLDER new NN ...               begins a course, or adds to one: the notebooks of these lessons as its source
  FOLDER generate_assignment NN   and nbgrader's other commands: release_assignment, collect, autograde,
                                  generate_feedback, release_feedback, export, ... (FOLDER --help lists them)
  FOLDER scores GRADES.json NN    puts what npm run grade found into the course's gradebook
course/src/grade/README.md tells how a class is taught.`;

await command(async (stop) => {
  const [folder, name, ...args] = process.argv.slice(2);
  if (folder === "--help" || folder === "-h") return said(USAGE, 0);
  if (folder === undefined || name === undefined) return said(`Name a course folder and a command.\n\n${USAGE}`, 2);
  const course = callerPath(folder);
  if (name === "new") {
    const { problem, made } = beginCourse(course, args);
    return problem === undefined ? said(made, 0) : said(problem, 2);
  }
  if (!statSync(course, { throwIfNoEntry: false })?.isDirectory())
    return said(`${course}: there is no such folder. Begin a course with: npm run nbgrader -- ${folder} new 01`, 2);
  await setUp(stop);
  if (stop.aborted) return 130;
  const [grades, ...others] = args;
  const python =
    name === "scores"
      ? [join(root, "course", "jupyter", "nbgrader_scores.py"), ...(grades ? [callerPath(grades)] : []), ...others]
      : ["-W", "ignore", "-m", "nbgrader", name, ...args]; // its own warnings are for its developers
  mkdirSync(runtimeFolder, { recursive: true, mode: 0o700 });
  const code = await run(python, course, stop);
  // Last, where they are read.
  const assignment = args.find((arg) => !arg.startsWith("-"));
  if (name === "autograde" && assignment !== undefined)
    for (const sentence of notNotebooks(course, assignment)) console.error(sentence);
  return code;
});

/** In the course folder. What learners' cells leave, history and progress, is kept apart from the teacher's own. */
function run(python: string[], course: string, stop: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(venvPython, python, {
      cwd: course,
      env: { ...jupyterEnvironment(), RLHF_LAB_STATE: join(state, "nbgrader") },
      stdio: ["inherit", "inherit", "pipe"],
    });
    let end = "";
    child.stderr.on("data", (chunk) => {
      process.stderr.write(chunk);
      end = (end + chunk).slice(-2000);
    });
    stop.addEventListener("abort", () => child.kill("SIGINT"));
    child.once("error", reject);
    child.once("close", (code) => {
      const [, why, path] =
        /^(?:PermissionError|FileNotFoundError|OSError): \[Errno \d+\] (.+): '(.+)'$/m.exec(end) ?? [];
      if (code !== 0 && path !== undefined)
        console.error(
          `${path} cannot be used (${why}). If it is the exchange: c.Exchange.root in the course folder's nbgrader_config.py must name a folder that everybody may write to.`,
        );
      resolve(stop.aborted ? 130 : (code ?? 1));
    });
  });
}

function said(text: string, code: number): number {
  (code === 0 ? console.log : console.error)(text);
  return code;
}
