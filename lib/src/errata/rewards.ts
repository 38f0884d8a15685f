import { greatest, indexOfGreatest } from "../numerics/greatest.js";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "../numerics/index.js";
import { key, split, uniform } from "../random/index.js";
import type { Erratum } from "./erratum.js";

const { log, exp, sqrt } = Math;

// Questions 1 and 2: what an error of the reward costs, and how many comparisons a reward takes.
export const rewardErrata: readonly Erratum[] = [
  {
    name: "error-times-horizon",
    section: "question 1",
    quote: "O(ε_reward × T × |A|)",
    verdict: "wrong",
    said: "with a mean squared error eps of the reward, performance falls by the order of eps T |A|",
    truth:
      "by the order of T sqrt(|A| eps): a squared error is smaller than the error; with the mean absolute error the law holds",
    found: () => {
      // One step, two actions of worth 0: the learned reward prefers by e one that is worse by e.
      const lossOverText = (e: number) => e / (((e ** 2 + 0) / 2) * 2);
      return {
        "loss / (|A| MSE), error 0.5": lossOverText(0.5),
        "loss / (|A| MSE), error 0.1": lossOverText(0.1),
        "loss / (|A| MSE), error 0.01": lossOverText(0.01),
        "loss / sqrt(|A| MSE), error 0.01": 0.01 / sqrt(2 * (0.01 ** 2 / 2)),
      };
    },
    lesson: "02",
  },
  {
    name: "two-eps-over-one-minus-gamma",
    section: "question 1",
    quote: "2ε/(1-γ)",
    verdict: "incomplete",
    said: "a reward wrong by at most eps everywhere costs at most 2 eps / (1 - gamma)",
    truth: "true of the exact optimum of the learned reward, and tight; with one reward at the end it is 2 eps",
    found: () => {
      // Two actions, one choice for ever: in truth +eps and -eps, in the learned reward both 0; a hair decides.
      const [eps, gamma] = [0.1, 0.9];
      const lossOfOneStep = eps - -eps;
      return {
        "loss, a reward at each step": lossOfOneStep / (1 - gamma),
        "the bound": (2 * eps) / (1 - gamma),
        "loss, one reward at the end": lossOfOneStep,
      };
    },
    lesson: "02",
  },
  {
    name: "errors-do-not-accumulate",
    section: "question 1",
    quote: "errors accumulate through iterative policy updates",
    verdict: "unsupported",
    said: "with each update of the policy the damage of a wrong reward grows further",
    truth: "a fixed reward has one limit, and the loss stops there",
    found: () => {
      const [truth, learned] = [
        [1, 0.9, 0.2],
        [1, 1.05, 0.2],
      ];
      const lossAfter = (steps: number) => {
        const weights = learned.map((r) => exp(steps * r - steps * 1.05)); // mirror steps of rate 1 from the uniform policy
        const total = weights.reduce((a, b) => a + b);
        return 1 - weights.reduce((sum, w, i) => sum + (w / total) * truth[i], 0);
      };
      return {
        "after 10 steps": lossAfter(10),
        "after 100": lossAfter(100),
        "after 1,000": lossAfter(1000),
        "2 eps": 0.3,
      };
    },
    lesson: "11",
  },
  {
    name: "accuracy-is-not-enough",
    section: "question 1",
    quote: "more sensitive to reward model accuracy",
    verdict: "unsupported",
    said: "performance follows the accuracy of the reward model",
    truth: "accuracy sees only the order; the optimised policy sees the scale as well",
    found: () => {
      const [truth, logRef] = [[0, 1, 2, 3], [0.4, 0.3, 0.2, 0.1].map(log)];
      const worth = (learned: number[]) => {
        const { logProbs } = exactRegularisedOptimum(logRef, learned, 1);
        return exactExpectation(logProbs, truth) - exactKL(logProbs, logRef);
      };
      return {
        "U - KL, the truth": worth(truth),
        "flattened, accuracy 1": worth([0, 0.01, 0.02, 3]),
        "stretched, accuracy 1": worth([0, 1, 8, 27]),
      };
    },
    lesson: "11",
  },
  {
    name: "not-pac-bayes",
    section: "question 2",
    quote: "P(|R_empirical - R_true| ≤ ε) ≥ 1-δ",
    verdict: "wrong",
    said: "a bound on the gap between seen and true accuracy of a reward is called a PAC-Bayes bound",
    truth:
      "as printed it is Hoeffding's, for one rule fixed beforehand; after choosing among many it fails, and theirs pays for it",
    found: () => {
      const [rules, pairs, delta] = [1000, 100, 0.05];
      const fixed = sqrt(log(1 / delta) / (2 * pairs));
      const finite = sqrt(log(rules / delta) / (2 * pairs));
      // Rules that toss coins: the best of them on the pairs, whose true error is one half.
      const seen = split(key(11), 200).map((k) => leastError(uniform(k, rules * pairs), rules, pairs));
      const share = (holds: (error: number) => boolean) => seen.filter(holds).length / seen.length;
      return {
        "seen error of the chosen rule": seen.reduce((a, b) => a + b) / seen.length,
        "eps for a fixed rule": fixed,
        "held, after choosing": share((error) => 0.5 - error <= fixed),
        "eps for all rules at once": finite,
        "held by that": share((error) => 0.5 - error <= finite),
      };
    },
    lesson: "02",
  },
  {
    name: "crucial-where-questions-are-empty",
    section: "question 2",
    quote: "active learning crucial for efficiency",
    verdict: "incomplete",
    said: "choosing the questions is what saves comparisons",
    truth: "it saves the factor by which most questions are empty; where all are alike it saves nothing",
    found: () => {
      const h = (p: number) => -p * log(p) - (1 - p) * log(1 - p);
      // What a question tells that of two models, equally likely, one answers with p and the other with 1 - p.
      const information = (p: number) => log(2) - h(p);
      const timesFewer = (pool: number[]) => (greatest(pool) * pool.length) / pool.reduce((a, b) => a + b);
      return {
        "times fewer, one question in ten informative": timesFewer(
          [0.95, ...Array<number>(9).fill(0.5)].map(information),
        ),
        "times fewer, every question informative": timesFewer(Array<number>(10).fill(0.95).map(information)),
      };
    },
    lesson: "03",
  },
  {
    name: "quality-has-a-price",
    section: "question 2",
    quote: "quality more important than quantity",
    verdict: "wrong",
    said: "the quality of comparisons matters more than their number",
    truth: "there is an exchange rate: with a share e flipped, 1 / (1 - 2e)^2 answers weigh as much as a clean one",
    found: () => {
      const rate = (e: number) => 1 / (1 - 2 * e) ** 2;
      return { "flips 0.1": rate(0.1), "flips 0.3": rate(0.3), "flips 0.4": rate(0.4) };
    },
    lesson: "22",
  },
  {
    name: "kl-is-left-out",
    section: "RLHF framework",
    quote: "max_θ E_{x~D, y~π_θ}[R_φ(x,y)]",
    verdict: "incomplete",
    said: "RLHF maximises the expected reward",
    truth:
      "with a learned reward the KL to the reference belongs in the objective: far from what was judged the score leaves the utility",
    found: () => {
      // Replies on a line, people's own standard normal. The score is y, the utility y - y^2 / 4: alike near 0.
      const replies = Array.from({ length: 1201 }, (_, i) => (i - 600) / 100);
      const logRef = replies.map((y) => -(y ** 2) / 2 - log(100 * sqrt(2 * Math.PI)));
      const utility = replies.map((y) => y - y ** 2 / 4);
      const at = (beta: number) => exactExpectation(exactRegularisedOptimum(logRef, replies, beta).logProbs, utility);
      return {
        "utility of imitation": exactExpectation(logRef, utility),
        "at beta 0.5": at(0.5),
        "of the best score": utility[indexOfGreatest(replies)],
      };
    },
    lesson: "11",
  },
];

/** The least share of errors of so many rules that toss a coin at each pair. */
function leastError(coins: Float64Array, rules: number, pairs: number): number {
  let least = 1;
  for (let r = 0; r < rules; r++) {
    let errors = 0;
    for (let i = 0; i < pairs; i++) if (coins[r * pairs + i] < 0.5) errors++;
    least = Math.min(least, errors / pairs);
  }
  return least;
}
