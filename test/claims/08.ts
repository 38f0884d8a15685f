// What lesson 08 says its experiments show: the phrase task, a policy that sees the last word, everything measured by enumeration.
import { exactExpectation } from "../../lib/src/numerics/index.js";
import { exactClippedObjective, exactStepKl, ppoIterations } from "../../lib/src/policy/index.js";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  fitTreePolicy,
  lastTokenRows,
  sequenceLogProbsOf,
  type TreePolicy,
  tabularRows,
} from "../../lib/src/trees/index.js";
import { phraseTask } from "../../lib/src/worlds/index.js";
import { both, every, exactly, experiment, mean, share } from "../../scripts/claims/claim.js";

const task = phraseTask();
const { tree } = task;
const utility = task.utility[0];
const reference = conditionalLogProbs(tree, task.reference[0]);
const start = fitTreePolicy(tree, lastTokenRows(tree), reference);

const worth = (policy: TreePolicy) => exactExpectation(sequenceLogProbsOf(policy), utility);

const reuse = experiment("one pass or eight, at several rates", {
  keys: 16,
  run: (key) => {
    const end = (epochs: number, rate: number, clip?: number) =>
      ppoIterations(key, start, { reward: utility, iterations: 10, batch: 16, size: 8, epochs, rate, clip })[10].value;
    const [never, usual] = [Number.POSITIVE_INFINITY, 0.2];
    return {
      one: { at1: end(1, 1), at30: end(1, 30), at100: end(1, 100) },
      free: { at1: end(8, 1, never), at3: end(8, 3, never), at10: end(8, 10, never), at30: end(8, 30, never) },
      clipped: { at10: end(8, 10, usual), at30: end(8, 30, usual), at100: end(8, 100, usual) },
    };
  },
}).shows({
  "08/gift-at-a-small-rate": mean(({ one, free }) => free.at1 - one.at1, { above: 1 }),
  "08/reuse-does-not-win": mean(({ one, free }) => free.at3 - one.at30, { between: [-0.3, 0.3] }),
  "08/clip-costs-a-little": mean(({ one, clipped }) => one.at30 - clipped.at10, { between: [-0.05, 0.6] }),
  "08/clip-forgives": both(
    share(({ free }) => free.at10 < 1.5, { above: 0.1 }),
    every(({ clipped }) => clipped.at10 > 1.8),
    mean(({ free, clipped }) => clipped.at30 - free.at30, { above: 0.2 }),
  ),
  "08/at-100-too-far": both(
    mean(({ one }) => one.at30 - one.at100, { above: 0 }),
    mean(({ clipped }) => clipped.at30 - clipped.at100, { above: 0 }),
  ),
});

const everyPrefix: TreePolicy = { tree, rows: tabularRows(tree), logits: reference };

const adversary = exactly("the clipped objective above 0.1, the value as low as it gets", () => {
  let fooled = everyPrefix;
  let seen = { objective: 0, value: 0, kl: 0 };
  for (let step = 0; step < 60; step++) {
    const { objective, gradient } = exactClippedObjective(everyPrefix, fooled, utility, { clip: 0.2 });
    const down = exactPolicyGradient(tree, fooled.rows, fooled.logits, utility);
    seen = { objective, value: down.value, kl: exactStepKl(everyPrefix, fooled) };
    const hold = objective < 0.1 ? 8 : 0;
    const now = fooled;
    fooled = { ...now, logits: now.logits.map((z, i) => z + 5 * (hold * gradient[i] - down.gradient[i])) };
  }
  return { ...seen, start: worth(everyPrefix) };
}).shows({
  "08/objective-up-value-down": every(({ objective, value, start }) => objective > 0 && start - value > 1.5),
});

const bound = exactly("the first step, and a text at the clip", () => {
  const atOld = exactClippedObjective(start, start, utility, { clip: 0.2 }).gradient;
  const plain = exactPolicyGradient(tree, start.rows, start.logits, utility).gradient;
  return { apart: Math.max(...atOld.map((g, i) => Math.abs(g - plain[i]))), tokens: Math.log(1.2) / Math.log(1.01) };
}).shows({
  "08/first-step-is-plain": every(({ apart }) => apart < 1e-10),
  "08/eighteen-tokens": every(({ tokens }) => tokens > 18 && tokens < 19),
});

export default [reuse, adversary, bound];
