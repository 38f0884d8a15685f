// What lesson 08 says its experiments show: the phrase task, a policy that sees the last word, everything measured by enumeration.
import { conditionalLogProbs, fitTreePolicy, lastTokenRows, phraseTask, ppoIterations } from "../../lib/src/index.js";
import { both, every, experiment, mean, share } from "../../scripts/claims/claim.js";

const task = phraseTask();
const { tree } = task;
const utility = task.utility[0];
const reference = conditionalLogProbs(tree, task.reference[0]);
const start = fitTreePolicy(tree, lastTokenRows(tree), reference);

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
    mean(({ one }) => one.at30 - one.at100, { above: 0.2 }),
    mean(({ clipped }) => clipped.at30 - clipped.at100, { above: 0.2 }),
  ),
});

export default [reuse];
