import { type Key, normal, split, uniform } from "rlhf-lab/random";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, i) => list(values).slice(i * width, (i + 1) * width));

const slopes = (y: readonly number[], d: readonly number[]) => ({
  right: d.map((x, i) => y[i] * sigmoid(-x)),
  "both-terms": d.map((x, i) => y[i] - sigmoid(x)),
  "wrong-sign": d.map((x, i) => -y[i] * sigmoid(-x)),
  "lost-for-won": d.map((x, i) => (1 - y[i]) * sigmoid(-x)),
  "sigmoid-itself": d.map((x, i) => y[i] * sigmoid(x)),
});

export const oneTermSlopeExercise = exercise({
  id: "23/one-term-slope",
  title: "The gradient of what is printed",
  difficulty: 1,
  minutes: 8,
  gives: ["printedSlope"],
  watches: {
    "both-terms":
      "This is y - sigmoid(d), the gradient of the likelihood with both terms: the text's gradient, not that of the sum it prints.",
    "wrong-sign": "The sign is turned: the likelihood grows with the difference of a comparison that was won.",
    "lost-for-won": "The comparisons that were lost have the slope here. In the printed sum those that were won count.",
    "sigmoid-itself": "The derivative of log sigmoid(d) is sigmoid(-d), not sigmoid(d): the surer, the flatter.",
  },
  parts: [
    {
      name: "three comparisons by hand",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const [y, d] = [
          [1, 0, 1],
          [0.5, 2, -1],
        ];
        t.mistakes(await given.printedSlope([...y], [...d]), slopes(y, d), 1e-6, "y [1, 0, 1], d [0.5, 2, -1]");
      },
    },
    {
      name: "twelve at random",
      points: 1,
      async run(given, t) {
        const d = list(normal(t.key, 12));
        const y = d.map((_, i) => i % 2);
        t.mistakes(await given.printedSlope([...y], [...d]), slopes(y, d), 1e-6, "the slopes");
      },
    },
  ],
});

export const counterexampleExercise = exercise({
  id: "23/mse-counterexample",
  title: "Build the counterexample",
  difficulty: 3,
  minutes: 12,
  gives: ["counterexample"],
  watches: {
    "constant-shift":
      "The learned reward differs everywhere by the same amount: that changes no choice, the loss is 0. Make one entry wrong.",
    "no-loss":
      "The learned reward still chooses the best action: the loss is 0. Overrate an action that is not the best, by more than it is worse.",
    "error-too-large": "An entry is wrong by more than e.",
    "many-errors": "More than one entry is wrong. One is enough, and keeps the mean squared error small.",
    "not-unique":
      "The learned reward's best action is not unique: who breaks the tie decides the loss. Overrate by a little more.",
    "loss-too-small":
      "The loss is not above A times the mean squared error. Take an action that is worse by nearly e: the loss is then nearly e, the law e squared.",
  },
  parts: [2, 5].map((actions) => ({
    name: `${actions} actions`,
    points: 2,
    look: "equation (2)",
    async run(given, t) {
      const [u] = uniform(t.key, 1);
      for (const e of [0.1, (0.05 + 0.9 * u) / actions]) {
        const told = (await given.counterexample(actions, e)) as unknown;
        const pair = Array.isArray(told)
          ? told.map((r) => (r === null || r === undefined ? [] : list(r as number[])))
          : [];
        if (pair.length !== 2 || pair.some((r) => r.length !== actions || !r.every(Number.isFinite))) {
          t.fail(`Expected [truth, learned] with ${actions} numbers each.`);
        }
        const [truth, learned] = pair;
        const off = learned.map((r, a) => Math.abs(r - truth[a]));
        const wrong = off.filter((x) => x > 1e-12);
        if (wrong.length === actions && most(off) - least(off) < 1e-12) t.mistake("constant-shift");
        if (wrong.length > 1) t.mistake("many-errors");
        if (most(off) > e + 1e-12) t.mistake("error-too-large");
        const best = most(learned);
        if (learned.filter((r) => r > best - 1e-12).length > 1) t.mistake("not-unique");
        const loss = most(truth) - truth[learned.indexOf(best)];
        if (loss < 1e-12) t.mistake("no-loss");
        if (!(loss > total(off.map((x) => x ** 2)) + 1e-12)) t.mistake("loss-too-small");
      }
    },
  })),
});

