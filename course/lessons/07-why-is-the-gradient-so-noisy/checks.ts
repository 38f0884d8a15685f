import { logSoftmax, softmax } from "rlhf-lab/numerics";
import { reinforce } from "rlhf-lab/policy";
import { categorical, foldIn, type Key, normal, permutation, randint, split, uniform } from "rlhf-lab/random";
import { type SequenceTree, sequenceTree, tabularContexts, treePolicy } from "rlhf-lab/trees";
import { exercise } from "../../src/grade/exercise.js";

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const square = (values: readonly number[]) => values.reduce((sum, x) => sum + x * x, 0);
const said = (values: readonly number[]) => `[${values.map((x) => x.toFixed(2))}]`;
/** Lists and typed arrays alike. */
const hasNaN = (got: unknown) => Array.from((got ?? []) as ArrayLike<unknown>).some(Number.isNaN);

/** Where a divisor or a logarithm may carry a guard such as 1e-8, as training code has it. */
const GUARDED = 1e-6;

export const scoreExercise = exercise({
  id: "07/score",
  title: "One sample's gradient",
  difficulty: 2,
  minutes: 10,
  gives: ["sampleGradient"],
  watches: {
    "no-expectation":
      "Only the entry of the drawn action is there. The log of the normaliser depends on every logit too: each entry loses the probability of its token. " +
      "Without that term the mean of the score is not 0, and no baseline is free.",
    "wrong-sign": "The sign is turned round: this steps away from what was rewarded. It is onehot minus probability.",
    "probability-slope":
      "This is the slope of pi(a), not of log pi(a): a factor pi(a) too much. Drawing a already happens with probability pi(a); counted twice, rare actions never learn.",
    "no-reward": "The reward was not used. The estimate is the score times the reward.",
    overflow:
      "Large logits made this NaN: Math.exp overflows. Subtract the largest logit first, or use softmax from the library.",
  },
  parts: [
    {
      name: "matches equation (2) times the reward",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const logits = Array.from(normal(a, 5));
        const action = randint(b, 1, 0, 5)[0];
        const reward = 1.5 + uniform(foldIn(b, 1), 1)[0];
        const score = Array.from(reinforce.softmaxScore(logits, action));
        const p = softmax(logits);
        t.mistakes(
          await given.sampleGradient(logits, action, reward),
          {
            right: score.map((s) => reward * s),
            "no-expectation": score.map((_, v) => (v === action ? reward : 0)),
            "wrong-sign": score.map((s) => -reward * s),
            "probability-slope": score.map((s) => reward * p[action] * s),
            "no-reward": score,
          },
          1e-9,
          `logits ${said(logits)}, action ${action}, reward ${reward.toFixed(2)}`,
        );
      },
    },
    {
      name: "averages to the exact gradient, and any number may be subtracted from the reward",
      points: 1,
      look: "equation (3)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const logits = Array.from(normal(a, 4));
        const rewards = Array.from(normal(b, 4));
        const p = softmax(logits);
        const value = p.reduce((sum, q, v) => sum + q * rewards[v], 0);
        const exact = p.map((q, v) => q * (rewards[v] - value));
        const raised = 3;
        const mean = new Array<number>(4).fill(0);
        for (let action = 0; action < 4; action++) {
          const one = (await given.sampleGradient(logits, action, rewards[action] + raised)) as number[];
          t.near(one, new Array(4).fill(0), Number.POSITIVE_INFINITY);
          for (let v = 0; v < 4; v++) mean[v] += p[action] * one[v];
        }
        t.mistakes(
          mean,
          {
            right: exact,
            "no-expectation": p.map((q, v) => q * (rewards[v] + raised)),
            "wrong-sign": exact.map((g) => -g),
          },
          1e-9,
          "the mean over all actions, with 3 added to every reward",
        );
      },
    },
    {
      name: "survives large logits",
      points: 1,
      async run(given, t) {
        const got = await given.sampleGradient([1000, 1000], 0, 2);
        if (hasNaN(got)) t.mistake("overflow");
        t.mistakes(
          got,
          {
            right: [1, -1],
            "no-expectation": [2, 0],
            "wrong-sign": [-1, 1],
            "probability-slope": [0.5, -0.5],
            "no-reward": [0.5, -0.5],
          },
          1e-12,
          "logits [1000, 1000], action 0, reward 2",
        );
      },
    },
  ],
});

