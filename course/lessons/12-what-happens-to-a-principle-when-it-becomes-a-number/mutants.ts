// Wrong answers to the exercises of lesson 12. Each must be rejected, with its own words.
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]) => total(a.map((x, d) => x * b[d]));

const front = (dominates: (a: number[], b: number[], j: number, i: number) => boolean) => ({
  frontOf: (points: number[][]) =>
    points.flatMap((b, i) => (points.some((a, j) => j !== i && dominates(a, b, j, i)) ? [] : [i])),
});
const atLeast = (a: number[], b: number[]) => a.every((x, d) => x >= b[d]);

const area = (
  change: (rows: number[][]) => number[][],
  measure = (rows: number[][]) => {
    let [sum, height] = [0, 0];
    for (const [x, y] of rows) {
      if (y <= height) continue;
      sum += x * (y - height);
      height = y;
    }
    return sum;
  },
  sign = 1,
) => ({
  areaOf: (points: number[][], reference: number[]) =>
    measure(change(points.map(([x, y]) => [sign * (x - reference[0]), sign * (y - reference[1])]))),
});
const positive = (rows: number[][]) => rows.filter(([x, y]) => x > 0 && y > 0);
const falling = (rows: number[][]) => [...rows].sort((a, b) => b[0] - a[0]);

type Price = [logProbs: number[], allowed: number[], beta: number];
const price = (of: (logP: number, beta: number) => number, normalise = true) => ({
  hardPrinciple: (...[logProbs, allowed, beta]: Price) => {
    const kept = logProbs.filter((_, y) => allowed[y] === 1);
    const top = Math.max(...kept);
    const logP = top + Math.log(total(kept.map((l) => Math.exp(l - top))));
    const shift = normalise ? logP : 0;
    return {
      logProbs: logProbs.map((l, y) => (allowed[y] === 1 ? l - shift : Number.NEGATIVE_INFINITY)),
      price: of(logP, beta),
    };
  },
});

type Retries = [p: number[], allowed: number[], m: number];
const retries = (of: (p: number[], allowed: number[], q: number, m: number) => object) => ({
  withRetries: (...[p, allowed, m]: Retries) => {
    const q = total(p.map((x, y) => x * (1 - allowed[y])));
    let draws = 0;
    for (let j = 0; j < m; j++) draws += q ** j;
    const sent = p.map((x, y) => (allowed[y] === 1 ? x * draws : x * q ** (m - 1)));
    return { sent, broken: q ** m, draws, ...of(p, allowed, q, m) };
  },
});

interface World {
  ref: number[];
  reward: number[];
  cost: number[];
  beta: number;
  limit: number;
}
const excess = ({ ref, reward, cost, beta, limit }: World, lambda: number) => {
  const scores = ref.map((p, y) => Math.log(p) + (reward[y] - lambda * cost[y]) / beta);
  const top = Math.max(...scores);
  const weights = scores.map((s) => Math.exp(s - top));
  return dot(weights, cost) / total(weights) - limit;
};
const root = (f: (lambda: number) => number, low = 0) => {
  let [a, b] = [low, 1000];
  for (let i = 0; i < 100; i++) {
    const middle = (a + b) / 2;
    if (f(middle) > 0) a = middle;
    else b = middle;
  }
  return a;
};
const penalty = (of: (kind: string, mu: number, world: World) => number) => ({ effectiveMultiplier: of });
const star = (world: World) => root((l) => excess(world, l));
const soft = (mu: number, world: World, low = 0) => root((l) => mu * excess(world, l) - l, low);
const slack = (world: World) => excess(world, 0) <= 0;

interface LoopWorld {
  logRef: number[];
  utility: number[];
  cost: number[];
  beta: number;
  limit: number;
}
interface Slips {
  update?: (multiplier: number, step: number) => number;
  charge?: (before: number, after: number) => number;
  penalty?: number;
  advantages?: (rewards: number[]) => number[];
  scale?: (G: number) => number;
  exactCost?: boolean;
}
const others = (rewards: number[]) => rewards.map((r) => r - (total(rewards) - r) / (rewards.length - 1));
const loop = (slips: Slips) => ({
  trainWithinLimit: (world: LoopWorld, luck: number[][], rate: number, dualRate: number) => {
    const { update = (m, step) => Math.max(0, m + step), charge = (before) => before, penalty: kl = 1 } = slips;
    const { advantages = others, scale = (G) => 1 / G, exactCost = false } = slips;
    const { logRef, utility, cost, beta, limit } = world;
    const logSoftmax = (z: number[]) => {
      const log = Math.log(total(z.map(Math.exp)));
      return z.map((x) => x - log);
    };
    const logits = [...logRef];
    let multiplier = 0;
    for (const row of luck) {
      const logProbs = logSoftmax(logits);
      const drawn = row.map((v) => {
        let left = v;
        const found = logProbs.findIndex((l) => {
          left -= Math.exp(l);
          return left < 0;
        });
        return found < 0 ? logRef.length - 1 : found;
      });
      const spent = exactCost ? dot(logProbs.map(Math.exp), cost) : total(drawn.map((y) => cost[y])) / row.length;
      const next = update(multiplier, dualRate * (spent - limit));
      const paid = charge(multiplier, next);
      const rewards = drawn.map((y) => utility[y] - paid * cost[y] - kl * beta * (logProbs[y] - logRef[y]));
      advantages(rewards).forEach((a, i) => {
        for (let k = 0; k < logits.length; k++) {
          logits[k] += rate * scale(row.length) * a * ((k === drawn[i] ? 1 : 0) - Math.exp(logProbs[k]));
        }
      });
      multiplier = next;
    }
    return { logProbs: logSoftmax(logits), multiplier };
  },
});