function coverage(truths: readonly number[][], estimates: readonly number[][], z: number) {
  const top = (row: readonly number[]) => row.indexOf(most(row));
  const share = (holds: boolean[]) => holds.filter(Boolean).length / holds.length;
  return {
    right: share(estimates.map((row, i) => row[top(row)] - z <= truths[i][top(row)])),
    "all-candidates": share(estimates.flatMap((row, i) => row.map((x, j) => x - z <= truths[i][j]))),
    "first-candidate": share(estimates.map((row, i) => row[0] - z <= truths[i][0])),
    "best-truth": share(estimates.map((row, i) => row[top(row)] - z <= most(truths[i]))),
    "two-sided": share(estimates.map((row, i) => Math.abs(row[top(row)] - truths[i][top(row)]) <= z)),
    "chosen-by-truth": share(estimates.map((row, i) => row[top(truths[i])] - z <= truths[i][top(truths[i])])),
  };
}

export const coverageExercise = exercise({
  id: "23/coverage-at-the-top",
  title: "How often does the winner keep its promise?",
  difficulty: 2,
  minutes: 12,
  gives: ["winnersCoverage"],
  watches: {
    "all-candidates":
      "This is the share over all candidates. Only the chosen one's bound is used: one candidate a draw.",
    "first-candidate": "A fixed candidate was looked at. The chosen one is another in every draw.",
    "best-truth": "The chosen one's estimate was compared with the best truth. Compare it with its own.",
    "two-sided": "Both sides were asked for. It is a lower bound: a truth far above the estimate keeps it.",
    "chosen-by-truth":
      "The candidate with the highest truth was chosen. Nobody sees the truths: choose by the estimates.",
  },
  parts: [
    {
      name: "seven draws by hand",
      points: 2,
      look: "section 3",
      async run(given, t) {
        const truths = [
          [0, 4, 2],
          [5, 1, 0],
          [3, 0, 5],
          [4, 1, 3],
          [1, 5, 0],
          [0, 4, 5],
          [4, 5, 1],
        ];
        const estimates = [
          [5.5, 4.5, 4],
          [1.5, 5, 3],
          [1, 5, 4],
          [0, 3.5, 4.5],
          [2.5, 5, 1],
          [0, 2, 1],
          [2.5, 0, 4],
        ];
        t.mistakes(
          await given.winnersCoverage(copy(truths), copy(estimates), 1.2),
          coverage(truths, estimates, 1.2),
          1e-6,
          "the share, z = 1.2",
        );
      },
    },
    {
      name: "300 draws of ten candidates",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const truths = rowsOf(normal(a, 3000), 10);
        const noise = rowsOf(normal(b, 3000), 10);
        const estimates = truths.map((row, i) => row.map((x, j) => x + noise[i][j]));
        t.mistakes(
          await given.winnersCoverage(copy(truths), copy(estimates), 1),
          coverage(truths, estimates, 1),
          1e-6,
          "the share, z = 1",
        );
      },
    },
  ],
});

function minima(members: readonly number[][], ref: readonly number[]) {
  const mean = (r: readonly number[]) => total(r.map((x, y) => ref[y] * x));
  const plainMean = (r: readonly number[]) => total(r) / r.length;
  const leastOf = (rows: readonly number[][]) => ref.map((_, y) => least(rows.map((r) => r[y])));
  const centred = (zero: (r: readonly number[]) => number) => members.map((r) => r.map((x) => x - zero(r)));
  const after = leastOf(members);
  return {
    right: leastOf(centred(mean)),
    "not-centred": after,
    "centred-after": after.map((x) => x - mean(after)),
    "uniform-mean": leastOf(centred(plainMean)),
    "by-reply": ref.map((_, y) => least(members.map((r) => r[y])) - total(members.map((r) => r[y])) / members.length),
    "mean-for-least": ref.map((_, y) => total(centred(mean).map((r) => r[y])) / members.length),
  };
}

