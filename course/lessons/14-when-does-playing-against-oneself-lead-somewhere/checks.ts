import { exploitability, zeroSumEquilibrium } from "rlhf-lab/games";
import { type Key, permutation, split, uniform } from "rlhf-lab/random";
import { nashMdStep, spinStep } from "rlhf-lab/selfplay";
import { criticPanel } from "rlhf-lab/worlds";
import { drawUntil } from "../../src/grade/drawUntil.js";
import { exercise } from "../../src/grade/exercise.js";
import { isNear } from "../../src/grade/near.js";

const list = (values: ArrayLike<number>) => Array.from(values);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const normalise = (weights: readonly number[]) => weights.map((w) => w / sum(weights));
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((x, i) => x * b[i]));
const columnOf = (matrix: readonly (readonly number[])[], j: number) => matrix.map((row) => row[j]);
const copyOf = (matrix: readonly (readonly number[])[]) => matrix.map((row) => [...row]);

/** A distribution over n, nothing rare. */
const distribution = (key: Key, n: number) => normalise(list(uniform(key, n, 0.2, 1)));

/** Numbers [rows][columns] between low and high. */
const matrixOf = (key: Key, rows: number, columns: number, low: number, high: number) =>
  split(key, rows).map((k) => list(uniform(k, columns, low, high)));

export const exploitabilityExercise = exercise({
  id: "14/exploitability",
  title: "Exploitability",
  difficulty: 2,
  minutes: 10,
  gives: ["exploitabilityOf"],
  watches: {
    "nash-conv": "Twice too much: this is NashConv, the sum over both players. Equation (1) has a half in front.",
    "row-twice":
      "The row player's gain was counted for both. The column player has a best answer too, and it is another number.",
    "opponent-sign":
      "The column player was given the row player's payoffs: it wants them to be *small*, and gains v - min_j (xA)_j.",
    "one-player": "Only the row player's gain is in it. An equilibrium needs both to have nothing to gain.",
    "mixture-of-maxima":
      "Somebody answered each action of the other with another action. The best answer is to the whole mixture: average first, then take the largest.",
  },
  parts: [
    {
      name: "of two mixed strategies in a game of three by four",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const { payoffs, row, column } = drawGame(t.key);
        t.mistakes(
          await given.exploitabilityOf(copyOf(payoffs), [...row], [...column]),
          exploitabilities(payoffs, row, column),
          1e-9,
          "the exploitability in a game drawn by chance",
        );
      },
    },
    {
      name: "in rock, paper, scissors, where one player always plays rock",
      points: 1,
      async run(given, t) {
        const payoffs = [
          [0, -1, 1],
          [1, 0, -1],
          [-1, 1, 0],
        ];
        const third = [1 / 3, 1 / 3, 1 / 3];
        const what = "the exploitability of rock against an even mixture (rock loses 1 to somebody who knows)";
        t.mistakes(
          await given.exploitabilityOf(copyOf(payoffs), [1, 0, 0], third),
          exploitabilities(payoffs, [1, 0, 0], third),
          1e-9,
          what,
        );
      },
    },
  ],
});

/** A game and two strategies. (Where one row and one column are best against all, a mistake gives the right answer.) */
function drawGame(key: Key): { payoffs: number[][]; row: number[]; column: number[] } {
  for (const k of split(key, 100)) {
    const [a, b, c] = split(k, 3);
    const game = { payoffs: matrixOf(a, 3, 4, -1, 1), row: distribution(b, 3), column: distribution(c, 4) };
    const { right, ...mistaken } = exploitabilities(game.payoffs, game.row, game.column);
    if (Object.values(mistaken).every((value) => Math.abs(value - right) > 1e-3)) return game;
  }
  throw new Error("14/exploitability: no draw tells the mistakes apart");
}