type Noise = [gradients: number[][], covariance: number[][], weights: number[]];
const noise = (
  all: (c: number[][], w: number[], between: number) => number,
  one: (c: number[][], w: number[], apart: number[]) => number,
) => ({
  principleNoise: (...[g, c, w]: Noise) => {
    const centre = g[0].map((_, d) => total(g.map((row, i) => w[i] * row[d])));
    const apart = g.map((row) => total(row.map((x, d) => (x - centre[d]) ** 2)));
    return { all: all(c, w, dot(w, apart)), one: one(c, w, apart) };
  },
});
const sum = (c: number[][], w: number[]) =>
  dot(
    w,
    c.map((row) => dot(row, w)),
  );
const drawn = (c: number[][], w: number[], apart: number[]) => total(w.map((x, i) => x * (c[i][i] + apart[i])));

const segment = (of: (alpha: number, g1: number[], g2: number[]) => number) => ({
  shortest: (g1: number[], g2: number[]) => {
    const apart = g1.map((x, d) => x - g2[d]);
    const w = of(-dot(apart, g2) / dot(apart, apart), g1, g2);
    return g1.map((x, d) => w * x + (1 - w) * g2[d]);
  },
});
const clip = (alpha: number) => Math.min(1, Math.max(0, alpha));
const unlessEqual = (of: (alpha: number) => number) => (alpha: number) => (Number.isNaN(alpha) ? 0 : of(alpha));

const surgery = (
  mend: (own: number[], other: number[], overlap: number) => number[],
  { inPlace = false, divisor = 1 }: { inPlace?: boolean; divisor?: number } = {},
) => ({
  surgery: (gradients: number[][]) => {
    const own = gradients.map((g) => [...g]);
    for (let i = 0; i < own.length; i++) {
      for (let j = 0; j < own.length; j++) {
        const other = inPlace ? own[j] : gradients[j];
        if (i !== j) own[i] = mend(own[i], other, dot(own[i], other));
      }
    }
    return own[0].map((_, d) => total(own.map((g) => g[d])) / (divisor === 1 ? 1 : own.length));
  },
});
const less = (own: number[], other: number[], share: number) => own.map((x, d) => x - share * other[d]);
const project = (own: number[], other: number[], overlap: number) =>
  overlap < 0 ? less(own, other, overlap / dot(other, other)) : own;

type Answers = [p1: number, p2: number, z: { level: number; power: number }];
const answers = (of: (parts: { level: number; power: number; same: number; apart: number; d: number }) => number) => ({
  answersPerSide: (...[p1, p2, z]: Answers) => {
    const middle = (p1 + p2) / 2;
    const same = Math.sqrt(2 * middle * (1 - middle));
    return of({ ...z, same, apart: Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2)), d: Math.abs(p2 - p1) });
  },
});

