import { logSoftmax } from "rlhf-lab/numerics";
import { explainedVariance, lambdaReturns, nStepReturns, softValue } from "rlhf-lab/policy";
import { type Key, normal, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

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
  gives: ["tdLambdaTargets"],
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
          await given.tdLambdaTargets([...rewards], [...values], discount, lambda),
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
          await given.tdLambdaTargets([...rewards], [...values], 0.9, 1),
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
          await given.tdLambdaTargets([rewards[0]], [values[0]], 0.9, 0.5),
          { right: [rewards[0]], "past-the-end": [rewards[0] + 0.9 * values[0]] },
          1e-9,
          "the lambda-return of a single step",
        );
      },
    },
  ],
});

/** Lambda-returns of texts that stand one after the other in one list, with what may go wrong. */
function manyTexts(
  rewards: readonly number[],
  values: readonly number[],
  ends: readonly boolean[],
  discount: number,
  lambda: number,
  { cutReturn = true, cutForecast = true, shift = 0 } = {},
): number[] {
  const out = new Array<number>(rewards.length);
  let [next, forecast] = [0, 0];
  for (let t = rewards.length - 1; t >= 0; t--) {
    if (ends[t + shift]) {
      if (cutReturn) next = 0;
      if (cutForecast) forecast = 0;
    }
    next = rewards[t] + discount * ((1 - lambda) * forecast + lambda * next);
    forecast = values[t];
    out[t] = next;
  }
  return out;
}

export const oneListExercise = exercise({
  id: "09/one-list",
  title: "Find the bug: a batch in one list",
  difficulty: 2,
  minutes: 8,
  gives: ["targetsOfBatch"],
  watches: {
    "return-leaks":
      "What the next text was paid leaks into this one. At an end both of the variables that come from behind must be 0: the critic's word is, the return is not.",
    "forecast-leaks":
      "The critic's word about the next text's beginning leaks into this one. At an end both of the variables that come from behind must be 0: the return is, the forecast is not.",
    "nothing-is-cut": "The list is treated as one long text. Where ends[t] is true, nothing follows token t.",
    "cut-one-off":
      "The cut is one token off: ends[t] says that token t is the last of its text, so it is token t that nothing follows.",
  },
  parts: [
    {
      name: "three texts of different lengths",
      points: 2,
      look: "equation (4), and what holds after the last token of each text",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const ends = [false, false, true, false, true, false, false, true];
        const [rewards, values] = [list(a, 8), list(b, 8)];
        const [discount, lambda] = [uniform(c, 1, 0.7, 0.95)[0], uniform(d, 1, 0.3, 0.7)[0]];
        const of = (wrong: Parameters<typeof manyTexts>[5]) =>
          manyTexts(rewards, values, ends, discount, lambda, wrong);
        t.mistakes(
          await given.targetsOfBatch([...rewards], [...values], [...ends], discount, lambda),
          {
            right: of({}),
            "return-leaks": of({ cutReturn: false }),
            "forecast-leaks": of({ cutForecast: false }),
            "nothing-is-cut": of({ cutReturn: false, cutForecast: false }),
            "cut-one-off": of({ shift: 1 }),
          },
          1e-9,
          "the targets of texts of three, two and three tokens",
        );
      },
    },
    {
      name: "one text alone is what it was in exercise 2",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const [rewards, values] = [list(a, 4), list(b, 4)];
        t.near(
          await given.targetsOfBatch([...rewards], [...values], [false, false, false, true], 0.9, 0.6),
          lambdas(rewards, values, 0.9, 0.6),
          1e-9,
          "the targets of one text of four tokens",
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
          1e-6,
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
          1e-6,
          "the gradients where V = G",
        );
      },
    },
  ],
});

/** A game on a tree as the exercise has it: from state s word a leads to next[s * words + a], or ends it (-1). */
interface Game {
  words: number;
  next: number[];
  reward: number[];
}

/** Two words, two tokens: states 0, and 1 or 2 after the first word. Pays by the number of the pair. */
const pairGame = (pays: readonly number[]): Game => ({
  words: 2,
  next: [1, 2, -1, -1, -1, -1],
  reward: [0, 0, ...pays],
});

interface Wrong {
  forecast?: (values: number[], state: number, after: number) => number;
  critic?: number;
  actor?: number;
  normalised?: boolean;
  drawn?: boolean;
  again?: boolean;
}

