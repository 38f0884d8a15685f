import { type Key, normal, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
/** Random probabilities, none of them tiny. */
const shares = (key: Key, n: number) => {
  const masses = list(uniform(key, n)).map((u) => 0.2 + u);
  return masses.map((m) => m / total(masses));
};

function worstAnswers(reward: readonly number[], utility: readonly number[]) {
  const tied = utility.filter((_, i) => reward[i] >= most(reward) - 1e-9);
  return {
    right: most(utility) - least(tied),
    "best-case": most(utility) - most(tied),
    "mean-of-ties": most(utility) - total(tied) / tied.length,
    "among-the-tied": most(tied) - least(tied),
    "turned-round": least(tied) - most(utility),
    "reward-for-utility": most(reward) - least(tied),
  };
}

export const worstOptimumExercise = exercise({
  id: "15/worst-optimum",
  title: "The worst of the best",
  difficulty: 2,
  minutes: 8,
  gives: ["worstCost"],
  watches: {
    "best-case":
      "You took the optimum that people like best. Nobody tells the agent to choose that one: take the least.",
    "mean-of-ties": "You took the mean over the tied optima. The worst case is the least of them.",
    "among-the-tied": "The first number is the best utility of all policies, not of the optima of the reward.",
    "turned-round": "The sign is turned round: a cost is the best utility minus what is got.",
    "reward-for-utility": "You subtracted a utility from a reward. Both numbers are utilities.",
  },
  parts: [
    {
      name: "five policies, three of which tie",
      points: 2,
      look: "the text above the exercise",
      async run(given, t) {
        const [reward, utility] = [
          [5, 5, 2, 5, 1],
          [3, 1.5, 4, 0.5, -2],
        ];
        t.mistakes(
          await given.worstCost([...reward], [...utility]),
          worstAnswers(reward, utility),
          1e-12,
          "the cost for rewards [5, 5, 2, 5, 1] and utilities [3, 1.5, 4, 0.5, -2]",
        );
      },
    },
    {
      name: "rewards equal up to rounding, and utilities below zero",
      points: 1,
      async run(given, t) {
        const utility = [-1, -3, 0.5, ...list(uniform(t.key, 3, -3, -1.5))];
        const reward = [0.3, 0.1 + 0.2, 0, -1, -2, 0.2];
        t.mistakes(
          await given.worstCost([...reward], [...utility]),
          worstAnswers(reward, utility),
          1e-12,
          "the cost where two rewards are 0.3 up to rounding",
        );
      },
    },
  ],
});

function softAnswers(q: readonly number[], tau: number) {
  const top = most(q);
  const sum = total(q.map((x) => Math.exp((x - top) / tau)));
  const masses = q.map((x) => Math.exp((x - top) / tau) / sum);
  return {
    right: top + tau * Math.log(sum),
    "hard-max": top,
    mean: dot(masses, q),
    "tau-outside-missing": top / tau + Math.log(sum),
    "tau-inside-missing": tau * (top + Math.log(total(q.map((x) => Math.exp(x - top))))),
    "mean-of-exponentials": top + tau * Math.log(sum / q.length),
  };
}

export const softBackupExercise = exercise({
  id: "15/soft-backup",
  title: "The soft backup",
  difficulty: 2,
  minutes: 6,
  gives: ["softMaximum"],
  watches: {
    "hard-max": "That is the greatest Q: the limit for tau to 0. The log of the sum is above it.",
    mean: "That is the mean of Q under the soft policy. V also counts the entropy: take tau times the log of the sum.",
    "tau-outside-missing": "The factor tau before the logarithm is missing.",
    "tau-inside-missing": "Q is not divided by tau inside the exponential.",
    "mean-of-exponentials": "You took the mean of the exponentials. Equation (1) has their sum.",
    overflow: "The exponential overflows for large Q / tau. Take the largest Q out first.",
  },
  parts: [
    {
      name: "three actions, two temperatures",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const [a, b] = split(t.key);
        for (const tau of [2, 0.4 + uniform(a, 1, 0, 0.2)[0]]) {
          const q = [1, -0.5, ...list(normal(b, 1))];
          t.mistakes(await given.softMaximum([...q], tau), softAnswers(q, tau), 1e-6, `V for tau = ${tau}`);
        }
      },
    },
    {
      name: "numbers that overflow",
      points: 1,
      async run(given, t) {
        const got = await given.softMaximum([0, 1000, 999], 1);
        if (!Number.isFinite(got)) t.mistake("overflow");
        t.mistakes(got, softAnswers([0, 1000, 999], 1), 1e-6, "V of [0, 1000, 999]");
        t.mistakes(
          await given.softMaximum([-2000, -2001], 1),
          softAnswers([-2000, -2001], 1),
          1e-6,
          "V of [-2000, -2001]",
        );
      },
    },
  ],
});

