import { checkCount, checkShare } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { foldIn, type Key, uniform } from "../../random/index.js";
import { lambdaReturns } from "../returns/lambdaReturns.js";

// How good must a critic be for long texts? A text of `length` tokens, each heads or tails with probability 1/2 under a
// logit of its own, z_t; paid at its end, +1 for each head and -1 for each tail. The state is (t, heads so far), the
// right value 2 heads - t, and the policy gradient d E[R] / d z_t = 1/2 for every t. So the gradient that a *learned*
// critic gives can be held against the truth, without sampling.

/** What a critic says of (t, heads), at place t (t + 1) / 2 + heads; t = 0 .. length - 1. */
export type CoinValues = Float64Array;

const place = (t: number, heads: number) => (t * (t + 1)) / 2 + heads;

/** The right values, 2 heads - t. @throws DomainError unless length is a whole number of at least 1 */
export function coinTruth(length: number): CoinValues {
  checkCount("length", length);
  const values = new Float64Array(place(length, 0));
  for (let t = 0; t < length; t++) for (let heads = 0; heads <= t; heads++) values[place(t, heads)] = 2 * heads - t;
  return values;
}

/**
 * A critic, a table that begins with 0, after so many texts: text by text, each visited state moves towards its
 * lambda-return by 1 / visits^0.8, so that early targets, which came of an ignorant critic, are forgotten. lambda = 1
 * is Monte Carlo, 0 is TD(0).
 * @throws DomainError unless length and texts are whole numbers of at least 1 and lambda is in [0, 1]
 */
export function coinCritic(
  key: Key,
  { length, texts, lambda }: { length: number; texts: number; lambda: number },
): CoinValues {
  checkCount("length", length);
  checkCount("texts", texts);
  const values = new Float64Array(place(length, 0));
  const visits = new Float64Array(values.length);
  const rewards = new Float64Array(length);
  for (let text = 0; text < texts; text++) {
    const coins = uniform(foldIn(key, text), length);
    const states: number[] = [];
    let heads = 0;
    coins.forEach((u, t) => {
      states.push(place(t, heads));
      if (u < 0.5) heads++;
    });
    rewards[length - 1] = 2 * heads - length;
    const targets = lambdaReturns(rewards, [...states.map((s) => values[s]), 0], { lambda, discount: 1 });
    states.forEach((s, t) => {
      values[s] += (targets[t] - values[s]) / (++visits[s]) ** 0.8;
    });
  }
  return values;
}

/** How far an estimate of the policy gradient from one text is off, as shares of the true gradient's length. */
export interface CoinError {
  /** |E[estimate] - truth| / |truth|. */
  bias: number;
  /** sqrt(sum of the variances) / |truth|; a batch of B texts divides it by sqrt(B). */
  noise: number;
}

/**
 * Bias and noise of the estimate (lambda-return - V) times score, for each of the `length` logits, given what the
 * critic says; by dynamic programming over (t, heads), nothing is sampled. With V = E[R] = 0 everywhere and lambda = 1
 * it is REINFORCE with the mean for baseline.
 * @throws ShapeError for values that are not one per state; DomainError for a lambda outside [0, 1]
 */
export function coinGradientError(
  values: CoinValues,
  { length, lambda }: { length: number; lambda: number },
): CoinError {
  checkCount("length", length);
  checkShare("lambda", lambda);
  if (values.length !== place(length, 0)) {
    throw new ShapeError(complaint("values", `${place(length, 0)} numbers, one per state of ${length} tokens`, values));
  }
  // Mean and second moment of the lambda-return from (t + 1, heads), from the end backwards.
  let first = new Float64Array(0);
  let second = new Float64Array(0);
  let [biasSquared, variance] = [0, 0];
  for (let t = length - 1; t >= 0; t--) {
    const last = t === length - 1;
    // The return of token t if it leads to `heads`: what has a mean, what it is squared.
    const from = (heads: number) => {
      if (last) return { mean: 2 * heads - length, square: (2 * heads - length) ** 2 };
      const forecast = (1 - lambda) * values[place(t + 1, heads)];
      const mean = forecast + lambda * first[heads];
      return { mean, square: forecast ** 2 + 2 * forecast * lambda * first[heads] + lambda ** 2 * second[heads] };
    };
    const [nextFirst, nextSecond] = [new Float64Array(t + 1), new Float64Array(t + 1)];
    let [estimate, square] = [0, 0];
    let probability = 0.5 ** t; // of (t, heads): binomial
    for (let heads = 0; heads <= t; heads++) {
      const v = values[place(t, heads)];
      const [tail, head] = [from(heads), from(heads + 1)];
      nextFirst[heads] = (tail.mean + head.mean) / 2;
      nextSecond[heads] = (tail.square + head.square) / 2;
      // The score is 1/2 after a head and -1/2 after a tail.
      estimate += (probability * (head.mean - v - (tail.mean - v))) / 4;
      for (const { mean, square: s } of [tail, head]) square += (probability / 2) * 0.25 * (s - 2 * v * mean + v * v);
      probability *= (t - heads) / (heads + 1);
    }
    biasSquared += (estimate - 0.5) ** 2;
    variance += square - estimate ** 2;
    [first, second] = [nextFirst, nextSecond];
  }
  const truth = 0.5 * Math.sqrt(length);
  return { bias: Math.sqrt(biasSquared) / truth, noise: Math.sqrt(Math.max(variance, 0)) / truth };
}
