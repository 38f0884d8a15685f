import { checkCount, checkFinite } from "../core/checks.js";
import { indexOfGreatest } from "../numerics/greatest.js";
import { normalQuantile } from "../numerics/index.js";
import { type Key, key, normal, split, uniform } from "../random/index.js";
import type { Erratum } from "./erratum.js";

const { max, min, sqrt } = Math;

/**
 * Share of draws in which the apparent best of so many candidates is worth at least its estimate less z: truths and
 * errors are standard normal. A bound that holds for each candidate holds less often for the one that was chosen.
 */
export function coverageAtTheTop(key: Key, candidates: number, z: number, draws = 2000): number {
  checkCount("candidates", candidates);
  checkFinite("z", z);
  checkCount("draws", draws);
  let held = 0;
  for (const draw of split(key, draws)) {
    const [kTruth, kNoise] = split(draw, 2);
    const truth = normal(kTruth, candidates);
    const estimate = normal(kNoise, candidates).map((noise, i) => truth[i] + noise);
    const best = indexOfGreatest(estimate);
    if (estimate[best] - z <= truth[best]) held++;
  }
  return held / draws;
}

// Robustness and uncertainty.
export const robustnessErrata: readonly Erratum[] = [
  {
    name: "deviations-do-not-add",
    section: "robustness and uncertainty",
    quote: "combination of epistemic and aleatoric",
    verdict: "incomplete",
    said: "total uncertainty combines the two kinds",
    truth: "entropies add, variances add, standard deviations do not",
    found: () => {
      const [aleatoric, epistemic] = [4, 1]; // variances
      return {
        "deviation of the sum": sqrt(aleatoric + epistemic),
        "sum of the deviations": sqrt(aleatoric) + sqrt(epistemic),
      };
    },
    lesson: "18",
  },
  {
    name: "the-winners-interval",
    section: "robustness and uncertainty",
    quote: "optimize lower confidence bound",
    verdict: "wrong",
    said: "optimise the lower end of a confidence interval",
    truth:
      "an interval holds for what was fixed beforehand; of the best of many it misses more often the more there are",
    found: () => ({
      "97.5 % bound holds, of 1": coverageAtTheTop(key(31), 1, normalQuantile(0.975)),
      "of the best of 10": coverageAtTheTop(key(31), 10, normalQuantile(0.975)),
      "of the best of 100": coverageAtTheTop(key(31), 100, normalQuantile(0.975)),
      "of the best of 1,000": coverageAtTheTop(key(31), 1000, normalQuantile(0.975)),
      "of 1,000, level shared among them": coverageAtTheTop(key(31), 1000, normalQuantile(1 - 0.025 / 1000)),
    }),
    lesson: "18",
  },
  {
    name: "below-the-worst-member",
    section: "robustness and uncertainty",
    quote: "min_R'∈R_set R'(x,y)",
    verdict: "incomplete",
    said: "the robust reward of a reply is its least reward in the set",
    truth:
      "of a policy it promises less than the worst member gives it: the minimum of the mean is more than the mean of the minimum",
    found: () => {
      const rewards = [
        [0, 2],
        [2, 0],
      ];
      const [pi, mean] = [[0.5, 0.5], (r: number[]) => 0.5 * r[0] + 0.5 * r[1]];
      return {
        "mean of the minimum": pi.reduce((sum, p, y) => sum + p * min(rewards[0][y], rewards[1][y]), 0),
        "minimum of the mean": min(mean(rewards[0]), mean(rewards[1])),
      };
    },
    lesson: "18",
  },
  {
    name: "members-need-one-zero",
    section: "robustness and uncertainty",
    quote: "multiple reward models for uncertainty",
    verdict: "incomplete",
    said: "take the least reward of an ensemble",
    truth:
      "a reward has no zero: a constant added to one member changes no preference and another reply wins; centre first",
    found: () => {
      const [first, second] = [
        [0, 1, 2],
        [2, 1, 0.5],
      ];
      const picked = (shift: number) => indexOfGreatest(first.map((r, i) => min(r, second[i] + shift)));
      const centred = (r: number[]) => r.map((x) => x - r.reduce((a, b) => a + b) / r.length);
      const robust = (shift: number) =>
        indexOfGreatest(centred(first).map((r, i) => min(r, centred(second.map((x) => x + shift))[i])));
      return {
        "reply picked": picked(0),
        "with 10 less in one member": picked(-10),
        "with 10 more": picked(10),
        centred: robust(0),
        "centred, with 10 more": robust(10),
      };
    },
    lesson: "18",
  },
  {
    name: "mean-variance-is-no-risk-measure",
    section: "robustness and uncertainty",
    quote: "CVaR, mean-variance, worst-case",
    verdict: "wrong",
    said: "mean less variance is a measure of risk beside CVaR",
    truth: "it is not monotone: a lottery that never loses can rank below nothing at all",
    found: () => {
      const mean = 0.1 * 10;
      const variance = 0.1 * 10 ** 2 - mean ** 2;
      return { "10 with probability 0.1, else 0": mean - 0.5 * variance, nothing: 0 };
    },
    lesson: "18",
  },
  {
    name: "caution-never-learns",
    section: "robustness and uncertainty",
    quote: "avoid actions with high uncertainty",
    verdict: "unsupported",
    said: "exploring safely is avoiding what is uncertain",
    truth: "then it stays uncertain: the lower bound keeps to what is known, and the regret grows for ever",
    found: () => {
      const regret = (bonus: number) => totalRegret(bonus, 1000);
      return { "regret of the lower bound": regret(-1), "regret of the upper bound": regret(1) };
    },
    lesson: "18",
  },
  {
    name: "robust-min-max",
    section: "robustness and uncertainty",
    quote: "min_π max_P∈U E_P[loss(π)]",
    verdict: "right",
    said: "choose the policy whose worst case over the set is best",
    truth: "it is: a mix that levels the two cases beats either pure choice",
    found: () => {
      const loss = [
        [0, 1],
        [1, 0],
      ];
      const worst = (p: number) => max(p * loss[0][0] + (1 - p) * loss[1][0], p * loss[0][1] + (1 - p) * loss[1][1]);
      return { "worst case of a pure choice": worst(1), "of the even mix": worst(0.5) };
    },
    lesson: "18",
  },
];

/** Two arms, one of 0.5 known for sure, one of 0.8 untried: noise 0.1, bound mean + bonus / sqrt(tries). */
function totalRegret(bonus: number, rounds: number): number {
  const noise = uniform(key(35), rounds, -0.1, 0.1);
  let [tries, sum, regret] = [0, 0, 0];
  for (let t = 0; t < rounds; t++) {
    const bound = tries === 0 ? bonus * Number.POSITIVE_INFINITY : sum / tries + bonus / sqrt(tries);
    if (bound > 0.5) {
      tries++;
      sum += 0.8 + noise[t];
    } else regret += 0.3;
  }
  return regret;
}