export const optimalBaselineExercise = exercise({
  id: "07/optimal-baseline",
  title: "The optimal baseline",
  difficulty: 3,
  minutes: 10,
  gives: ["bestBaseline"],
  watches: {
    mean: "This is the mean reward. In equation (5) a reply counts by its squared score, and long scores belong to rare replies.",
    unsquared:
      "The weights are the lengths of the scores. The variance is a square, so the weights are the squared lengths.",
    "no-division":
      "The numerator alone was returned, E[R ||s||^2]. Divide by E[||s||^2], or equal rewards of 1 do not have a baseline of 1.",
    "own-mean": "The weights were divided by the number of replies, and not by their sum: weights must add up to 1.",
  },
  parts: [
    {
      name: "matches equation (5) on random scores",
      points: 2,
      look: "equation (5)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const flat = normal(a, 18);
        // Lengths that differ a lot, and rewards that go with them.
        const scores = Array.from({ length: 6 }, (_, n) =>
          Array.from(flat.slice(3 * n, 3 * n + 3), (x) => x * (0.3 + n)),
        );
        const rewards = Array.from(uniform(b, 6), (u, n) => 2 + u - n);
        const weights = scores.map(square);
        const total = weights.reduce((x, y) => x + y);
        const lengths = weights.map(Math.sqrt);
        const product = weights.reduce((sum, w, n) => sum + w * rewards[n], 0);
        t.mistakes(
          await given.bestBaseline(
            scores.map((s) => [...s]),
            [...rewards],
          ),
          {
            right: product / total,
            mean: average(rewards),
            unsquared: lengths.reduce((sum, w, n) => sum + w * rewards[n], 0) / lengths.reduce((x, y) => x + y),
            "no-division": product,
            "own-mean": product / 6,
          },
          GUARDED,
          "the baseline for six replies",
        );
      },
    },
    {
      name: "swaps the probabilities of two actions",
      points: 1,
      look: "what follows equation (5)",
      async run(given, t) {
        // Eight of ten draws were the first action.
        const logits = [Math.log(0.8), Math.log(0.2)];
        const first = Array.from({ length: 10 }, (_, n) => n < 8);
        const scores = first.map((yes) => Array.from(reinforce.softmaxScore(logits, yes ? 0 : 1)));
        const [r1, r2] = uniform(t.key, 2, 1, 3);
        const rewards = first.map((yes) => (yes ? r1 : r2));
        const lengths = scores.map((s) => Math.sqrt(square(s)));
        const product = rewards.reduce((sum, r, n) => sum + r * square(scores[n]), 0);
        t.mistakes(
          await given.bestBaseline(scores, rewards),
          {
            right: 0.2 * r1 + 0.8 * r2,
            mean: 0.8 * r1 + 0.2 * r2,
            unsquared: rewards.reduce((sum, r, n) => sum + r * lengths[n], 0) / lengths.reduce((x, y) => x + y),
            "no-division": product,
            "own-mean": product / 10,
          },
          GUARDED,
          `two actions, probabilities 0.8 and 0.2, rewards ${r1.toFixed(2)} and ${r2.toFixed(2)}`,
        );
      },
    },
  ],
});

const alone = "A batch of one reply has nothing to compare with: throw an error.";