export const commonGaugeExercise = exercise({
  id: "23/common-gauge",
  title: "A minimum that no constant can move",
  difficulty: 2,
  minutes: 10,
  gives: ["centredMinimum"],
  watches: {
    "not-centred": "The models were not centred: a constant added to one of them moves your answer.",
    "centred-after":
      "The minimum was taken first and centred afterwards. The constants have done their harm by then: centre each model, then take the minimum.",
    "uniform-mean":
      "The models were centred on their plain mean. Weigh each reply with its probability under the reference.",
    "by-reply": "Each reply was centred over the models. Centre each model over the replies.",
    "mean-for-least": "This is the mean over the models. Take the least.",
  },
  parts: [
    {
      name: "two models, three replies",
      points: 2,
      look: "section 4",
      async run(given, t) {
        const [members, ref] = [
          [
            [0, 1, 2],
            [12, 11, 10.5],
          ],
          [0.5, 0.3, 0.2],
        ];
        t.mistakes(
          await given.centredMinimum(copy(members), [...ref]),
          minima(members, ref),
          1e-6,
          "the least rewards",
        );
      },
    },
    {
      name: "four models, five replies; then one model moved by 7",
      points: 2,
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const members = rowsOf(normal(a, 20), 5);
        const offsets = list(normal(c, 4)).map((x) => 4 * x);
        const moved = members.map((r, k) => r.map((x) => x + offsets[k]));
        const weights = list(uniform(b, 5, 0.2, 1));
        const ref = weights.map((w) => w / total(weights));
        for (const rows of [moved, moved.map((r, k) => (k === 1 ? r.map((x) => x + 7) : r))]) {
          t.mistakes(await given.centredMinimum(copy(rows), [...ref]), minima(rows, ref), 1e-6, "the least rewards");
        }
      },
    },
  ],
});

export const dominatedExercise = exercise({
  id: "23/dominated",
  title: "Dominated, and preferred",
  difficulty: 2,
  minutes: 8,
  gives: ["dominatedLottery"],
  watches: {
    "can-lose": "This lottery can pay less than 0: then nothing at all is not worse in every case. Let it never lose.",
    "never-wins": "This lottery never pays anything. It should sometimes pay more than 0.",
    "no-lottery": "The probabilities are not numbers from 0 to 1 that add up to 1.",
    "ranks-above":
      "Mean less lambda times the variance is not below 0 here. Let the payments grow: the variance grows with their square. (Variance, not the standard deviation; and it depends on lambda.)",
  },
  parts: [
    {
      name: "lambda 1/2 and 3, then at random",
      points: 2,
      look: "section 4",
      async run(given, t) {
        for (const lambda of [0.5, 3, 0.01, ...uniform(t.key, 2, 0.05, 2)]) {
          const told = (await given.dominatedLottery(lambda)) as [number[], number[]] | undefined;
          const [x, p] = [list(told?.[0] ?? []), list(told?.[1] ?? [])];
          const isLottery =
            x.length > 0 && x.length === p.length && p.every((q) => q >= 0) && Math.abs(total(p) - 1) < 1e-6;
          if (!(isLottery && x.every(Number.isFinite))) t.mistake("no-lottery");
          const possible = x.filter((_, i) => p[i] > 0);
          if (least(possible) < 0) t.mistake("can-lose");
          if (!(most(possible) > 0)) t.mistake("never-wins");
          const mean = total(x.map((value, i) => p[i] * value));
          const variance = total(x.map((value, i) => p[i] * (value - mean) ** 2));
          if (!(mean - lambda * variance < -1e-12)) t.mistake("ranks-above");
        }
      },
    },
  ],
});

interface PlaySlips {
  inTurn?: boolean;
  meanLate?: boolean;
  additive?: boolean;
  descent?: boolean;
  rateless?: boolean;
  extra?: number;
}

function play(
  G: readonly number[][],
  x: readonly number[],
  y: readonly number[],
  rate: number,
  rounds: number,
  slips: PlaySlips = {},
) {
  const stepped = (own: readonly number[], other: readonly number[]) => {
    const pay = own.map((_, i) => total(G[i].map((g, j) => g * other[j])) * (slips.descent ? -1 : 1));
    const eta = slips.rateless ? 1 : rate;
    const weights = own.map((p, i) => (slips.additive ? Math.max(0, p + eta * pay[i]) : p * Math.exp(eta * pay[i])));
    return weights.map((w) => w / total(weights));
  };
  let [one, two] = [[...x], [...y]];
  const seen: number[][] = [];
  for (let t = 0; t < rounds + (slips.extra ?? 0); t++) {
    if (!slips.meanLate) seen.push(one);
    const next = stepped(one, two);
    two = stepped(two, slips.inTurn ? next : one);
    one = next;
    if (slips.meanLate) seen.push(one);
  }
  return [one, x.map((_, i) => total(seen.map((p) => p[i])) / seen.length)];
}