function gradientAnswers(
  episodes: readonly (readonly number[])[],
  features: readonly (readonly number[])[],
  model: readonly number[],
  gamma: number,
) {
  const occupied = (discount: number, normalise: "each" | "none" | "all") => {
    const mu = model.map(() => 0);
    const sums = episodes.map((episode) => total(episode.map((_, t) => discount ** t)));
    episodes.forEach((episode, e) => {
      episode.forEach((pair, t) => {
        const by = { each: sums[e] * episodes.length, none: episodes.length, all: total(sums) }[normalise];
        mu[pair] += discount ** t / by;
      });
    });
    return mu;
  };
  const from = (mu: readonly number[], other: readonly number[]) => features.map((f) => dot(f, mu) - dot(f, other));
  const expert = occupied(gamma, "each");
  return {
    right: from(expert, model),
    "turned-round": from(model, expert),
    undiscounted: from(occupied(1, "each"), model),
    "not-normalised": from(occupied(gamma, "none"), model),
    "long-episodes-count-more": from(occupied(gamma, "all"), model),
    "uniform-for-model": from(
      expert,
      model.map(() => 1 / model.length),
    ),
    "expert-alone": from(
      expert,
      model.map(() => 0),
    ),
  };
}

export const gradientExercise = exercise({
  id: "15/irl-gradient",
  title: "The gradient",
  difficulty: 3,
  minutes: 12,
  gives: ["irlGradient"],
  watches: {
    "turned-round": "The sign is turned round: what the expert meets, minus what the model meets.",
    undiscounted:
      "The steps are not discounted: step t of an episode weighs gamma^t, before the weights are made to add up to 1.",
    "not-normalised":
      "The weights of an episode do not add up to 1: divide gamma^t by the sum of that episode's weights.",
    "long-episodes-count-more":
      "Longer episodes count more. Normalise each episode by its own sum, then take the mean over episodes.",
    "uniform-for-model": "You subtracted what a uniform occupancy meets. Subtract what the model meets.",
    "expert-alone": "Only the expert's side is there. Subtract what the model meets.",
  },
  parts: [
    {
      name: "two episodes of different lengths, three features",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        await askGradient(
          given,
          t,
          [
            [0, 2, 2, 4],
            [1, 3],
          ],
          t.key,
          0.5,
        );
      },
    },
    {
      name: "another discount, an episode of one step",
      points: 1,
      async run(given, t) {
        const [key] = split(t.key);
        await askGradient(given, t, [[4], [0, 1, 2, 3, 4, 4], [2, 2]], key, 0.8);
      },
    },
  ],
});

async function askGradient(
  given: { irlGradient: (...args: unknown[]) => Promise<unknown> },
  t: { mistakes: (got: unknown, values: { right: unknown }, tolerance: number, message?: string) => void },
  episodes: readonly (readonly number[])[],
  key: Key,
  gamma: number,
) {
  const [a, b] = split(key);
  const features = [[1, 0, 0, 0, 2], [0, 1, 0, -1, 0], list(normal(a, 5))];
  const model = shares(b, 5);
  t.mistakes(
    await given.irlGradient(copy(episodes), copy(features), [...model], gamma),
    gradientAnswers(episodes, features, model, gamma),
    1e-6,
    `the gradient for ${episodes.length} episodes, gamma ${gamma}`,
  );
}

interface LoopSlips {
  sign?: number;
  stale?: boolean;
  from?: "model" | "uniform" | "expert";
  sum?: boolean;
  plain?: boolean;
}

