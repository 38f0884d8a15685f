// Wrong answers to the exercises of lesson 20. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
const dot = (a: number[], b: number[]) => total(a.map((x, i) => x * b[i]));

interface Process {
  pi: number[][];
  c: number[][];
  P: number[][][];
  gamma: number;
  start: number;
}
/** right[s][a] and L -> what is compared. */
const certificate = (
  side: (p: Process, L: number[], s: number) => number,
  ends: (sides: number[], p: Process, L: number[], alpha: number) => number = (sides, p, L, alpha) =>
    most([...sides.map((x, s) => x - L[s]), L[p.start] - alpha]),
) => ({
  worstFailure: (p: Process, L: number[], alpha: number) =>
    ends(
      L.map((_, s) => side(p, L, s)),
      p,
      L,
      alpha,
    ),
});
const action = ({ c, P, gamma }: Process, L: number[], s: number, a: number) => c[s][a] + gamma * dot(P[s][a], L);
const underPolicy = (p: Process, L: number[], s: number) => total(p.pi[s].map((q, a) => q * action(p, L, s, a)));

interface Barrier {
  h: number;
  drift: number;
  gain: number;
}
const clip = (u: number, m: number) => Math.min(m, Math.max(-m, u));
const filter = (filterInput: (wish: number, b: Barrier, kappa: number, m: number) => [number, boolean]) => ({
  filterInput,
});
const keeps = ({ h, drift, gain }: Barrier, kappa: number, u: number) => drift + gain * u >= -kappa * h - 1e-9;
const plainFilter = (wish: number, b: Barrier, kappa: number, m: number): [number, boolean] => {
  if (keeps(b, kappa, wish)) return [wish, true];
  if (b.gain === 0) return [wish, false];
  const u = clip((-kappa * b.h - b.drift) / b.gain, m);
  return [u, keeps(b, kappa, u)];
};

type Verdicts = (inside: boolean[], P: number[][][]) => boolean[];
const strike =
  (one: Verdicts, rounds = 50) =>
  (P: number[][][], bad: boolean[]) => {
    let inside = bad.map((b) => !b);
    for (let i = 0; i < rounds; i++) inside = one(inside, P);
    return inside;
  };
const within = (row: number[], inside: boolean[]) => row.every((p, t) => p === 0 || inside[t]);
const someSafe: Verdicts = (inside, P) => inside.map((yes, s) => yes && P[s].some((row) => within(row, inside)));

interface Slips {
  explore?: boolean;
  greedy?: boolean;
  credit?: boolean;
  gamma?: boolean;
  rate?: boolean;
  mean?: boolean;
}
interface Sea {
  P: number[][][];
  r: number[][];
  allowed: boolean[][];
  end: number;
}
const loop = (slips: Slips) => ({
  learnBehindShield: (
    { P, r, allowed, end }: Sea,
    episodes: number[][][],
    { gamma, rate, explore }: { gamma: number; rate: number; explore: number },
  ) => {
    const Q = r.map((row) => row.map(() => 0));
    const open = (s: number, all?: boolean) => [...allowed[s].keys()].filter((a) => all || allowed[s][a]);
    const top = (s: number, all?: boolean) => most(open(s, all).map((a) => Q[s][a]));
    for (const episode of episodes) {
      let s = 0;
      for (const [dice, pick, move] of episode) {
        if (s === end) break;
        const choices = open(s, slips.explore);
        const a =
          dice < explore
            ? choices[Math.floor(pick * choices.length)]
            : (open(s, slips.greedy).find((b) => Q[s][b] === top(s, slips.greedy)) as number);
        let sum = 0;
        let next = P[s][a].findIndex((p) => {
          sum += p;
          return sum > move;
        });
        if (next < 0) next = P[s][a].length - 1;
        const own = open(next).map((b) => Q[next][b]);
        const value = slips.mean ? total(own) / own.length : top(next, slips.credit);
        const target = r[s][a] + (next === end ? 0 : (slips.gamma ? 1 : gamma) * value);
        Q[s][a] += (slips.rate ? 1 : rate) * (target - Q[s][a]);
        s = next;
      }
    }
    return Q;
  },
});