const rockPaperScissors = [
  [0, -1, 1],
  [1, 0, -1],
  [-1, 1, 0],
];

export const lastAndMeanExercise = exercise({
  id: "23/last-and-mean",
  title: "Play, and tell the last from the mean",
  difficulty: 3,
  minutes: 14,
  gives: ["lastAndMean"],
  watches: {
    "in-turn":
      "The second player answered the first one's new strategy. Both step at once, from the strategies of the round's beginning.",
    "mean-late":
      "The mean is of the strategies after each step. Note x before it is stepped: what was played in the round.",
    additive: "The payments were added to the probabilities. Multiply by the exponential, then normalise.",
    descent: "The players step away from what pays. Multiply by exp(+ rate times the payment).",
    rateless: "The rate was left out of the exponent.",
    "one-round-more": "There was one round too many.",
  },
  parts: [
    {
      name: "rock, paper, scissors, three rounds",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        await askPlay(given, t, rockPaperScissors, [0.5, 0.3, 0.2], [0.2, 0.5, 0.3], 0.3, 3);
      },
    },
    {
      name: "another game of four strategies",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const above = list(uniform(a, 6, 0.3, 1.2));
        const pairs = [
          [0, 1],
          [0, 2],
          [0, 3],
          [1, 2],
          [1, 3],
          [2, 3],
        ];
        const G = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
        pairs.forEach(([i, j], n) => {
          const g = n % 2 === 0 ? above[n] : -above[n];
          G[i][j] = g;
          G[j][i] = -g;
        });
        const weights = rowsOf(uniform(b, 8, 0.3, 1), 4);
        const [x, y] = weights.map((w) => w.map((v) => v / total(w)));
        await askPlay(given, t, G, x, y, 0.4, 6);
      },
    },
    {
      name: "2,000 rounds: the last one leaves, the mean comes home",
      points: 1,
      async run(given, t) {
        const told = await given.lastAndMean(
          copy(rockPaperScissors),
          [0.36, 0.32, 0.32],
          [0.32, 0.36, 0.32],
          0.1,
          2000,
        );
        const [last, mean] = (told as number[][]).map(list);
        const far = (p: number[]) => most(p.map((q) => Math.abs(q - 1 / 3)));
        if (!(far(last) > 0.2 && far(mean) < 0.02)) {
          t.fail(
            `After 2,000 rounds the last strategy should be far from 1/3 each, and the mean near: got [${last.map((p) => p.toFixed(3))}] and [${mean.map((p) => p.toFixed(3))}].`,
          );
        }
      },
    },
  ],
});

async function askPlay(
  given: { lastAndMean: (...args: unknown[]) => Promise<unknown> },
  t: { mistakes: (got: unknown, values: { right: unknown }, tolerance: number, message?: string) => void },
  G: readonly number[][],
  x: readonly number[],
  y: readonly number[],
  rate: number,
  rounds: number,
) {
  const by = (slips?: PlaySlips) => play(G, x, y, rate, rounds, slips);
  const answers = {
    right: by(),
    "in-turn": by({ inTurn: true }),
    "mean-late": by({ meanLate: true }),
    additive: by({ additive: true }),
    descent: by({ descent: true }),
    rateless: by({ rateless: true }),
    "one-round-more": by({ extra: 1 }),
  };
  t.mistakes(await given.lastAndMean(copy(G), [...x], [...y], rate, rounds), answers, 1e-6, "[last, mean]");
}

function verdictsOn(votes: readonly number[][]) {
  const accepts = (says: (v: readonly number[]) => number, tie = false) => {
    const yes = total(votes.map(says));
    return 2 * yes > votes.length || (tie && 2 * yes === votes.length) ? 1 : 0;
  };
  const either = (v: readonly number[]) => Math.max(v[0], v[1]);
  const answer = (p: number, q: number, or: number) => [p, q, or, or === Math.max(p, q) ? 0 : 1];
  const [p, q, or] = [accepts((v) => v[0]), accepts((v) => v[1]), accepts(either)];
  return {
    right: answer(p, q, or),
    "from-the-verdicts": answer(p, q, Math.max(p, q)),
    "and-for-or": answer(
      p,
      q,
      accepts((v) => v[0] * v[1]),
    ),
    "ties-as-yes": answer(
      accepts((v) => v[0], true),
      accepts((v) => v[1], true),
      accepts(either, true),
    ),
    "clash-turned": [p, q, or, or === Math.max(p, q) ? 1 : 0],
    shares: [
      ...[(v: readonly number[]) => v[0], (v: readonly number[]) => v[1], either].map(
        (f) => total(votes.map(f)) / votes.length,
      ),
      or === Math.max(p, q) ? 0 : 1,
    ],
  };
}