/** The learner's loop of exercise 15/irl-loop, right or with one of its likely mistakes. */
function loop(
  features: readonly (readonly number[])[],
  expert: readonly number[],
  luck: readonly (readonly number[])[],
  rate: number,
  { sign = 1, stale = false, from = "model", sum = false, plain = false }: LoopSlips = {},
) {
  const w = features[0].map(() => 0);
  const shown = w.map((_, j) => total(features.map((f, a) => (plain ? 1 / features.length : expert[a]) * f[j])));
  return luck.map((draws) => {
    const scores = features.map((f) => (stale ? 0 : dot(f, w)));
    const masses = scores.map((score) => Math.exp(score - most(scores)));
    const model = masses.map((m) => m / total(masses));
    const drawnFrom = { model, uniform: model.map(() => 1 / model.length), expert }[from];
    const met = w.map(() => 0);
    for (const u of draws) {
      let [action, cumulative] = [0, drawnFrom[0]];
      while (cumulative <= u && action < features.length - 1) cumulative += drawnFrom[++action];
      features[action].forEach((x, j) => {
        met[j] += sum ? x : x / draws.length;
      });
    }
    shown.forEach((x, j) => {
      w[j] += sign * rate * (x - met[j]);
    });
    return [...w];
  });
}

function loopAnswers(...given: Parameters<typeof loop>) {
  const [features, expert, luck, rate] = given;
  const as = (slips: LoopSlips) => loop(features, expert, luck, rate, slips);
  return {
    right: as({}),
    "turned-round": as({ sign: -1 }),
    "model-not-updated": as({ stale: true }),
    "draws-from-the-expert": as({ from: "expert" }),
    "sum-for-mean": as({ sum: true }),
    "expert-uniform": as({ plain: true }),
  };
}

export const loopExercise = exercise({
  id: "15/irl-loop",
  title: "Learn by drawing",
  difficulty: 4,
  minutes: 20,
  gives: ["learnByDrawing"],
  watches: {
    "turned-round": "It walks downhill: credit is the expert's means minus those of what was drawn.",
    "model-not-updated":
      "Every round draws from the first model. Recompute the probabilities from the present w in each round.",
    "draws-from-the-expert":
      "The actions were drawn from the expert's shares. Draw from the model: the expert's side is known exactly.",
    "sum-for-mean": "The features drawn were added up. Take their mean, divided by the number of draws of that round.",
    "expert-uniform": "The expert's means weigh all actions alike. Weigh action a with shares[a].",
    "one-list": "All rounds return the same weights: push a copy of w, it goes on changing.",
  },
  parts: [
    {
      name: "three rounds by hand",
      points: 2,
      look: "the numbered steps",
      async run(given, t) {
        const features = [
          [1, 0],
          [0, 1],
          [1, 1],
          [0.5, -1],
        ];
        const expert = [0.5, 0.1, 0.3, 0.1];
        const luck = [
          [0.1, 0.3, 0.6, 0.95],
          [0.2, 0.45, 0.7],
          [0.05, 0.5, 0.55, 0.9, 0.99],
        ];
        const got = await given.learnByDrawing(copy(features), [...expert], copy(luck), 0.5);
        lastCopied(got, t);
        t.mistakes(got, loopAnswers(features, expert, luck, 0.5), 1e-6, "the weights after each of three rounds");
      },
    },
    {
      name: "forty rounds with random luck",
      points: 2,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const rows = list(normal(a, 15));
        const features = [0, 1, 2, 3, 4].map((i) => rows.slice(3 * i, 3 * i + 3));
        const expert = shares(b, 5);
        const draws = list(uniform(c, 400));
        const luck = Array.from({ length: 40 }, (_, i) => draws.slice(10 * i, 10 * i + 10));
        const got = await given.learnByDrawing(copy(features), [...expert], copy(luck), 0.2);
        lastCopied(got, t);
        t.mistakes(got, loopAnswers(features, expert, luck, 0.2), 1e-7, "the weights after each of forty rounds");
      },
    },
  ],
});

function lastCopied(got: unknown, t: { mistake: (name: "one-list") => never }) {
  if (!Array.isArray(got) || got.length < 2) return;
  const rows = got.map((row) => JSON.stringify(row));
  if (rows.every((row) => row === rows[0])) t.mistake("one-list");
}

