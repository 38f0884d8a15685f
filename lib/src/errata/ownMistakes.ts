import { checkCount, checkNonNegative } from "../core/checks.js";
import { exactExpectation, exactRegularisedOptimum } from "../numerics/index.js";
import { type Key, key, normal, split, uniform } from "../random/index.js";
import type { Numbers } from "./erratum.js";
import { reachesFirst } from "./safety.js";

/** A mistake of ours: in an early list of the text's mistakes, or in a lesson, found by running it again. */
export interface OwnMistake {
  readonly name: string;
  /** Where it stood. */
  readonly place: string;
  /** What kind of mistake it was. */
  readonly kind: "one lucky draw" | "too strong" | "half the story" | "silent code";
  readonly said: string;
  readonly truth: string;
  readonly found: () => Numbers;
}

const { abs, log, sqrt } = Math;

/** Our mistakes: a page of errata that spares its authors is not believed. */
export const ownMistakes: readonly OwnMistake[] = [
  {
    name: "a-law-with-no-derivation",
    place: "our first list of the text's mistakes, on its O(eps T |A|)",
    kind: "too strong",
    said: "the law has no derivation",
    truth:
      "with the mean absolute error it has one: the largest error is at most |A| times the mean; with the squared error it is false",
    found: () => {
      const errors = [0.5, 0, 0, 0];
      const meanAbsolute = errors.reduce((sum, e) => sum + abs(e), 0) / errors.length;
      const meanSquare = errors.reduce((sum, e) => sum + e ** 2, 0) / errors.length;
      return {
        "largest error": 0.5,
        "|A| x mean absolute": 4 * meanAbsolute,
        "|A| x mean squared": 4 * meanSquare,
        "sqrt(|A| x mean squared)": sqrt(4 * meanSquare),
      };
    },
  },
  {
    name: "monte-carlo-or-td",
    place: "our first list, on V <- V + a (R - V)",
    kind: "too strong",
    said: "calling that step TD is wrong",
    truth:
      "where an episode has one step the two are the same; what is wrong is to set one against the other two paragraphs on",
    found: () => {
      const [value, reward, rate] = [0.2, 1, 0.1];
      return {
        "TD(0), one step": value + rate * (reward + 0 - value),
        "Monte Carlo, one step": value + rate * (reward - value),
      };
    },
  },
  {
    name: "backwards-is-half",
    place: "our first list, on the adversarial objective",
    kind: "half the story",
    said: "the generator and the critic are the wrong way round",
    truth:
      "turned round it fails as well while nothing ties the critic to the truth: a constant critic is as good, and teaches nothing",
    found: () => {
      const spread = (critic: number[]) =>
        critic.reduce((a, b) => Math.max(a, b)) - critic.reduce((a, b) => Math.min(a, b));
      return {
        "what a constant critic tells apart": spread([1, 1, 1]),
        "what a true one does": spread([0.1, 0.5, 0.9]),
      };
    },
  },
  {
    name: "two-theorems-in-one-sentence",
    place: "our first list, on the Lyapunov condition",
    kind: "half the story",
    said: "the condition without the cost certifies nothing",
    truth:
      "it certifies one thing: the probability of ever reaching where L is large, L(s0) / c; of the cost it says nothing",
    found: () => ({ "P(ever reach 5 from 1), fair walk": reachesFirst(1, 5), "what L(s) = s promises": 1 / 5 }),
  },
  {
    name: "likelihood-and-information",
    place: "our first list, on maximum likelihood",
    kind: "too strong",
    said: "reward training maximises a likelihood and no information",
    truth: "it raises a lower bound of one: H(answer) less the cross-entropy is at most I(answer; pair)",
    found: () => {
      const h = (p: number) => -p * log(p) - (1 - p) * log(1 - p);
      const crossEntropy = -(0.9 * log(0.8) + 0.1 * log(0.2));
      return { "the bound, by a model that says 0.8": log(2) - crossEntropy, "the information": log(2) - h(0.9) };
    },
  },
  {
    name: "the-kl-that-doubled-the-utility",
    place: "our ground for this very lesson, on the objective without its KL",
    kind: "one lucky draw",
    said: "with heavy-tailed errors a KL at beta 2 doubles the utility, 0.170 against 0.089, over 300 worlds",
    truth: "300 worlds cannot tell: the error of such a mean is 0.06; what there is to gain is about a tenth of that",
    found: () => {
      const [without, at] = heavyTails(key(18), 300, [0, 2]);
      return {
        "utility without the KL": without.mean,
        "its standard error": without.standardError,
        "utility at beta 2": at.mean,
        "its standard error at beta 2": at.standardError,
      };
    },
  },
  {
    name: "a-sum-that-left-out-nan",
    place: "this library, exactExpectation, until lesson 23 was written",
    kind: "silent code",
    said: "an expectation over log-probabilities, one of them NaN, was 0",
    truth: "NaN is above nothing, so a test for what is possible left it out; it is an error now, with its place",
    found: () => {
      const guarded = [Number.NaN, Number.NaN].reduce(
        (sum, l) => (l > Number.NEGATIVE_INFINITY ? sum + Math.exp(l) : sum),
        0,
      );
      let refused = 0;
      try {
        exactExpectation([Number.NaN, Number.NaN], [1, 1]);
      } catch {
        refused = 1;
      }
      return { "the sum as it was": guarded, "refused now": refused };
    },
  },
];

/** What the optima are worth at one beta; beta 0 is the best score alone. */
export interface HeavyTails {
  readonly beta: number;
  readonly mean: number;
  readonly standardError: number;
  /** Mean of the differences from the first beta, world by world, and its standard error. */
  readonly gain: number;
  readonly gainError: number;
}

/**
 * Worlds of 2,000 replies, utility standard normal, score = utility + Student's t with 2 degrees: the mean utility of
 * the optimum of score - beta KL(policy || uniform) over so many worlds, and its gain on the first beta, paired by
 * world, each with its standard error.
 * @throws DomainError unless there are two worlds or more and no beta is negative
 */
export function heavyTails(key: Key, worlds: number, betas: readonly number[]): HeavyTails[] {
  checkCount("worlds", worlds, 2);
  betas.forEach((beta, i) => {
    checkNonNegative(`betas[${i}]`, beta);
  });
  const runs = split(key, worlds).map((world) => betas.map((beta) => heavyTailedWorld(world, beta)));
  return betas.map((beta, i) => {
    const [mean, standardError] = meanAndError(runs.map((run) => run[i]));
    const [gain, gainError] = meanAndError(runs.map((run) => run[i] - run[0]));
    return { beta, mean, standardError, gain, gainError };
  });
}

function meanAndError(values: readonly number[]): [number, number] {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return [mean, sqrt(variance / values.length)];
}

function heavyTailedWorld(world: Key, beta: number): number {
  const [kUtility, kNormal, kScale] = split(world, 3);
  const utility = normal(kUtility, 2000);
  // Student's t with 2 degrees: a normal over the root of an exponential of mean 1.
  const scales = uniform(kScale, 2000);
  const score = normal(kNormal, 2000).map((z, i) => utility[i] + z / sqrt(-log(1 - scales[i])));
  if (beta > 0) {
    const uniformly = new Float64Array(2000).fill(-log(2000));
    return exactExpectation(exactRegularisedOptimum(uniformly, score, beta).logProbs, utility);
  }
  let best = 0;
  for (let y = 1; y < 2000; y++) if (score[y] > score[best]) best = y;
  return utility[best];
}