export const leaveOneOutExercise = exercise({
  id: "07/leave-one-out",
  title: "Leave one out",
  difficulty: 2,
  minutes: 8,
  gives: ["leaveOneOut"],
  watches: {
    "includes-itself":
      "The reward was subtracted from the mean of all, itself included. Then the baseline looks at the action, and the estimate shrinks by 1 - 1/B.",
    "divides-by-n": "The others' sum was divided by B. There are only B - 1 others.",
    "baseline-only": "These are the baselines, the means of the others. An advantage is the reward less its baseline.",
    "wrong-sign":
      "The sign is turned round: reward minus baseline, so that a reply better than the others has a positive advantage.",
    "drops-equal":
      "Every reward that equals the reply's own was left out with it. Leave out the reply, by its place; rewards of 0 and 1 are full of equals.",
    alone,
  },
  parts: [
    {
      name: "matches equation (6)",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const rewards = Array.from(normal(t.key, 5), (x) => 2 + x);
        const sum = rewards.reduce((a, b) => a + b);
        const others = rewards.map((r) => (sum - r) / 4);
        t.mistakes(
          await given.leaveOneOut([...rewards]),
          {
            right: rewards.map((r, i) => r - others[i]),
            "includes-itself": rewards.map((r) => r - sum / 5),
            "divides-by-n": rewards.map((r) => r - (sum - r) / 5),
            "baseline-only": others,
            "wrong-sign": rewards.map((r, i) => others[i] - r),
          },
          1e-6,
          `the advantages of ${said(rewards)}`,
        );
      },
    },
    {
      name: "leaves out one reply, and not those that earned the same",
      points: 1,
      async run(given, t) {
        const [a, b] = uniform(t.key, 2, 1, 5);
        const rewards = [a, b, b, a];
        const sum = 2 * (a + b);
        const others = rewards.map((r) => (sum - r) / 3);
        t.mistakes(
          await given.leaveOneOut([...rewards]),
          {
            right: rewards.map((r, i) => r - others[i]),
            "drops-equal": [a - b, b - a, b - a, a - b],
            "includes-itself": rewards.map((r) => r - sum / 4),
            "divides-by-n": rewards.map((r) => r - (sum - r) / 4),
            "baseline-only": others,
            "wrong-sign": rewards.map((r, i) => others[i] - r),
          },
          1e-6,
          `the advantages of ${said(rewards)}`,
        );
      },
    },
    {
      name: "compares two replies with each other, and refuses one",
      points: 1,
      async run(given, t) {
        const [a, b] = uniform(t.key, 2, 1, 5);
        t.mistakes(
          await given.leaveOneOut([a, b]),
          {
            right: [a - b, b - a],
            "includes-itself": [(a - b) / 2, (b - a) / 2],
            "divides-by-n": [a - b / 2, b - a / 2],
            "baseline-only": [b, a],
            "wrong-sign": [b - a, a - b],
          },
          1e-6,
          `the advantages of ${said([a, b])}`,
        );
        await t.refuses(() => given.leaveOneOut([a]), alone);
      },
    },
  ],
});

/**
 * Each reply's reward less the mean of the others to its prompt; `counts(i, j)`: whether j is one of i's others,
 * `extra` is added to their number.
 */
function comparedWith(rewards: readonly number[], counts: (i: number, j: number) => boolean, extra = 0): number[] {
  return rewards.map((own, i) => {
    const others = rewards.filter((_, j) => counts(i, j));
    return own - others.reduce((a, b) => a + b, 0) / (others.length + extra);
  });
}

/** What each mistake makes of a batch. */
function bySamePrompt(prompts: readonly number[], rewards: readonly number[]) {
  const same = (i: number, j: number) => prompts[i] === prompts[j];
  return {
    right: comparedWith(rewards, (i, j) => j !== i && same(i, j)),
    "drops-equal": comparedWith(rewards, (i, j) => rewards[j] !== rewards[i] && same(i, j)),
    "any-prompt": comparedWith(rewards, (i, j) => j !== i),
    "includes-itself": comparedWith(rewards, same),
    "divides-by-n": comparedWith(rewards, (i, j) => j !== i && same(i, j), 1),
  };
}

export const samePromptExercise = exercise({
  id: "07/same-prompt",
  title: "Find the bug: the other replies to this prompt",
  difficulty: 3,
  minutes: 8,
  gives: ["promptAdvantages"],
  watches: {
    "drops-equal":
      "Replies that earned the same as this one were left out with it. With rewards of 0 and 1 that compares every right reply with wrong ones only, " +
      "and where all are right it divides 0 by 0. What is left out is one reply, by its place.",
    "any-prompt":
      "Replies were compared with those to other prompts too. Then an easy prompt's replies are all praised, and a hard one's all blamed.",
    "includes-itself": "The mean is over all replies to the prompt, the reply's own included: the estimate shrinks.",
    "divides-by-n":
      "The others' sum was divided by the number of all replies to the prompt. There is one less of the others.",
  },
  parts: [
    {
      name: "compares each reply with the others to its prompt",
      points: 1,
      look: "equation (6), with the replies to one prompt",
      async run(given, t) {
        const [a, b] = split(t.key);
        const prompts = permutation(a, 8).map((i) => i % 2);
        const rewards = Array.from(normal(b, 8), (x, i) => x + (prompts[i] === 0 ? 3 : -3));
        t.mistakes(
          await given.promptAdvantages(Array.from(prompts), [...rewards]),
          bySamePrompt(Array.from(prompts), rewards),
          1e-6,
          `prompts [${Array.from(prompts)}], rewards ${said(rewards)}`,
        );
      },
    },
    {
      name: "does so when rewards are 0 or 1",
      points: 2,
      look: "which replies the filter leaves out",
      async run(given, t) {
        // One prompt is easy, one hard, and at one everybody is right: 0 for all of its replies.
        const order = Array.from(permutation(t.key, 11));
        const prompts = order.map((i) => [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2][i]);
        const rewards = order.map((i) => [1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1][i]);
        const got = await given.promptAdvantages([...prompts], [...rewards]);
        if (hasNaN(got)) t.mistake("drops-equal");
        t.mistakes(got, bySamePrompt(prompts, rewards), 1e-6, `prompts [${prompts}], rewards [${rewards}]`);
      },
    },
  ],
});