interface ExplainSlips {
  gamma?: number;
  tau?: number;
  value?: number;
  swap?: boolean;
  first?: boolean;
  probability?: boolean;
}

function explained(
  next: readonly (readonly number[])[],
  policy: readonly (readonly number[])[],
  value: readonly number[],
  { gamma = 1, tau = 1, value: sign = 1, first = false, probability = false }: ExplainSlips,
) {
  return policy.map((row, s) =>
    row.map(
      (p, a) => tau * (probability ? p : Math.log(p)) + sign * (value[s] - gamma * value[next[s][first ? 0 : a]]),
    ),
  );
}

function explainAnswers(
  next: readonly (readonly number[])[],
  policy: readonly (readonly number[])[],
  value: readonly number[],
  gamma: number,
  tau: number,
) {
  const as = (slips: ExplainSlips) => explained(next, policy, value, { gamma, tau, ...slips });
  return {
    right: as({}),
    "no-gamma": as({ gamma: 1 }),
    "no-tau": as({ tau: 1 }),
    "turned-round": as({ value: -1 }),
    "first-action": as({ first: true }),
    "no-logarithm": as({ probability: true }),
  };
}

export const explainExercise = exercise({
  id: "15/explaining-reward",
  title: "A reward that explains",
  difficulty: 3,
  minutes: 10,
  gives: ["explain"],
  watches: {
    "no-gamma": "The value of the next state is not discounted: multiply it by gamma.",
    "no-tau": "The temperature is missing: tau times the log-probability.",
    "turned-round": "The values stand with turned signs: plus V of this state, minus gamma V of the next.",
    "first-action": "Every action is taken to lead where action 0 leads. Use next[s][a].",
    "no-logarithm": "You took the probability. Equation (3) has its logarithm.",
  },
  parts: [
    {
      name: "two states, gamma 0.5, values of size 10",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const [next, policy, value] = [
          [
            [0, 1],
            [1, 0],
          ],
          [
            [0.3, 0.7],
            [0.9, 0.1],
          ],
          [10, -4],
        ];
        t.mistakes(
          await given.explain(copy(next), copy(policy), [...value], 0.5, 2),
          explainAnswers(next, policy, value, 0.5, 2),
          1e-6,
          "the reward for values [10, -4]",
        );
      },
    },
    {
      name: "four states, three actions, random values",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const next = [
          [1, 2, 3],
          [0, 1, 2],
          [3, 3, 0],
          [2, 0, 1],
        ];
        const policy = next.map((_, s) => shares(split(a, 4)[s], 3));
        const value = list(normal(b, 4)).map((z) => 5 * z);
        t.mistakes(
          await given.explain(copy(next), copy(policy), [...value], 0.8, 0.5),
          explainAnswers(next, policy, value, 0.8, 0.5),
          1e-6,
          "the reward",
        );
      },
    },
  ],
});

function posterior(
  weights: readonly (readonly number[])[],
  counts: readonly (readonly number[])[],
  beta: number,
  form: (pays: number[]) => number,
) {
  const logits = weights.map((w) => form(counts.map((phi) => beta * dot(w, phi))));
  const masses = logits.map((x) => Math.exp(x - most(logits)));
  return masses.map((m) => m / total(masses));
}

function designAnswers(
  weights: readonly (readonly number[])[],
  counts: readonly (readonly number[])[],
  chosen: number,
  beta: number,
) {
  const logSum = (pays: number[]) => most(pays) + Math.log(total(pays.map((x) => Math.exp(x - most(pays)))));
  const as = (form: (pays: number[]) => number, care = beta) => posterior(weights, counts, care, form);
  const right = as((pays) => pays[chosen] - logSum(pays));
  return {
    right,
    "no-normaliser": as((pays) => pays[chosen]),
    "turned-round": as((pays) => pays[chosen] - logSum(pays), -beta),
    "greatest-for-sum": as((pays) => pays[chosen] - most(pays)),
    "mean-for-sum": as((pays) => pays[chosen] - total(pays) / pays.length),
    "not-a-distribution": weights.map((w) => {
      const pays = counts.map((phi) => beta * dot(w, phi));
      return Math.exp(pays[chosen] - logSum(pays));
    }),
  };
}

