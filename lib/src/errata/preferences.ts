import { checkCount, checkPositive } from "../core/checks.js";
import { logSumExp, sigmoid } from "../numerics/index.js";
import { bradleyTerry, comparisonsFromWins } from "../preferences/index.js";
import type { Erratum } from "./erratum.js";
import { ridgeErrors } from "./ridgeErrors.js";

const { log, exp, abs, max } = Math;

/**
 * Abilities after each of so many gradient steps on the log-likelihood of a table of wins, [steps][teams], from 0: with
 * both `terms`, or with the one that the text prints (a comparison counts only where the first of the pair won). Each
 * pair stands once, the team of the lower number first.
 * @throws DomainError unless rate is positive and steps a whole number
 */
export function abilitiesByGradient(
  wins: readonly (readonly number[])[],
  { terms, rate, steps }: { terms: 1 | 2; rate: number; steps: number },
): Float64Array[] {
  checkPositive("rate", rate);
  checkCount("steps", steps);
  const theta = new Float64Array(wins.length);
  return Array.from({ length: steps }, () => {
    const slope = new Float64Array(wins.length);
    wins.forEach((row, i) => {
      for (let j = i + 1; j < row.length; j++) {
        const p = sigmoid(theta[i] - theta[j]);
        const pull = terms === 2 ? row[j] - (row[j] + wins[j][i]) * p : row[j] * (1 - p);
        slope[i] += pull;
        slope[j] -= pull;
      }
    });
    for (let i = 0; i < theta.length; i++) theta[i] += rate * slope[i];
    return theta.slice();
  });
}

