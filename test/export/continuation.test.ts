// The folder that `npm run rlhf` leaves goes on in the real TRL: as one process and as two.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { mobyDick } from "../../lib/src/data/index.js";
import { key, split } from "../../lib/src/random/index.js";
import {
  type BeforeOptimising,
  collectComparisons,
  fineTune,
  fitReward,
  type JudgedCompletion,
  judgeCompletions,
  type PipelineConfig,
  pipelineConfig,
  pipelineModel,
  pretrain,
} from "../../lib/src/studies/index.js";
import { moodContinuation } from "../../lib/src/worlds/text/index.js";
import { writeContinuation } from "../../scripts/training/continuation.js";
import { asksPython, environment, skipped } from "../realPython.js";

const config: PipelineConfig = {
  ...pipelineConfig,
  model: { width: 32, layers: 1, heads: 2 },
  vocabulary: 300,
  promptTokens: 6,
  newTokens: 12,
  pretrain: { steps: 100, rate: 1e-2 },
  tune: { steps: 10, rate: 1e-3 },
  compare: { ...pipelineConfig.compare, prompts: 100, testPrompts: 16, perPrompt: 4 },
  reward: { ...pipelineConfig.reward, steps: 20 },
};

/** A run in small. Its labelers like the word "the": a model this small says it. */
async function smallRun(): Promise<BeforeOptimising> {
  const [readKey, tuneKey, askKey, rewardKey] = split(key(1), 4);
  const book = moodContinuation(key(2), { ...config, chapters: mobyDick().slice(0, 10) });
  const task = { ...book, mood: (text: string) => text.match(/\bthe\b/g)?.length ?? 0 };
  const model = pipelineModel(config, task);
  const quiet = { label: false as const };
  const base = await pretrain(readKey, config, task, model, quiet);
  const { params: tuned } = await fineTune(tuneKey, config, task, model, base.params, quiet);
  const comparisons = collectComparisons(askKey, config, task, model, tuned);
  const reward = await fitReward(rewardKey, config, task, model, tuned, comparisons, quiet);
  return { config, task, model, tuned, reward, comparisons };
}

