import { logSoftmax } from "../../numerics/index.js";
import { explainedVariance, lambdaReturns, nStepReturns, softValue } from "../../policy/index.js";
import { type Key, normal, split, uniform } from "../../random/index.js";
import { exercise } from "../exercise.js";

const list = (key: Key, n: number) => Array.from(normal(key, n));
const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** What an n-step return is, and what it is when somebody errs. */
function nStep(
  rewards: number[],
  values: number[],
  t: number,
  n: number,
  discount: number,
  { after = 0, bootstrap = discount ** n, count = n } = {},
): number {
  const T = rewards.length;
  const end = Math.min(t + count, T);
  let sum = 0;
  for (let u = t; u < end; u++) sum += discount ** (u - t) * rewards[u];
  if (t + n < T) return sum + bootstrap * values[t + n];
  return sum + (after === 0 ? 0 : discount ** (end - t) * after);
}

export const nStepExercise = exercise({
  id: "09/n-step",
  title: "The n-step return",
  difficulty: 2,
  minutes: 8,
  gives: ["nStepReturn"],
  watches: {
    "past-the-end":
      "Something was added for what comes after the end. Where fewer than n rewards are left, the return is what they add up to: nothing follows, so nothing is forecast.",
    "bootstrap-undiscounted":
      "The critic's forecast is not discounted. It stands for rewards from step t + n on, n steps away: multiply it by gamma to the n.",
    "one-reward-too-many":
      "One reward too many: after n rewards, r_t to r_(t+n-1), the critic takes over. V_(t+n) already counts r_(t+n).",
    undiscounted: "The rewards are not discounted: r_(t+k) counts gamma to the k.",
  },
  parts: [
    {
      name: "far from the end: n rewards, then the critic",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const [rewards, values, discount] = [list(a, 6), list(b, 6), uniform(c, 1, 0.5, 0.9)[0]];
        for (const n of [1, 3]) {
          const plain = (g: number) => rewards.slice(1, 1 + n).reduce((x, y) => x + y, 0) + g * values[1 + n];
          t.mistakes(
            await given.nStepReturn([...rewards], [...values], 1, n, discount),
            {
              right: nStepReturns(rewards, [...values, 0], { n, discount })[1],
              "bootstrap-undiscounted": nStep(rewards, values, 1, n, discount, { bootstrap: 1 }),
              "one-reward-too-many": nStep(rewards, values, 1, n, discount, { count: n + 1 }),
              undiscounted: plain(discount ** n),
            },
            1e-9,
            `the ${n}-step return from step 1 of 6, gamma ${discount.toFixed(2)}`,
          );
        }
      },
    },
    {
      name: "near the end: the rewards that are left, and no forecast",
      points: 1,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const [rewards, values, discount] = [list(a, 5), list(b, 5), uniform(c, 1, 0.5, 0.9)[0]];
        for (const n of [2, 4]) {
          const right = nStep(rewards, values, 3, n, discount);
          t.mistakes(
            await given.nStepReturn([...rewards], [...values], 3, n, discount),
            {
              right,
              "past-the-end": nStep(rewards, values, 3, n, discount, { after: values[4] }),
              undiscounted: rewards[3] + rewards[4],
            },
            1e-9,
            `the ${n}-step return from step 3 of 5: two rewards are left`,
          );
        }
      },
    },
  ],
});

/** Lambda-returns backwards, with what may go wrong. */
function lambdas(
  rewards: number[],
  values: number[],
  discount: number,
  lambda: number,
  { after = 0, critic = 1 - lambda, own = lambda, gamma = discount } = {},
): number[] {
  const out = new Array<number>(rewards.length);
  let next = after;
  for (let t = rewards.length - 1; t >= 0; t--) {
    const forecast = t + 1 < rewards.length ? values[t + 1] : after;
    next = rewards[t] + gamma * (critic * forecast + own * next);
    out[t] = next;
  }
  return out;
}

