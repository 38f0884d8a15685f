import { bits, entropy, rewardEntropy } from "../information/index.js";
import { exactExpectation, exactRegularisedOptimum, sigmoid } from "../numerics/index.js";
import { phraseTask } from "../worlds/phrases.js";
import type { Erratum } from "./erratum.js";

const { abs, log, LN2 } = Math;

// Question 8 and the principles.
export const oneTheoryErrata: readonly Erratum[] = [
  {
    name: "information-is-not-the-objective",
    section: "question 8",
    quote: "maximizes I(reward_signal; generated_content)",
    verdict: "wrong",
    said: "optimising the policy maximises the information between reward and content",
    truth:
      "the reward is a function of the content, so that information is its entropy, and falls to 0 as the policy gets good",
    found: () => {
      const { reference, utility } = phraseTask();
      const at = (beta: number) => exactRegularisedOptimum(reference[0], utility[0], beta).logProbs;
      const left = (beta: number) => bits(rewardEntropy(at(beta), utility[0]));
      return {
        "bits at beta 100": left(100),
        "bits at beta 0.5": left(0.5),
        "bits at beta 0.03": left(0.03),
        "utility at beta 100": exactExpectation(at(100), utility[0]),
        "utility at beta 0.5": exactExpectation(at(0.5), utility[0]),
        "utility at beta 0.03": exactExpectation(at(0.03), utility[0]),
        "bits at the most, all levels alike": Math.log2(new Set(utility[0]).size),
      };
    },
    lesson: "22",
  },
  {
    name: "the-other-kl",
    section: "question 8",
    quote: "KL(human_distribution, model_distribution)",
    verdict: "wrong",
    said: "the optimal model minimises the KL from people's distribution to its own",
    truth: "that is imitation; RLHF minimises the KL from the policy to the reference tilted by the reward",
    found: () => {
      const { reference, utility } = phraseTask();
      const { logProbs } = exactRegularisedOptimum(reference[0], utility[0], 0.5);
      return {
        "utility of perfect imitation": exactExpectation(reference[0], utility[0]),
        "of RLHF at beta 0.5": exactExpectation(logProbs, utility[0]),
      };
    },
    lesson: "22",
  },
  {
    name: "a-bound-is-maximised",
    section: "question 8",
    quote: "I(human_values; reward_model)",
    verdict: "incomplete",
    said: "preference learning maximises the information between values and reward model",
    truth:
      "maximum likelihood raises a lower bound of the information between answer and pair: H(answer) less the cross-entropy",
    found: () => {
      const h = (p: number) => bits(entropy([p, 1 - p]));
      const crossEntropy = (truth: number, model: number) => -(truth * log(model) + (1 - truth) * log(1 - model)) / LN2;
      return {
        "information, answers 0.9 or 0.1, bits": 1 - h(0.9),
        "bound reached by the true model": 1 - crossEntropy(0.9, 0.9),
        "bound reached by an overconfident one, 0.99": 1 - crossEntropy(0.9, 0.99),
      };
    },
    lesson: "22",
  },
  {
    name: "demonstrations-come-first",
    section: "key principles",
    quote: "alternative to direct human demonstration",
    verdict: "incomplete",
    said: "preferences replace demonstrations",
    truth: "in RLHF demonstrations come first: they make the reference, without which the KL has nothing to hold to",
    found: () => {
      const { reference, utility } = phraseTask();
      const nobody = Float64Array.from(reference[0], () => -log(reference[0].length));
      const worth = (logRef: Float64Array) =>
        exactExpectation(exactRegularisedOptimum(logRef, utility[0], 1).logProbs, utility[0]);
      return {
        "utility at beta 1, people as reference": worth(reference[0]),
        "no demonstrations, uniform reference": worth(nobody),
      };
    },
    lesson: "05",
  },
  {
    name: "mitigation-reduces",
    section: "key principles",
    quote: "essential for preventing exploitation",
    verdict: "incomplete",
    said: "uncertainty, robustness and caution prevent exploitation of the reward",
    truth: "they reduce what they see: members that share a mistake agree on it, and their disagreement says nothing",
    found: () => {
      // Three members, two replies: all overrate the second by 3; it is worth 0, the first 1.
      const members = [0.1, 0, -0.1].map((noise) => [1 + noise, 3 - noise]);
      const spread = (y: number) => abs(members[0][y] - members[2][y]);
      const robust = [0, 1].map((y) => members.reduce((least, m) => Math.min(least, m[y]), Number.POSITIVE_INFINITY));
      return {
        "disagreement on the honest reply": spread(0),
        "disagreement on the hack": spread(1),
        "least reward of the honest reply": robust[0],
        "least reward of the hack": robust[1],
      };
    },
    lesson: "11",
  },
  {
    name: "pipeline-of-three",
    section: "RLHF framework",
    quote: "RL optimization: optimize policy using learned reward",
    verdict: "right",
    said: "imitation, a reward from comparisons, optimisation of the policy",
    truth: "that is RLHF; each stage is worth its place on the phrase task",
    found: () => {
      const { reference, utility } = phraseTask();
      const { logProbs } = exactRegularisedOptimum(reference[0], utility[0], 0.5);
      return {
        "utility of random words": utility[0].reduce((sum, u) => sum + u, 0) / utility[0].length,
        "of imitation": exactExpectation(reference[0], utility[0]),
        "of the optimum at beta 0.5": exactExpectation(logProbs, utility[0]),
        "a labeler's P for one unit of utility": sigmoid(1),
      };
    },
    lesson: "05",
  },
];
