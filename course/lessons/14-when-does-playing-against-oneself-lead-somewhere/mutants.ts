// Wrong answers to the exercises of lesson 14. Each must be rejected, with its own words.

type Matrix = number[][];
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const column = (matrix: Matrix, j: number) => matrix.map((row) => row[j]);
const normalise = (weights: number[]) => weights.map((w) => w / weights.reduce((a, b) => a + b));

const rows = (A: Matrix, y: number[]) => A.map((row) => dot(row, y));
const columns = (A: Matrix, x: number[]) => A[0].map((_, j) => dot(x, column(A, j)));
const exploit = (of: (A: Matrix, x: number[], y: number[]) => number) => ({ exploitabilityOf: of });

interface LoopSlips {
  weight?: (regret: number) => number;
  last?: boolean;
  forget?: boolean;
  sign?: number;
  counts?: boolean;
}
const learn = ({
  weight = (r) => Math.max(r, 0),
  last = false,
  forget = false,
  sign = 1,
  counts = false,
}: LoopSlips) => ({
  learnByRegret: (A: Matrix, luck: Matrix) => {
    let regrets = [A.map(() => 0), A[0].map(() => 0)];
    const sums = [A.map(() => 0), A[0].map(() => 0)];
    let strategies = sums;
    for (const luckNow of luck) {
      strategies = regrets.map((own) => {
        const weights = own.map(weight);
        const total = weights.reduce((a, b) => a + b, 0);
        return weights.map((w) => (total > 0 ? w / total : 1 / own.length));
      });
      const [i, j] = strategies.map((strategy, player) => {
        let left = luckNow[player];
        const found = strategy.findIndex((p) => {
          left -= p;
          return left < 0;
        });
        return found < 0 ? strategy.length - 1 : found;
      });
      strategies.forEach((strategy, player) => {
        const drawn = [i, j][player];
        for (let k = 0; k < strategy.length; k++) sums[player][k] += counts ? Number(k === drawn) : strategy[k];
      });
      if (forget) regrets = [A.map(() => 0), A[0].map(() => 0)];
      A.forEach((_, k) => {
        regrets[0][k] += A[k][j] - A[i][j];
      });
      A[0].forEach((_, k) => {
        regrets[1][k] += sign * (A[i][j] - A[i][k]);
      });
    }
    return last ? strategies : sums.map((own) => own.map((s) => s / luck.length));
  },
});

interface Visit {
  player: 0 | 1;
  strategy: number[];
  values: number[];
  own: number;
  others: number;
}
const visit = (slip: {
  reach?: (v: Visit) => number;
  weight?: (v: Visit) => number;
  sign?: (v: Visit) => number;
  mean?: (v: Visit) => number;
}) => ({
  visitSet: (v: Visit) => {
    const { reach = (x) => x.others, weight = (x) => x.own, sign = (x) => (x.player === 0 ? 1 : -1) } = slip;
    const { mean = (x) => dot(x.strategy, x.values) } = slip;
    return {
      regrets: v.values.map((value) => sign(v) * reach(v) * (value - mean(v))),
      weights: v.strategy.map((p) => p * weight(v)),
    };
  },
});

type Md = [P: Matrix, policy: number[], ref: number[], eta: number, tau: number];
const geometric = (policy: number[], ref: number[], share: number) =>
  policy.map((p, i) => p ** (1 - share) * ref[i] ** share);
const md = (step: (...args: Md) => number[]) => ({ nashMdOf: step });
const tilt = (from: number[], gains: number[], eta: number) => from.map((m, i) => m * Math.exp(eta * gains[i]));
const mixtureOf = ([, policy, ref, eta, tau]: Md) => normalise(geometric(policy, ref, eta * tau));