export const tdLambdaExercise = exercise({
  id: "09/td-lambda",
  title: "TD(lambda), backwards in one pass",
  difficulty: 3,
  minutes: 12,
  gives: ["lambdaReturns"],
  watches: {
    "past-the-end":
      "The last return holds a forecast of what comes after the end, as if the text went on. G of the last step is its reward alone: start the pass with 0.",
    swapped:
      "lambda stands on the wrong term: lambda weighs the return that goes on, 1 - lambda the critic's word. With lambda = 1 the critic must not be heard at all.",
    "no-share":
      "The critic's share (1 - lambda) V_(t+1) is missing: what lambda takes away from the future is lost instead of forecast.",
    undiscounted: "The discount is missing before what comes next: G_t = r_t + gamma ( ... ).",
  },
  parts: [
    {
      name: "matches equation (4) on a random series",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const [rewards, values] = [list(a, 5), list(b, 5)];
        const [discount, lambda] = [uniform(c, 1, 0.6, 0.95)[0], uniform(d, 1, 0.55, 0.9)[0]];
        t.mistakes(
          await given.lambdaReturns([...rewards], [...values], discount, lambda),
          {
            right: Array.from(lambdaReturns(rewards, [...values, 0], { discount, lambda })),
            "past-the-end": lambdas(rewards, values, discount, lambda, { after: values[4] }),
            swapped: lambdas(rewards, values, discount, lambda, { critic: lambda, own: 1 - lambda }),
            "no-share": lambdas(rewards, values, discount, lambda, { critic: 0 }),
            undiscounted: lambdas(rewards, values, discount, lambda, { gamma: 1 }),
          },
          1e-9,
          `lambda-returns of five steps, gamma ${discount.toFixed(2)}, lambda ${lambda.toFixed(2)}`,
        );
      },
    },
    {
      name: "lambda = 1 is Monte Carlo, and a text of one token is worth its reward",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const [rewards, values] = [list(a, 4), list(b, 4)];
        t.mistakes(
          await given.lambdaReturns([...rewards], [...values], 0.9, 1),
          {
            right: lambdas(rewards, values, 0.9, 1),
            "past-the-end": lambdas(rewards, values, 0.9, 1, { after: values[3] }),
            swapped: lambdas(rewards, values, 0.9, 1, { critic: 1, own: 0 }),
            undiscounted: lambdas(rewards, values, 1, 1),
          },
          1e-9,
          "lambda-returns with lambda 1",
        );
        t.mistakes(
          await given.lambdaReturns([rewards[0]], [values[0]], 0.9, 0.5),
          { right: [rewards[0]], "past-the-end": [rewards[0] + 0.9 * values[0]] },
          1e-9,
          "the lambda-return of a single step",
        );
      },
    },
  ],
});

export const actorLossExercise = exercise({
  id: "09/actor-loss",
  title: "An actor's loss that leaves the critic alone",
  difficulty: 3,
  minutes: 12,
  gives: ["a2cGradients"],
  watches: {
    "lets-it-flow":
      "The actor's loss reached into the critic: its gradient with respect to V, logp / T, was added. The advantage is data. What would the critic learn if it could please the actor? (It would rise wherever a token is unlikely.)",
    "wrong-sign":
      "The actor's gradient has the wrong sign. A loss is descended: to make a good token (positive advantage) likelier, d loss / d logp must be negative.",
    "no-baseline": "The actor is driven by the return alone. Where is the critic's forecast? A = G - V.",
    "sum-for-mean": "These are the gradients of sums. Both losses are means over the T tokens.",
    "critic-sign":
      "The critic's gradient has the wrong sign: descending it would drive V away from G. d/dV of (G - V)^2 / 2 is V - G.",
  },
  parts: [
    {
      name: "both gradients, token by token",
      points: 3,
      look: "equation (6)",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const T = 4;
        const logp = Array.from(uniform(a, T, -3, -0.2));
        const [values, returns] = [list(b, T), list(c, T)];
        const weight = uniform(d, 1, 0.3, 0.9)[0];
        const actor = returns.map((g, i) => -(g - values[i]) / T);
        const critic = returns.map((g, i) => (weight * (values[i] - g)) / T);
        const negated = (x: number[]) => x.map((y) => -y);
        t.mistakes(
          await given.a2cGradients([...logp], [...values], [...returns], weight),
          {
            right: { actor, critic },
            "lets-it-flow": { actor, critic: critic.map((slope, i) => slope + logp[i] / T) },
            "wrong-sign": { actor: negated(actor), critic },
            "no-baseline": { actor: returns.map((g) => -g / T), critic },
            "sum-for-mean": { actor: actor.map((x) => x * T), critic: critic.map((x) => x * T) },
            "critic-sign": { actor, critic: negated(critic) },
          },
          1e-9,
          "the two gradients of a text of four tokens",
        );
      },
    },
    {
      name: "a critic that is right is left in peace, whatever the tokens",
      points: 1,
      async run(given, t) {
        const logp = Array.from(uniform(t.key, 3, -4, -1));
        t.mistakes(
          await given.a2cGradients([...logp], [1, 2, 3], [1, 2, 3], 0.5),
          {
            right: { actor: [0, 0, 0], critic: [0, 0, 0] },
            "lets-it-flow": { actor: [0, 0, 0], critic: logp.map((x) => x / 3) },
            "no-baseline": { actor: [-1 / 3, -2 / 3, -1], critic: [0, 0, 0] },
          },
          1e-9,
          "the gradients where V = G",
        );
      },
    },
  ],
});

