// As a program, under recordKeys.mjs: each trainer once; prints which keys it used more than once.

import {
  ppoIterations,
  trainTabularA2c,
  trainTabularPpo,
  trainTabularReinforce,
  trainTabularSac,
  treeRloo,
} from "../../lib/src/policy/index.js";
import { foldIn, key, normal, uniform } from "../../lib/src/random/index.js";
import { drawLabelledSteps } from "../../lib/src/rewards/index.js";
import { sampleCompletions } from "../../lib/src/train/index.js";
import { drawSequences, sequenceTree, tabularContexts } from "../../lib/src/trees/index.js";
import { phraseComparisons, phraseTask } from "../../lib/src/worlds/index.js";
import { moodComparisons, moodTask } from "../../lib/src/worlds/text/index.js";
import { model, prompts, start, task, utility } from "./policy/phraseWorld.js";
import { trainers } from "./trainers.js";

declare function reusedKeys(): { drawn: number; reused: [string, { draws: number; derives: number }][] };

const tree = sequenceTree(3, 3);
const rows = tabularContexts(tree);
const logits = new Float64Array(rows.length * 3);
const reward = tree.sequences.map((sequence) => sequence.length);
const table = { tree, contexts: rows, logits, reward, beta: 0.3, steps: 3 };
const good = reward.map((length) => (length > 2 ? 1 : 0));
const policy = { tree, contexts: rows, logits };
const uniformly = new Float64Array(tree.sequences.length).fill(-Math.log(tree.sequences.length));

const runs: Record<string, () => unknown> = {
  ...Object.fromEntries(Object.entries(trainers).map(([name, train]) => [name, () => train(4, { label: false })])),
  "REINFORCE on a table": () => trainTabularReinforce(key(20), policy, { ...table, batch: 4 }),
  "A2C on a table": () => trainTabularA2c(key(21), policy, table),
  "PPO on a table": () => trainTabularPpo(key(22), policy, { ...table, minibatchSize: 6 }),
  "SAC on a table": () => trainTabularSac(key(23), policy, table),
  "PPO on a tree": () =>
    ppoIterations(key(24), policy, { reward, iterations: 3, epochs: 2, minibatchSize: 8, rate: 0.1 }),
  "RLOO on a tree": () =>
    treeRloo(key(25), policy, { reward, logRef: uniformly, beta: 0.1, group: 4, steps: 3, rate: 0.1, every: 1 }),
  "a batch of a tree": () => drawSequences(key(26), policy, 16),
  "labelled steps": () => drawLabelledSteps(key(27), tree, uniformly, good, { replies: 5, rollouts: 3 }),
  "comparisons of moods": () => moodComparisons(key(28), moodTask(), 10),
  "comparisons of phrases": () => phraseComparisons(key(29), phraseTask({ length: 3 }), 10),
  "sampled completions": () =>
    sampleCompletions(key(30), {
      model,
      params: start,
      prompts: prompts(key(31), 5),
      n: 2,
      newTokens: 3,
      stop: 0,
      reward: utility,
      batch: 4,
    }),
  "what is not right, to be noticed": () => [
    uniform(key(40), 1),
    normal(key(40), 1),
    foldIn(key(41), 1),
    uniform(key(41), 1),
  ],
};
reusedKeys(); // those of the imports above
const found: Record<string, ReturnType<typeof reusedKeys>> = {};
for (const [name, run] of Object.entries(runs)) {
  await run();
  found[name] = reusedKeys();
}
void task;
console.log(JSON.stringify(found));
