// Wrong answers to the exercises of lesson 16. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: number[], b: number[]) => total(a.map((x, i) => x * b[i]));

type Fork = { a: number; b: number; coin: boolean };
const goal = (
  slip: {
    probability?: (odds: number) => number;
    worth?: (fork: Fork, gamma: number) => [number, number];
    signs?: [number, number];
  } = {},
) => ({
  goalSlope: (forks: Fork[], [wc, ww]: number[], gamma: number) => {
    const { probability = (odds) => 1 / (1 + Math.exp(-odds)), signs = [1, -1] } = slip;
    const worth = slip.worth ?? (({ a, b }: Fork) => [gamma ** a, gamma ** b] as [number, number]);
    return signs.map((sign, j) =>
      total(
        forks.map((fork) => {
          const parts = worth(fork, gamma);
          return sign * ((fork.coin ? 1 : 0) - probability(wc * parts[0] - ww * parts[1])) * parts[j];
        }),
      ),
    );
  },
});

type LoopArgs = [logits: number[][], right: number[], trained: number[], luck: number[], eta: number, lambda: number];
const softmax = (row: number[]) => {
  const weights = row.map(Math.exp);
  return weights.map((w) => w / total(weights));
};
const loop = (slip: {
  rows?: (drawn: number, years: number) => number[];
  shrinks?: (drawn: number, year: number) => boolean;
  credit?: (p: number, isRight: boolean) => number;
  draw?: (u: number, trained: number[], years: number) => number;
  steps?: (luck: number[]) => number[];
}) => ({
  safetyLoop: (...[logits, right, trained, luck, eta, lambda]: LoopArgs) => {
    const {
      rows = (drawn) => [drawn],
      shrinks = () => true,
      credit = (p, isRight) => p - (isRight ? 1 : 0),
      draw = (u, list) => list[Math.floor(u * list.length)],
      steps = (all) => all,
    } = slip;
    let now = logits.map((row) => [...row]);
    for (const u of steps(luck)) {
      const drawn = draw(u, trained, logits.length);
      now = now.map((row, year) => (shrinks(drawn, year) ? row.map((z) => z * (1 - eta * lambda)) : row));
      for (const year of rows(drawn, logits.length)) {
        const p = softmax(now[year]);
        now[year] = now[year].map((z, k) => z - eta * credit(p[k], k === right[year]));
      }
    }
    return now;
  },
});

const lots = (label: (types: string[], coins: number[]) => number[]) => ({ lotLabels: label });
const distinct = (types: string[]) => [...new Set(types)];

const restores = (
  share: (m: number, clean: number, corrupt: number) => number,
  { least = false, swap = false } = {},
) => ({
  whatRestores: (clean: number, corrupt: number, patched: number[][]) => {
    const grid = patched.map((row) => row.map((m) => share(m, clean, corrupt)));
    const flat = grid.flat();
    const best = flat.indexOf(least ? Math.min(...flat) : Math.max(...flat));
    const place = [Math.floor(best / grid[0].length), best % grid[0].length];
    return [grid, ...(swap ? place.reverse() : place)];
  },
});
const fair = (m: number, clean: number, corrupt: number) => (m - corrupt) / (clean - corrupt);

const without = (much: (x: number[], d: number[]) => number) => ({
  ablate: (x: number[], d: number[]) => x.map((value, i) => value - much(x, d) * d[i]),
});

type Way = { at?: (k: number, n: number) => number; from?: boolean; times?: (x: number, x0: number) => number };
const walk = ({ at = (k, n) => (k + 0.5) / n, from = true, times = (x, x0) => x - x0 }: Way, factor = 1) => ({
  attributions: (c: number[], x: number[], x0: number[], n: number) => {
    const slope = (p: number[]) => c.map((ci, i) => 3 * ci * p[i] ** 2 + (i === 0 ? p[1] : 0) + (i === 1 ? p[0] : 0));
    const start = from ? x0 : x.map(() => 0);
    const slopes = Array.from({ length: n }, (_, k) =>
      slope(x.map((value, i) => start[i] + at(k, n) * (value - start[i]))),
    );
    return x.map((value, i) => (factor === 1 ? 1 / n : 1) * times(value, x0[i]) * total(slopes.map((row) => row[i])));
  },
});

const heads = (headScore: (weights: number[][], L: number) => number) => ({ headScore });
const looks = (weights: number[][], from: number, back: number) =>
  weights.slice(from).map((row, i) => row[from + i - back]);

const shares = (dimensionality: (W: number[][]) => number[]) => ({ dimensionality });
const audit = (third: (q: number, g: number, c: number, r: number) => number) => ({
  whenNobodyLooks: (q: number, g: number, c: number, r: number) => [0, (1 - q) * g - q * c, third(q, g, c, r)],
});
const unseen = (q: number, g: number, c: number, r: number) => (1 - q) * r * g - q * (1 - r) * c;