// "Human preference modeling" and "reward model training".
export const preferenceErrata: readonly Erratum[] = [
  {
    name: "one-term-likelihood",
    section: "human preference modeling",
    quote: "Σᵢ yⁱ log σ(R(x₁ⁱ) - R(x₂ⁱ))",
    verdict: "wrong",
    said: "the log-likelihood adds up log sigmoid(R1 - R2) over the comparisons that the first item won",
    truth:
      "those that it lost count as well; without them a greater difference is always better, and nothing is learned",
    found: () => {
      const [wins, losses] = [6, 4];
      const oneTerm = (d: number) => wins * log(sigmoid(d));
      const twoTerms = (d: number) => oneTerm(d) + losses * log(sigmoid(-d));
      const top = log(wins / losses);
      return {
        "best difference, both terms": top,
        "log-likelihood there": twoTerms(top),
        "one term at 2": oneTerm(2),
        "one term at 10": oneTerm(10),
        "slope of one term at the best difference": wins * sigmoid(-top),
        "slope of both terms there": wins * sigmoid(-top) - losses * sigmoid(top),
      };
    },
    lesson: "01",
  },
  {
    name: "shift-not-scale",
    section: "human preference modeling",
    quote: "Scale invariance: R(x) + c",
    verdict: "wrong",
    said: "adding a constant to every reward is called scale invariance",
    truth: "that is shift invariance; a scale changes every probability",
    found: () => ({
      "P(1 beats 0), rewards 1 and 0": sigmoid(1),
      "both rewards + 7": sigmoid(8 - 7),
      "both rewards x 2": sigmoid(2),
    }),
    lesson: "01",
  },
  {
    name: "one-constant-per-part",
    section: "human preference modeling",
    quote: "learned up to additive constant",
    verdict: "incomplete",
    said: "comparisons identify a reward up to one constant",
    truth: "up to one constant for each connected part of what was compared: one per prompt",
    found: () => {
      // Two prompts of two replies; [reward of the winner, of the loser, how often].
      const logLikelihood = (shift: number) =>
        [
          [0.5, 0, 7],
          [0, 0.5, 3],
          [1 + shift, shift, 5],
          [shift, 1 + shift, 2],
        ].reduce((sum, [winner, loser, times]) => sum + times * log(sigmoid(winner - loser)), 0);
      return { "log-likelihood": logLikelihood(0), "with + 5 on the second prompt": logLikelihood(5) };
    },
    lesson: "01",
  },
  {
    name: "transitivity-imposed",
    section: "human preference modeling",
    quote: "if x₁ ≻ x₂ and x₂ ≻ x₃, then x₁ ≻ x₃",
    verdict: "incomplete",
    said: "preferences are transitive",
    truth: "the model imposes it on its probabilities; single answers go round in circles, and people may",
    found: () => {
      // Three equal items, one answer a pair: 2 of the 8 outcomes are circles.
      const answers = Array.from({ length: 8 }, (_, code) => [code & 1, (code >> 1) & 1, (code >> 2) & 1]);
      const circles = answers.filter(([ab, bc, ca]) => ab === bc && bc === ca).length;
      const circle = comparisonsFromWins([
        [0, 60, 40],
        [40, 0, 60],
        [60, 40, 0],
      ]);
      const { theta } = bradleyTerry.fit(circle);
      return {
        "circles among answers that are noise": circles / 8,
        "largest fitted difference, a circle of 0.6": max(abs(theta[0] - theta[1]), abs(theta[1] - theta[2])),
      };
    },
    lesson: "01",
  },
  {
    name: "l2-reduces",
    section: "reward model training",
    quote: "λ||θ||² prevents overfitting",
    verdict: "incomplete",
    said: "a penalty on the weights prevents overfitting",
    truth: "it reduces it, up to a strength beyond which the model no longer fits: the gap to the noise floor stays",
    found: () => ridgeErrors([0, 3, 30, 300]),
    lesson: "02",
  },
  {
    name: "consistent-for-what",
    section: "reward model training",
    quote: "R_θ → R* as N → ∞",
    verdict: "incomplete",
    said: "with data enough the learned reward is the true one",
    truth: "R* is defined there by the sample; a model of the wrong form converges to something else",
    found: () => {
      // 60 % gain 2 by A over B, 40 % lose 20: one click each. The fit is the log-odds of the pooled probability.
      const p = 0.6 * sigmoid(2) + 0.4 * sigmoid(-20);
      return { "fitted R(A) - R(B)": log(p / (1 - p)), "mean utility of A over B": 0.6 * 2 - 0.4 * 20 };
    },
    lesson: "22",
  },
  {
    name: "two-rates",
    section: "reward model training",
    quote: "O(d log d / ε²)",
    verdict: "wrong",
    said: "d log d / eps^2 comparisons suffice here, d log(1/delta) / eps^2 there",
    truth: "the dimension and the confidence add: (d + log(1/delta)) / eps^2, in the norm of the data",
    found: () => ({
      "d log d / eps^2, one feature": (1 * log(1)) / 0.1 ** 2,
      "d log d / eps^2, ten": (10 * log(10)) / 0.1 ** 2,
      "d log(1/delta) / eps^2, ten": (10 * log(1 / 0.05)) / 0.1 ** 2,
      "(d + log(1/delta)) / eps^2, ten": (10 + log(1 / 0.05)) / 0.1 ** 2,
    }),
    lesson: "02",
  },
  {
    name: "uncertainty-of-what",
    section: "reward model training",
    quote: "pairs with high prediction uncertainty",
    verdict: "incomplete",
    said: "ask about the pairs whose answer is most uncertain",
    truth: "a tie is as uncertain as an open question, and teaches nothing; information tells them apart",
    found: () => {
      const h = (p: number) => -p * log(p) - (1 - p) * log(1 - p);
      // Two models, equally likely: one question on which both say 0.5, one on which they say 0.05 and 0.95.
      const information = (a: number, b: number) => h((a + b) / 2) - (h(a) + h(b)) / 2;
      return {
        "entropy of the tie": h(0.5),
        "entropy of the open question": h((0.05 + 0.95) / 2),
        "information in the tie": information(0.5, 0.5),
        "information in the open question": information(0.05, 0.95),
      };
    },
    lesson: "03",
  },
  {
    name: "bradley-terry-formula",
    section: "human preference modeling",
    quote: "exp(R(x₁))/(exp(R(x₁)) + exp(R(x₂)))",
    verdict: "right",
    said: "the sigmoid of a difference is the softmax of two rewards",
    truth: "it is",
    found: () => ({
      "largest difference": [-3, -0.2, 0, 1.5, 20]
        .map((d) => abs(sigmoid(d) - exp(d + 1 - logSumExp([d + 1, 1]))))
        .reduce((a, b) => max(a, b)),
    }),
    lesson: "01",
  },
  {
    name: "likelihood-gradient",
    section: "reward model training",
    quote: "Σᵢ (yⁱ - σ(R(x₁ⁱ) - R(x₂ⁱ)))",
    verdict: "right",
    said: "the gradient is the sum of answer minus predicted probability, times the difference of the gradients",
    truth: "it is: of the likelihood with both terms",
    found: () => {
      const logLikelihood = (d: number) => log(sigmoid(d)) * 6 + log(sigmoid(-d)) * 4;
      const step = 1e-5;
      const difference = (logLikelihood(0.3 + step) - logLikelihood(0.3 - step)) / (2 * step);
      return { "by the formula": 6 - 10 * sigmoid(0.3), "by differences": difference };
    },
    lesson: "01",
  },
  {
    name: "information-gain",
    section: "reward model training",
    quote: "I(θ; y|x₁,x₂)",
    verdict: "right",
    said: "ask what has the greatest mutual information with the parameters",
    truth: "it is the expected fall of the entropy of what is believed",
    found: () => {
      const h = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * log(p) - (1 - p) * log(1 - p));
      const [prior, a, b] = [0.3, 0.9, 0.2]; // P(model a), and what each model says
      const yes = prior * a + (1 - prior) * b;
      const after = yes * h((prior * a) / yes) + (1 - yes) * h((prior * (1 - a)) / (1 - yes));
      return {
        "entropy of the answer less the models'": h(yes) - prior * h(a) - (1 - prior) * h(b),
        "fall of the entropy of the belief": h(prior) - after,
      };
    },
    lesson: "03",
  },
];