export const mutants = {
  "12/pareto-front": {
    minimises: front((a, b) => atLeast(b, a) && !atLeast(a, b)),
    strict: front((a, b) => a.every((x, d) => x > b[d])),
    "equal-points-kill": front((a, b) => atLeast(a, b)),
    "keeps-one-copy": front((a, b, j, i) => atLeast(a, b) && (!atLeast(b, a) || j < i)),
    "any-objective": front((a, b) => a.some((x, d) => x > b[d])),
  },
  "12/hypervolume": {
    overlaps: area(positive, (rows) => total(rows.map(([x, y]) => x * y))),
    "beyond-the-reference": area(falling),
    unsorted: area(positive),
    minimises: area((rows) => falling(positive(rows)), undefined, -1),
    "reference-at-zero": {
      areaOf: (points: number[][]) => area((rows) => falling(positive(rows))).areaOf(points, [0, 0]),
    },
  },
  "12/price": {
    "not-normalised": price((logP, beta) => -beta * logP, false),
    sign: price((logP, beta) => beta * logP),
    "log-odds": price((logP, beta) => -beta * (logP - Math.log1p(-Math.exp(logP)))),
    violation: price((logP, beta) => -beta * Math.log1p(-Math.exp(logP))),
    "no-beta": price((logP) => -logP),
    overflow: {
      hardPrinciple: (...[logProbs, allowed, beta]: Price) => {
        const p = total(logProbs.map((l, y) => allowed[y] * Math.exp(l)));
        return {
          logProbs: logProbs.map((l, y) => (allowed[y] === 1 ? l - Math.log(p) : Number.NEGATIVE_INFINITY)),
          price: -beta * Math.log(p),
        };
      },
    },
  },
  "12/retries": {
    conditioned: retries((p, allowed, q) => ({
      sent: p.map((x, y) => (x * allowed[y]) / (1 - q)),
      broken: 0,
      draws: 1 / (1 - q),
    })),
    "never-sends-bad": {
      withRetries: (...[p, allowed, m]: Retries) => {
        const right = retries(() => ({})).withRetries(p, allowed, m);
        return { ...right, sent: right.sent.map((x, y) => x * allowed[y]) };
      },
    },
    "one-more-draw": {
      withRetries: (...[p, allowed, m]: Retries) => retries(() => ({})).withRetries(p, allowed, m + 1),
    },
    "endless-draws": retries((_p, _allowed, q) => ({ draws: 1 / (1 - q) })),
    "draws-that-fail": retries((_p, _allowed, q, m) => ({
      draws: total(Array.from({ length: m }, (_, j) => q ** (j + 1))),
    })),
  },
  "12/penalty": {
    "pays-for-slack": penalty((kind, mu, world) =>
      kind === "absolute" ? (slack(world) ? mu : Math.min(mu, star(world))) : soft(mu, world, -1000),
    ),
    "quadratic-is-exact": penalty((_, mu, world) => (slack(world) ? 0 : Math.min(mu, star(world)))),
    "always-mu": penalty((kind, mu, world) => (slack(world) ? 0 : kind === "absolute" ? mu : soft(mu, world))),
    "always-lambda-star": penalty((kind, mu, world) =>
      slack(world) ? 0 : kind === "absolute" ? star(world) : soft(mu, world),
    ),
    "no-limit": penalty((kind, mu, world) => {
      if (kind === "quadratic") return soft(mu, { ...world, limit: 0 });
      return slack(world) ? 0 : Math.min(mu, star(world));
    }),
    "half-the-slope": penalty((kind, mu, world) =>
      slack(world) ? 0 : kind === "absolute" ? Math.min(mu, star(world)) : soft(mu / 2, world),
    ),
  },
  "12/constraint-loop": {
    "no-floor": loop({ update: (m, step) => m + step }),
    "wrong-way": loop({ update: (m, step) => Math.max(0, m - step) }),
    "never-charged": loop({ charge: () => 0 }),
    "no-kl": loop({ penalty: 0 }),
    "no-baseline": loop({ advantages: (r) => r }),
    "includes-itself": loop({ advantages: (r) => r.map((x) => x - total(r) / r.length) }),
    "sum-for-mean": loop({ scale: () => 1 }),
    "price-too-early": loop({ charge: (_, after) => after }),
    "exact-cost": loop({ exactCost: true }),
  },
  "12/noise": {
    "no-cross-terms": noise((c, w) => total(w.map((x, i) => x * x * c[i][i])), drawn),
    "cross-terms-once": noise(
      (c, w) => total(w.flatMap((x, i) => w.slice(0, i + 1).map((v, j) => x * v * c[i][j]))),
      drawn,
    ),
    "weights-not-squared": noise((c, w) => total(w.map((x, i) => x * total(c[i]))), drawn),
    "between-in-the-sum": noise((c, w, between) => sum(c, w) + between, drawn),
    "no-between": noise(sum, (c, w) => total(w.map((x, i) => x * c[i][i]))),
    "weights-squared": noise(sum, (c, w, apart) => total(w.map((x, i) => x * x * (c[i][i] + apart[i])))),
  },
  "12/min-norm": {
    unclipped: segment(unlessEqual((alpha) => alpha)),
    swapped: segment(unlessEqual((alpha) => 1 - clip(alpha))),
    middle: segment(() => 0.5),
    "divides-by-zero": segment(clip),
    "shorter-end": segment((_, g1, g2) => (dot(g1, g1) < dot(g2, g2) ? 1 : 0)),
  },
  "12/find-the-bug": {
    "already-projected": surgery(project, { inPlace: true }),
    always: surgery((own, other, overlap) => less(own, other, overlap / dot(other, other))),
    "own-norm": surgery((own, other, overlap) => (overlap < 0 ? less(own, other, overlap / dot(own, own)) : own)),
    "per-coordinate": surgery((own, other) => own.map((x, d) => (x * other[d] < 0 ? 0 : x))),
    "plain-sum": surgery((own) => own),
    average: surgery(project, { divisor: 2 }),
  },
  "12/samples-per-arm": {
    "not-squared": answers(({ level, power, same, apart, d }) => Math.ceil((level * same + power * apart) ** 2 / d)),
    "not-rounded": answers(({ level, power, same, apart, d }) => ((level * same + power * apart) / d) ** 2),
    "one-spread": answers(({ level, power, same, d }) => Math.ceil((((level + power) * same) / d) ** 2)),
    "factor-two": answers(({ level, power, same, apart, d }) =>
      Math.ceil(2 * ((level * same + power * apart) / d) ** 2),
    ),
    "no-power": answers(({ level, same, d }) => Math.ceil(((level * same) / d) ** 2)),
  },
};
