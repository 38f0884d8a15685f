// A seed a process: the merged result is that of one process after the other, and nothing that took time is lost.
import { execFile, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { key, uniform } from "../../lib/src/index.js";
import { surveyAccuracies, surveyCosts } from "../../lib/src/studies/index.js";
import { merge, ranges } from "../../scripts/survey/merge.js";
import { runSeed } from "../../scripts/survey/runSeed.js";
import type { Named } from "../../scripts/survey/study.js";
import { survey as inThisProcess } from "../../scripts/survey.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const COMMAND = ["--import", "tsx", join(root, "scripts/survey.ts")];
const EXPERIMENT = "05/who wrote the tokens";

describe("npm run survey", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-survey-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const survey = async (...args: string[]) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...COMMAND, ...args], { cwd: root }).catch(
      (failed: { stdout: string; stderr: string }) => failed,
    );
    return stdout + stderr;
  };
  const bytes = (...names: string[]) => readFileSync(join(folder, ...names), "utf8");

  /** xargs -P 2, a seed a process, and one process for all of them; their files, beside each other. */
  async function bothWays(study: string, seeds: number, ...more: string[]): Promise<void> {
    const line = [process.execPath, ...COMMAND, study, ...more, "--out", join(folder, "parallel"), "--seed"];
    const input = Array.from({ length: seeds }, (_, i) => seeds - i).join("\n");
    const { status, stderr } = spawnSync("xargs", ["-P", "2", "-n", "1", ...line], {
      input,
      encoding: "utf8",
      cwd: root,
    });
    expect(status, stderr).to.equal(0);
    await survey(study, ...more, "--seed", `1-${seeds}`, "--out", join(folder, "sequential"));
    for (const part of ["parallel", "sequential"]) {
      const said = await survey(study, ...more, "--seed", `1-${seeds}`, "--merge", join(folder, part));
      expect(said).to.include("merged.json");
    }
  }

  it("05, by two processes at once: bit for bit the merged result and the figures of one", async () => {
    await bothWays("05", 2, "--quick");
    for (const name of ["merged.json", "map.json", "learned.json"]) {
      expect(bytes("parallel", name), name).to.equal(bytes("sequential", name));
    }
    const { observations } = JSON.parse(bytes("parallel", "merged.json"));
    expect(new Set(observations.map((one: unknown) => JSON.stringify(one))).size).to.equal(2); // seeds differ
    expect(surveyAccuracies(observations)).to.have.length(2);
    expect(surveyCosts(observations).map(({ name }) => name)).to.deep.equal([
      "PPO",
      "RLOO",
      "GRPO",
      "DPO",
      "best of n",
    ]);
    expect(JSON.parse(bytes("parallel", "map.json")).data.length).to.be.above(4);
  });

  it("an experiment of a lesson's claims, a key a process: its claims are judged when all are there", async () => {
    const said = await survey(EXPERIMENT, "--seed", "1-39", "--out", folder);
    expect(said).to.include("Seed 39");
    expect(await survey(EXPERIMENT, "--merge", folder)).to.match(/of seeds 1-40 there is no result of 40\. Run them/);
    expect(existsSync(join(folder, "merged.json"))).to.equal(false);
    await survey(EXPERIMENT, "--seed", "40", "--out", folder);
    expect(await survey(EXPERIMENT, "--merge", folder)).to.match(/05\/only-the-writers-mean-is-a-kl.*40 of 40/s);
  });

  it("what cannot be is said in a sentence", async () => {
    for (const seed of ["two", "-1"]) {
      const said = await survey("05", "--seed", seed, "--out", folder);
      expect(said, seed).to.match(/^(--seed|Option '--seed')/);
      expect(said, "no stack").not.to.match(/\n\s+at /);
    }
    // The others in this process: to start one takes longer than to refuse.
    const refusal = async (...args: string[]) =>
      inThisProcess(args).then(
        () => "",
        (error) => (error instanceof DomainError ? error.message : String(error.stack)),
      );
    expect(await refusal("04", "--seed", "1", "--out", folder)).to.match(/^study: expected one of 05, 04\//);
    expect(await refusal("survey", "--seed", "1", "--out", folder)).to.match(/^study: expected one of 05/);
    for (const seed of ["two", "1.5", "4-1", ""])
      expect(await refusal("05", "--seed", seed, "--out", folder), seed).to.match(/^--seed/);
    expect(await refusal("05", "--seed", "0", "--out", folder)).to.match(/^--seed: expected a seed from 1/);
    expect(await refusal(EXPERIMENT, "--seed", "41", "--out", folder)).to.match(/^--seed: expected one of the study's/);
    expect(await refusal("05", "--seed", "1")).to.match(/^--out: expected a folder/);
    expect(await refusal("05", "--out", folder)).to.match(/^--seed: expected a seed/);
    expect(await refusal("05", "--merge", join(folder, "nowhere"))).to.match(
      /^--merge: expected a folder with results/,
    );
    expect(readdirSync(folder)).to.deep.equal([]);
  });
});