export const explainedVarianceExercise = exercise({
  id: "09/explained-variance",
  title: "Explained variance",
  difficulty: 1,
  minutes: 6,
  gives: ["explainedVariance"],
  watches: {
    "counts-the-offset":
      "An error that is the same everywhere was held against the critic. As a baseline it does no harm: take the variance of the errors, not their mean square.",
    correlation:
      "This is the squared correlation. It is blind to scale: a critic that says everything ten times too large would be perfect.",
    "wrong-denominator":
      "The denominator is the variance of the returns: that is what is to be explained, not what the critic says.",
    "not-subtracted": "This is the share that is left unexplained. One minus it.",
  },
  parts: [
    {
      name: "matches equation (7)",
      points: 1,
      look: "equation (7)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const returns = list(a, 8).map((g) => 2 * g);
        const values = list(b, 8).map((noise, i) => 0.6 * returns[i] + 0.5 * noise + 1.5);
        const variance = (x: number[]) => average(x.map((y) => (y - average(x)) ** 2));
        const error = returns.map((g, i) => g - values[i]);
        const right = explainedVariance(values, returns);
        const covariance = average(returns.map((g, i) => (g - average(returns)) * (values[i] - average(values))));
        t.mistakes(
          await given.explainedVariance([...values], [...returns]),
          {
            right,
            "counts-the-offset": 1 - average(error.map((e) => e * e)) / variance(returns),
            correlation: covariance ** 2 / (variance(returns) * variance(values)),
            "wrong-denominator": 1 - variance(error) / variance(values),
            "not-subtracted": 1 - right,
          },
          1e-9,
          "the explained variance of eight tokens",
        );
      },
    },
    {
      name: "1 for a perfect critic, 0 for a constant one, below 0 for one that is upside down",
      points: 1,
      async run(given, t) {
        const returns = [1, 2, 4, 8];
        for (const [values, right, correlation] of [
          [returns, 1, 1],
          [[3, 3, 3, 3], 0, undefined],
          [returns.map((g) => -g), -3, 1],
        ] as const) {
          t.mistakes(
            await given.explainedVariance([...values], [...returns]),
            { right, correlation, "not-subtracted": 1 - right },
            1e-9,
            `returns [${returns}], values [${values}]`,
          );
        }
      },
    },
  ],
});