export const bugExercise = exercise({
  id: "15/find-the-bug",
  title: "Find the bug: what did the designer mean?",
  difficulty: 3,
  minutes: 8,
  gives: ["designPosterior"],
  watches: {
    "no-normaliser":
      "Z(w) is missing: a reward with large weights pays much whatever is written. Divide by the sum over all proxies.",
    "turned-round": "The sign of beta is turned round: the proxy was chosen because it is good, not bad.",
    "greatest-for-sum": "You divide by the greatest term of Z. Z is the sum over all proxies.",
    "mean-for-sum":
      "You subtract the mean pay of the proxies. Z is the sum of their exponentials; subtract its logarithm.",
    "not-a-distribution": "The numbers do not add up to 1 over the true rewards. Divide by their sum at the end.",
  },
  parts: [
    {
      name: "three rewards, one with large weights",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const weights = [
          [1, 0],
          [0, 1],
          [4, 4],
        ];
        const counts = [
          [2, 0],
          [0, 2],
          [1, 1.5],
        ];
        for (const [chosen, beta] of [
          [0, 1],
          [2, 0.7],
        ]) {
          t.mistakes(
            await given.designPosterior(copy(weights), copy(counts), chosen, beta),
            designAnswers(weights, counts, chosen, beta),
            1e-6,
            `the posterior for proxy ${chosen}, beta ${beta}`,
          );
        }
      },
    },
    {
      name: "proxies that behave alike tie, and a feature that training lacks keeps its prior",
      points: 1,
      async run(given, t) {
        const [x] = uniform(t.key, 1, 0.5, 1.5);
        const weights = [
          [1, -2],
          [1, 2],
          [-x, -2],
          [-x, 2],
        ];
        const counts = [
          [3, 0],
          [3, 0],
          [0, 0],
        ];
        const first = await given.designPosterior(copy(weights), copy(counts), 0, 1);
        t.mistakes(first, designAnswers(weights, counts, 0, 1), 1e-6, "the posterior");
        t.near(
          await given.designPosterior(copy(weights), copy(counts), 1, 1),
          first,
          1e-6,
          "the posterior for a proxy with the same behaviour",
        );
      },
    },
  ],
});

function signalAnswers(a: number, b: number) {
  const between = (high: number) => (high <= 0.5 ? [0.5, 0.5] : [Math.max(0, 1 - high), Math.min(1, high)]);
  const high = (1 + b) / (2 + a);
  return {
    right: between(high),
    "own-work-only": between(1 / 2),
    "robot-only": between(b / a),
    "one-side": [0.5, Math.max(0.5, Math.min(1, high))],
    "turned-round": high <= 0.5 ? [0.5, 0.5] : [Math.min(1, high), Math.max(0, 1 - high)],
    "not-cut": [1 - high, high],
  };
}

export const signalExercise = exercise({
  id: "15/best-signal",
  title: "When to speak plainly",
  difficulty: 3,
  minutes: 10,
  gives: ["plainInterval"],
  watches: {
    "own-work-only": "That is what the person would do alone. What the robot makes in answer counts for both.",
    "robot-only": "That counts what the robot makes alone. The person's own 2 and 1 count as well.",
    "one-side": "One of each is best on both sides of 1/2: compare with 2 staples as well.",
    "turned-round": "The two ends are exchanged: the lower one first.",
    "not-cut": "Worths are from 0 to 1, and an interval that crosses itself is [0.5, 0.5]: cut the ends.",
  },
  parts: [
    {
      name: "the game of the text, and three others",
      points: 2,
      look: "the hint, and the middle of the figure",
      async run(given, t) {
        for (const [a, b] of [
          [90, 50],
          [10, 8],
          [5, 1],
          [3, 6],
        ]) {
          t.mistakes(await given.plainInterval(a, b), signalAnswers(a, b), 1e-6, `the interval for a = ${a}, b = ${b}`);
        }
      },
    },
    {
      name: "any robot",
      points: 1,
      async run(given, t) {
        const [u, v] = uniform(t.key, 2);
        const [a, b] = [4 + 6 * u, 3.5 + 6 * v];
        t.mistakes(await given.plainInterval(a, b), signalAnswers(a, b), 1e-6, `the interval for a = ${a}, b = ${b}`);
      },
    },
  ],
});