export const inconsistentMajorityExercise = exercise({
  id: "23/inconsistent-majority",
  title: "Do the majorities clash?",
  difficulty: 2,
  minutes: 10,
  gives: ["majorities"],
  watches: {
    "from-the-verdicts":
      "The third verdict was made of the first two. It is a vote of its own: count the agents that accept p or q.",
    "and-for-or": 'The third vote is on "p or q"; this counts "p and q".',
    "ties-as-yes": "A tie was taken for yes. A majority is more than half.",
    "clash-turned": "The last number is the wrong way round: 1 if the verdicts clash.",
    shares: "These are shares of votes. Return verdicts: 1 for more than half, else 0.",
  },
  parts: [
    {
      name: "three agents, each with one principle or none; then a tie",
      points: 2,
      look: "section 6",
      async run(given, t) {
        for (const votes of [
          [
            [1, 1],
            [1, 0],
            [0, 0],
          ],
          [
            [1, 0],
            [0, 1],
            [0, 0],
          ],
          [
            [1, 1],
            [1, 0],
            [0, 0],
            [0, 0],
          ],
        ]) {
          t.mistakes(await given.majorities(copy(votes)), verdictsOn(votes), 1e-6, `votes ${JSON.stringify(votes)}`);
        }
      },
    },
    {
      name: "nine agents at random",
      points: 1,
      async run(given, t) {
        for (const k of split(t.key, 4)) {
          const votes = rowsOf(
            list(uniform(k, 18)).map((u) => (u < 0.45 ? 1 : 0)),
            2,
          );
          t.mistakes(await given.majorities(copy(votes)), verdictsOn(votes), 1e-6, "the verdicts");
        }
      },
    },
  ],
});

interface ReinforceSlips {
  sign?: number;
  moving?: boolean;
  noBaseline?: boolean;
  noScore?: boolean;
}

function reinforce(
  rewards: readonly number[],
  u: readonly number[],
  rate: number,
  baseline: number,
  slips: ReinforceSlips = {},
) {
  const softmax = (values: readonly number[]) => {
    const weights = values.map((v) => Math.exp(v - most(values)));
    return weights.map((w) => w / total(weights));
  };
  const logits = rewards.map(() => 0);
  for (const draw of u) {
    const p = softmax(logits);
    let [y, reached] = [0, p[0]];
    while (reached <= draw && y < p.length - 1) {
      y++;
      reached += p[y];
    }
    const credit = rewards[y] - (slips.noBaseline ? 0 : baseline);
    for (let i = 0; i < logits.length; i++) {
      const now = slips.moving ? softmax(logits)[i] : p[i];
      logits[i] += (slips.sign ?? 1) * rate * credit * ((i === y ? 1 : 0) - (slips.noScore ? 0 : now));
    }
  }
  return softmax(logits);
}