function exploitabilities(payoffs: number[][], row: number[], column: number[]) {
  const gains = payoffs.map((own) => dot(own, column));
  const losses = column.map((_, j) => dot(columnOf(payoffs, j), row));
  const value = dot(gains, row);
  const right = (Math.max(...gains) - Math.min(...losses)) / 2;
  const best = column.map((_, j) => Math.max(...columnOf(payoffs, j)));
  const worst = payoffs.map((own) => Math.min(...own));
  return {
    right,
    "nash-conv": 2 * right,
    "row-twice": Math.max(...gains) - value,
    "opponent-sign": (Math.max(...gains) + Math.max(...losses)) / 2 - value,
    "one-player": (Math.max(...gains) - value) / 2,
    "mixture-of-maxima": (dot(best, column) - dot(worst, row)) / 2,
  };
}

interface LoopChanges {
  clip?: (regret: number) => number;
  last?: boolean;
  memory?: number;
  columnSign?: number;
  credit?: "all" | "drawn";
  drawnShares?: boolean;
  guard?: number;
}

/** The loop of exercise 2, or with one thing changed. */
function regretLoop(payoffs: number[][], luck: number[][], changes: LoopChanges = {}): [number[], number[]] {
  const { clip = (r: number) => Math.max(r, 0), last = false, memory = 1, columnSign = -1, guard = 0 } = changes;
  const regrets = [payoffs.map(() => 0), payoffs[0].map(() => 0)];
  const sums = [payoffs.map(() => 0), payoffs[0].map(() => 0)];
  const strategyOf = (own: number[]) => {
    const weights = own.map(clip);
    const total = sum(weights);
    return weights.map((w) => (total > 0 ? w / (total + guard) : 1 / own.length));
  };
  let now = regrets.map(strategyOf);
  for (const [u, v] of luck) {
    now = regrets.map(strategyOf);
    const [i, j] = [draw(now[0], u), draw(now[1], v)];
    now.forEach((strategy, player) => {
      const drawn = player === 0 ? i : j;
      strategy.forEach((p, k) => {
        sums[player][k] += changes.drawnShares ? (k === drawn ? 1 : 0) : p;
        // Regrets of the row: payoffs in column j; of the column: minus those in row i.
        const [would, was] = player === 0 ? [payoffs[k][j], payoffs[i][j]] : [payoffs[i][k], payoffs[i][j]];
        const regret = player === 0 ? would - was : columnSign * (would - was);
        regrets[player][k] = memory * regrets[player][k] + regret;
      });
    });
  }
  return last ? [now[0], now[1]] : [sums[0].map((s) => s / luck.length), sums[1].map((s) => s / luck.length)];
}

function draw(strategy: readonly number[], u: number): number {
  let cumulated = 0;
  for (let k = 0; k < strategy.length - 1; k++) {
    cumulated += strategy[k];
    if (u < cumulated) return k;
  }
  return strategy.length - 1;
}

/** A game and luck on which a guard of 1e-8 changes nothing: no round has regrets of a thousandth alone. */
function drawRegretLoop(key: Key): { payoffs: number[][]; luck: number[][] } {
  const draw = (key: Key) => {
    const [gameKey, luckKey] = split(key);
    return { payoffs: matrixOf(gameKey, 3, 3, -1, 1), luck: matrixOf(luckKey, 30, 2, 0, 1) };
  };
  return drawUntil(key, draw, ({ payoffs, luck }) =>
    isNear(regretLoop(payoffs, luck, { guard: 1e-8 }), regretLoop(payoffs, luck), 1e-7),
  );
}