export const mutants = {
  "16/goal-slope": {
    "hard-max": goal({ probability: (odds) => (odds > 0 ? 1 : 0) }),
    "sign-of-wall": goal({ signs: [1, 1] }),
    downhill: goal({ signs: [-1, 1] }),
    "no-discount": goal({ worth: () => [1, 1] }),
    "coin-at-wall": goal({ worth: ({ a }, gamma) => [gamma ** a, gamma ** a] }),
    "counts-only": goal({ probability: () => 0.5 }),
  },
  "16/safety-loop": {
    "every-row": loop({ rows: (_, years) => Array.from({ length: years }, (_, year) => year) }),
    uphill: loop({ credit: (p, isRight) => (isRight ? 1 : 0) - p }),
    "no-baseline": loop({ credit: (_, isRight) => (isRight ? -1 : 0) }),
    "no-decay": loop({ shrinks: () => false }),
    "decay-drawn-only": loop({ shrinks: (drawn, year) => drawn === year }),
    "draws-any-year": loop({ draw: (u, _, years) => Math.floor(u * years) }),
    "one-step": loop({ steps: (luck) => luck.slice(0, 1) }),
  },
  "16/find-the-bug": {
    "per-row": lots((types, coins) => types.map((_, i) => coins[i])),
    "first-row": lots((types, coins) => types.map((type) => coins[types.indexOf(type)])),
    "sorted-types": lots((types, coins) => types.map((type) => coins[distinct(types).sort().indexOf(type)])),
    "one-coin": lots((types, coins) => types.map(() => coins[0])),
    flipped: lots((types, coins) => types.map((type) => 1 - coins[distinct(types).indexOf(type)])),
  },
  "16/restored": {
    swapped: restores((m, clean, corrupt) => fair(m, corrupt, clean)),
    "not-normalised": restores((m, _, corrupt) => m - corrupt),
    "by-clean": restores((m, clean) => m / clean),
    least: restores(fair, { least: true }),
    "position-first": restores(fair, { swap: true }),
  },
  "16/ablate": {
    "not-unit": without(dot),
    "half-unit": without((x, d) => dot(x, d) / Math.sqrt(dot(d, d))),
    "takes-d": without(() => 1),
    mirrored: without((x, d) => (2 * dot(x, d)) / dot(d, d)),
    "keeps-it": { ablate: (x: number[], d: number[]) => d.map((value) => (dot(x, d) / dot(d, d)) * value) },
  },
  "16/integrated-gradients": {
    "no-factor": walk({ times: () => 1 }),
    "one-step": walk({ at: () => 1 }),
    left: walk({ at: (k, n) => k / n }),
    "right-end": walk({ at: (k, n) => (k + 1) / n }),
    "from-zero": walk({ from: false }),
    "times-input": walk({ times: (x) => x }),
    sum: walk({}, 0),
  },
  "16/induction-score": {
    "the-copy-itself": heads((w, L) => total(looks(w, L, L)) / (w.length - L)),
    "first-period-too": heads((w, L) => total(looks(w, L - 1, L - 1)) / (w.length - L + 1)),
    "over-all": heads((w, L) => total(looks(w, L, L - 1)) / w.length),
    sum: heads((w, L) => total(looks(w, L, L - 1))),
    previous: heads((w, L) => total(looks(w, L, 1)) / (w.length - L)),
    "other-way": heads((w, L) => total(w.slice(L).map((_, i) => w[i + 1][i + L])) / (w.length - L)),
  },
  "16/dimensionality": {
    unsquared: shares((W) =>
      W.map((own) => dot(own, own) / total(W.map((other) => Math.abs(dot(own, other)) / Math.sqrt(dot(own, own))))),
    ),
    "not-unit": shares((W) => W.map((own) => dot(own, own) / total(W.map((other) => dot(own, other) ** 2)))),
    "without-itself": shares((W) =>
      W.map((own, i) => dot(own, own) ** 2 / total(W.map((other, j) => (i === j ? 0 : dot(own, other) ** 2)))),
    ),
    "unit-others": shares((W) =>
      W.map((own) => dot(own, own) ** 2 / total(W.map((other) => dot(own, other) ** 2 / dot(other, other)))),
    ),
    "length-above": shares((W) => W.map((own) => dot(own, own) ** 1.5 / total(W.map((other) => dot(own, other) ** 2)))),
  },
  "16/when-nobody-looks": {
    "perfect-sign": audit((q, g) => (1 - q) * g),
    "sign-turned": audit((q, g, c, r) => unseen(q, g, c, 1 - r)),
    "given-the-sign": audit((q, g, c, r) => unseen(q, g, c, r) / ((1 - q) * r + q * (1 - r))),
    "cost-added": {
      whenNobodyLooks: (q: number, g: number, c: number, r: number) => [
        0,
        (1 - q) * g + q * c,
        (1 - q) * r * g + q * (1 - r) * c,
      ],
    },
    "watched-swapped": {
      whenNobodyLooks: (q: number, g: number, c: number, r: number) => [0, q * g - (1 - q) * c, unseen(1 - q, g, c, r)],
    },
    "no-cost": audit((q, g, _, r) => (1 - q) * r * g),
  },
};