function switchAnswers(u: readonly number[], p: readonly number[], tau: number) {
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  const acts = dot(u, p);
  const waits = dot(
    p,
    u.map((x) => x * logistic(x / tau)),
  );
  return {
    right: waits - Math.max(acts, 0),
    "never-off": waits - acts,
    "only-off": waits,
    "mean-first": acts * logistic(acts / tau) - Math.max(acts, 0),
    "sharpness-for-noise":
      dot(
        p,
        u.map((x) => x * logistic(x * tau)),
      ) - Math.max(acts, 0),
    "rational-person":
      dot(
        p,
        u.map((x) => Math.max(x, 0)),
      ) - Math.max(acts, 0),
  };
}

export const switchExercise = exercise({
  id: "15/off-switch",
  title: "What waiting is worth",
  difficulty: 2,
  minutes: 8,
  gives: ["gainOfWaiting"],
  watches: {
    "never-off": "You compare with acting alone. The robot could also switch itself off, worth 0: take the maximum.",
    "only-off": "You compare with switching off alone. The robot could also act: subtract the maximum of both.",
    "mean-first":
      "You took the mean of U first. The person sees U itself: take the mean of U times its own probability.",
    "sharpness-for-noise": "The sigmoid has U times tau. Noise divides: U / tau.",
    "rational-person": "Your person never errs. With noise they let U act with probability sigmoid(U / tau).",
  },
  parts: [
    {
      name: "an act that is bad on average, and one that is good",
      points: 2,
      look: "equation (5)",
      async run(given, t) {
        for (const u of [
          [-4, 1, 1.5],
          [-1, 2, 3],
        ]) {
          const p = [0.5, 0.3, 0.2];
          t.mistakes(
            await given.gainOfWaiting([...u], [...p], 3),
            switchAnswers(u, p, 3),
            1e-6,
            `Delta for U in [${u}]`,
          );
        }
      },
    },
    {
      name: "six random outcomes",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const u = list(normal(a, 6)).map((z) => 2 * z - 0.3);
        const p = shares(b, 6);
        t.mistakes(await given.gainOfWaiting([...u], [...p], 0.6), switchAnswers(u, p, 0.6), 1e-6, "Delta");
      },
    },
  ],
});

interface Mail {
  readonly u: readonly number[];
  readonly p: readonly number[];
  readonly c: number;
}

/** What to do with a mail, right and with each likely mistake. */
function mailAnswers({ u, p, c }: Mail) {
  const send = dot(u, p);
  const best = Math.max(send, 0);
  const gain = total(u.map((x, i) => p[i] * Math.max(x, 0)));
  const yes = total(p.filter((_, i) => u[i] > 0));
  const without = send > 0 ? "send" : "drop";
  return {
    right: gain - c > best ? "ask" : without,
    "asking-is-free": gain > best ? "ask" : without,
    "cost-if-sent": gain - c * yes > best ? "ask" : without,
    "never-drops": gain - c > send ? "ask" : "send",
    "mean-first": best - c > best ? "ask" : without,
    "asks-on-ties": gain - c >= best ? "ask" : without,
  };
}
type MailMistake = Exclude<keyof ReturnType<typeof mailAnswers>, "right">;

/** Asks about several mails and looks at the answers together: one alone fits several mistakes. */
async function askMails(
  given: { askOrAct: (...args: unknown[]) => Promise<unknown> },
  t: { mistake: (name: MailMistake) => never; fail: (message: string) => never },
  mails: readonly Mail[],
) {
  const got: unknown[] = [];
  for (const { u, p, c } of mails) got.push(await given.askOrAct([...u], [...p], c));
  const answers = mails.map(mailAnswers);
  const wrong = got.findIndex((answer, i) => answer !== answers[i].right);
  if (wrong < 0) return;
  for (const name of Object.keys(answers[0]) as (keyof (typeof answers)[0])[]) {
    if (name !== "right" && got.every((answer, i) => answer === answers[i][name])) t.mistake(name);
  }
  const { u, p, c } = mails[wrong];
  const said = typeof got[wrong] === "string" ? `"${got[wrong]}"` : `a value of type ${typeof got[wrong]}`;
  t.fail(`For u = [${u}], p = [${p}], c = ${c}: expected "${answers[wrong].right}", got ${said}.`);
}