/** One-step actor-critic on a table, word by word, with what may go wrong. */
function oneStepActorCritic(
  { words, next, reward }: Game,
  luck: readonly number[],
  actorRate: number,
  criticRate: number,
  { forecast = (v, _, after) => (after < 0 ? 0 : v[after]), critic = 1, actor = 1, ...wrong }: Wrong = {},
): { logits: number[][]; values: number[] } {
  const states = next.length / words;
  const logits = Array.from({ length: states }, () => new Array<number>(words).fill(0));
  const values = new Array<number>(states).fill(0);
  let state = 0;
  for (const u of luck) {
    const pi = logSoftmax(logits[state]).map(Math.exp);
    let word = 0;
    if (wrong.drawn === false) word = pi.indexOf(Math.max(...pi));
    else for (let rest = u - pi[0]; rest >= 0 && word < words - 1; rest -= pi[word]) word++;
    const after = next[state * words + word];
    const delta = reward[state * words + word] + forecast(values, state, after) - values[state];
    values[state] += critic * criticRate * delta;
    const credit = wrong.again ? reward[state * words + word] + forecast(values, state, after) - values[state] : delta;
    for (let b = 0; b < words; b++) {
      const minus = wrong.normalised === false ? 0 : pi[b];
      logits[state][b] += actor * actorRate * credit * ((b === word ? 1 : 0) - minus);
    }
    state = after < 0 ? 0 : after;
  }
  return { logits, values };
}

/** E[reward] of the policy, exactly. */
function worth({ words, next, reward }: Game, logits: readonly ArrayLike<number>[], state = 0): number {
  return logSoftmax(Array.from(logits[state])).reduce((sum, logp, word) => {
    const at = state * words + word;
    return sum + Math.exp(logp) * (reward[at] + (next[at] < 0 ? 0 : worth({ words, next, reward }, logits, next[at])));
  }, 0);
}

export const actorCriticExercise = exercise({
  id: "09/actor-critic",
  title: "Actor and critic, from nothing",
  difficulty: 4,
  minutes: 20,
  gives: ["trainActorCritic"],
  watches: {
    unlearns: "The actor goes the wrong way: what went better than expected (delta above 0) must become likelier.",
    "no-forecast":
      "delta has no forecast of what comes next, so a word is only credited with its own reward: all but the last earn nothing. Add values[next state].",
    "past-the-end":
      "Something is forecast after the end: delta of a last word is its reward minus V, and values[-1] or the next text's beginning do not belong in it.",
    "critic-stands-still": "The critic never moves: values[s] += criticRate * delta is missing.",
    "critic-wrong-way":
      "The critic moves away from its target: values[s] grows by criticRate times delta, not by minus that.",
    "no-normaliser":
      "Only the logit of the word drawn moves. The score is [b = a] - pi(b): the other words' logits move too.",
    greedy: "The likeliest word is taken where one should be drawn: what is never tried is never learned about.",
    "credited-twice":
      "delta is computed anew after the critic has moved. Credit the word once, then let both step by the same delta.",
    "same-rate": "Actor and critic have a rate each: the logits move by actorRate, the values by criticRate.",
  },
  parts: [
    {
      name: "the first twelve words, number by number",
      points: 3,
      look: "equations (1) and (2), and the four lines above the exercise",
      async run(given, t) {
        const [a, b] = split(t.key);
        const game = { ...pairGame(list(a, 4)), reward: [...list(b, 2), ...list(a, 4)] };
        // All four texts, and one of them again; no number near 1/2, where rounding would decide.
        const luck = [0.1, 0.1, 0.9, 0.9, 0.1, 0.9, 0.9, 0.1, 0.1, 0.1, 0.9, 0.9];
        const of = (wrong: Wrong) => oneStepActorCritic(game, luck, 0.3, 0.2, wrong);
        t.mistakes(
          await given.trainActorCritic({ ...game }, [...luck], 0.3, 0.2),
          {
            right: of({}),
            unlearns: of({ actor: -1 }),
            "no-forecast": of({ forecast: () => 0 }),
            "past-the-end": of({ forecast: (v, _, after) => v[Math.max(after, 0)] }),
            "critic-stands-still": of({ critic: 0 }),
            "critic-wrong-way": of({ critic: -1 }),
            "no-normaliser": of({ normalised: false }),
            greedy: of({ drawn: false }),
            "credited-twice": of({ again: true }),
            "same-rate": oneStepActorCritic(game, luck, 0.3, 0.3),
          },
          1e-6,
          "logits and values after six texts of two words, actorRate 0.3, criticRate 0.2",
        );
      },
    },
    {
      name: "learns: the first word is paid only at the end",
      points: 1,
      async run(given, t) {
        const game = pairGame([0, 0, 1, 1]);
        const luck = Array.from(uniform(t.key, 2000));
        const { logits, values } = await given.trainActorCritic({ ...game }, luck, 0.3, 0.2);
        const earned = worth(game, logits);
        if (!(earned > 0.9)) t.fail(`After 1000 texts the policy earns ${earned.toFixed(2)} of 1; it began with 0.50.`);
        t.near(values[2], 1, 0.01, "the critic's word about the state that pays 1 for sure");
      },
    },
  ],
});