describe("the folder to go on with", () => {
  let folder: string;
  let run: BeforeOptimising;
  let next: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-continue-"));
    next = join(folder, "continue");
    run = await smallRun();
    await writeContinuation(folder, run, run.tuned);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const lines = (file: string) =>
    readFileSync(join(next, file), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { prompt: string });

  it("pins what the tests run with", () => {
    const pinned = (text: string) => text.split("\n").filter((line) => line.includes("=="));
    const bench = ["rlhf", "engine"].flatMap((name) =>
      pinned(readFileSync(join(environment, `../../bench/requirements-${name}.txt`), "utf8")),
    );
    const own = pinned(readFileSync(join(next, "requirements.txt"), "utf8"));
    expect(own).to.have.length.above(4);
    expect(bench).to.include.members(own);
  });

  it("has prompts that become the same tokens again, of chapters that nothing else shares", () => {
    const [train, heldOut] = ["prompts-train.jsonl", "prompts-held-out.jsonl"].map(lines);
    expect(train.length).to.be.above(100);
    expect(heldOut.length).to.be.above(20);
    for (const { prompt } of [...train, ...heldOut]) {
      expect(run.task.tokenizer.encode(prompt)).to.have.length(config.promptTokens);
    }
    const trained = new Set(run.task.demonstrations.map(({ prompt }) => prompt.join()));
    const known = heldOut.filter(({ prompt }) => trained.has(run.task.tokenizer.encode(prompt).join()));
    expect(known.length).to.be.below(heldOut.length / 10); // "The whale" begins sentences everywhere
  });

  const python = (...args: string[]) => {
    const env = { ...process.env, HF_HUB_OFFLINE: "1", OMP_NUM_THREADS: "1", TRANSFORMERS_VERBOSITY: "error" };
    return spawnSync(join(environment, "bin/python"), args, { cwd: next, env, encoding: "utf8" });
  };
  const launch = (config: string, ...args: string[]) =>
    python("-m", "accelerate.commands.launch", "--config_file", config, "train.py", ...args);

  describe("in the real TRL (needs the bench's Python)", () => {
    before(function () {
      if (asksPython) return;
      console.log(skipped);
      this.skip();
    });

    it("the reward is ours", () => {
      const judged: JudgedCompletion[] = judgeCompletions(key(3), run, run.tuned, { prompts: 64 });
      const same = judged.filter(({ prompt }) => {
        const { tokenizer } = run.task;
        return tokenizer.encode(tokenizer.decode(prompt)).join() === prompt.join();
      });
      expect(same.length).to.be.above(20);
      const prompts = same.map(({ prompt }) => run.task.tokenizer.decode(prompt));
      writeFileSync(
        join(next, "asked.json"),
        JSON.stringify({ prompts, completion_ids: same.map((one) => one.completion) }),
      );
      const ask =
        "import json; from pathlib import Path; from reward import LearnedReward; " +
        "print(json.dumps(LearnedReward(Path('../reward-huggingface'))(**json.load(open('asked.json')))))";
      const { stdout, stderr } = python("-c", ask);
      expect(stdout, stderr).to.not.equal("");
      const theirs: number[] = JSON.parse(stdout.trim().split("\n").at(-1) as string);
      same.forEach(({ reward }, i) => {
        expect(theirs[i]).to.be.closeTo(reward, 1e-4);
      });
      expect(new Set(same.map(({ reward }) => reward)).size).to.be.above(10);
    });

    const settings = ["--steps", "30", "--rate", "3e-3", "--batch", "16", "--group", "8", "--held-out", "64"];

    it("two processes on the CPU raise the mean reward on held-out prompts; a second start goes on from there", () => {
      const { stderr, stdout, status } = launch("many-processes.yaml", ...settings);
      expect(status, stderr.slice(-3000)).to.equal(0);
      const result = JSON.parse(readFileSync(join(next, "out/result.json"), "utf8"));
      console.log(`      ${stdout.trim().split("\n").at(-1)}`);
      expect(result.processes).to.equal(2);
      expect(result.steps).to.equal(30);
      expect(result.after - result.before).to.be.above(0.3);
      expect(existsSync(join(next, "out/policy/model.safetensors"))).to.equal(true);

      const more = launch("one-process.yaml", ...settings, "--steps", "32");
      expect(more.status, more.stderr.slice(-3000)).to.equal(0);
      const second = JSON.parse(readFileSync(join(next, "out/result.json"), "utf8"));
      expect([second.before, second.steps, second.processes]).to.deep.equal([result.before, 32, 1]);
      expect(second.after).to.be.above(result.before + 0.3); // it went on, and did not begin anew

      const third = launch("one-process.yaml", ...settings, "--steps", "32");
      expect(third.stdout).to.include("holds a run of 32 steps");
    });

    it("a broken or missing table of words and a model cut short are said in a sentence", () => {
      const broken = { table: "words.json", gone: "words.json", model: "model.safetensors" };
      for (const [name, file] of Object.entries(broken)) {
        cpSync(join(folder, "reward-huggingface"), join(folder, name), { recursive: true });
        const path = join(folder, name, file);
        const bytes = readFileSync(path);
        rmSync(path);
        if (name !== "gone") writeFileSync(path, bytes.subarray(0, bytes.length / 2));
      }
      const ask = `
from pathlib import Path
from reward import LearnedReward
for name in ("table", "gone", "model"):
    try:
        LearnedReward(Path("..") / name)
    except SystemExit as said:
        print(name, "|", str(said).replace("\\n", " "))
`;
      const said = python("-c", ask).stdout.trim().split("\n");
      expect(said).to.have.length(3);
      expect(said[0]).to.match(/^table \| .*words\.json: expected the table of words that npm run rlhf writes/);
      expect(said[1]).to.match(/^gone \| .*words\.json: expected .*No such file/);
      expect(said[2]).to.match(/^model \| .*: expected the reward model that npm run rlhf writes/);
    });

    it("groups that do not fit a batch are said in a sentence", () => {
      const { status, stderr } = python("train.py", "--out", join(folder, "elsewhere"), "--batch", "12");
      expect(status).to.equal(1);
      expect(stderr)
        .to.match(/--batch 12: expected groups of --group 8/)
        .and.not.include("Traceback");
    });
  });
});
