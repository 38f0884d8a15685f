// Wrong answers to the exercises of lesson 04. Each must be rejected, with its own words.
import { logSigmoid, sigmoid } from "rlhf-lab/numerics";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function kappaWith(
  counts: number[][],
  agree: (count: number, people: number) => number,
  luck: (share: number[]) => number,
  rescale = true,
): number {
  const people = sum(counts[0]);
  const observed = sum(counts.map((row) => sum(row.map((count) => agree(count, people))))) / counts.length;
  const share = counts[0].map((_, c) => sum(counts.map((row) => row[c])) / (people * counts.length));
  const expected = luck(share);
  return rescale ? (observed - expected) / (1 - expected) : observed - expected;
}
const pairs = (count: number, people: number) => (count * (count - 1)) / (people * (people - 1));
const squares = (share: number[]) => sum(share.map((s) => s * s));

const vote = (answers: number[], accuracy: number[], weight: (p: number) => number, no = -1) =>
  sum(answers.map((y, w) => (y === 1 ? weight(accuracy[w]) : no * weight(accuracy[w]))));
const logOdds = (p: number) => Math.log(p / (1 - p));

type Task = [prior: number[], confusion: number[][][], labels: number[]];

/** Posterior from logs, with the entry of the table that a mistake looks at. */
function posterior([prior, , labels]: Task, entry: (w: number, t: number, label: number) => number, usePrior = true) {
  const log = prior.map(
    (share, t) => (usePrior ? Math.log(share) : 0) + sum(labels.map((label, w) => Math.log(entry(w, t, label)))),
  );
  const most = Math.max(...log);
  const weight = log.map((value) => Math.exp(value - most));
  return weight.map((value) => value / sum(weight));
}
const product = ([prior, confusion, labels]: Task) =>
  prior.map((share, t) => labels.reduce((p, label, w) => (label < 0 ? p : p * confusion[w][t][label]), share));

type Answered = [posterior: number[][], labels: number[]];

/** Sums of the posterior, [truth][answer], of one person. */
function truthByAnswer([posterior, labels]: Answered): number[][] {
  const table = posterior[0].map(() => posterior[0].map(() => 0));
  posterior.forEach((probability, i) => {
    if (labels[i] >= 0) for (const [t, p] of probability.entries()) table[t][labels[i]] += p;
  });
  return table;
}
const byRow = (table: number[][]) => table.map((row) => row.map((x) => x / sum(row)));

/** EM of the one coin model, with what a mistake leaves out. */
function coinEm(
  answers: number[][],
  rounds: number,
  { update = true, hard = false, madeUp = 1, weight = logOdds } = {},
): number[] {
  const start = answers.map((row) => {
    const given = row.filter((y) => y >= 0);
    return sum(given) / given.length;
  });
  let probability = start;
  for (let round = 0; round < rounds; round++) {
    const looked = (update ? probability : start).map((p) => (hard ? Math.round(p) : p));
    const votes = answers[0].map((_, w) => {
      const mine = answers.map((row, i) => ({ y: row[w], p: looked[i] })).filter(({ y }) => y >= 0);
      const right = sum(mine.map(({ y, p }) => (y === 1 ? p : 1 - p)));
      return weight((right + madeUp) / (mine.length + 2 * madeUp));
    });
    probability = answers.map((row) => sigmoid(sum(row.map((y, w) => (y < 0 ? 0 : y === 1 ? votes[w] : -votes[w])))));
  }
  return probability;
}

type Judged = [theta: number[], alpha: number[], labeler: number[], winner: number[], loser: number[]];

function slopes([theta, alpha, labeler, winner, loser]: Judged, term: (d: number, a: number) => number): number[] {
  const g = alpha.map(() => 0);
  labeler.forEach((w, k) => {
    g[w] += term(theta[winner[k]] - theta[loser[k]], alpha[w]);
  });
  return g;
}

/** Walks along the arrows; what is returned when an item is met again is the mistake's business. */
function walk(
  beats: boolean[][],
  close: (path: number[], met: number) => number[],
  forgetful = false,
  starts = beats.length,
): number[] {
  const seen = new Set<number>();
  const from = (item: number, path: number[]): number[] => {
    const met = path.indexOf(item);
    if (met >= 0) return close(path, met);
    if (seen.has(item)) return forgetful ? [...path, item] : [];
    if (forgetful) seen.add(item);
    for (let next = 0; next < beats.length; next++) {
      if (!beats[item][next]) continue;
      const found = from(next, [...path, item]);
      if (found.length > 0) return found;
    }
    seen.add(item);
    return [];
  };
  for (let item = 0; item < starts; item++) {
    const found = from(item, []);
    if (found.length > 0) return found;
  }
  return [];
}

function triple(beats: boolean[][], inOrder: boolean): number[] {
  const n = beats.length;
  for (let i = 0; i < n; i++)
    for (let j = inOrder ? i + 1 : 0; j < n; j++)
      for (let k = inOrder ? j + 1 : 0; k < n; k++) if (beats[i][j] && beats[j][k] && beats[k][i]) return [i, j, k];
  return [];
}

