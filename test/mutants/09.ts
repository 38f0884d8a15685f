// Wrong answers to the exercises of lesson 09. Each must be rejected, with its own words.
import { logSoftmax } from "../../lib/src/numerics/index.js";

const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: number[]) => average(values.map((x) => (x - average(values)) ** 2));
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

type Step = [rewards: number[], values: number[], t: number, n: number, gamma: number];
const nStep =
  (how: { reward?: number; bootstrap?: (gamma: number, n: number) => number; more?: number; past?: boolean }) =>
  (...[rewards, values, t, n, gamma]: Step) => {
    const { bootstrap = (g, k) => g ** k, more = 0, past = false } = how;
    const T = rewards.length;
    let sum = 0;
    const end = Math.min(t + n + more, T);
    for (let u = t; u < end; u++) sum += (how.reward ?? gamma) ** (u - t) * rewards[u];
    if (t + n < T) return sum + bootstrap(gamma, n) * values[t + n];
    return past ? sum + gamma ** (T - t) * values[T - 1] : sum;
  };

type Series = [rewards: number[], values: number[], gamma: number, lambda: number];
const lambdas =
  (one: (r: number, v: number, g: number, gamma: number, lambda: number) => number, past = false) =>
  (...[rewards, values, gamma, lambda]: Series) => {
    const T = rewards.length;
    const out = new Array<number>(T);
    let next = past ? values[T - 1] : 0;
    for (let t = T - 1; t >= 0; t--) {
      const v = t + 1 < T ? values[t + 1] : next;
      next = one(rewards[t], v, next, gamma, lambda);
      out[t] = next;
    }
    return out;
  };
const right = (r: number, v: number, g: number, gamma: number, lambda: number) =>
  r + gamma * ((1 - lambda) * v + lambda * g);

type Actor = [logp: number[], values: number[], returns: number[], weight: number];
const gradients =
  (
    actor: (g: number, v: number) => number,
    critic: (g: number, v: number, logp: number, weight: number) => number,
    T?: number,
  ) =>
  (...[logp, values, returns, weight]: Actor) => ({
    actor: returns.map((g, i) => actor(g, values[i]) / (T ?? logp.length)),
    critic: returns.map((g, i) => critic(g, values[i], logp[i], weight) / (T ?? logp.length)),
  });
const push = (g: number, v: number) => v - g;
const learn = (g: number, v: number, _: number, weight: number) => weight * (v - g);

type Soft = [q: number[], logp: number[], logRef: number[], alpha: number];
const softly = (cost: (logp: number, logRef: number, alpha: number) => number) => ({
  softValue: (...[q, logp, logRef, alpha]: Soft) =>
    q.reduce((sum, x, a) => sum + Math.exp(logp[a]) * (x - cost(logp[a], logRef[a], alpha)), 0),
});

const features = (f: (same: number, pa: number, pb: number) => number) => ({
  compatibleFeatures: (logits: number[]) => {
    const pi = logSoftmax(logits).map(Math.exp);
    return pi.map((pa, a) => pi.map((pb, b) => f(a === b ? 1 : 0, pa, pb)));
  },
});

export const mutants = {
  "09/n-step": {
    "past-the-end": { nStepReturn: nStep({ past: true }) },
    "bootstrap-undiscounted": { nStepReturn: nStep({ bootstrap: () => 1 }) },
    "one-reward-too-many": { nStepReturn: nStep({ more: 1 }) },
    undiscounted: { nStepReturn: nStep({ reward: 1 }) },
  },
  "09/td-lambda": {
    "past-the-end": { lambdaReturns: lambdas(right, true) },
    swapped: { lambdaReturns: lambdas((r, v, g, gamma, lambda) => right(r, v, g, gamma, 1 - lambda)) },
    "no-share": { lambdaReturns: lambdas((r, _, g, gamma, lambda) => r + gamma * lambda * g) },
    undiscounted: { lambdaReturns: lambdas((r, v, g, _, lambda) => right(r, v, g, 1, lambda)) },
  },
  "09/actor-loss": {
    "lets-it-flow": { a2cGradients: gradients(push, (g, v, logp, weight) => weight * (v - g) + logp) },
    "wrong-sign": { a2cGradients: gradients((g, v) => g - v, learn) },
    "no-baseline": { a2cGradients: gradients((g) => -g, learn) },
    "sum-for-mean": { a2cGradients: gradients(push, learn, 1) },
    "critic-sign": { a2cGradients: gradients(push, (g, v, _, weight) => weight * (g - v)) },
  },
  "09/explained-variance": {
    "counts-the-offset": {
      explainedVariance: (values: number[], returns: number[]) =>
        1 - average(returns.map((g, i) => (g - values[i]) ** 2)) / variance(returns),
    },
    correlation: {
      explainedVariance: (values: number[], returns: number[]) => {
        const covariance = average(returns.map((g, i) => (g - average(returns)) * (values[i] - average(values))));
        return covariance ** 2 / (variance(values) * variance(returns));
      },
    },
    "wrong-denominator": {
      explainedVariance: (values: number[], returns: number[]) =>
        1 - variance(returns.map((g, i) => g - values[i])) / variance(values),
    },
    "not-subtracted": {
      explainedVariance: (values: number[], returns: number[]) =>
        variance(returns.map((g, i) => g - values[i])) / variance(returns),
    },
  },
  "09/soft-value": {
    "entropy-sign": softly((logp, logRef, alpha) => alpha * (logRef - logp)),
    "no-reference": softly((logp, _, alpha) => alpha * logp),
    "no-temperature": softly((logp, logRef) => logp - logRef),
    unweighted: {
      softValue: (...[q, logp, logRef, alpha]: Soft) =>
        q.reduce((sum, x, a) => sum + x - alpha * (logp[a] - logRef[a]), 0),
    },
    "temperature-sign": {
      nextLogAlpha: (logAlpha: number, entropies: number[], target: number, rate: number) =>
        logAlpha + rate * (average(entropies) - target),
    },
    "temperature-sum": {
      nextLogAlpha: (logAlpha: number, entropies: number[], target: number, rate: number) =>
        logAlpha -
        rate *
          dot(
            entropies.map((h) => h - target),
            entropies.map(() => 1),
          ),
    },
  },
  "09/compatible": {
    "one-hot": features((same) => same),
    transposed: features((same, pa) => same - pa),
    "wrong-sign": features((same, _, pb) => pb - same),
    "of-pi": features((same, pa, pb) => pa * (same - pb)),
  },
};
