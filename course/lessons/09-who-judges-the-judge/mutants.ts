// Wrong answers to the exercises of lesson 09. Each must be rejected, with its own words.
import { logSoftmax } from "rlhf-lab/numerics";

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

type Soft = [q: number[], logp: number[], beta: number, logpRef: number[]];
const softly = (cost: (logp: number, logpRef: number, beta: number) => number) => ({
  softValue: (...[q, logp, beta, logpRef]: Soft) =>
    q.reduce((sum, x, a) => sum + Math.exp(logp[a]) * (x - cost(logp[a], logpRef[a], beta)), 0),
});

const features = (f: (same: number, pa: number, pb: number) => number) => ({
  scoreFeatures: (logits: number[]) => {
    const pi = logSoftmax(logits).map(Math.exp);
    return pi.map((pa, a) => pi.map((pb, b) => f(a === b ? 1 : 0, pa, pb)));
  },
});

interface Behind {
  next: number;
  forecast: number;
  ended: boolean;
  endsNext: boolean;
}
const texts =
  (cut: (behind: Behind) => { next?: number; forecast?: number }) =>
  (rewards: number[], values: number[], ends: boolean[], gamma: number, lambda: number) => {
    const out = rewards.map(() => 0);
    let [next, forecast] = [0, 0];
    for (let t = rewards.length - 1; t >= 0; t--) {
      ({ next = next, forecast = forecast } = cut({ next, forecast, ended: ends[t], endsNext: ends[t + 1] ?? false }));
      next = rewards[t] + gamma * ((1 - lambda) * forecast + lambda * next);
      forecast = values[t];
      out[t] = next;
    }
    return out;
  };

interface Habits {
  forecast?: (values: number[], after: number) => number;
  critic?: (delta: number) => number;
  step?: (score: number, delta: number, drawn: boolean) => number;
  choose?: (pi: number[]) => number;
  oneRate?: boolean;
  again?: boolean;
}
const learner =
  ({ forecast, critic = (d) => d, step = (score, d) => d * score, choose, oneRate = false, again = false }: Habits) =>
  (
    game: { words: number; next: number[]; reward: number[] },
    luck: number[],
    actorRate: number,
    criticRate: number,
  ) => {
    const { words, next, reward } = game;
    const values = new Array<number>(next.length / words).fill(0);
    const logits = values.map(() => new Array<number>(words).fill(0));
    let s = 0;
    for (const u of luck) {
      const pi = logSoftmax(logits[s]).map(Math.exp);
      let below = 0;
      const drawn = pi.findIndex((p) => {
        below += p;
        return below > u;
      });
      const a = choose?.(pi) ?? (drawn < 0 ? words - 1 : drawn);
      const after = next[s * words + a];
      const ahead = forecast?.(values, after) ?? (after < 0 ? 0 : values[after]);
      const delta = reward[s * words + a] + ahead - values[s];
      values[s] += (oneRate ? actorRate : criticRate) * critic(delta);
      const credit = again ? reward[s * words + a] + ahead - values[s] : delta;
      for (let b = 0; b < words; b++) logits[s][b] += actorRate * step((a === b ? 1 : 0) - pi[b], credit, a === b);
      s = after < 0 ? 0 : after;
    }
    return { logits, values };
  };

export const mutants = {
  "09/n-step": {
    "past-the-end": { nStepReturn: nStep({ past: true }) },
    "bootstrap-undiscounted": { nStepReturn: nStep({ bootstrap: () => 1 }) },
    "one-reward-too-many": { nStepReturn: nStep({ more: 1 }) },
    undiscounted: { nStepReturn: nStep({ reward: 1 }) },
  },
  "09/td-lambda": {
    "past-the-end": { tdLambdaTargets: lambdas(right, true) },
    swapped: { tdLambdaTargets: lambdas((r, v, g, gamma, lambda) => right(r, v, g, gamma, 1 - lambda)) },
    "no-share": { tdLambdaTargets: lambdas((r, _, g, gamma, lambda) => r + gamma * lambda * g) },
    undiscounted: { tdLambdaTargets: lambdas((r, v, g, _, lambda) => right(r, v, g, 1, lambda)) },
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
    "entropy-sign": softly((logp, logpRef, beta) => beta * (logpRef - logp)),
    "no-reference": softly((logp, _, beta) => beta * logp),
    "no-temperature": softly((logp, logpRef) => logp - logpRef),
    unweighted: {
      softValue: (...[q, logp, beta, logpRef]: Soft) =>
        q.reduce((sum, x, a) => sum + x - beta * (logp[a] - logpRef[a]), 0),
    },
    "temperature-sign": {
      nextLogBeta: (logBeta: number, entropies: number[], target: number, rate: number) =>
        logBeta + rate * (average(entropies) - target),
    },
    "temperature-sum": {
      nextLogBeta: (logBeta: number, entropies: number[], target: number, rate: number) =>
        logBeta -
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
    overflow: {
      scoreFeatures: (logits: number[]) => {
        const weights = logits.map(Math.exp);
        const total = weights.reduce((a, b) => a + b, 0);
        return logits.map((_, a) => weights.map((w, b) => (a === b ? 1 : 0) - w / total));
      },
    },
  },
  "09/one-list": {
    "return-leaks": { targetsOfBatch: texts(({ forecast, ended }) => ({ forecast: ended ? 0 : forecast })) },
    "forecast-leaks": { targetsOfBatch: texts(({ next, ended }) => ({ next: ended ? 0 : next })) },
    "nothing-is-cut": { targetsOfBatch: texts(() => ({})) },
    "cut-one-off": { targetsOfBatch: texts(({ endsNext }) => (endsNext ? { next: 0, forecast: 0 } : {})) },
  },
  "09/actor-critic": {
    unlearns: { trainActorCritic: learner({ step: (score, delta) => -delta * score }) },
    "no-forecast": { trainActorCritic: learner({ forecast: () => 0 }) },
    "past-the-end": { trainActorCritic: learner({ forecast: (values, after) => values[after < 0 ? 0 : after] }) },
    "critic-stands-still": { trainActorCritic: learner({ critic: () => 0 }) },
    "critic-wrong-way": { trainActorCritic: learner({ critic: (delta) => -delta }) },
    "no-normaliser": { trainActorCritic: learner({ step: (_, delta, drawn) => (drawn ? delta : 0) }) },
    greedy: { trainActorCritic: learner({ choose: (pi) => pi.indexOf(Math.max(...pi)) }) },
    "credited-twice": { trainActorCritic: learner({ again: true }) },
    "same-rate": { trainActorCritic: learner({ oneRate: true }) },
  },
};
