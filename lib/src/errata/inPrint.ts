import { sigmoid, softplus } from "../numerics/index.js";
import type { Numbers } from "./erratum.js";

/** A mistake that stood in print or in a published library, seen at its source before it is named here. */
export interface PrintedMistake {
  readonly name: string;
  /** Whose, and where it was seen. */
  readonly source: string;
  /** Whether its authors have said so, or mended it. */
  readonly acknowledged: boolean;
  readonly said: string;
  readonly truth: string;
  readonly found: () => Numbers;
}

const { exp, log, max, min, sqrt } = Math;

/** Mistakes found in print. They are there to be learned from: most were mended within days. */
export const printedMistakes: readonly PrintedMistake[] = [
  {
    name: "ppo-loss-without-its-minus",
    source: "RLHF book (natolambert/rlhf-book), issue 125, mended by pull request 132",
    acknowledged: true,
    said: "PPO's objective was printed as the loss",
    truth: "minimised as it stood it lowers the probability of good replies: a loss is the objective's negative",
    found: () => {
      const objective = (ratio: number, advantage: number) =>
        min(ratio * advantage, min(max(ratio, 0.8), 1.2) * advantage);
      const slope = (objective(1.001, 1) - objective(0.999, 1)) / 0.002;
      return {
        "ratio after a step down, advantage 1": 1 - 0.1 * slope,
        "ratio after a step down the negative": 1 + 0.1 * slope,
      };
    },
  },
  {
    name: "advantage-of-a-state-plus-an-action",
    source: "RLHF book (natolambert/rlhf-book), pull request 227",
    acknowledged: true,
    said: "Q(s, a) was said to be V(s + a), and also r + gamma V(s + a)",
    truth: "the second: the reward of the step stands between a state's value and the next one's",
    found: () => ({
      "reward of the step": 1,
      "V of what follows": 0.5,
      "Q by the first": 0.5,
      "Q by the second, gamma 1": 1 + 0.5,
    }),
  },
  {
    name: "k3-upside-down",
    source: "RLHF book (natolambert/rlhf-book), code/policy_gradients/loss.py as stored at commit 0c2ba9c",
    acknowledged: false,
    said: "k3 with the ratio policy over reference, and k1 as log reference less log policy, on samples of the policy",
    truth: "for KL(policy || reference) the ratio is reference over policy, and k1 is log policy less log reference",
    found: () => {
      const [pi, ref] = [
        [0.7, 0.3],
        [0.5, 0.5],
      ];
      const mean = (f: (logRatio: number) => number) => pi.reduce((sum, p, y) => sum + p * f(log(p) - log(ref[y])), 0);
      return {
        "KL(policy || reference), nats": mean((r) => r),
        "k3 as it should be, mean": mean((r) => exp(-r) - 1 + r),
        "k3 upside down, mean": mean((r) => exp(r) - 1 - r),
        "k1 as printed, mean": mean((r) => -r),
      };
    },
  },
  {
    name: "pairwise-loss-of-the-wrong-sign",
    source: "TF-Ranking's paper, equation 4 (tensorflow/ranking, issue 23; its authors agree)",
    acknowledged: true,
    said: "the pairwise logistic loss is log(1 + exp(difference))",
    truth: "log(1 + exp(-difference)): as printed, a right order costs most",
    found: () => ({
      "loss of a right order by 3, as printed": softplus(3),
      "as it should be": softplus(-3),
      "P(right order)": sigmoid(3),
    }),
  },
  {
    name: "minimising-the-maximum",
    source: "Practical RL (yandexdataschool/Practical_RL), PPO notebook, issue 248",
    acknowledged: false,
    said: "PPO's policy loss is max(ratio A, clip(ratio) A), to be minimised",
    truth: "it is -min(ratio A, clip(ratio) A); the negative of a maximum is not the minimum's",
    found: () => {
      const [ratio, advantage] = [1.5, 1];
      return {
        "their loss": max(ratio * advantage, 1.2 * advantage),
        "PPO's loss": -min(ratio * advantage, 1.2 * advantage),
      };
    },
  },
  {
    name: "cpo-with-a-minus-too-many",
    source:
      "OmniSafe (PKU-Alignment/omnisafe), omnisafe/algorithms/on_policy/second_order/cpo.py as stored at commit 1f2fd39",
    acknowledged: false,
    said: "with g the gradient of the objective, the cost's multiplier is max(lambda c - r, 0) / s",
    truth: "that is right for the gradient of the loss; for the objective's it is max(lambda c + r, 0) / s",
    found: cpoSteps,
  },
];

/** One CPO step with H the identity, g and b opposed and the cost on its limit: what the two signs do to the cost. */
function cpoSteps(): Numbers {
  const [g, b, c, delta] = [[1, 2], [1, 1], 0, 0.02];
  const dot = (x: number[], y: number[]) => x[0] * y[0] + x[1] * y[1];
  const [q, r, s] = [dot(g, g), dot(g, b), dot(b, b)];
  const lambda = sqrt((q - r ** 2 / s) / (2 * delta - c ** 2 / s));
  const step = (nu: number) => g.map((gi, i) => (gi - nu * b[i]) / lambda);
  const costChange = (x: number[]) => dot(b, x);
  return {
    "change of the cost, limit reached, printed sign": costChange(step(max(lambda * c - r, 0) / s)),
    "change of the cost, right sign": costChange(step(max(lambda * c + r, 0) / s)),
  };
}