export const regretLoopExercise = exercise({
  id: "14/regret-loop",
  title: "A loop that learns by regret",
  difficulty: 3,
  minutes: 25,
  gives: ["learnByRegret"],
  watches: {
    "no-clipping":
      "Negative regrets were made positive, or counted as they are. An action that one does not regret gets probability 0: take max(regret, 0).",
    "last-strategy":
      "This is the strategy of the last round. It goes round for ever; return the average over all rounds.",
    "last-regret": "Only the regret of the last round counts here. Regrets are summed over all rounds.",
    "column-sign":
      "The column player learns as if the payoffs were its own: it earns minus the payoff, so its regret of j is A[drawn row][drawn column] - A[drawn row][j].",
    "counts-draws":
      "These are the shares of the actions that were drawn. Add the *strategies* to the sums: they say more than one draw of each.",
  },
  parts: [
    {
      name: "thirty rounds by hand",
      points: 3,
      look: "the four steps of exercise 2",
      async run(given, t) {
        const { payoffs, luck } = drawRegretLoop(t.key);
        t.mistakes(
          await given.learnByRegret(copyOf(payoffs), copyOf(luck)),
          {
            right: regretLoop(payoffs, luck),
            "no-clipping": regretLoop(payoffs, luck, { clip: Math.abs }),
            "last-strategy": regretLoop(payoffs, luck, { last: true }),
            "last-regret": regretLoop(payoffs, luck, { memory: 0 }),
            "column-sign": regretLoop(payoffs, luck, { columnSign: 1 }),
            "counts-draws": regretLoop(payoffs, luck, { drawnShares: true }),
          },
          1e-6,
          "the average strategies after thirty rounds",
        );
      },
    },
    {
      name: "comes near an equilibrium",
      points: 2,
      async run(given, t) {
        const payoffs = [
          [0, -1, 2],
          [1, 0, -1],
          [-2, 1, 0],
        ];
        const luck = matrixOf(t.key, 4000, 2, 0, 1);
        const got = await given.learnByRegret(copyOf(payoffs), luck);
        const isMixed = (x: unknown) =>
          Array.isArray(x) && x.length === 3 && x.every(Number.isFinite) && Math.abs(sum(x) - 1) < 1e-6;
        if (!(Array.isArray(got) && got.length === 2 && got.every(isMixed))) {
          t.fail("Expected [row, column], three probabilities each.");
        }
        const left = exploitability(payoffs, got[0], got[1]);
        if (!(left < 0.2)) {
          t.fail(
            `After 4,000 rounds of rock, paper, scissors (rock's win over scissors counts 2) the average strategies should be hard to exploit; their exploitability is ${left.toFixed(2)}.`,
          );
        }
      },
    },
  ],
});

export const cfrVisitExercise = exercise({
  id: "14/cfr-visit",
  title: "One visit of CFR",
  difficulty: 4,
  minutes: 15,
  gives: ["visitSet"],
  watches: {
    "own-reach":
      "The regrets are weighted by one's own probability. Counterfactual means as if I had come here on purpose: weigh by `others`, or a set that I avoid never learns.",
    "whole-reach": "The regrets are weighted by both probabilities. Leave one's own out.",
    "others-average":
      "The average is weighted by the others' probability. How much my strategy here counts is how often *I* would be here: weigh by `own`.",
    "second-player-sign":
      "`values` are the first player's. The second player earns minus that, so that all regrets change their sign.",
    "not-the-mean":
      "The baseline is the mean of the values, all actions alike. It is what the *strategy* earns: weigh by its probabilities.",
  },
  parts: [
    {
      name: "regrets and weights, for both players",
      points: 3,
      look: "the two rules of exercise 3",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const strategy = distribution(a, 3);
        const values = list(uniform(b, 3, -2, 2));
        const [x, y] = uniform(c, 2);
        const [own, others] = [0.02 + 0.1 * x, 0.4 + 0.4 * y]; // an unlikely set by one's own doing
        for (const player of [0, 1]) {
          const by = (changes: VisitChanges = {}) => visit({ player, strategy, values, own, others }, changes);
          const got = await given.visitSet({ player, strategy: [...strategy], values: [...values], own, others });
          t.mistakes(
            got,
            {
              right: by(),
              "own-reach": by({ reach: own }),
              "whole-reach": by({ reach: own * others }),
              "others-average": by({ weight: others }),
              ...(player === 1 && { "second-player-sign": by({ sign: 1 }) }),
              "not-the-mean": by({ baseline: sum(values) / 3 }),
            },
            1e-9,
            `what a visit of the ${player === 0 ? "first" : "second"} player adds`,
          );
        }
      },
    },
  ],
});

