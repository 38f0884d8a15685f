// npm run rlhf: the whole pipeline of lesson 05 on the terminal, one seed: read Moby Dick, fine-tune, ask labelers,
// learn a reward, optimise it. Each stage leaves what it made in the folder; `-- --resume` goes on where a run was
// stopped; a finished run is never overwritten.
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { key, policyFigure, split } from "rlhf-lab";
import { writeComparisons } from "rlhf-lab/data";
import type { TransformerParams } from "rlhf-lab/models";
import {
  alignDirectly,
  collectComparisons,
  comparisonsOf,
  fineTune,
  fitReward,
  judgeCompletions,
  klRewardPoint,
  labelCeiling,
  optimise,
  pipelineConfig,
  pipelineModel,
  pretrain,
  shareOfCeiling,
} from "rlhf-lab/studies";
import { backend } from "rlhf-lab/tensor";
import { type Algorithm, algorithms, directMethods } from "rlhf-lab/train";
import { moodContinuation } from "rlhf-lab/worlds/text";
import { callerPath } from "./callerPath.js";
import { writeContinuation } from "./training/continuation.js";
import { beginRun, inOneSentence, parse } from "./training/settings.js";

const byReward: Record<string, () => Algorithm> = {
  ppo: () => algorithms.ppo(),
  rloo: () => algorithms.rloo(),
  grpo: () => algorithms.grpo(),
  "dr-grpo": () => algorithms.drGrpo({ length: pipelineConfig.newTokens }),
  dapo: () => algorithms.dapo(),
  gspo: () => algorithms.gspo(),
  a2c: () => algorithms.a2c(),
  reinforce: () => algorithms.reinforce(),
  sac: () => algorithms.sac(),
  "expert-iteration": () => algorithms.expertIteration(),
};
const direct = {
  dpo: () => directMethods.dpo(),
  ipo: () => directMethods.ipo(),
  kto: () => directMethods.kto(),
  simpo: () => directMethods.simpo(),
  orpo: () => directMethods.orpo(),
};

