import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "../../scripts/setup/places.mjs";
import { findChromium, launchBrowser } from "../e2e/browser.js";
import { hubPython, isRoot, openToAll, User } from "./users.js";

interface Cell {
  id: string;
  cell_type: string;
  source: string;
  metadata: { nbgrader?: { grade_id: string; points?: number; solution?: boolean } };
  outputs?: unknown[];
}
interface Notebook {
  cells: Cell[];
}

const LESSON = readdirSync(join(root, "notebooks")).find((name) => name.startsWith("01-"))!;
const read = (path: string): Notebook => JSON.parse(readFileSync(path, "utf8"));
const cellOf = ({ cells }: Notebook, id: string) => cells.find(({ metadata }) => metadata.nbgrader?.grade_id === id)!;

/** The columns of a table that we look at, of each learner. */
function scoresIn(csv: string): Record<string, [score: number, outOf: number]> {
  const [header, ...rows] = csv
    .trim()
    .split(/\r?\n/)
    .map((line) => line.replaceAll('"', "").split(","));
  const at = (name: string) => header.indexOf(name);
  return Object.fromEntries(
    rows.map((row) => [row[at("student_id")], [Number(row[at("score")]), Number(row[at("max_score")])]]),
  );
}

describe("a class, taught with nbgrader from end to end", () => {
  const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-class-"));
  const course = join(folder, "ethics-101");
  const exchange = join(folder, "exchange");
  const real = isRoot && openToAll(root);
  const names = ["ada", "bob", "eve"].map((name) => (real ? `rlhf-${name}-${process.pid}` : name));
  const [ada, bob, eve] = names;
  const users: User[] = [];
  const solution = read(join(root, "notebooks", "solutions", LESSON));
  const total = solution.cells.reduce((sum, { metadata }) => sum + (metadata.nbgrader?.points ?? 0), 0);
  let exported: ReturnType<typeof scoresIn>;

  /** npm run nbgrader, as a teacher calls it. */
  function nbgrader(...args: string[]) {
    const command = ["--import", "tsx", join(root, "scripts", "nbgrader.ts"), ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
    return { status, said: `${stdout}${stderr}` };
  }
  function done(...args: string[]): string {
    const { status, said } = nbgrader(course, ...args);
    expect(status, `${args.join(" ")}: ${said.slice(-3000)}`).to.equal(0);
    return said;
  }

  /** What each learner makes of the lesson. */
  const work: Record<string, (notebook: Notebook) => void> = {
    [ada]: (notebook) => {
      for (const cell of notebook.cells) {
        const id = cell.metadata.nbgrader?.solution && cell.metadata.nbgrader.grade_id;
        if (id) cell.source = cellOf(solution, id).source;
      }
    },
    [bob]: () => {},
    [eve]: (notebook) => {
      cellOf(notebook, "01-log-likelihood").source = cellOf(solution, "01-log-likelihood").source;
      cellOf(notebook, "01-gradient-check").source = "12"; // as many points as one likes
      cellOf(notebook, "01-gauge").source = "for (;;) {}";
      cellOf(notebook, "01-mm-step").source = "function minoriseMaximiseStep( {";
      const figure = '{ data: [{ y: [1, 3, 2], type: "scatter" }], layout: { title: { text: "</script><i>hers" } } }';
      const own = `import { show } from "rlhf-lab";\nshow(${figure});`;
      notebook.cells.push({ id: "hers", cell_type: "code", source: own, metadata: {}, outputs: [] });
    },
  };

  before(() => {
    chmodSync(folder, 0o755);
    mkdirSync(exchange);
    chmodSync(exchange, 0o777);
    if (real) for (const name of names) users.push(new User(name, folder));
  });
  after(() => {
    for (const user of users) user.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says what it needs: a folder that is there, a command, lessons that there are", () => {
    expect(nbgrader()).to.deep.include({ status: 2 });
    expect(nbgrader().said).to.include("Name a course folder and a command").and.include("Usage:");
    expect(nbgrader(course, "autograde", "01").said).to.include(
      `${course}: there is no such folder. Begin a course with`,
    );
    const unknown = nbgrader(course, "new", "01", "99");
    expect(unknown.status).to.equal(2);
    expect(unknown.said).to.include("There is no lesson 99: two digits each, from 01");
    expect(nbgrader(course, "new").said).to.include("Name lessons");
    const file = join(root, "notebooks", LESSON);
    expect(nbgrader(file, "new", "01").said).to.include("the course cannot be written there (E");
    expect(existsSync(course)).to.equal(false);
  });
  it("begins a course, and leaves what is there when it is begun again", () => {
    expect(done("new", "01")).to.include(`source/01/${LESSON}`);
    const settings = join(course, "nbgrader_config.py");
    // A minute for each cell is enough for this lesson, and one of them will use it up.
    const more = `c.Exchange.root = ${JSON.stringify(exchange)}\nc.Execute.timeout = 60\n`;
    writeFileSync(settings, readFileSync(settings, "utf8") + more);
    expect(done("new", "01")).to.include("all of this was there already");
    expect(readFileSync(settings, "utf8")).to.include("ethics-101").and.include(more);
  });

  it("generates and releases the assignment; an exchange that cannot be written is said", () => {
    done("generate_assignment", "01");
    const nowhere = nbgrader(course, "release_assignment", "01", "--Exchange.root=/proc/nowhere");
    expect(nowhere.status).not.to.equal(0);
    expect(nowhere.said).to.include("/proc/nowhere cannot be used").and.include("c.Exchange.root");
    done("release_assignment", "01");
  });

  it("is fetched by three learners, who hand in; the teacher collects", () => {
    for (const [i, name] of names.entries()) {
      const handIn = (place: string) => {
        const notebook = read(join(place, LESSON));
        work[name](notebook);
        writeFileSync(join(place, LESSON), JSON.stringify(notebook));
      };
      if (!real) {
        // nbgrader's exchange tells learners apart by the system's users, of which there is one here.
        cpSync(join(course, "release", "01"), join(course, "submitted", name, "01"), { recursive: true });
        handIn(join(course, "submitted", name, "01"));
        continue;
      }
      const asLearner = (command: string) => {
        const args = ["-m", "nbgrader", command, "01", "--course=ethics-101", `--Exchange.root=${exchange}`];
        const env = { PATH: "/usr/bin:/bin", JUPYTER_CONFIG_PATH: join(root, "course", "jupyter", "config") };
        const { status, stdout, stderr } = users[i].run(hubPython, args, env);
        expect(status, `${name}, ${command}: ${stdout}${stderr}`).to.equal(0);
      };
      asLearner("fetch_assignment");
      handIn(join(users[i].home, "01"));
      asLearner("submit");
    }
    if (real) done("collect", "01");
    expect(readdirSync(join(course, "submitted")).sort()).to.deep.equal([...names].sort());
  });

  it("gives the right one all points, the untouched one none, the hostile one what is hers, and names what is no notebook", () => {
    const no = join(course, "submitted", "fay", "01");
    mkdirSync(no, { recursive: true });
    writeFileSync(join(no, LESSON), "this is no notebook");
    const { status, said } = nbgrader(course, "autograde", "01");
    expect(status).not.to.equal(0);
    expect(said).to.include(`submitted/fay/01/${LESSON} is no notebook: nothing of fay's is graded.`);
    done("export", "--to", join(course, "scores.csv"));
    const { fay, ...others } = scoresIn(readFileSync(join(course, "scores.csv"), "utf8"));
    expect(fay[0]).to.equal(0);
    exported = others;
    expect(exported).to.deep.equal({ [ada]: [total, total], [bob]: [0, total], [eve]: [3, total] });
    rmSync(join(course, "submitted", "fay"), { recursive: true });
  });

  it("gives feedback that draws the figures without a network", async function () {
    done("generate_feedback", "01");
    const page = (name: string) => join(course, "feedback", name, "01", LESSON.replace(".ipynb", ".html"));
    expect(readFileSync(page(bob), "utf8")).not.to.include("Plotly"); // no figure, no plotly
    expect(readFileSync(page(eve), "utf8")).to.include(`(Score: 3.0 / ${total}.0)`);
    if (findChromium() === undefined) this.skip();
    const browser = await launchBrowser();
    try {
      const tab = await browser.newPage();
      await tab.route(/^http/, (route) => route.abort());
      await tab.goto(`file://${page(eve)}`, { waitUntil: "domcontentloaded" });
      await tab.waitForSelector(".rlhf-figure .main-svg");
      const titles = await tab.locator(".rlhf-figure .gtitle").allTextContents();
      expect(titles.at(-1)).to.equal("</script>hers");
      expect(await tab.locator(".rlhf-figure").count()).to.equal(
        await tab.locator(".rlhf-figure .plot-container").count(),
      );
    } finally {
      await browser.close();
    }
  });

  it("is given the same points by the sandboxed grader, which its gradebook takes", () => {
    const out = join(folder, "graded");
    const command = ["--import", "tsx", join(root, "scripts", "grade.ts"), join(course, "submitted")];
    const args = ["--out", out, "--seconds", "4", "--nbgrader", "01"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args], {
      cwd: root,
      encoding: "utf8",
    });
    expect(status, stderr).to.equal(0);
    expect(stdout).to.include("grades.nbgrader.csv");
    const table = readFileSync(join(out, "grades.nbgrader.csv"), "utf8");
    expect(scoresIn(table)).to.deep.equal(exported);
    const header = (text: string) => text.split(/\r?\n/)[0];
    expect(header(table)).to.equal(header(readFileSync(join(course, "scores.csv"), "utf8")));
    // Into a gradebook that knows of no scores yet.
    for (const name of readdirSync(course)) if (name.startsWith("gradebook.db")) rmSync(join(course, name));
    done("generate_assignment", "01", "--force");
    expect(done("scores", join(out, "grades.json"), "01")).to.include("grades of 3 learners");
    done("export", "--to", join(course, "again.csv"));
    expect(scoresIn(readFileSync(join(course, "again.csv"), "utf8"))).to.deep.equal(exported);
  });
});