interface Desk {
  up: number;
  down: number;
  cap: number;
}
type DeskArguments = [desk: Desk, r: number, start: number, T: number];
const desk = (breakdownBound: (...given: DeskArguments) => number) => ({ breakdownBound });
const B = (cap: number, r: number) => (x: number) => r ** (x - cap);
const grows = ({ up, down, cap }: Desk, r: number, x: number, empty = true) => {
  const b = B(cap, r);
  return up * (b(x + 1) - b(x)) + (x > 0 || !empty ? down * (b(x - 1) - b(x)) : 0);
};
const drift = (d: Desk, r: number, empty = true) =>
  most([0, ...Array.from({ length: d.cap }, (_, x) => grows(d, r, x, empty))]);

/** The p at which the first `terms` binomial probabilities add up to delta. */
const tail = (terms: number, n: number, delta: number) => {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const p = (low + high) / 2;
    let term = (1 - p) ** n;
    let sum = 0;
    for (let j = 0; j < terms; j++) {
      sum += term;
      term *= (((n - j) / (j + 1)) * p) / (1 - p);
    }
    if (sum > delta) low = p;
    else high = p;
  }
  return low;
};
const bound = (exactBound: (k: number, n: number, delta: number) => number) => ({ exactBound });
const zOf: Record<string, number> = { 0.05: 1.6448536, 0.025: 1.959964, 0.1: 1.2815516 };

type Ends = [number[], number[]];
type Layer = (W: number[][], b: number[], lower: number[], upper: number[]) => Ends;
const layer = (throughLayer: Layer) => ({ throughLayer });
const centreRadius = (W: number[][], b: number[], lower: number[], upper: number[]) =>
  W.map((row, i) => ({
    c: b[i] + total(row.map((w, j) => (w * (lower[j] + upper[j])) / 2)),
    r: total(row.map((w, j) => (Math.abs(w) * (upper[j] - lower[j])) / 2)),
  }));
const relu = (x: number) => Math.max(0, x);

interface Node {
  p: number[];
  after: (Node | boolean)[];
}
const S = (at: Node | boolean): number => (typeof at === "boolean" ? Number(at) : dot(at.p, at.after.map(S)));
const divided = (weights: number[]) => weights.map((w) => (total(weights) > 0 ? w / total(weights) : 0));
const shield = (shieldedTokens: (node: Node) => number[]) => ({ shieldedTokens });

const lift = (afterToken: (phrase: string, state: number, token: string) => number) => ({ afterToken });
const ending = (phrase: string, text: string) => {
  for (let n = phrase.length - 1; n > 0; n--) if (text.endsWith(phrase.slice(0, n))) return n;
  return 0;
};