type Tables = readonly ArrayLike<number>[];

interface LoopPlan {
  steps: number;
  group: number;
  rate: number;
}

/** The loop of 07/loop, or with one thing changed. */
function learned(
  key: Key,
  tree: SequenceTree,
  [tables, rewards]: [Tables, Tables],
  { steps, group, rate }: LoopPlan,
  wrong: Record<string, boolean> = {},
): Float64Array[] {
  const rows = tabularContexts(tree);
  const logits = tables.map((table) => Float64Array.from(table));
  const look = () => logits.map((table, x) => reinforce.enumeratePolicy(treePolicy(tree, table, rows), rewards[x]));
  const first = look();
  for (let step = 1; step <= steps; step++) {
    const policies = wrong.stale ? first : look();
    const drawn = policies.map(({ logProbs }, x) =>
      categorical(foldIn(wrong["same-draws"] ? key : foldIn(key, step), x), logProbs, group),
    );
    const sums = drawn.map((replies, x) => replies.reduce((sum, n) => sum + rewards[x][n], 0));
    const all = sums.reduce((a, b) => a + b, 0);
    for (const [x, policy] of policies.entries()) {
      for (const reply of drawn[x]) {
        const own = rewards[x][reply];
        let baseline = (sums[x] - own) / (group - 1);
        if (wrong["any-prompt"]) baseline = (all - own) / (group * policies.length - 1);
        if (wrong["includes-itself"]) baseline = sums[x] / group;
        if (wrong["no-baseline"]) baseline = 0;
        const push = ((wrong["wrong-sign"] ? -1 : 1) * rate * (own - baseline)) / (wrong.sum ? 1 : group);
        reinforce.replyScore(policy, reply).forEach((s, d) => {
          logits[x][d] += push * s;
        });
      }
    }
  }
  return logits;
}

/** Two small prompts with zeros of their own. */
function drawPrompts(key: Key): [SequenceTree, [Float64Array[], Float64Array[]]] {
  const tree = sequenceTree(3, 2);
  const keys = split(key, 4);
  const tables = [0, 1].map((x) => normal(keys[x], tree.prefixes.length * 3));
  const rewards = [0, 1].map((x) => normal(keys[2 + x], tree.sequences.length).map((r) => r + (x === 0 ? 3 : -3)));
  return [tree, [tables, rewards]];
}

/** The call, with copies that a learner may change, and what each mistake would give. */
async function runLoop(given: { learn: (...args: unknown[]) => Promise<unknown> }, key: Key, steps: number) {
  const [a, b] = split(key);
  const [tree, [tables, rewards]] = drawPrompts(a);
  const plan = { steps, group: 6, rate: 0.5 };
  const copy = (lists: Float64Array[]) => lists.map((list) => list.slice());
  const got = await given.learn([...b], tree, copy(tables), copy(rewards), plan);
  const after = (wrong?: string) => learned(b, tree, [tables, rewards], plan, wrong ? { [wrong]: true } : {});
  return { got, after };
}