interface VisitChanges {
  reach?: number;
  weight?: number;
  sign?: number;
  baseline?: number;
}
interface Visit {
  player: number;
  strategy: number[];
  values: number[];
  own: number;
  others: number;
}
function visit({ player, strategy, values, own, others }: Visit, changes: VisitChanges) {
  const { reach = others, weight = own, sign = player === 0 ? 1 : -1 } = changes;
  const { baseline = dot(strategy, values) } = changes;
  return {
    regrets: values.map((value) => reach * sign * (value - baseline)),
    weights: strategy.map((p) => weight * p),
  };
}

/** Preferences [n][n] with a half on the diagonal. */
function drawPreferences(key: Key, n: number): number[][] {
  const raw = matrixOf(key, n, n, 0.1, 0.9);
  return raw.map((row, i) => row.map((p, j) => (i === j ? 0.5 : i < j ? p : 1 - raw[j][i])));
}

export const nashMdExercise = exercise({
  id: "14/nash-md",
  title: "A step of Nash-MD",
  difficulty: 3,
  minutes: 15,
  gives: ["nashMdOf"],
  watches: {
    "opponent-is-policy":
      "The win rates are against the policy. In (2) the opponent is the mixture m; with the policy it is mirror descent.",
    "starts-at-policy":
      "The step starts at the policy. In (2) it starts at the mixture, which is where the pull home is.",
    arithmetic:
      "The mixture is a weighted mean of probabilities. In (2) it is geometric: powers, multiplied, and normalised.",
    "powers-swapped": "The powers changed places: the policy has 1 - eta tau, the reference eta tau.",
    "mixture-not-normalised":
      "The opponent's probabilities do not add up to 1: normalise the mixture before you take win rates against it.",
    "not-normalised": "The result does not add up to 1.",
    loses: "These are the rates of losing. preferences[i][j] is how often i wins against j.",
  },
  parts: [
    {
      name: "a step far from the reference",
      points: 3,
      look: "equation (2)",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const preferences = drawPreferences(a, 4);
        const [policy, ref] = [distribution(b, 4), normalise(list(uniform(c, 4, 0.5, 1)).map((x, i) => x * 4 ** -i))];
        const eta = 1 + uniform(d, 1)[0];
        const tau = 0.3 / eta;
        const got = await given.nashMdOf(copyOf(preferences), [...policy], [...ref], eta, tau);
        t.mistakes(
          got,
          {
            right: list(nashMdStep(preferences, policy, { ref, tau, eta })),
            ...nashMdSlips(preferences, policy, ref, eta, tau),
          },
          1e-6,
          "the policy after one step",
        );
      },
    },
    {
      name: "without a price it is multiplicative weights",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const [preferences, policy] = [drawPreferences(a, 3), distribution(b, 3)];
        const wins = preferences.map((row) => dot(row, policy));
        t.near(
          await given.nashMdOf(copyOf(preferences), [...policy], [0.2, 0.3, 0.5], 0.7, 0),
          normalise(policy.map((p, i) => p * Math.exp(0.7 * wins[i]))),
          1e-6,
          "the policy after one step with tau 0",
        );
      },
    },
  ],
});

function nashMdSlips(preferences: number[][], policy: number[], ref: number[], eta: number, tau: number) {
  const share = eta * tau;
  const raw = policy.map((p, i) => p ** (1 - share) * ref[i] ** share);
  const mixture = normalise(raw);
  const against = (opponent: readonly number[]) => preferences.map((row) => dot(row, opponent));
  const step = (from: readonly number[], gains: readonly number[]) => from.map((m, i) => m * Math.exp(eta * gains[i]));
  const mean = policy.map((p, i) => (1 - share) * p + share * ref[i]);
  const swapped = normalise(policy.map((p, i) => p ** share * ref[i] ** (1 - share)));
  const losses = preferences.map((_, i) => dot(columnOf(preferences, i), mixture));
  return {
    "opponent-is-policy": normalise(step(mixture, against(policy))),
    "starts-at-policy": normalise(step(policy, against(mixture))),
    arithmetic: normalise(step(mean, against(mean))),
    "powers-swapped": normalise(step(swapped, against(swapped))),
    "mixture-not-normalised": normalise(step(raw, against(raw))),
    "not-normalised": step(mixture, against(mixture)),
    loses: normalise(step(mixture, losses)),
  };
}

