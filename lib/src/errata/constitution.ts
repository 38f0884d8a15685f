import { indexOfGreatest } from "../numerics/greatest.js";
import { normalCdf, normalDensity, normalQuantile } from "../numerics/index.js";
import { key, normal, split } from "../random/index.js";
import type { Erratum } from "./erratum.js";

const { min } = Math;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

// Constitutional AI: its theory, its implementation, question 5.
export const constitutionErrata: readonly Erratum[] = [
  {
    name: "critique-may-cycle",
    section: "constitutional AI theory",
    quote: "principles guide optimization trajectory",
    verdict: "unsupported",
    said: "critique and revise converges",
    truth: "it is a map from replies to replies; two principles that disagree send it round for ever",
    found: () => {
      // At most one word, says one principle; at least two, says the other: the first that is broken revises.
      const revise = (words: number) => (words > 1 ? 1 : words < 2 ? 2 : words);
      const path = [3];
      for (let round = 0; round < 6; round++) path.push(revise(path[round]));
      return { "words after 5 rounds": path[5], "words after 6 rounds": path[6] };
    },
    lesson: "12",
  },
  {
    name: "weighted-sums-buy-off",
    section: "constitutional AI theory",
    quote: "S(y) = Σᵢ wᵢ S(y, cᵢ)",
    verdict: "incomplete",
    said: "the overall score is a weighted sum of the principles",
    truth:
      "of single replies it never picks one that is good at both but best at neither, and pays for a broken critical one with others",
    found: () => {
      const replies = [
        [1, 0],
        [0, 1],
        [0.45, 0.45],
      ];
      const picked = (w: number) => indexOfGreatest(replies.map(([a, b]) => w * a + (1 - w) * b));
      const weights = Array.from({ length: 1001 }, (_, i) => i / 1000);
      // Helpfulness and harmlessness, harmlessness critical.
      const [helpful, safe] = [
        [1, 0.2],
        [0.6, 1],
      ];
      const score = ([h, s]: number[]) => 0.7 * h + 0.3 * s;
      return {
        "weights that pick the balanced reply": weights.filter((w) => picked(w) === 2).length,
        "picked by the least score": indexOfGreatest(replies.map(([a, b]) => min(a, b))),
        "harmlessness that 0.7 and 0.3 take": score(helpful) > score(safe) ? helpful[1] : safe[1],
      };
    },
    lesson: "12",
  },
  {
    name: "redundancy-needs-independence",
    section: "constitutional AI implementation",
    quote: "multiple principles provide redundancy",
    verdict: "unsupported",
    said: "several principles catch what one of them misses",
    truth: "as far as they miss different things: five that miss a tenth each, alike, miss nearly a tenth together",
    found: () => ({
      "all five miss, independent": 0.1 ** 5,
      "correlation 0.5": allMiss(5, 0.1, 0.5),
      "correlation 0.9": allMiss(5, 0.1, 0.9),
      "correlation 0.99": allMiss(5, 0.1, 0.99),
    }),
    lesson: "12",
  },
  {
    name: "error-adds-units",
    section: "question 5",
    quote: "constitutional_bias² + optimization_variance + task_performance_loss",
    verdict: "wrong",
    said: "the total error is squared bias plus variance plus loss of performance",
    truth:
      "the bias is a loss of performance already, counted twice and once squared: another unit moves the best weight",
    found: () => {
      const bestWeight = (unit: number) => {
        const weights = Array.from({ length: 1001 }, (_, i) => i / 1000);
        const errors = weights.map((w) => {
          const [bias, variance] = [0.5 * w ** 2 * unit, unit ** 2 * (0.05 + 0.1 * w ** 2)];
          return bias ** 2 + variance + 0.6 * (1 - w) ** 2 * unit;
        });
        return weights[indexOfGreatest(errors.map((e) => -e))];
      };
      return { "best weight, utility in units of 1": bestWeight(1), "the same in tenths": bestWeight(10) };
    },
    lesson: "12",
  },
  {
    name: "bias-may-help",
    section: "question 5",
    quote: "bias = E[J_constrained] - J_unconstrained < 0",
    verdict: "wrong",
    said: "constraints make the optimum worse",
    truth:
      "never better by the objective itself, and as good where they do not bind; under a proxy they may raise the true utility",
    found: () => {
      // Replies: proxy, truth, whether the constraint allows it. The proxy's best reply is the hack.
      const replies = [
        { proxy: 3, truth: -1, allowed: false },
        { proxy: 2, truth: 2, allowed: true },
        { proxy: 1, truth: 1, allowed: true },
      ];
      const best = (list: typeof replies) => list.reduce((a, b) => (b.proxy > a.proxy ? b : a));
      const [free, bound] = [best(replies), best(replies.filter(({ allowed }) => allowed))];
      return { "change of the proxy": bound.proxy - free.proxy, "change of the truth": bound.truth - free.truth };
    },
    lesson: "12",
  },
  {
    name: "conflict-lowers-variance",
    section: "question 5",
    quote: "conflicting principles increase bias and variance",
    verdict: "wrong",
    said: "principles in conflict make the gradient noisier, unrelated ones quieter",
    truth: "the variance of their mean grows with the correlation: conflict cancels noise, agreement keeps it",
    found: () => {
      const variance = (correlation: number) => (1 + 1 + 2 * correlation) / 4;
      return {
        "variance of the mean, correlation -0.8": variance(-0.8),
        "correlation 0": variance(0),
        "correlation 0.8": variance(0.8),
      };
    },
    lesson: "12",
  },
  {
    name: "validation-finds-the-labelers",
    section: "question 5",
    quote: "cross-validation for principle weight selection",
    verdict: "unsupported",
    said: "cross-validation tells how much each principle should weigh",
    truth: "it tells who labeled: the best weight on held-out labels is that of the larger group among the labelers",
    found: () => {
      const chosen = (share: number) => validatedWeight(share);
      return { "weight, 70 % of the labels from those of 0.9": chosen(0.7), "weight, 30 % from them": chosen(0.3) };
    },
    lesson: "12",
  },
];

/**
 * Probability that all of n detectors miss, each with probability `miss`: normal scores with one correlation, that is
 * E_z[Phi((q - sqrt(rho) z) / sqrt(1 - rho))^n], q the quantile of `miss`, by the trapezium rule.
 */
function allMiss(n: number, miss: number, correlation: number): number {
  const [q, cells, reach] = [normalQuantile(miss), 4000, 8];
  let total = 0;
  for (let i = 0; i <= cells; i++) {
    const z = -reach + (2 * reach * i) / cells;
    const each = normalCdf((q - Math.sqrt(correlation) * z) / Math.sqrt(1 - correlation));
    total += normalDensity(z) * each ** n * ((2 * reach) / cells);
  }
  return total;
}

/** The weight of the first of two principles that predicts held-out labels best: least squares on 4,000 pairs. */
function validatedWeight(share: number): number {
  const [kFirst, kSecond] = split(key(29), 2);
  const [first, second] = [normal(kFirst, 4000), normal(kSecond, 4000)];
  const labels = Array.from(first, (a, i) => {
    const weight = i < share * first.length ? 0.9 : 0.1;
    return weight * a + (1 - weight) * second[i] > 0 ? 1 : 0;
  });
  const weights = Array.from({ length: 101 }, (_, i) => i / 100);
  const right = weights.map((w) =>
    sum(labels.map((y, i) => ((w * first[i] + (1 - w) * second[i] > 0 ? 1 : 0) === y ? 1 : 0))),
  );
  return weights[indexOfGreatest(right)];
}