export const loopExercise = exercise({
  id: "07/loop",
  title: "The whole loop",
  difficulty: 4,
  minutes: 18,
  gives: ["learn"],
  watches: {
    "any-prompt":
      "Replies were compared with those to the other prompt too. The easy prompt's replies then all look good, and the hard one's all bad.",
    "includes-itself": "Each reply's own reward is in its baseline: the step is short by a factor 1 - 1/group.",
    "no-baseline": "Nothing was subtracted from the rewards. Each reply loses the mean of the others to its prompt.",
    "wrong-sign":
      "The logits went downhill: what was rewarded became rarer. They move by plus rate times the estimate.",
    sum: "The replies' pushes were added up, where the estimate is their mean: divide by group.",
    stale:
      "The replies of later steps came from the policy of the beginning, and so did their scores. Look at the policy anew in every step.",
    "same-draws":
      "Every step used the same random numbers. The replies of step k are drawn with foldIn(foldIn(key, k), x), k from 1.",
  },
  parts: [
    {
      name: "makes one step",
      points: 2,
      look: "equations (1) and (6)",
      async run(given, t) {
        const { got, after } = await runLoop(given, t.key, 1);
        t.mistakes(
          got,
          {
            right: after(),
            "any-prompt": after("any-prompt"),
            "includes-itself": after("includes-itself"),
            "no-baseline": after("no-baseline"),
            "wrong-sign": after("wrong-sign"),
            sum: after("sum"),
            "same-draws": after("same-draws"),
          },
          1e-6,
          "the two tables after one step of six replies to each prompt, rate 0.5",
        );
      },
    },
    {
      name: "makes five, each from the policy as it is by then",
      points: 2,
      look: "what has to be done anew in every step",
      async run(given, t) {
        const { got, after } = await runLoop(given, t.key, 5);
        t.mistakes(
          got,
          {
            right: after(),
            stale: after("stale"),
            "same-draws": after("same-draws"),
            "any-prompt": after("any-prompt"),
            "includes-itself": after("includes-itself"),
            "no-baseline": after("no-baseline"),
            "wrong-sign": after("wrong-sign"),
            sum: after("sum"),
          },
          1e-6,
          "the two tables after five steps",
        );
      },
    },
  ],
});

export const rewardToGoExercise = exercise({
  id: "07/reward-to-go",
  title: "Reward-to-go",
  difficulty: 1,
  minutes: 6,
  gives: ["rewardsToGo"],
  watches: {
    "past-included":
      "Every token got the whole reward, the past included. Right on average, and noisy for nothing: a token cannot change what came before it.",
    "past-only": "These sums run from the beginning up to the token. What a token can change comes after it.",
    "skips-own": "The token's own reward is missing: the sum begins at k = t.",
  },
  parts: [
    {
      name: "sums from each token on",
      points: 2,
      look: "equation (7)",
      async run(given, t) {
        const rewards = Array.from(normal(t.key, 5));
        const from = (k: number) => rewards.slice(k).reduce((a, b) => a + b, 0);
        t.mistakes(
          await given.rewardsToGo([...rewards]),
          {
            right: rewards.map((_, k) => from(k)),
            "past-included": rewards.map(() => from(0)),
            "past-only": rewards.map((r, k) => from(0) - from(k) + r),
            "skips-own": rewards.map((_, k) => from(k + 1)),
          },
          1e-9,
          `rewards ${said(rewards)}`,
        );
      },
    },
    {
      name: "knows one token and none",
      points: 1,
      async run(given, t) {
        const reward = 1 + uniform(t.key, 1)[0];
        t.mistakes(await given.rewardsToGo([reward]), { right: [reward], "skips-own": [0] }, 1e-12, "one token");
        t.near(await given.rewardsToGo([]), [], 1e-12, "no tokens");
      },
    },
  ],
});

/** Gradients of eight replies in three coordinates, with a signal that is seen. */
function drawGradients(key: Key): number[][] {
  const flat = normal(key, 24);
  return Array.from({ length: 8 }, (_, i) => [0, 1, 2].map((d) => 2 - d + flat[3 * i + d]));
}