export const softExercise = exercise({
  id: "09/soft-value",
  title: "Soft value and temperature",
  difficulty: 3,
  minutes: 12,
  gives: ["softValue", "nextLogAlpha"],
  watches: {
    "entropy-sign":
      "The penalty is added where it should be taken away: being far from the reference costs alpha per nat. (log pi - log ref is positive for words that pi likes more.)",
    "no-reference":
      "The reference is missing: this is the papers' entropy, where every word costs the same. Subtract log ref from log pi.",
    "no-temperature": "alpha is missing: the penalty has its price.",
    unweighted: "The sum over actions is not weighted by their chances pi(a) = exp(logp).",
    "temperature-sign":
      "The temperature moves the wrong way. A policy that is less random than asked for needs a higher price on certainty: log alpha must rise.",
    "temperature-sum": "The step is too large: the loss is the mean over states, not the sum.",
  },
  parts: [
    {
      name: "the soft value of a state",
      points: 2,
      look: "equation (8)",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const q = list(a, 4);
        const logp = logSoftmax(list(b, 4));
        const logRef = logSoftmax(list(c, 4));
        const alpha = uniform(d, 1, 0.2, 0.8)[0];
        const p = logp.map(Math.exp);
        const kl = dot(
          p,
          logp.map((x, i) => x - logRef[i]),
        );
        t.mistakes(
          await given.softValue([...q], [...logp], [...logRef], alpha),
          {
            right: softValue(q, logp, alpha, logRef),
            "entropy-sign": dot(p, q) + alpha * kl,
            "no-reference": dot(p, q) - alpha * dot(p, logp),
            "no-temperature": dot(p, q) - kl,
            unweighted: q.reduce((sum, x, i) => sum + x - alpha * (logp[i] - logRef[i]), 0),
          },
          1e-9,
          "the soft value of four actions",
        );
      },
    },
    {
      name: "the step of the temperature",
      points: 1,
      look: "equation (9)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const entropies = Array.from(uniform(a, 3, 0.1, 0.6));
        const now = normal(b, 1)[0];
        const gap = average(entropies) - 0.9;
        t.mistakes(
          await given.nextLogAlpha(now, [...entropies], 0.9, 0.1),
          {
            right: now - 0.1 * gap,
            "temperature-sign": now + 0.1 * gap,
            "temperature-sum": now - 0.1 * entropies.reduce((sum, h) => sum + h - 0.9, 0),
          },
          1e-9,
          "log alpha after one step, three states of too little entropy",
        );
      },
    },
  ],
});

export const compatibleExercise = exercise({
  id: "09/compatible",
  title: "Compatible features of a softmax",
  difficulty: 2,
  minutes: 10,
  gives: ["compatibleFeatures"],
  watches: {
    "one-hot":
      "This is the one-hot of the action alone. Raising one logit lowers every chance a little, through the normaliser: subtract pi.",
    transposed:
      "Row and column are exchanged: row a is about action a, its entries about the logits b. The entry is [a = b] - pi(b).",
    "wrong-sign":
      "The sign is turned round: raising an action's own logit makes it likelier, so the diagonal is positive.",
    "of-pi": "This is the derivative of pi(a), not of log pi(a): the score has no factor pi(a) before it.",
  },
  parts: [
    {
      name: "is the derivative of the log-probability",
      points: 2,
      look: "equation (10)",
      async run(given, t) {
        const logits = list(t.key, 4);
        const pi = logSoftmax(logits).map(Math.exp);
        const by = (f: (a: number, b: number) => number) => pi.map((_, a) => pi.map((_, b) => f(a, b)));
        const same = (a: number, b: number) => (a === b ? 1 : 0);
        t.mistakes(
          await given.compatibleFeatures([...logits]),
          {
            right: by((a, b) => same(a, b) - pi[b]),
            "one-hot": by(same),
            transposed: by((a, b) => same(a, b) - pi[a]),
            "wrong-sign": by((a, b) => pi[b] - same(a, b)),
            "of-pi": by((a, b) => pi[a] * (same(a, b) - pi[b])),
          },
          1e-9,
          "the features of four actions",
        );
      },
    },
    {
      name: "adds up to nothing under the policy",
      points: 1,
      async run(given, t) {
        const logits = list(t.key, 3);
        const pi = logSoftmax(logits).map(Math.exp);
        const rows = (await given.compatibleFeatures([...logits])) as number[][];
        if (!Array.isArray(rows) || rows.length !== 3) t.fail("Three actions give three rows of three numbers.");
        const means = [0, 1, 2].map((b) =>
          dot(
            pi,
            rows.map((row) => row[b]),
          ),
        );
        t.near(
          means,
          [0, 0, 0],
          1e-9,
          "the mean of the features under the policy (so they can hold no V, only advantages)",
        );
      },
    },
  ],
});
