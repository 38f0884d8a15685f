// Wrong answers to the exercises of lesson 23. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const top = (values: number[]) => values.indexOf(most(values));

const slope = (each: (y: number, d: number) => number) => ({
  printedSlope: (y: number[], d: number[]) => d.map((x, i) => each(y[i], x)),
});
type Pair = [truth: number[], learned: number[]];
const example = (counterexample: (actions: number, e: number) => Pair) => ({ counterexample });
const others = (actions: number, second: number) =>
  Array.from({ length: actions }, (_, a) => (a === 0 ? 0 : a === 1 ? second : -1));

const share = (holds: boolean[]) => holds.filter(Boolean).length / holds.length;
type Coverage = (truths: number[][], estimates: number[][], z: number) => number;
const cover = (winnersCoverage: Coverage) => ({ winnersCoverage });

const minimum = (centredMinimum: (members: number[][], ref: number[]) => number[]) => ({ centredMinimum });
const weighted = (r: number[], ref: number[]) => total(r.map((x, y) => ref[y] * x));
const lottery = (dominatedLottery: (lambda: number) => [number[], number[]]) => ({ dominatedLottery });

interface Slips {
  inTurn?: boolean;
  late?: boolean;
  additive?: boolean;
  sign?: number;
  rateless?: boolean;
  extra?: number;
}
const game = ({ inTurn, late, additive, sign = 1, rateless, extra = 0 }: Slips) => ({
  lastAndMean: (G: number[][], x: number[], y: number[], rate: number, rounds: number) => {
    const step = (own: number[], other: number[]) => {
      const weights = own.map((p, i) => {
        const pay = sign * (rateless ? 1 : rate) * total(G[i].map((g, j) => g * other[j]));
        return additive ? Math.max(0, p + pay) : p * Math.exp(pay);
      });
      return weights.map((w) => w / total(weights));
    };
    const played: number[][] = [];
    for (let t = 0; t < rounds + extra; t++) {
      if (!late) played.push(x);
      const next = step(x, y);
      y = step(y, inTurn ? next : x);
      x = next;
      if (late) played.push(x);
    }
    return [x, x.map((_, i) => total(played.map((p) => p[i])) / played.length)];
  },
});

const vote = (
  third: (votes: number[][], p: number, q: number) => number,
  tie = false,
  clash = (a: number, b: number) => (a === b ? 0 : 1),
) => ({
  majorities: (votes: number[][]) => {
    const accepts = (says: (v: number[]) => number) => {
      const yes = 2 * total(votes.map(says));
      return yes > votes.length || (tie && yes === votes.length) ? 1 : 0;
    };
    const [p, q] = [accepts((v) => v[0]), accepts((v) => v[1])];
    const either = third(votes, p, q);
    return [p, q, either, clash(either, Math.max(p, q))];
  },
});
const count =
  (says: (v: number[]) => number, tie = false) =>
  (votes: number[][]) => {
    const yes = 2 * total(votes.map(says));
    return yes > votes.length || (tie && yes === votes.length) ? 1 : 0;
  };
const or = (v: number[]) => Math.max(v[0], v[1]);

const loop = (sign: number, moving = false, based = true, scored = true) => ({
  reinforceLoop: (rewards: number[], u: number[], rate: number, baseline: number) => {
    const softmax = (z: number[]) => {
      const weights = z.map(Math.exp);
      return weights.map((w) => w / total(weights));
    };
    const z = rewards.map(() => 0);
    for (const draw of u) {
      const p = softmax(z);
      let y = 0;
      for (let reached = p[0]; reached <= draw && y < p.length - 1; ) reached += p[++y];
      for (let i = 0; i < z.length; i++) {
        const score = (i === y ? 1 : 0) - (scored ? (moving ? softmax(z) : p)[i] : 0);
        z[i] += sign * rate * (rewards[y] - (based ? baseline : 0)) * score;
      }
    }
    return softmax(z);
  },
});

const mean = (x: number[]) => total(x) / x.length;
const variance = (x: number[], less = 1) => total(x.map((v) => (v - mean(x)) ** 2)) / (x.length - less);
const interval = (error: (d: number[], a: number[], b: number[]) => number, sign = 1, wide = 2) => ({
  pairedInterval: (a: number[], b: number[]) => {
    const d = a.map((x, i) => x - b[i]);
    const [centre, half] = [sign * mean(d), wide * error(d, a, b)];
    return [centre, centre - half, centre + half];
  },
});
const standardError = (d: number[]) => Math.sqrt(variance(d) / d.length);