export const repliesNeededExercise = exercise({
  id: "07/replies-needed",
  title: "How many replies?",
  difficulty: 4,
  minutes: 14,
  gives: ["repliesNeeded"],
  watches: {
    "own-noise":
      "The squared length of the mean was used as it is. It carries the mean's own noise, and makes the gradient look longer than it is: subtract the variance over n.",
    "not-squared":
      "The relative error was not squared. Errors fall as one over the square root of B: half the error takes four times the replies.",
    "per-coordinate":
      "The variance was averaged over coordinates. The total variance is their sum, as the squared length is a sum.",
    population: "The variance was divided by n. The mean was fitted to the same gradients: divide by n - 1.",
    "unsquared-length":
      "The length of the gradient was used, not its square. Variance is a square, and so must be what it is compared with.",
  },
  parts: [
    {
      name: "matches equation (8)",
      points: 3,
      look: "equation (8)",
      async run(given, t) {
        const gradients = drawGradients(t.key);
        const { totalVariance: V, squaredNorm, mean } = reinforce.gradientSpread(gradients);
        const relative = 0.3;
        const own = square(Array.from(mean));
        const P = (V * 7) / 8;
        t.mistakes(
          await given.repliesNeeded(
            gradients.map((g) => [...g]),
            relative,
          ),
          {
            right: V / (relative ** 2 * squaredNorm),
            "own-noise": V / (relative ** 2 * own),
            "not-squared": V / (relative * squaredNorm),
            "per-coordinate": V / 3 / (relative ** 2 * (own - V / 24)),
            population: P / (relative ** 2 * (own - P / 8)),
            "unsquared-length": V / (relative ** 2 * Math.sqrt(squaredNorm)),
          },
          GUARDED,
          "eight gradients in three coordinates, relative error 0.3",
        );
      },
    },
    {
      name: "does not depend on the unit of the reward",
      points: 1,
      async run(given, t) {
        const gradients = drawGradients(t.key);
        const { totalVariance: V, squaredNorm, mean } = reinforce.gradientSpread(gradients);
        const own = square(Array.from(mean));
        const P = (V * 7) / 8;
        t.mistakes(
          await given.repliesNeeded(
            gradients.map((g) => g.map((x) => 10 * x)),
            0.5,
          ),
          {
            right: V / (0.25 * squaredNorm),
            "own-noise": V / (0.25 * own),
            "not-squared": V / (0.5 * squaredNorm),
            "per-coordinate": V / 3 / (0.25 * (own - V / 24)),
            population: P / (0.25 * (own - P / 8)),
            "unsquared-length": (100 * V) / (0.25 * 10 * Math.sqrt(squaredNorm)),
          },
          GUARDED,
          "the same gradients, ten times as long, relative error 0.5",
        );
      },
    },
  ],
});

export const entropyGradientExercise = exercise({
  id: "07/entropy-gradient",
  title: "The entropy gradient",
  difficulty: 3,
  minutes: 10,
  gives: ["entropyGradient"],
  watches: {
    "wrong-sign":
      "The sign is turned round: this makes likely tokens likelier. The entropy rises when they become less likely.",
    "no-entropy-term":
      "The entropy H is missing beside log p. That is the slope with respect to probabilities that need not add up to 1; a softmax's always do, so the entries must add up to 0.",
    "no-probability": "The factor p is missing. A token that is hardly ever drawn hardly changes the entropy.",
    "zero-log":
      "An impossible token made this NaN: 0 times Math.log(0) is not a number. Its entry is 0, and so is its part of H.",
    bits: "The size is right in bits. This course counts in nats: take Math.log, not Math.log2.",
  },
  parts: [
    {
      name: "is the slope of the entropy",
      points: 2,
      async run(given, t) {
        const logits = Array.from(normal(t.key, 4));
        const logp = logSoftmax(logits);
        const H = reinforce.softmaxEntropy(logits);
        const right = Array.from(reinforce.softmaxEntropyGradient(logits));
        t.mistakes(
          await given.entropyGradient([...logits]),
          {
            right,
            "wrong-sign": right.map((g) => -g),
            "no-entropy-term": logp.map((l) => -Math.exp(l) * l),
            "no-probability": logp.map((l) => -(l + H)),
            bits: right.map((g) => g / Math.LN2),
          },
          GUARDED,
          `logits ${said(logits)}`,
        );
      },
    },
    {
      name: "is 0 for equal logits, and lets a token be impossible",
      points: 1,
      async run(given, t) {
        t.mistakes(
          await given.entropyGradient([1, 1, 1]),
          { right: [0, 0, 0], "no-entropy-term": new Array(3).fill(Math.log(3) / 3) },
          GUARDED,
          "three equal logits",
        );
        const got = await given.entropyGradient([0, 1, Number.NEGATIVE_INFINITY]);
        if (hasNaN(got)) t.mistake("zero-log");
        const want = [...reinforce.softmaxEntropyGradient([0, 1]), 0];
        t.mistakes(got, { right: want, "wrong-sign": want.map((g) => -g) }, GUARDED, "logits [0, 1, -Infinity]");
      },
    },
  ],
});