interface PlainWorker {
  theta: number[];
  hyper: number[];
}
interface RoundChanges {
  ties?: boolean;
  shared?: boolean;
  copyHyper?: boolean;
  factor?: boolean;
  least?: number;
  worst?: boolean;
  oldHyper?: boolean;
}

/** The round of exercise 5, or with one thing changed. */
function pbtRound(workers: PlainWorker[], scores: number[], noise: number[][], rate: number, changes: RoundChanges) {
  const { ties = false, shared = false, copyHyper = false, factor = false, least = 0 } = changes;
  const best = scores.indexOf(changes.worst ? Math.min(...scores) : Math.max(...scores));
  const arrays = workers.map(({ theta }) => [...theta]);
  const next = workers.map((worker, w) => {
    const copies = (changes.worst ? scores[w] > scores[best] : scores[w] < scores[best]) || (ties && w !== best);
    const theta = copies ? (shared ? arrays[best] : [...arrays[best]]) : arrays[w];
    const from = copies && copyHyper ? workers[best].hyper : worker.hyper;
    const hyper = from.map((h, i) => Math.max(least, factor ? h * (1 + noise[w][i]) : h + noise[w][i]));
    return { theta, hyper };
  });
  next.forEach(({ theta, hyper }, w) => {
    const by = changes.oldHyper ? workers[w].hyper : hyper;
    for (let i = 0; i < theta.length; i++) theta[i] -= 2 * rate * by[i] * theta[i];
  });
  return next.map(({ theta, hyper }) => ({ theta: [...theta], hyper }));
}

export const exploitExploreExercise = exercise({
  id: "14/exploit-explore",
  title: "Exploit and explore",
  difficulty: 2,
  minutes: 15,
  gives: ["pbtRound"],
  watches: {
    "ties-copy":
      "A worker that is as good as the best took over its weights. Only who scores *less* copies: workers that mirror each other tie, and would become one.",
    "shared-array":
      "Two workers share one array of weights: the step of the one moved the other too. Make a copy, [...theta].",
    "copies-hyper":
      "The hyperparameters of the best were copied too. Here everybody keeps their own: that is what differs between workers.",
    "by-factors": "The noise multiplies. Add it: an h of 0 times anything stays 0 for ever.",
    "not-clipped": "A hyperparameter went below 0, and its worker walks uphill the wrong way. Take max(0, ...).",
    "copies-worst": "The weights of the worst were copied.",
    "old-hyper": "The step was taken with the hyperparameters from before. Explore first, then learn.",
  },
  parts: [
    {
      name: "three workers, one of them behind",
      points: 2,
      look: "the three steps of exercise 5",
      async run(given, t) {
        await checkRound(given, t, [0.7, 0.2, 0.5]);
      },
    },
    {
      name: "two of three tie at the top",
      points: 1,
      async run(given, t) {
        await checkRound(given, t, [0.1, 0.6, 0.6]);
      },
    },
  ],
});

type RoundTools = Parameters<(typeof exploitExploreExercise)["parts"][number]["run"]>;
async function checkRound(given: RoundTools[0], t: RoundTools[1], scores: number[]): Promise<void> {
  const [a, b] = split(t.key);
  const workers = matrixOf(a, 3, 2, 0.2, 0.9).map((theta, w) => ({
    theta,
    // One h of 0 that grows, one that the noise takes below 0.
    hyper: [
      [0, 0.7],
      [0.5, 0.02],
      [0.3, 0],
    ][w],
  }));
  const noise = matrixOf(b, 3, 2, 0.05, 0.15);
  noise[1][1] = -0.1;
  const rate = 0.1;
  const by = (changes: RoundChanges = {}) => pbtRound(workers, scores, noise, rate, changes);
  const copies = workers.map(({ theta, hyper }) => ({ theta: [...theta], hyper: [...hyper] }));
  t.mistakes(
    await given.pbtRound(copies, [...scores], copyOf(noise), rate),
    {
      right: by(),
      "ties-copy": by({ ties: true }),
      "shared-array": by({ shared: true }),
      "copies-hyper": by({ copyHyper: true }),
      "by-factors": by({ factor: true }),
      "not-clipped": by({ least: Number.NEGATIVE_INFINITY }),
      "copies-worst": by({ worst: true }),
      "old-hyper": by({ oldHyper: true }),
    },
    1e-6,
    `three workers after a round, scores ${scores.join(", ")}`,
  );
}

