import { createRequire } from "node:module";
import { expect } from "chai";
import { importsLibrary } from "../../course/src/kernel/builds.js";
import { answerWithDoors, readDoors } from "../../course/src/kernel/cells/doors.js";
import { allDoors as doors, root } from "../house/source.js";
import { Session } from "./session.js";

const ts = createRequire(import.meta.url)("@tslab/typescript-for-tslab") as Parameters<typeof readDoors>[0];
const packages = `${root}/node_modules`;

describe("kernel: the doors of rlhf-lab", () => {
  const session = new Session();
  after(() => session.converter.close());

  it("are all known, with the names behind them", async () => {
    const found = readDoors(ts, packages);
    expect([...found.keys()]).to.deep.equal(doors().map(({ name }) => name));
    for (const { name } of doors()) {
      expect(found.get(name), name).to.include.members(Object.keys((await import(name)) as object));
    }
    expect(found.get("rlhf-lab")).to.include.members(["Key", "Figure"]);
    expect(found.get("rlhf-lab/preferences")).to.include.members(["bradleyTerry", "Comparisons"]);
  });

  it("open in a cell, each with its types", async () => {
    for (const { name } of doors()) await session.value(`import * as door from "${name}"; Object.keys(door).length`);
    expect(await session.complaint('import { kemeny } from "rlhf-lab/preferences"; kemeny(1)')).include("'number'");
  });

  it("answer for each other: a name asked at the wrong one is told where it is", async () => {
    const ask = (code: string) => session.complaint(code);
    expect(await ask('import { kemeny } from "rlhf-lab";')).equal(
      '1:10 - kemeny is in "rlhf-lab/preferences" (TS2305)',
    );
    // Also where the compiler has a guess of its own, for types, and for words of the root.
    expect(await ask('import { softValues } from "rlhf-lab/policy";')).equal(
      '1:10 - softValues is in "rlhf-lab/policy/tensor" (TS2724)',
    );
    expect(await ask('import type { TreePolicy } from "rlhf-lab/mdp";')).include('TreePolicy is in "rlhf-lab/trees"');
    expect(await ask('import { mean } from "rlhf-lab/policy";')).include('mean is in "rlhf-lab" ');
    expect(await ask('import { uniform32 } from "rlhf-lab";')).include('uniform32 is in "rlhf-lab/random"');
    // What was the library's, and is the course's.
    expect(await ask('import { check } from "rlhf-lab";')).equal('1:10 - check is in "rlhf-lab-course" (TS2305)');
    expect(await ask('import { mean } from "rlhf-lab-course";')).include('mean is in "rlhf-lab" ');
    expect(await ask('import { check } from "rlhf-lab/all";')).include('It is "rlhf-lab-course/all" now.');
    expect(await ask('import { frame } from "rlhf-lab/notebook/frame";')).include('"rlhf-lab-course/frame"');
  });

  it("answer an old notebook's import in one sentence, and rlhf-lab-course/all opens to it", async () => {
    const names = "key, kemeny, mobyDick, dpoLossAndGradient, ipoLossAndGradient";
    const { error } = await session.run(`import { ${names} } from "rlhf-lab";`);
    expect(error!.evalue).equal(
      '1:15 - kemeny is in "rlhf-lab/preferences"; mobyDick is in "rlhf-lab/data"; ' +
        'dpoLossAndGradient, ipoLossAndGradient are in "rlhf-lab/policy". ' +
        '(Everything is in "rlhf-lab-course/all", for a notebook from before.) (TS2305)',
    );
    expect(await session.value(`import { ${names} } from "rlhf-lab-course/all"; typeof kemeny`)).equal("function");
  });

  it("that do not exist are answered with those that do; other mistakes are left as they are", async () => {
    const wrong = await session.complaint('import { dpoLoss } from "rlhf-lab/polcy";');
    expect(wrong).include(
      'There is no "rlhf-lab/polcy". There are "rlhf-lab", "rlhf-lab/agents", "rlhf-lab/agents/tensor",',
    );
    expect(wrong).include('"rlhf-lab/policy", "rlhf-lab/policy/tensor",');
    expect(await session.complaint('import { nobody } from "rlhf-lab/policy";')).include("no exported member 'nobody'");
    expect(await session.complaint('import { nothing } from "node:fs";')).include("no exported member 'nothing'");
    expect(await session.complaint('import x from "nowhere";')).include("Cannot find module 'nowhere'");
    const other = [{ messageText: "Cannot find name 'kemeny'.", code: 2304 }] as unknown as Parameters<
      typeof answerWithDoors
    >[2];
    expect(answerWithDoors(ts, packages, other)).to.equal(other);
    // Private rooms have no door.
    expect(await session.complaint('import { Kernel } from "rlhf-lab/kernel/kernel";')).include("There is no");
  });

  it("are each looked after by the kernel before a cell that imports them", () => {
    for (const { name } of doors()) expect(importsLibrary(`import { x } from "${name}";`), name).to.equal(true);
    expect(importsLibrary("const lab = await import('rlhf-lab/policy');")).to.equal(true);
    expect(importsLibrary('import { x } from "rlhf-labs"; // rlhf-lab')).to.equal(false);
    expect(importsLibrary('import { x } from "rlhf-lab-courses";')).to.equal(false);
  });
});