export const mutants = {
  "23/one-term-slope": {
    "both-terms": slope((y, d) => y - sigmoid(d)),
    "wrong-sign": slope((y, d) => -y * sigmoid(-d)),
    "lost-for-won": slope((y, d) => (1 - y) * sigmoid(-d)),
    "sigmoid-itself": slope((y, d) => y * sigmoid(d)),
  },
  "23/mse-counterexample": {
    "constant-shift": example((actions, e) => {
      const truth = others(actions, -0.9 * e);
      return [truth, truth.map((r) => r + e)];
    }),
    "no-loss": example((actions, e) => {
      const truth = others(actions, -0.9 * e);
      return [truth, truth.map((r, a) => (a === 0 ? r + e : r))];
    }),
    "error-too-large": example((actions, e) => {
      const truth = others(actions, -1.5 * e);
      return [truth, truth.map((r, a) => (a === 1 ? r + 2 * e : r))];
    }),
    "many-errors": example((actions, e) => {
      const truth = others(actions, -0.9 * e);
      return [truth, truth.map((r, a) => (a === 0 ? r - e / 2 : a === 1 ? r + e : r))];
    }),
    "not-unique": example((actions, e) => {
      const truth = others(actions, -e);
      return [truth, truth.map((r, a) => (a === 1 ? 0 : r))];
    }),
    "loss-too-small": example((actions, e) => {
      const truth = others(actions, -1e-4 * e);
      return [truth, truth.map((r, a) => (a === 1 ? r + e : r))];
    }),
  },
  "23/coverage-at-the-top": {
    "all-candidates": cover((truths, estimates, z) =>
      share(estimates.flatMap((row, i) => row.map((x, j) => x - z <= truths[i][j]))),
    ),
    "first-candidate": cover((truths, estimates, z) => share(estimates.map((row, i) => row[0] - z <= truths[i][0]))),
    "best-truth": cover((truths, estimates, z) => share(estimates.map((row, i) => most(row) - z <= most(truths[i])))),
    "two-sided": cover((truths, estimates, z) =>
      share(estimates.map((row, i) => Math.abs(most(row) - truths[i][top(row)]) <= z)),
    ),
    "chosen-by-truth": cover((truths, estimates, z) =>
      share(estimates.map((row, i) => row[top(truths[i])] - z <= most(truths[i]))),
    ),
  },
  "23/common-gauge": {
    "not-centred": minimum((members, ref) => ref.map((_, y) => least(members.map((r) => r[y])))),
    "centred-after": minimum((members, ref) => {
      const worst = ref.map((_, y) => least(members.map((r) => r[y])));
      return worst.map((x) => x - weighted(worst, ref));
    }),
    "uniform-mean": minimum((members, ref) => ref.map((_, y) => least(members.map((r) => r[y] - mean(r))))),
    "by-reply": minimum((members, ref) =>
      ref.map((_, y) => least(members.map((r) => r[y])) - mean(members.map((r) => r[y]))),
    ),
    "mean-for-least": minimum((members, ref) => ref.map((_, y) => mean(members.map((r) => r[y] - weighted(r, ref))))),
  },
  "23/dominated": {
    "can-lose": lottery(() => [
      [-5, 5],
      [0.5, 0.5],
    ]),
    "never-wins": lottery(() => [[0], [1]]),
    "no-lottery": lottery(() => [
      [0, 9],
      [0.5, 0.6],
    ]),
    "ranks-above": lottery((lambda) => [
      [0, 1 / lambda],
      [0.5, 0.5],
    ]),
  },
  "23/last-and-mean": {
    "in-turn": game({ inTurn: true }),
    "mean-late": game({ late: true }),
    additive: game({ additive: true }),
    descent: game({ sign: -1 }),
    rateless: game({ rateless: true }),
    "one-round-more": game({ extra: 1 }),
  },
  "23/inconsistent-majority": {
    "from-the-verdicts": vote((_, p, q) => Math.max(p, q)),
    "and-for-or": vote(count((v) => v[0] * v[1])),
    "ties-as-yes": vote(count(or, true), true),
    "clash-turned": vote(count(or), false, (a, b) => (a === b ? 1 : 0)),
    shares: {
      majorities: (votes: number[][]) => {
        const [p, q, either] = [(v: number[]) => v[0], (v: number[]) => v[1], or].map((f) => mean(votes.map(f)));
        const yes = (x: number) => (x > 0.5 ? 1 : 0);
        return [p, q, either, yes(either) === Math.max(yes(p), yes(q)) ? 0 : 1];
      },
    },
  },
  "23/find-the-bug": {
    descent: loop(-1),
    moving: loop(1, true),
    both: loop(-1, true),
    "no-baseline": loop(1, false, false),
    "no-score": loop(1, false, true, false),
  },
  "23/paired": {
    unpaired: interval((d, a, b) => Math.sqrt((variance(a) + variance(b)) / d.length)),
    deviation: interval((d) => Math.sqrt(variance(d))),
    "by-n": interval((d) => Math.sqrt(variance(d, 0) / d.length)),
    "one-error": interval(standardError, 1, 1),
    "b-minus-a": interval(standardError, -1),
  },
};