export const findTheBugExercise = exercise({
  id: "14/find-the-bug",
  title: "Find the bug: ratings that drift",
  difficulty: 2,
  minutes: 10,
  gives: ["eloAfter"],
  watches: {
    "new-rating":
      "The second player's prediction is made with the first one's *new* rating. Both predictions are from before the game; then what one gains the other loses.",
    "natural-log": "The prediction has e where Elo's has 10: 1 / (1 + 10^(-d/400)), 0.909 at d = 400.",
    "no-scale": "The difference was not divided by 400: at 400 points the prediction is 10/11, not certainty.",
    "both-gain": "Both ratings moved the same way. What the first gains, the second loses.",
    "reversed-prediction": "The prediction has the wrong sign: the stronger one should be expected to win.",
  },
  parts: [
    {
      name: "two unequal players",
      points: 2,
      look: "the rule of Elo ratings in section 4",
      async run(given, t) {
        const [x, y, z] = uniform(t.key, 3);
        const [first, second, k] = [1300 + 300 * x, 1700 + 300 * y, 16 + 32 * z];
        for (const score of [1, 0, 0.5]) {
          const by = (expected: number, other = -1): [number, number] => {
            const change = k * (score - expected);
            return [first + change, second + other * change];
          };
          const predict = (base: number, scale: number) => 1 / (1 + base ** ((second - first) / scale));
          const expected = predict(10, 400);
          const moved = first + k * (score - expected);
          t.mistakes(
            await given.eloAfter(first, second, score, k),
            {
              right: by(expected),
              "new-rating": [moved, second + k * (1 - score - 1 / (1 + 10 ** ((moved - second) / 400)))],
              "natural-log": by(predict(Math.E, 400)),
              "no-scale": by(predict(10, 1)),
              "both-gain": by(expected, 1),
              "reversed-prediction": by(1 - expected),
            },
            1e-6,
            `ratings ${first.toFixed(0)} and ${second.toFixed(0)} after a score of ${score}`,
          );
        }
      },
    },
  ],
});

/** Newcomers for archives made by hand: who holds the cell before, and who comes. */
const newcomers = [
  { name: "less than the elite", elite: 2, fitness: 1 },
  { name: "as much as the elite", elite: 2, fitness: 2 },
  { name: "more than the elite, less than another cell's", elite: 2, fitness: 3 },
  { name: "an empty cell, and little fitness", elite: undefined, fitness: -5 },
  { name: "more than anybody", elite: 2, fitness: 20 },
  { name: "less than an elite of fitness 0", elite: 0, fitness: -1 },
  { name: "more than an elite below 0", elite: -3, fitness: -2 },
] as const;
type Rule = (elite: number | undefined, fitness: number) => boolean;
const entries = (rule: Rule) => newcomers.map(({ elite, fitness }) => (rule(elite, fitness) ? 1 : 0));