/** Who guards a denominator by 1e-8, as trainers do, is right too: the returns vary. */
const EPSILON = 1e-7;

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
          EPSILON,
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
            EPSILON,
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
  gives: ["softValue", "nextLogBeta"],
  watches: {
    "entropy-sign":
      "The penalty is added where it should be taken away: being far from the reference costs beta per nat. (log pi - log pi_ref is positive for words that pi likes more.)",
    "no-reference":
      "The reference is missing: this is the papers' entropy, where every word costs the same. Subtract log pi_ref from log pi.",
    "no-temperature": "beta is missing: the penalty has its price.",
    unweighted: "The sum over actions is not weighted by their probabilities pi(a) = exp(logp).",
    "temperature-sign":
      "The temperature moves the wrong way. A policy that is less random than asked for needs a higher price on certainty: log beta must rise.",
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
        const logpRef = logSoftmax(list(c, 4));
        const beta = uniform(d, 1, 0.2, 0.8)[0];
        const p = logp.map(Math.exp);
        const kl = dot(
          p,
          logp.map((x, i) => x - logpRef[i]),
        );
        t.mistakes(
          await given.softValue([...q], [...logp], beta, [...logpRef]),
          {
            right: softValue(q, logp, beta, logpRef),
            "entropy-sign": dot(p, q) + beta * kl,
            "no-reference": dot(p, q) - beta * dot(p, logp),
            "no-temperature": dot(p, q) - kl,
            unweighted: q.reduce((sum, x, i) => sum + x - beta * (logp[i] - logpRef[i]), 0),
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
          await given.nextLogBeta(now, [...entropies], 0.9, 0.1),
          {
            right: now - 0.1 * gap,
            "temperature-sign": now + 0.1 * gap,
            "temperature-sum": now - 0.1 * entropies.reduce((sum, h) => sum + h - 0.9, 0),
          },
          1e-9,
          "log beta after one step, three states of too little entropy",
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
  gives: ["scoreFeatures"],
  watches: {
    "one-hot":
      "This is the one-hot of the action alone. Raising one logit lowers every probability a little, through the normaliser: subtract pi.",
    transposed:
      "Row and column are exchanged: row a is about action a, its entries about the logits b. The entry is [a = b] - pi(b).",
    "wrong-sign":
      "The sign is turned round: raising an action's own logit makes it likelier, so the diagonal is positive.",
    "of-pi": "This is the derivative of pi(a), not of log pi(a): the score has no factor pi(a) before it.",
    overflow:
      "With logits around 1000 this is not a number any more: exp(1000) is Infinity. Subtract the largest logit first; the softmax does not notice.",
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
          await given.scoreFeatures([...logits]),
          {
            right: by((a, b) => same(a, b) - pi[b]),
            "one-hot": by(same),
            transposed: by((a, b) => same(a, b) - pi[a]),
            "wrong-sign": by((a, b) => pi[b] - same(a, b)),
            "of-pi": by((a, b) => pi[a] * (same(a, b) - pi[b])),
          },
          1e-6,
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
        const rows = (await given.scoreFeatures([...logits])) as ArrayLike<number>[];
        if (rows?.length !== 3) t.fail("Three actions give three rows of three numbers.");
        const means = [0, 1, 2].map((b) =>
          dot(
            pi,
            Array.from(rows, (row) => row[b]),
          ),
        );
        t.near(
          means,
          [0, 0, 0],
          1e-6,
          "the mean of the features under the policy (so they can hold no V, only advantages)",
        );
      },
    },
    {
      name: "holds for large logits",
      points: 1,
      async run(given, t) {
        const logits = list(t.key, 3).map((z) => 1000 + z);
        const pi = logSoftmax(logits).map(Math.exp);
        const got = (await given.scoreFeatures([...logits])) as ArrayLike<number>[];
        if (
          Array.from(got ?? [], (row) => Array.from(row ?? []))
            .flat()
            .some(Number.isNaN)
        )
          t.mistake("overflow");
        const want = pi.map((_, a) => pi.map((p, b) => (a === b ? 1 : 0) - p));
        t.near(got, want, 1e-6, "the features of three actions, logits around 1000");
      },
    },
  ],
});