interface Worker {
  theta: number[];
  hyper: number[];
}
type Round = [workers: Worker[], scores: number[], noise: Matrix, rate: number];
const round = (slip: {
  copies?: (score: number, best: number) => boolean;
  hyper?: boolean;
  explore?: (h: number, z: number) => number;
  worst?: boolean;
  old?: boolean;
}) => ({
  pbtRound: (...[workers, scores, noise, rate]: Round) => {
    const { copies = (s, b) => s < b, explore = (h, z) => Math.max(0, h + z) } = slip;
    const best = scores.indexOf(slip.worst ? Math.min(...scores) : Math.max(...scores));
    return workers.map((worker, w) => {
      const donor = copies(scores[w], scores[best]) ? workers[best] : worker;
      const before = slip.hyper ? donor.hyper : worker.hyper;
      const hyper = before.map((h, i) => explore(h, noise[w][i]));
      const by = slip.old ? worker.hyper : hyper;
      return { theta: donor.theta.map((x, i) => x - 2 * rate * by[i] * x), hyper };
    });
  },
});
/** Copies the reference to the array, and steps in place. */
const sharedRound = (...[workers, scores, noise, rate]: Round) => {
  const best = scores.indexOf(Math.max(...scores));
  for (const [w, worker] of workers.entries()) {
    if (scores[w] < scores[best]) worker.theta = workers[best].theta;
    worker.hyper = worker.hyper.map((h, i) => Math.max(0, h + noise[w][i]));
  }
  for (const { theta, hyper } of workers) for (const i of theta.keys()) theta[i] -= 2 * rate * hyper[i] * theta[i];
  return workers;
};

type Game = [first: number, second: number, score: number, k: number];
const elo = (expected: (first: number, second: number) => number, other = -1) => ({
  eloAfter: (...[first, second, score, k]: Game) => {
    const change = k * (score - expected(first, second));
    return [first + change, second + other * change];
  },
});
const tens = (first: number, second: number) => 1 / (1 + 10 ** ((second - first) / 400));

type Archive = Record<string, { item: number; fitness: number }>;
const archive = (comesIn: (archive: Archive, cell: string, fitness: number) => boolean) => ({
  enterArchive: (before: Archive, cell: string, item: number, fitness: number) =>
    comesIn(before, cell, fitness) ? { ...before, [cell]: { item, fitness } } : before,
});

const spin = (weights: (p: number, d: number, lambda: number) => number, normed = true) => ({
  spinOf: (policy: number[], data: number[], lambda: number) => {
    const raw = policy.map((p, y) => weights(p, data[y], lambda));
    return normed ? normalise(raw) : raw;
  },
});

const duel = ({ writer = 1, critic = -1, last = false }) => ({
  sureOf: (scores: Matrix, rate: number, steps: number) => {
    let w = scores.map(() => 1 / scores.length);
    let c = scores[0].map(() => 1 / scores[0].length);
    const total = scores.map(() => 0);
    for (let t = 0; t < steps; t++) {
      w.forEach((p, y) => {
        total[y] += p;
      });
      const [gains, losses] = [rows(scores, c), columns(scores, w)];
      w = normalise(w.map((p, y) => p * Math.exp(writer * rate * gains[y])));
      c = normalise(c.map((p, k) => p * Math.exp(critic * rate * losses[k])));
    }
    return last ? w : total.map((s) => s / steps);
  },
});