export const archiveExercise = exercise({
  id: "14/archive",
  title: "Into the archive",
  difficulty: 1,
  minutes: 10,
  gives: ["enterArchive"],
  watches: {
    "always-replaces": "The newcomer came in although the elite of its cell has more fitness.",
    "equal-replaces": "The newcomer came in although it has only as much as the elite: less is what loses a cell.",
    "best-of-all":
      "The newcomer was compared with the whole archive. It competes with the elite of its own cell alone: that is what keeps kinds apart.",
    "only-empty": "A better newcomer was turned away: an elite is not there for ever.",
    "keeps-the-worst": "The comparison is the wrong way round: this archive keeps the worst of each kind.",
    "zero-is-empty":
      "A cell whose elite has fitness 0 was taken for empty. Ask whether the cell is there, not whether its fitness is true.",
  },
  parts: [
    {
      name: "seven newcomers",
      points: 2,
      look: "exercise 7",
      async run(given, t) {
        const came: number[] = [];
        for (const { name, elite, fitness } of newcomers) {
          const other = { item: 9, fitness: 10 };
          const archive = { b: other, ...(elite !== undefined && { a: { item: 1, fitness: elite } }) };
          const got = await given.enterArchive(structuredClone(archive), "a", 2, fitness);
          if (typeof got !== "object" || got === null || Array.isArray(got)) {
            t.fail("Expected the archive: an object from cell to { item, fitness }.");
          }
          t.near(got.b, other, 1e-12, "A newcomer to one cell changed another cell.");
          const after = got.a;
          const isNew = after?.item === 2 && after?.fitness === fitness;
          const isOld = elite === undefined ? after === undefined : after?.item === 1 && after?.fitness === elite;
          if (!isNew && !isOld) t.fail(`In the case "${name}" the cell should hold the elite or the newcomer, whole.`);
          came.push(isNew ? 1 : 0);
        }
        const empty = (elite: number | undefined) => elite === undefined;
        t.mistakes(
          came,
          {
            right: entries((elite, fitness) => empty(elite) || fitness > (elite as number)),
            "always-replaces": entries(() => true),
            "equal-replaces": entries((elite, fitness) => empty(elite) || fitness >= (elite as number)),
            "best-of-all": entries((elite, fitness) => fitness > Math.max(10, elite ?? -9)),
            "only-empty": entries(empty),
            "keeps-the-worst": entries((elite, fitness) => empty(elite) || fitness < (elite as number)),
            "zero-is-empty": entries((elite, fitness) => !elite || fitness > elite),
          },
          1e-12,
          `who came in (1) of ${newcomers.map(({ name }) => name).join("; ")}`,
        );
      },
    },
  ],
});

export const spinExercise = exercise({
  id: "14/spin",
  title: "A SPIN iteration",
  difficulty: 2,
  minutes: 10,
  gives: ["spinOf"],
  watches: {
    "lambda-for-inverse": "The power is 1 / lambda, not lambda: a small price means a large step.",
    "forgets-policy":
      "The policy before is missing in front of the ratio. With lambda 1 the answer should be the data; here it is not.",
    "not-normalised": "The probabilities do not add up to 1.",
    reversed: "The ratio is upside down: this iteration leads away from the data.",
    "data-power": "This is a power of the data alone. The ratio is of data to policy, and the policy stands in front.",
  },
  parts: [
    {
      name: "an iteration at a price of about two",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        const [policy, data] = [distribution(a, 4), distribution(b, 4)];
        await checkSpin(given, t, policy, data, 1.7 + uniform(c, 1)[0]);
      },
    },
    {
      name: "at a price of 1, and of 0.4",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        for (const lambda of [1, 0.4]) await checkSpin(given, t, distribution(a, 3), distribution(b, 3), lambda);
      },
    },
  ],
});

type SpinTools = Parameters<(typeof spinExercise)["parts"][number]["run"]>;
async function checkSpin(
  given: SpinTools[0],
  t: SpinTools[1],
  policy: number[],
  data: number[],
  lambda: number,
): Promise<void> {
  const ratios = (power: number) => policy.map((p, y) => (data[y] / p) ** power);
  const times = (a: readonly number[], b: readonly number[]) => a.map((x, y) => x * b[y]);
  t.mistakes(
    await given.spinOf([...policy], [...data], lambda),
    {
      right: list(spinStep(policy.map(Math.log), data.map(Math.log), lambda)).map(Math.exp),
      "lambda-for-inverse": normalise(times(policy, ratios(lambda))),
      "forgets-policy": normalise(ratios(1 / lambda)),
      "not-normalised": times(policy, ratios(1 / lambda)),
      reversed: normalise(times(policy, ratios(-1 / lambda))),
      "data-power": normalise(data.map((p) => p ** (1 / lambda))),
    },
    1e-6,
    `the policy after one iteration at lambda ${lambda.toFixed(2)}`,
  );
}