export const mutants = {
  "20/certificate": {
    "no-cost": certificate(({ pi, P, gamma }, L, s) => total(pi[s].map((q, a) => q * gamma * dot(P[s][a], L)))),
    "no-start": certificate(underPolicy, (sides, _, L) => most(sides.map((x, s) => x - L[s]))),
    "every-action": certificate((p, L, s) => most(p.pi[s].map((_, a) => action(p, L, s, a)))),
    "no-discount": certificate((p, L, s) => underPolicy({ ...p, gamma: 1 }, L, s)),
    reversed: certificate(underPolicy, (sides, p, L, alpha) =>
      most([...sides.map((x, s) => L[s] - x), alpha - L[p.start]]),
    ),
  },
  "20/barrier-filter": {
    "corrects-always": filter((_, b, kappa, m) => {
      if (b.gain === 0) return [_, keeps(b, kappa, _)];
      const u = clip((-kappa * b.h - b.drift) / b.gain, m);
      return [u, keeps(b, kappa, u)];
    }),
    "gain-sign": filter((wish, b, kappa, m) => plainFilter(wish, { ...b, gain: -b.gain }, kappa, m)),
    "no-square": filter((wish, b, kappa, m) => {
      if (keeps(b, kappa, wish)) return [wish, true];
      const lacks = -kappa * b.h - b.drift - b.gain * wish;
      const u = clip(wish + lacks * Math.sign(b.gain), m);
      return [u, keeps(b, kappa, u)];
    }),
    "clips-and-claims": filter((wish, b, kappa, m) => [plainFilter(wish, b, kappa, m)[0], true]),
    "no-kappa": filter((wish, b, _, m) => plainFilter(wish, b, 1, m)),
  },
  "20/kernel": {
    "only-bad": { viable: strike(someSafe, 0) },
    "one-round": { viable: strike(someSafe, 1) },
    "every-action": {
      viable: strike((inside, P) => inside.map((yes, s) => yes && P[s].every((row) => within(row, inside)))),
    },
    probably: {
      viable: strike((inside, P) =>
        inside.map((yes, s) => yes && P[s].some((row) => total(row.filter((_, t) => !inside[t])) < 0.5)),
      ),
    },
    "some-outcome": {
      viable: strike((inside, P) =>
        inside.map((yes, s) => yes && P[s].some((row) => row.some((p, t) => p > 0 && inside[t]))),
      ),
    },
  },
  "20/shielded-loop": {
    "explores-outside": loop({ explore: true }),
    "greedy-outside": loop({ greedy: true }),
    "credit-outside": loop({ credit: true }),
    "no-discount": loop({ gamma: true }),
    "whole-step": loop({ rate: true }),
    "mean-ahead": loop({ mean: true }),
  },
  "20/help-desk": {
    "no-drift": desk((d, r, start) => Math.min(1, B(d.cap, r)(start))),
    "start-only": desk((d, r, start, T) => Math.min(1, B(d.cap, r)(start) + T * Math.max(0, grows(d, r, start)))),
    multiplied: desk((d, r, start, T) => Math.min(1, B(d.cap, r)(start) * T)),
    uncapped: desk((d, r, start, T) => B(d.cap, r)(start) + T * drift(d, r)),
    "empty-serves": desk((d, r, start, T) => Math.min(1, B(d.cap, r)(start) + T * drift(d, r, false))),
  },
  "20/exact-bound": {
    "two-sided": bound((k, n, delta) => (k === n ? 1 : tail(k + 1, n, delta / 2))),
    "fewer-than-k": bound((k, n, delta) => (k === 0 ? 0 : tail(k, n, delta))),
    wald: bound((k, n, delta) => k / n + zOf[delta] * Math.sqrt(((k / n) * (1 - k / n)) / n)),
    "rule-of-three": bound((k, n, delta) => (k - Math.log(delta)) / n),
    "all-failed": bound((k, n, delta) => (k === n ? Number.NaN : tail(k + 1, n, delta))),
  },
  "20/find-the-bug": {
    "one-sign": layer((W, b, lower, upper) => {
      const through = (x: number[]) => W.map((row, i) => relu(b[i] + dot(row, x)));
      return [through(lower), through(upper)];
    }),
    "relu-of-centre": layer((...given) => {
      const units = centreRadius(...given);
      return [units.map(({ c, r }) => relu(c) - r), units.map(({ c, r }) => relu(c) + r)];
    }),
    "bias-twice": layer((W, b, lower, upper) => {
      const units = centreRadius(W, b, lower, upper);
      return [units.map(({ c, r }, i) => relu(c - r - b[i])), units.map(({ c, r }, i) => relu(c + r + b[i]))];
    }),
    "no-relu": layer((...given) => {
      const units = centreRadius(...given);
      return [units.map(({ c, r }) => c - r), units.map(({ c, r }) => c + r)];
    }),
  },
  "20/exact-shield": {
    mask: shield(({ p, after }) => divided(p.map((q, v) => (S(after[v]) > 0 ? q : 0)))),
    "own-safety": shield((node) => node.p.map((q) => q * S(node))),
    "not-divided": shield(({ p, after }) => p.map((q, v) => q * S(after[v]))),
    "forgets-policy": shield(({ after }) => divided(after.map(S))),
    "best-case": shield(({ p, after }) =>
      divided(
        p.map((q, v) => {
          const next = after[v];
          return q * (typeof next === "boolean" ? Number(next) : most(next.after.map(S)));
        }),
      ),
    ),
  },
  "20/lift-to-tokens": {
    "one-token": lift((phrase, state, token) =>
      token === phrase ? -1 : ending(phrase, phrase.slice(0, state) + token),
    ),
    "forgets-state": lift((phrase, _, token) => (token.includes(phrase) ? -1 : ending(phrase, token))),
    "end-only": lift((phrase, state, token) => {
      const text = phrase.slice(0, state) + token;
      return text.endsWith(phrase) ? -1 : ending(phrase, text);
    }),
    "starts-over": lift((phrase, state, token) => {
      let matched = state;
      for (const letter of token) {
        matched = letter === phrase[matched] ? matched + 1 : 0;
        if (matched === phrase.length) return -1;
      }
      return matched;
    }),
  },
};
