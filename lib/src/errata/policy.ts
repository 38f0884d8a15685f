import { exactExpectation, exactKL, exactRegularisedOptimum, logSumExp } from "../numerics/index.js";
import { exactPolicyGradient, sequenceLogProbsOf, sequenceTree, tabularContexts, treePolicy } from "../trees/index.js";
import { phraseTask } from "../worlds/phrases.js";
import type { Erratum } from "./erratum.js";

const { log, exp, abs, max, min } = Math;

/** Probabilities of two replies, the first with p. */
const twoReplies = (p: number) => [log(p), log(1 - p)];

// Policy optimisation, PPO, actor-critic, question 6.
export const policyErrata: readonly Erratum[] = [
  {
    name: "size-of-the-action-space",
    section: "policy optimization",
    quote: "vocabulary size × sequence length",
    verdict: "wrong",
    said: "there are as many actions as tokens in the vocabulary times the length",
    truth: "replies are vocabulary to the power of the length, fewer by what ends early",
    found: () => ({ "the text's count, 7 tokens by 5": 7 * 5, replies: sequenceTree(7, 5).sequences.length }),
    lesson: "07",
  },
  {
    name: "clipping-is-no-trust-region",
    section: "PPO for language models",
    quote: "Trust region: prevents large policy changes",
    verdict: "wrong",
    said: "the clipped ratio keeps the new policy near the old one",
    truth: "it sees the tokens that were drawn; the rest of the distribution may go anywhere at ratio 1",
    found: () => {
      const before = [0.5, 0.25, 0.25];
      const after = [0.5, 0.5 - 1e-6, 1e-6]; // only the first token was drawn, and its probability stays
      const ratio = after[0] / before[0];
      return {
        "ratio of what was drawn": ratio,
        "KL estimated from it": ratio - 1 - log(ratio),
        "KL(old || new)": exactKL(before.map(log), after.map(log)),
      };
    },
    lesson: "08",
  },
  {
    name: "step-penalty-does-not-anchor",
    section: "PPO for language models",
    quote: "β KL(π_old, π_θ) prevents collapse",
    verdict: "wrong",
    said: "a KL to the policy before the step keeps the policy from collapsing",
    truth: "it bounds each step, and steps add up; what anchors is the KL to a reference that stays",
    found: () => {
      let [odds, steps, longest] = [0.01 / 0.99, 0, 0];
      const start = twoReplies(0.01);
      while (odds / (1 + odds) < 0.999) {
        const before = odds;
        odds *= exp(0.1);
        steps++;
        longest = max(longest, exactKL(twoReplies(before / (1 + before)), twoReplies(odds / (1 + odds))));
      }
      return {
        steps,
        "longest step, nats": longest,
        "from the start in the end, nats": exactKL(twoReplies(odds / (1 + odds)), start),
      };
    },
    lesson: "08",
  },
  {
    name: "no-experience-replay",
    section: "PPO for language models",
    quote: "reuse samples across multiple PPO epochs",
    verdict: "wrong",
    said: "several epochs over the samples are called experience replay",
    truth:
      "replay keeps samples of many older policies; these are the newest policy's, read a few times and thrown away",
    found: () => {
      // Ratio of a sample that is `age` updates old, each of which moves its log-probability by 0.1.
      const ratio = (age: number) => exp(0.1 * age);
      return { "ratio in the fourth epoch": ratio(4), "ratio 100 updates later": ratio(100) };
    },
    lesson: "08",
  },
  {
    name: "monte-carlo-called-td",
    section: "PPO for language models",
    quote: "V(x) ← V(x) + α(R(x,y) - V(x))",
    verdict: "wrong",
    said: "stepping towards the whole reward is called temporal-difference learning",
    truth:
      "it is Monte Carlo; TD steps towards reward plus the next value. The two agree where an episode has one step",
    found: () => {
      const [rate, rewards] = [0.1, [0, 0, 1]];
      const [td, monteCarlo] = [
        [0, 0, 0, 0],
        [0, 0, 0],
      ];
      const total = rewards.reduce((a, b) => a + b);
      rewards.forEach((reward, t) => {
        td[t] += rate * (reward + td[t + 1] - td[t]);
        monteCarlo[t] += rate * (total - monteCarlo[t]);
      });
      return { "first state, TD(0)": td[0], "last state, TD(0)": td[2], "first state, the text's": monteCarlo[0] };
    },
    lesson: "09",
  },
  {
    name: "target-is-the-next-value",
    section: "actor-critic",
    quote: "TD: use estimated value V(x) as target",
    verdict: "wrong",
    said: "TD takes the state's own estimated value for its target",
    truth: "the next state's, and the reward between; its own never moves it",
    found: () => {
      let [own, next] = [0, 0];
      for (let step = 0; step < 100; step++) {
        own += 0.1 * (own - own);
        next += 0.1 * (1 + 0 - next); // a reward of 1, then the end, whose value is 0
      }
      return { "after 100 steps, own value as target": own, "reward and next value": next };
    },
    lesson: "09",
  },
  {
    name: "actor-loss-is-a-gradient",
    section: "actor-critic",
    quote: "L_actor = E[δ ∇_θ log π_θ(y|x)]",
    verdict: "wrong",
    said: "the actor's loss is the mean of delta times the gradient of the log-probability",
    truth: "that is a gradient, and of what is to grow; the loss is minus the mean of delta log pi",
    found: () => {
      const probability = (z: number) => 1 / (1 + exp(-z)); // of the good of two replies, worth 1 and 0
      const delta = [1 - 0.5, 0 - 0.5];
      const gradient = (z: number) => {
        const p = probability(z);
        return p * delta[0] * (1 - p) + (1 - p) * delta[1] * -p;
      };
      return {
        "good reply at the start": probability(0),
        "one step down the text's": probability(0 - 5 * gradient(0)),
        "one step down the loss": probability(0 + 5 * gradient(0)),
      };
    },
    lesson: "09",
  },
  {
    name: "sac-has-a-uniform-reference",
    section: "question 6",
    quote: "guaranteed convergence to stochastic optimum",
    verdict: "incomplete",
    said: "SAC finds the optimum of reward plus entropy",
    truth: "in tables; and its optimum is that of a uniform reference, which for language is not the reference",
    found: () => {
      const rewards = [0, 1, 2, 3];
      const { logProbs } = exactRegularisedOptimum(
        rewards.map(() => -log(4)),
        rewards,
        1,
      );
      const people = exactRegularisedOptimum([0.85, 0.1, 0.04, 0.01].map(log), rewards, 1);
      return {
        "reward at alpha 1": exactExpectation(logProbs, rewards),
        "the best": 3,
        "reward at beta 1, people as reference": exactExpectation(people.logProbs, rewards),
      };
    },
    lesson: "09",
  },
  {
    name: "polynomial-rates",
    section: "question 6",
    quote: "all achieve polynomial rates under assumptions",
    verdict: "unsupported",
    said: "PPO, A2C and SAC all come to the optimum at polynomial rates",
    truth:
      "exact policy gradients can stand on a plateau for a time that grows without bound as its way out gets less likely",
    found: () => {
      const best = phraseTask().utility[0].reduce((a, b) => max(a, b));
      return {
        "below the best after 100 exact steps": best - climb(100, 1),
        "after 300": best - climb(300, 1),
        "after 600": best - climb(600, 1),
      };
    },
    lesson: "09",
  },
  {
    name: "local-improvement",
    section: "question 6",
    quote: "guarantees local improvement under mild conditions",
    verdict: "wrong",
    said: "PPO's step improves the policy",
    truth: "the clipped objective can rise while the policy gets worse: it says nothing of what was not drawn",
    found: () => {
      const [before, after] = [
        [0.5, 0.25, 0.25],
        [0.55, 0.02, 0.43],
      ].map((p) => p.map(log));
      const rewards = [0, 1, -1];
      // The first token was drawn twice, once with a lucky reward: advantage 0.1.
      const ratio = exp(after[0] - before[0]);
      return {
        "clipped objective before": 0.1,
        "clipped objective after": min(ratio * 0.1, min(max(ratio, 0.8), 1.2) * 0.1),
        "reward before": exactExpectation(before, rewards),
        "reward after": exactExpectation(after, rewards),
      };
    },
    lesson: "08",
  },
  {
    name: "autoregressive-product",
    section: "policy optimization",
    quote: "∏ₜ π_θ(yₜ|x, y₁:ₜ₋₁)",
    verdict: "right",
    said: "the probability of a reply is the product of its tokens' probabilities",
    truth: "it is, the end token's included: then replies add up to 1",
    found: () => ({ "sum over 9,331 replies": phraseTask().reference[0].reduce((sum, l) => sum + exp(l), 0) }),
    lesson: "05",
  },
  {
    name: "policy-gradient-theorem",
    section: "policy optimization",
    quote: "E[R(x,y) ∇_θ log π_θ(y|x)]",
    verdict: "right",
    said: "the gradient of the expected reward is the mean of reward times score",
    truth: "it is, of the expected reward without a KL",
    found: () => {
      const [rewards, logits] = [
        [1, 0, 3],
        [0.2, -0.4, 0.1],
      ];
      const logProbs = (z: number[]) => z.map((value) => value - logSumExp(z));
      const worth = (z: number[]) => exactExpectation(logProbs(z), rewards);
      const p = logProbs(logits).map(exp);
      const theorem = p.reduce((sum, pi, i) => sum + pi * rewards[i] * ((i === 2 ? 1 : 0) - p[2]), 0);
      const step = 1e-5;
      const moved = (by: number) => worth([logits[0], logits[1], logits[2] + by]);
      return { "by the theorem": theorem, "by differences": (moved(step) - moved(-step)) / (2 * step) };
    },
    lesson: "07",
  },
  {
    name: "baseline",
    section: "policy optimization",
    quote: "reduce variance using state-dependent baseline",
    verdict: "right",
    said: "a baseline that does not look at the reply leaves the mean of the gradient and lowers its variance",
    truth:
      "it leaves the mean whatever it is; it lowers the variance if it is near the mean reward, and raises it far away",
    found: () => {
      const [p, rewards] = [0.7, [4, 5]]; // two replies; the score of the first logit
      const score = [1 - p, -p];
      const moments = (baseline: number) => {
        const terms = rewards.map((r, i) => (r - baseline) * score[i]);
        const mean = p * terms[0] + (1 - p) * terms[1];
        return { mean, variance: p * terms[0] ** 2 + (1 - p) * terms[1] ** 2 - mean ** 2 };
      };
      return {
        "mean, no baseline": moments(0).mean,
        "mean, baseline 4.3": moments(4.3).mean,
        "variance, no baseline": moments(0).variance,
        "variance, baseline 4.3": moments(4.3).variance,
        "variance, baseline 20": moments(20).variance,
      };
    },
    lesson: "07",
  },
  {
    name: "clipped-objective",
    section: "PPO for language models",
    quote: "min(r(y|x)A(x,y), clip(r(y|x), 1-ε, 1+ε)A(x,y))",
    verdict: "right",
    said: "the objective is the lesser of the plain and the clipped product",
    truth: "it is a lower bound of the plain one, and equal to it near ratio 1",
    found: () => {
      const clipped = (r: number, a: number) => min(r * a, min(max(r, 0.8), 1.2) * a);
      const worst = [0.1, 0.5, 1, 1.1, 3].flatMap((r) => [-1, 2].map((a) => clipped(r, a) - r * a));
      return {
        "greatest excess over the plain one": worst.reduce((a, b) => max(a, b)),
        "difference at ratio 1.1": abs(clipped(1.1, 2) - 2.2),
      };
    },
    lesson: "08",
  },
  {
    name: "log-space",
    section: "PPO for language models",
    quote: "log-space computation to prevent overflow",
    verdict: "right",
    said: "ratios of sequences are computed from sums of log-probabilities",
    truth: "products of probabilities vanish: 400 tokens of 0.1 are 0 in double precision, their ratio 0/0",
    found: () => ({
      "product of 400 probabilities of 0.1": 0.1 ** 400,
      "ratio by logarithms, one token doubled": exp(log(0.2) + 399 * log(0.1) - 400 * log(0.1)),
    }),
    lesson: "08",
  },
];

/** Utility on the phrase task after so many exact gradient steps on the logits, no KL, from the uniform policy. */
function climb(steps: number, rate: number): number {
  const { tree, utility } = phraseTask();
  const rows = tabularContexts(tree);
  let logits = new Float64Array(tree.prefixes.length * tree.vocabulary);
  for (let step = 0; step < steps; step++) {
    const { gradient } = exactPolicyGradient(treePolicy(tree, logits, rows), utility[0]);
    logits = logits.map((z, i) => z + rate * gradient[i]);
  }
  return exactExpectation(sequenceLogProbsOf(treePolicy(tree, logits, rows)), utility[0]);
}