interface DuelChanges {
  writer?: number;
  critic?: number;
  last?: boolean;
}

/** The writer's mixture by multiplicative weights of exercise 9, or with one thing changed. */
function sureBy(scores: number[][], rate: number, steps: number, changes: DuelChanges = {}): number[] {
  const { writer: up = 1, critic: down = -1, last = false } = changes;
  let writer = scores.map(() => 1 / scores.length);
  let critic = scores[0].map(() => 1 / scores[0].length);
  const total = scores.map(() => 0);
  for (let t = 0; t < steps; t++) {
    writer.forEach((p, y) => {
      total[y] += p / steps;
    });
    const gains = scores.map((row) => dot(row, critic));
    const losses = critic.map((_, c) => dot(columnOf(scores, c), writer));
    writer = normalise(writer.map((p, y) => p * Math.exp(up * rate * gains[y])));
    critic = normalise(critic.map((p, c) => p * Math.exp(down * rate * losses[c])));
  }
  return last ? writer : total;
}

export const harshestCriticExercise = exercise({
  id: "14/harshest-critic",
  title: "Sure of it, by self-play",
  difficulty: 3,
  minutes: 10,
  gives: ["sureOf"],
  watches: {
    "last-mixture": "This is the writer's last mixture, which goes round. Return the average over the steps.",
    backwards:
      "The writer climbs down and the critic up: min max, the objective of section 7 that finds what nobody can praise.",
    flattering: "The critic flatters: it moves towards critics who give *high* scores. Its sign is the other one.",
    "critic-stays":
      "The critic never moves: this is the best reply for the panel's average, and one of its members hates it.",
  },
  parts: [
    {
      name: "is sure of nearly the most, with the panel of section 7 in any order",
      points: 2,
      look: "sections 2 and 7",
      async run(given, t) {
        const [a, b] = split(t.key);
        const [replies, critics] = [permutation(a, 5), permutation(b, 3)];
        await checkSure(
          given,
          t,
          list(replies).map((y) => list(critics).map((c) => criticPanel[y][c])),
        );
      },
    },
    {
      name: "and with another panel",
      points: 1,
      async run(given, t) {
        const panel = [
          [1, 0, 0.2],
          [0.1, 1, 0],
          [0, 0.3, 0.8],
          [0.1, 0.1, 0.1],
        ];
        await checkSure(given, t, panel);
      },
    },
  ],
});

type SureTools = Parameters<(typeof harshestCriticExercise)["parts"][number]["run"]>;
async function checkSure(given: SureTools[0], t: SureTools[1], scores: number[][]): Promise<void> {
  const [rate, steps] = [0.1, 4000];
  const got = await given.sureOf(copyOf(scores), rate, steps);
  const isMixed = Array.isArray(got) && got.length === scores.length && got.every((p) => p >= -1e-9);
  if (!isMixed || !(Math.abs(sum(got) - 1) < 1e-6)) t.fail("Expected a mixture: a probability for each reply.");
  const sure = (mixture: readonly number[]) => Math.min(...scores[0].map((_, c) => dot(columnOf(scores, c), mixture)));
  const { value } = await zeroSumEquilibrium(scores);
  if (sure(got) >= value - 0.03) return;
  const slips = {
    "last-mixture": { last: true },
    backwards: { writer: -1, critic: 1 },
    flattering: { critic: 1 },
    "critic-stays": { critic: 0 },
  } as const;
  for (const [name, changes] of Object.entries(slips)) {
    const slip = sureBy(scores, rate, steps, changes);
    if (slip.every((p, y) => Math.abs(p - got[y]) < 1e-6)) t.mistake(name as keyof typeof slips);
  }
  t.fail(
    `The writer should be sure of nearly ${value.toFixed(2)} from every critic; your mixture gets ${sure(got).toFixed(2)} from the harshest.`,
  );
}