export const askExercise = exercise({
  id: "15/ask-or-act",
  title: "Ask before you send?",
  difficulty: 3,
  minutes: 10,
  gives: ["askOrAct"],
  watches: {
    "asking-is-free": "The interruption costs nothing in your answer: subtract c from what asking brings.",
    "cost-if-sent": "The cost of asking is paid in any case, also where the mail is then not sent.",
    "never-drops": "It sends where dropping is better: not sending is worth 0.",
    "mean-first":
      "Asking is worth the mean of max(u, 0), not the maximum of the mean and 0: that is where its value comes from.",
    "asks-on-ties": "Where asking is not strictly better it should not ask.",
  },
  parts: [
    {
      name: "nine mails by hand",
      points: 3,
      look: "section 6",
      async run(given, t) {
        const half = [0.5, 0.5];
        await askMails(given, t, [
          { u: [-3, 2], p: half, c: 0.4 },
          { u: [-3, 2], p: half, c: 1.2 },
          { u: [-3, 2], p: half, c: 1.75 },
          { u: [-1, 4], p: [0.25, 0.75], c: 0.2 },
          { u: [-1, 4], p: [0.25, 0.75], c: 0.5 },
          { u: [1, 2], p: half, c: 0 },
          { u: [-2, -1], p: half, c: 0 },
          { u: [-1, 1], p: half, c: 0.5 },
          { u: [-4, 2], p: [0.75, 0.25], c: 0.6 },
        ]);
      },
    },
    {
      name: "thirty random mails",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const costs = uniform(b, 30, 0, 1.5);
        await askMails(
          given,
          t,
          split(a, 30).map((key, i) => ({
            u: list(normal(key, 3)).map((z) => 2 * z),
            p: [0.3, 0.3, 0.4],
            c: costs[i],
          })),
        );
      },
    },
  ],
});

function reachAnswers(reach: readonly (readonly number[])[], base: number, now: number) {
  const lost = (from: number, to: number) => reach[from].map((r, x) => r - reach[to][x]);
  const cut = (values: number[]) => values.map((x) => Math.max(0, x));
  const n = reach.length;
  return {
    right: total(cut(lost(base, now))) / n,
    "gains-count": total(lost(base, now).map(Math.abs)) / n,
    "gains-make-up": Math.max(0, total(lost(base, now))) / n,
    "turned-round": total(cut(lost(now, base))) / n,
    "sum-for-mean": total(cut(lost(base, now))),
    "columns-for-rows": total(cut(reach.map((row) => row[base] - row[now]))) / n,
  };
}

export const reachExercise = exercise({
  id: "15/relative-reachability",
  title: "What is lost",
  difficulty: 2,
  minutes: 4,
  gives: ["lostReach"],
  watches: {
    "gains-count": "Gains count as damage in your answer. Only losses do: the maximum with 0.",
    "gains-make-up": "Gains make up for losses in your answer. Take the maximum with 0 for each state, before adding.",
    "turned-round": "Baseline and present state are exchanged.",
    "sum-for-mean": "You added up. Divide by the number of states.",
    "columns-for-rows":
      "You compared from where the two states can be reached. Compare what can be reached from them: rows.",
  },
  parts: [
    {
      name: "three states, one of which gains and loses",
      points: 1,
      look: "equation (7)",
      async run(given, t) {
        const reach = [
          [1, 0.9, 0.2],
          [0.3, 1, 0.8],
          [0, 0.1, 1],
        ];
        for (const [base, now] of [
          [0, 1],
          [1, 0],
          [0, 2],
        ]) {
          t.mistakes(
            await given.lostReach(copy(reach), base, now),
            reachAnswers(reach, base, now),
            1e-6,
            `what is lost from ${base} to ${now}`,
          );
        }
      },
    },
    {
      name: "six random states",
      points: 1,
      async run(given, t) {
        const u = list(uniform(t.key, 36));
        const reach = [0, 1, 2, 3, 4, 5].map((s) => u.slice(6 * s, 6 * s + 6).map((x, i) => (i === s ? 1 : x)));
        t.mistakes(await given.lostReach(copy(reach), 4, 1), reachAnswers(reach, 4, 1), 1e-6, "what is lost");
      },
    },
  ],
});
