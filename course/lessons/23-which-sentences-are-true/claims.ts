// What lesson 23 says its experiments show.
import { majorityClashes } from "rlhf-lab/agents";
import { baseball1987 } from "rlhf-lab/data";
import { abilitiesByGradient, coverageAtTheTop, errata, heavyTails } from "rlhf-lab/errata";
import { simultaneousWeights } from "rlhf-lab/games";
import { bits, rewardEntropy } from "rlhf-lab/information";
import { exactExpectation, exactKL, exactRegularisedOptimum, normalQuantile } from "rlhf-lab/numerics";
import { split } from "rlhf-lab/random";
import { phraseTask, rockPaperScissors } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const found = (name: string) => {
  const one = errata.find((erratum) => erratum.name === name);
  if (one === undefined) throw new Error(`no erratum is called ${name}`);
  return one.found();
};

export default [
  exactly("one term on baseball", () => {
    const { wins } = baseball1987();
    const spreads = ([1, 2] as const).map((terms) =>
      abilitiesByGradient(wins, { terms, rate: 0.01, steps: 3000 }).map(
        (theta) => Math.max(...theta) - Math.min(...theta),
      ),
    );
    const [one, two] = spreads.map((spread) => [300, 1000, 3000].map((n) => spread[n - 1]));
    return { one, two };
  }).shows({
    "23/one-term-runs-away": every(
      ({ one, two }) =>
        one[0] + 0.5 < one[1] && one[1] + 0.5 < one[2] && one[2] > 4 * two[2] && Math.abs(two[2] - two[1]) < 0.01,
    ),
  }),

  exactly("the law of the squared error", () => found("error-times-horizon")).shows({
    "23/the-law-fails-below-one": every(
      (numbers) =>
        Math.abs(numbers["loss / (|A| MSE), error 0.01"] - 100) < 1e-6 &&
        Math.abs(numbers["loss / sqrt(|A| MSE), error 0.01"] - 1) < 1e-9,
    ),
  }),

  experiment("coverage at the top", {
    keys: 10,
    run: (key) => {
      const keys = split(key, 5);
      const z = normalQuantile(0.975);
      return {
        one: coverageAtTheTop(keys[0], 1, z, 1000),
        ten: coverageAtTheTop(keys[1], 10, z, 1000),
        hundred: coverageAtTheTop(keys[2], 100, z, 1000),
        shared: coverageAtTheTop(keys[3], 100, normalQuantile(1 - 0.025 / 100), 1000),
      };
    },
  }).shows({
    "23/the-winner-was-lucky": both(
      mean(({ one }) => one, { between: [0.965, 0.985] }),
      mean(({ ten }) => ten, { between: [0.82, 0.89] }),
      mean(({ hundred }) => hundred, { between: [0.53, 0.63] }),
      mean(({ shared }) => shared, { above: 0.975 }),
    ),
  }),

  exactly("a constant of one member", () => found("members-need-one-zero")).shows({
    "23/a-constant-decides": every(
      (numbers) =>
        new Set([numbers["reply picked"], numbers["with 10 less in one member"], numbers["with 10 more"]]).size === 3 &&
        numbers.centred === numbers["centred, with 10 more"],
    ),
  }),

  exactly("rock, paper, scissors", () => {
    const nash = [1, 1, 1].map(() => Math.log(1 / 3));
    const start = { row: [0.36, 0.32, 0.32], column: [0.32, 0.36, 0.32] };
    const far = (steps: number, which: "last" | "average") => {
      const { row } = simultaneousWeights(rockPaperScissors, start, { rate: 0.1, steps });
      return exactKL(Array.from(row[which], Math.log), nash);
    };
    return { last: [1, 1000, 2000, 3000].map((n) => far(n, "last")), mean: [1, 3000].map((n) => far(n, "average")) };
  }).shows({
    "23/at-rest-and-not-stable": every(
      ({ last, mean: average }) => last[1] > 5 * last[0] && last[2] > 100 * last[0] && average[1] < average[0] / 10,
    ),
  }),

  experiment("majorities of two principles and their conjunction", {
    keys: 10,
    run: (key) => {
      const [a, b] = split(key);
      return { three: majorityClashes(a, 3, 1000), many: majorityClashes(b, 101, 1000) };
    },
  }).shows({
    "23/majorities-clash": both(
      every(({ three, many }) => many > three),
      mean(({ three }) => three, { between: [0.06, 0.13] }),
      mean(({ many }) => many, { between: [0.23, 0.27] }),
    ),
  }),

  exactly("information along RLHF", () => {
    const { reference, utility } = phraseTask();
    return [100, 2, 0.5, 0.1, 0.03].map((beta) => {
      const { logProbs } = exactRegularisedOptimum(reference[0], utility[0], beta);
      return {
        bits: bits(rewardEntropy(logProbs, utility[0])),
        utility: exactExpectation(logProbs, utility[0]),
      };
    });
  }).shows({
    "23/information-falls": every((path) =>
      path.slice(1).every((here, i) => here.bits < path[i].bits && here.utility > path[i].utility),
    ),
  }),

  experiment("heavy tails, three hundred worlds", {
    keys: 10,
    run: (key) => {
      const [none, two] = heavyTails(key, 300, [0, 2]);
      return { gain: two.gain, error: none.standardError, paired: two.gainError };
    },
  }).shows({
    "23/three-hundred-worlds-cannot-tell": both(
      mean(({ error }) => error, { between: [0.04, 0.08] }),
      mean(({ gain }) => gain, { between: [-0.03, 0.04] }),
      share(({ gain, paired }) => Math.abs(gain) < 2.5 * paired, { above: 0.6 }),
      every(({ error, paired }) => paired < error / 2),
    ),
  }),
];