const { values: given } = parse({
  options: {
    method: { type: "string", default: "ppo" },
    seed: { type: "string", default: "0" },
    iterations: { type: "string", default: String(pipelineConfig.optimise.iterations) },
    beta: { type: "string", default: String(pipelineConfig.optimise.beta) },
    folder: { type: "string", default: join(dirname(fileURLToPath(import.meta.url)), "../.rlhf-lab/rlhf") },
    resume: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const methods = [...Object.keys(byReward), ...Object.keys(direct)];
if (given.help) {
  console.log(`npm run rlhf -- [--method ${methods.join("|")}] [--seed 0] [--iterations ${given.iterations}]`);
  console.log(`                [--beta ${given.beta}] [--folder FOLDER] [--resume]`);
  process.exit(0);
}
const numbers = { seed: Number(given.seed), iterations: Number(given.iterations), beta: Number(given.beta) };
const wrong = [
  ...(methods.includes(given.method) ? [] : [`--method ${given.method}: there is ${methods.join(", ")}`]),
  ...(Number.isInteger(numbers.seed) && numbers.seed >= 0
    ? []
    : [`--seed ${given.seed}: a whole number of at least 0`]),
  ...(Number.isInteger(numbers.iterations) && numbers.iterations >= 1
    ? []
    : [`--iterations ${given.iterations}: a whole number of at least 1`]),
  ...(numbers.beta >= 0 ? [] : [`--beta ${given.beta}: a number of at least 0`]),
];
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}

await inOneSentence(async () => {
  const config = { ...pipelineConfig, optimise: { ...pipelineConfig.optimise, ...numbers } };
  const folder = callerPath(given.folder);
  const { seed, ...later } = numbers;
  const run = { seed, method: given.method, ...later };
  for (const said of beginRun(folder, "1-base/checkpoint.safetensors", run, given.resume)) console.log(`${said}\n`);
  const start = performance.now();
  const { name, why } = backend();
  console.log(`Engine: ${name}${why && ` (${why})`}. Everything goes to ${folder}.\n`);
  const [bookKey, readKey, tuneKey, askKey, rewardKey, optimiseKey, testKey] = split(key(numbers.seed), 7);
  const stage = (part: string) => ({ folder: join(folder, part), resume: given.resume });

  const task = moodContinuation(bookKey, config);
  const model = pipelineModel(config, task);
  const base = await pretrain(readKey, config, task, model, stage("1-base"));
  say("The base model has read the book", { "nats per token, chapters not read": base.history.at(-1)?.validationLoss });

  const tuned = await fineTune(tuneKey, config, task, model, base.params, stage("2-tuned"));
  say("Fine-tuned on sentence beginnings", { "nats per token, held out": tuned.history.at(-1)?.validationLoss });

  const comparisons = collectComparisons(askKey, config, task, model, tuned.params);
  const text = (tokens: readonly number[]) => task.tokenizer.decode(tokens);
  await writeComparisons(
    join(folder, "3-comparisons.jsonl"),
    comparisonsOf(comparisons.train).map(({ prompt, chosen, rejected }) => {
      return { prompt: text(prompt), chosen: text(chosen), rejected: text(rejected) };
    }),
  );
  const ceiling = labelCeiling(comparisons.test, config);
  const reward = await fitReward(rewardKey, config, task, model, tuned.params, comparisons, stage("3-reward"));
  say(`Reward model from ${comparisonsOf(comparisons.train).length} comparisons`, {
    "accuracy on held-out comparisons": reward.testAccuracy,
    "the best that anybody could reach": ceiling,
    "share of the way from a coin to there": shareOfCeiling(reward.testAccuracy, ceiling),
  });

  const before = { config, task, model, tuned: tuned.params, reward, comparisons };
  let params: TransformerParams;
  if (given.method in direct) {
    const trained = await alignDirectly(optimiseKey, before, direct[given.method as keyof typeof direct](), {
      ...stage("4-policy"),
      rate: 3e-4,
    });
    params = trained.params;
  } else {
    const trained = await optimise(optimiseKey, before, byReward[given.method](), { ...stage("4-policy"), ...numbers });
    params = trained.params;
    writeFileSync(join(folder, "policy-figure.json"), JSON.stringify(policyFigure(trained.history)));
  }

  const judged = [tuned.params, params].map((p) => judgeCompletions(testKey, before, p));
  const [was, is] = judged.map(klRewardPoint);
  const rows = new Table({
    head: ["on prompts of held-out chapters", "fine-tuned", given.method],
    style: { head: [], border: [] },
  });
  rows.push(
    ["true mood of a continuation (nats)", was.trueReward.toFixed(2), is.trueReward.toFixed(2)],
    ["learned reward (nats)", was.reward.toFixed(2), is.reward.toFixed(2)],
    ["KL to the fine-tuned policy (nats)", was.kl.toFixed(2), is.kl.toFixed(2)],
  );
  console.log(`\n${rows}`);
  for (let i = 0; i < 3; i++) {
    console.log(`\n${text(judged[0][i].prompt)} ...`);
    console.log(`  fine-tuned:${text(judged[0][i].completion).replaceAll("\n", " ")}`);
    console.log(`  ${given.method.padEnd(10)}:${text(judged[1][i].completion).replaceAll("\n", " ")}`);
  }
  await writeContinuation(folder, before, params);
  const seconds = (performance.now() - start) / 1000;
  const parts = ["1-base", "2-tuned", "3-reward", "4-policy"].filter((part) => existsSync(join(folder, part)));
  console.log(
    `\n${seconds.toFixed(0)} s in all. In ${folder}: checkpoints and metrics (${parts.join(", ")}), 3-comparisons.jsonl (TRL's format), ` +
      "policy-huggingface (a GPT-2 folder for transformers, TRL, OpenRLHF or verl), reward-huggingface (the reward model), " +
      "and continue: its README says how TRL goes on from here, on one machine or many.",
  );
});

function say(what: string, values: Record<string, number | undefined>): void {
  const list = Object.entries(values).map(([label, value]) => `${label} ${value?.toFixed(3)}`);
  console.log(`${what}: ${list.join(", ")}.`);
}
