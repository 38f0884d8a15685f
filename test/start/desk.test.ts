// What npm start lays out, and how it keeps the welcome page while JupyterLab runs.
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { layOut } from "../../scripts/start/desk.js";

describe("start/desk", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-desk-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("a learner who deletes the folder while JupyterLab runs ends nothing, and finds the page again with it", () => {
    const mine = join(folder, "mine");
    const env = { ...process.env, RLHF_LAB_NOTEBOOKS: mine, RLHF_LAB_STATE: folder };
    const desk = layOut(env);
    const page = () => readFileSync(join(mine, desk.welcome), "utf8");
    expect(desk.folder).to.equal(mine);
    expect(page()).to.contain("**0 of ");
    rmSync(mine, { recursive: true });
    const check = { exercise: "01/gauge", points: 1, outOf: 1, when: new Date().toISOString() };
    appendFileSync(join(folder, "progress.jsonl"), `${JSON.stringify(check)}\n`);
    desk.refresh();
    expect(existsSync(mine)).to.equal(false);
    layOut(env);
    rmSync(join(mine, desk.welcome));
    desk.refresh();
    expect(page()).to.contain("**1 of ");
  });
});