export const mutants = {
  "14/exploitability": {
    "nash-conv": exploit((A, x, y) => Math.max(...rows(A, y)) - Math.min(...columns(A, x))),
    "row-twice": exploit((A, x, y) => Math.max(...rows(A, y)) - dot(x, rows(A, y))),
    "opponent-sign": exploit(
      (A, x, y) => (Math.max(...rows(A, y)) + Math.max(...columns(A, x))) / 2 - dot(x, rows(A, y)),
    ),
    "one-player": exploit((A, x, y) => (Math.max(...rows(A, y)) - dot(x, rows(A, y))) / 2),
    "mixture-of-maxima": exploit((A, x, y) => {
      const best = y.reduce((sum, p, j) => sum + p * Math.max(...column(A, j)), 0);
      const worst = x.reduce((sum, p, i) => sum + p * Math.min(...A[i]), 0);
      return (best - worst) / 2;
    }),
  },
  "14/regret-loop": {
    "no-clipping": learn({ weight: Math.abs }),
    "last-strategy": learn({ last: true }),
    "last-regret": learn({ forget: true }),
    "column-sign": learn({ sign: -1 }),
    "counts-draws": learn({ counts: true }),
  },
  "14/cfr-visit": {
    "own-reach": visit({ reach: ({ own }) => own }),
    "whole-reach": visit({ reach: ({ own, others }) => own * others }),
    "others-average": visit({ weight: ({ others }) => others }),
    "second-player-sign": visit({ sign: () => 1 }),
    "not-the-mean": visit({ mean: ({ values }) => values.reduce((a, b) => a + b) / values.length }),
  },
  "14/nash-md": {
    "opponent-is-policy": md((...args) => normalise(tilt(mixtureOf(args), rows(args[0], args[1]), args[3]))),
    "starts-at-policy": md((...args) => normalise(tilt(args[1], rows(args[0], mixtureOf(args)), args[3]))),
    arithmetic: md((P, policy, ref, eta, tau) => {
      const m = policy.map((p, i) => (1 - eta * tau) * p + eta * tau * ref[i]);
      return normalise(tilt(m, rows(P, m), eta));
    }),
    "powers-swapped": md((P, policy, ref, eta, tau) => {
      const m = normalise(geometric(ref, policy, eta * tau));
      return normalise(tilt(m, rows(P, m), eta));
    }),
    "mixture-not-normalised": md((P, policy, ref, eta, tau) => {
      const m = geometric(policy, ref, eta * tau);
      return normalise(tilt(m, rows(P, m), eta));
    }),
    "not-normalised": md((...args) => tilt(mixtureOf(args), rows(args[0], mixtureOf(args)), args[3])),
    loses: md((...args) => normalise(tilt(mixtureOf(args), columns(args[0], mixtureOf(args)), args[3]))),
  },
  "14/exploit-explore": {
    "ties-copy": round({ copies: () => true }),
    "shared-array": { pbtRound: sharedRound },
    "copies-hyper": round({ hyper: true }),
    "by-factors": round({ explore: (h, z) => Math.max(0, h * (1 + z)) }),
    "not-clipped": round({ explore: (h, z) => h + z }),
    "copies-worst": round({ worst: true, copies: (s, b) => s > b }),
    "old-hyper": round({ old: true }),
  },
  "14/find-the-bug": {
    "new-rating": {
      eloAfter: (...[first, second, score, k]: Game) => {
        const moved = first + k * (score - tens(first, second));
        return [moved, second + k * (1 - score - tens(second, moved))];
      },
    },
    "natural-log": elo((first, second) => 1 / (1 + Math.exp((second - first) / 400))),
    "no-scale": elo((first, second) => 1 / (1 + 10 ** (second - first))),
    "both-gain": elo(tens, 1),
    "reversed-prediction": elo((first, second) => tens(second, first)),
  },
  "14/archive": {
    "always-replaces": archive(() => true),
    "equal-replaces": archive((a, cell, f) => !(cell in a) || f >= a[cell].fitness),
    "best-of-all": archive((a, _, f) => Object.values(a).every(({ fitness }) => f > fitness)),
    "only-empty": archive((a, cell) => !(cell in a)),
    "keeps-the-worst": archive((a, cell, f) => !(cell in a) || f < a[cell].fitness),
    "zero-is-empty": archive((a, cell, f) => !a[cell]?.fitness || f > a[cell].fitness),
  },
  "14/spin": {
    "lambda-for-inverse": spin((p, d, lambda) => p * (d / p) ** lambda),
    "forgets-policy": spin((p, d, lambda) => (d / p) ** (1 / lambda)),
    "not-normalised": spin((p, d, lambda) => p * (d / p) ** (1 / lambda), false),
    reversed: spin((p, d, lambda) => p * (p / d) ** (1 / lambda)),
    "data-power": spin((_, d, lambda) => d ** (1 / lambda)),
  },
  "14/harshest-critic": {
    "last-mixture": duel({ last: true }),
    backwards: duel({ writer: -1, critic: 1 }),
    flattering: duel({ critic: 1 }),
    "critic-stays": duel({ critic: 0 }),
  },
};