export const mutants = {
  "04/fleiss-kappa": {
    "no-luck": { kappa: (counts: number[][]) => kappaWith(counts, pairs, () => 0) },
    "with-themselves": { kappa: (counts: number[][]) => kappaWith(counts, (c, n) => (c / n) ** 2, squares) },
    "uniform-luck": { kappa: (counts: number[][]) => kappaWith(counts, pairs, (share) => 1 / share.length) },
    "not-rescaled": { kappa: (counts: number[][]) => kappaWith(counts, pairs, squares, false) },
  },
  "04/weighted-vote": {
    "precision-weights": {
      voteLogOdds: (answers: number[], accuracy: number[]) => vote(answers, accuracy, (p) => 1 / (p * (1 - p))),
    },
    "accuracy-weights": {
      voteLogOdds: (answers: number[], accuracy: number[]) => vote(answers, accuracy, (p) => p),
    },
    "only-yes": { voteLogOdds: (answers: number[], accuracy: number[]) => vote(answers, accuracy, logOdds, 0) },
    unsigned: {
      voteLogOdds: (answers: number[], accuracy: number[]) => vote(answers, accuracy, (p) => Math.abs(logOdds(p))),
    },
  },
  "04/e-step": {
    "forgets-prior": {
      eStep: (...task: Task) => posterior(task, (w, t, label) => (label < 0 ? 1 : task[1][w][t][label]), false),
    },
    transposed: {
      eStep: (...task: Task) => posterior(task, (w, t, label) => (label < 0 ? 1 : task[1][w][label][t])),
    },
    "absent-as-zero": {
      eStep: (...task: Task) => posterior(task, (w, t, label) => task[1][w][t][Math.max(label, 0)]),
    },
    underflow: {
      eStep: (...task: Task) => {
        const weight = product(task);
        return weight.map((value) => value / sum(weight));
      },
    },
    "not-normalised": { eStep: (...task: Task) => product(task) },
  },
  "04/find-the-bug": {
    "by-answer": {
      confusionTable: (...data: Answered) => {
        const table = truthByAnswer(data);
        return table.map((row) => row.map((x, c) => x / sum(table.map((other) => other[c]))));
      },
    },
    joint: {
      confusionTable: (...data: Answered) => {
        const table = truthByAnswer(data);
        return table.map((row) => row.map((x) => x / sum(table.flat())));
      },
    },
    "not-divided": { confusionTable: (...data: Answered) => truthByAnswer(data) },
    "all-tasks": {
      confusionTable: (...data: Answered) =>
        truthByAnswer(data).map((row, t) => row.map((x) => x / sum(data[0].map((probability) => probability[t])))),
    },
    hard: {
      confusionTable: (posterior: number[][], labels: number[]) =>
        byRow(truthByAnswer([posterior.map((row) => row.map((p) => Number(p === Math.max(...row)))), labels])),
    },
    transposed: {
      confusionTable: (...data: Answered) => {
        const table = byRow(truthByAnswer(data));
        return table.map((row, t) => row.map((_, c) => table[c][t]));
      },
    },
  },
  "04/one-coin": {
    // M-steps that look at the first guess for ever: the same as one round.
    "one-round": { oneCoinEm: (answers: number[][], n: number) => coinEm(answers, n, { update: false }) },
    hard: { oneCoinEm: (answers: number[][], n: number) => coinEm(answers, n, { hard: true }) },
    "absent-as-no": {
      oneCoinEm: (answers: number[][], n: number) =>
        coinEm(
          answers.map((row) => row.map((y) => Math.max(y, 0))),
          n,
        ),
    },
    "no-made-up": { oneCoinEm: (answers: number[][], n: number) => coinEm(answers, n, { madeUp: 1e-12 }) },
    "accuracy-weights": { oneCoinEm: (answers: number[][], n: number) => coinEm(answers, n, { weight: (p) => p }) },
  },
  "04/alpha-gradient": {
    "surprise-only": { alphaGradient: (...data: Judged) => slopes(data, (d, a) => sigmoid(-a * d)) },
    "alpha-outside": { alphaGradient: (...data: Judged) => slopes(data, (d, a) => a * sigmoid(-a * d)) },
    "alpha-ignored": { alphaGradient: (...data: Judged) => slopes(data, (d) => d * Math.exp(logSigmoid(-d))) },
    "all-together": {
      alphaGradient: (...data: Judged) => {
        const own = slopes(data, (d, a) => d * sigmoid(-a * d));
        return own.map(() => sum(own));
      },
    },
    "wrong-sign": { alphaGradient: (...data: Judged) => slopes(data, (d, a) => -d * sigmoid(-a * d)) },
  },
  "04/find-cycle": {
    "triples-only": { findCycle: (beats: boolean[][]) => triple(beats, false) },
    "with-its-tail": { findCycle: (beats: boolean[][]) => walk(beats, (path) => path) },
    "in-order": { findCycle: (beats: boolean[][]) => triple(beats, true) },
    closed: { findCycle: (beats: boolean[][]) => walk(beats, (path, met) => [...path.slice(met), path[met]]) },
    "from-one-item": { findCycle: (beats: boolean[][]) => walk(beats, (path, met) => path.slice(met), false, 1) },
    "turned-round": {
      findCycle: (beats: boolean[][]) => walk(beats, (path, met) => path.slice(met).reverse()),
    },
    "sees-circles": { findCycle: (beats: boolean[][]) => walk(beats, (path, met) => path.slice(met), true) },
  },
};