export const findTheBugExercise = exercise({
  id: "23/find-the-bug",
  title: "Find the bug: the actor's sign",
  difficulty: 2,
  minutes: 12,
  gives: ["reinforceLoop"],
  watches: {
    descent:
      "The logits still go down the gradient: replies with a reward above the baseline get rarer. The gradient is of what should grow.",
    moving:
      "The sign is right. But the score uses probabilities of logits that are half stepped: take those that the reply was drawn with.",
    both: "Both things are still wrong: the sign of the step, and the probabilities in the score.",
    "no-baseline": "The baseline was dropped. The credit is the reward less the baseline.",
    "no-score":
      "The score is 1 for the drawn reply and 0 for the others here: [i = y] less the probability of i is meant.",
  },
  parts: [
    {
      name: "three replies, five draws",
      points: 2,
      look: "section 8",
      async run(given, t) {
        await askReinforce(given, t, [0, 1, 3], [0.1, 0.5, 0.9, 0.4, 0.2], 0.7, 1.2);
      },
    },
    {
      name: "four replies, draws at random",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        await askReinforce(given, t, list(normal(a, 4)), list(uniform(b, 8)), 0.6, 0.4);
      },
    },
    {
      name: "learns: 300 draws of two replies",
      points: 1,
      async run(given, t) {
        const told = list((await given.reinforceLoop([0, 1], list(uniform(t.key, 300)), 0.3, 0.5)) as number[]);
        const isPolicy = told.length === 2 && Math.abs(total(told) - 1) < 1e-6;
        if (!isPolicy) t.fail(`Expected the probabilities of the two replies, got [${told}].`);
        if (!(told[1] > 0.9)) {
          t.fail(
            `After 300 draws the reply of reward 1 should be written nearly always; its probability is ${told[1]}.`,
          );
        }
      },
    },
  ],
});

async function askReinforce(
  given: { reinforceLoop: (...args: unknown[]) => Promise<unknown> },
  t: { mistakes: (got: unknown, values: { right: unknown }, tolerance: number, message?: string) => void },
  rewards: readonly number[],
  u: readonly number[],
  rate: number,
  baseline: number,
) {
  const by = (slips?: ReinforceSlips) => reinforce(rewards, u, rate, baseline, slips);
  const answers = {
    right: by(),
    descent: by({ sign: -1 }),
    moving: by({ moving: true }),
    both: by({ sign: -1, moving: true }),
    "no-baseline": by({ noBaseline: true }),
    "no-score": by({ noScore: true }),
  };
  t.mistakes(await given.reinforceLoop([...rewards], [...u], rate, baseline), answers, 1e-6, "the probabilities");
}

function intervals(a: readonly number[], b: readonly number[]) {
  const mean = (x: readonly number[]) => total(x) / x.length;
  const variance = (x: readonly number[], less = 1) => total(x.map((v) => (v - mean(x)) ** 2)) / (x.length - less);
  const d = a.map((x, i) => x - b[i]);
  const with_ = (error: number, centre = mean(d)) => [centre, centre - 2 * error, centre + 2 * error];
  const n = d.length;
  return {
    right: with_(Math.sqrt(variance(d) / n)),
    unpaired: with_(Math.sqrt((variance(a) + variance(b)) / n)),
    deviation: with_(Math.sqrt(variance(d))),
    "by-n": with_(Math.sqrt(variance(d, 0) / n)),
    "one-error": [mean(d), mean(d) - Math.sqrt(variance(d) / n), mean(d) + Math.sqrt(variance(d) / n)],
    "b-minus-a": with_(Math.sqrt(variance(d) / n), -mean(d)),
  };
}

export const pairedExercise = exercise({
  id: "23/paired",
  title: "Would you have believed it?",
  difficulty: 2,
  minutes: 12,
  gives: ["pairedInterval"],
  watches: {
    unpaired:
      "The two methods' variances were added, as if they had run in different worlds. They ran in the same: take the differences first.",
    deviation: "This is the spread of single differences. The mean's standard error is smaller by the root of n.",
    "by-n": "The variance was divided by n. Divide by n - 1: the mean was estimated from the same numbers.",
    "one-error": "The interval is one standard error wide on each side. Take two.",
    "b-minus-a": "The sign is turned: the mean of a - b.",
  },
  parts: [
    {
      name: "four worlds by hand",
      points: 2,
      look: "section 10",
      async run(given, t) {
        const [a, b] = [
          [3, 5, 4, 9],
          [2, 4.5, 4, 7],
        ];
        t.mistakes(await given.pairedInterval([...a], [...b]), intervals(a, b), 1e-6, "[difference, low, high]");
      },
    },
    {
      name: "thirty worlds with a common part",
      points: 1,
      async run(given, t) {
        const { a, b } = pairedRuns(t.key);
        t.mistakes(await given.pairedInterval([...a], [...b]), intervals(a, b), 1e-6, "[difference, low, high]");
      },
    },
  ],
});

function pairedRuns(key: Key) {
  const [common, one, two] = split(key, 3).map((k) => list(normal(k, 30)));
  return { a: common.map((x, i) => 3 * x + one[i] + 0.5), b: common.map((x, i) => 3 * x + two[i]) };
}