describe("the results of seeds", () => {
  let folder: string;
  let runs: number[];
  let said: string[];
  const named: Named = {
    name: "99",
    version: "a".repeat(64),
    study: {
      seeds: [1, 2, 3],
      more: true,
      run(seed) {
        runs.push(seed);
        return uniform(key(seed), 1)[0];
      },
      report: (observations) => ({ text: `${observations.length} seeds` }),
    },
  };
  const options = { quick: false, again: false, say: (sentence: string) => void said.push(sentence) };
  const run = (seed: number, more: Partial<typeof options> = {}, study = named) =>
    runSeed(study, folder, seed, { ...options, ...more });
  const file = (seed: number) => join(folder, `seed-000${seed}.jsonl`);
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-results-"));
    [runs, said] = [[], []];
    for (const seed of [3, 1, 2]) await run(seed);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("are not run again when they are finished, but with --again", async () => {
    const [before, { mtimeMs }] = [readFileSync(file(2), "utf8"), statSync(file(2))];
    expect(await run(2)).to.equal(false);
    expect([readFileSync(file(2), "utf8"), statSync(file(2)).mtimeMs]).to.deep.equal([before, mtimeMs]);
    expect(said.at(-1)).to.equal("Seed 2 is finished.");
    expect(await run(2, { again: true })).to.equal(true);
    expect(runs).to.deep.equal([3, 1, 2, 2]);
  });

  it("of two processes with one seed one waits, and runs nothing", async () => {
    const ran = await Promise.all([run(4), run(4)]);
    expect(ran.sort()).to.deep.equal([false, true]);
    expect(runs.filter((seed) => seed === 4)).to.deep.equal([4]);
  });

  it("a half-written line is set aside with a sentence, and its seed runs anew", async () => {
    const whole = readFileSync(file(2), "utf8");
    for (const half of [whole.slice(0, -20), "", "null", '{"seed": 2}']) {
      writeFileSync(file(2), half);
      if (half !== "") expect(() => merge(named, folder, false)).to.throw(/seed-0002\.jsonl: expected a result/);
      expect(await run(2)).to.equal(true);
      expect(said.at(-2)).to.match(/expected a result.*It is set aside as .*\.aside, and seed 2 runs anew/);
      expect(readFileSync(`${file(2)}.aside`, "utf8")).to.equal(half);
      const [first, second] = [whole, readFileSync(file(2), "utf8")].map((line) => JSON.parse(line).observation);
      expect(second).to.equal(first);
    }
    expect(merge(named, folder, false).text).to.equal("3 seeds");
  });

  it("a run that fails leaves no line", async () => {
    const study = { ...named.study, run: () => Number.NaN };
    let error: unknown;
    await run(7, {}, { ...named, study }).catch((thrown) => {
      error = thrown;
    });
    expect(String(error)).to.match(/seed 7 is NaN: an observation is made of finite numbers/);
    expect(readdirSync(folder).filter((name) => name.includes("7"))).to.deep.equal([]);
  });

  it("of other code, of another study and of --quick are refused, by a run and by a merge", async () => {
    const others: [Named, boolean, RegExp][] = [
      [{ ...named, version: "b".repeat(64) }, false, /made by other code \(version a{12}; here is b{12}\)/],
      [{ ...named, name: "98" }, false, /expected a result of 98, got "?99/],
      [named, true, /expected a result of --quick/],
    ];
    for (const [other, quick, sentence] of others) {
      expect(() => merge(other, folder, quick)).to.throw(sentence);
      let error: unknown;
      await run(2, { quick }, other).catch((thrown) => {
        error = thrown;
      });
      expect(String(error)).to.match(sentence);
    }
    expect(runs).to.deep.equal([3, 1, 2]);
  });

  it("that are missing are named; the ones that are wanted can be said", () => {
    rmSync(file(2));
    expect(() => merge(named, folder, false)).to.throw(/of seeds 1-3 there is no result of 2\./);
    expect(merge(named, folder, false, [1, 3]).text).to.equal("2 seeds");
    rmSync(file(3));
    expect(() => merge(named, folder, false)).to.throw(/no result of 2-3\./);
  });

  it("more seeds than the study asks for count too, and a hole among them is named", async () => {
    await run(6);
    expect(() => merge(named, folder, false)).to.throw(/of seeds 1-6 there is no result of 4-5\./);
    await run(4);
    await run(5);
    expect(merge(named, folder, false).text).to.equal("6 seeds");
  });

  it("in one file are the same as in many; one seed with two results is refused", () => {
    merge(named, folder, false);
    const before = readFileSync(join(folder, "merged.json"), "utf8");
    const other = join(folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "all.jsonl"), [2, 3, 1].map((seed) => readFileSync(file(seed), "utf8")).join(""));
    appendFileSync(join(other, "all.jsonl"), readFileSync(file(1)));
    merge(named, other, false);
    expect(readFileSync(join(other, "merged.json"), "utf8")).to.equal(before);
    const twin = { ...JSON.parse(readFileSync(file(1), "utf8")), observation: 0.5 };
    appendFileSync(join(other, "all.jsonl"), `${JSON.stringify(twin)}\n`);
    expect(() => merge(named, other, false)).to.throw(/all\.jsonl, line 5: seed 1 stands here twice/);
  });

  it("are named in ranges", () => {
    expect(ranges([3, 1, 2, 7, 9, 8, 12])).to.equal("1-3, 7-9, 12");
    expect(ranges([])).to.equal("");
  });
});
