// Wrong answers to the exercises of lesson 22. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
const share = (weights: number[]) => weights.map((w) => w / total(weights));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const h2 = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p));

const tells = (informationBits: (prior: number[], P: number[][]) => number) => ({ informationBits });
const output = (prior: number[], P: number[][]) => P[0].map((_, y) => total(P.map((row, x) => prior[x] * row[y])));
const information = (prior: number[], P: number[][], log = Math.log2) => {
  const q = output(prior, P);
  return total(P.map((row, x) => total(row.map((p, y) => (prior[x] * p > 0 ? prior[x] * p * log(p / q[y]) : 0)))));
};
const entropyOf = (q: number[]) => total(q.map((p) => (p > 0 ? -p * Math.log2(p) : 0)));

const labeler = (labelerBits: (m: number, tau: number, lapse: number) => number) => ({ labelerBits });
const mistakes = (m: number, tau: number, lapse: number) => lapse / 2 + (1 - lapse) * sigmoid(-m / tau);

const look = (curve: number[][], r: number) => {
  const after = curve.findIndex(([b]) => b >= r);
  if (after <= 0) return after === 0 ? curve[0][1] : curve[curve.length - 1][1];
  const [[r0, u0], [r1, u1]] = [curve[after - 1], curve[after]];
  return u0 + ((r - r0) / (r1 - r0)) * (u1 - u0);
};
const top = (ceiling: (curve: number[][], n: number, C: number, persons: number) => number) => ({ ceiling });

type Weight = (u: number, q: number, beta: number, greatest: number) => number;
const blahut = (weight: Weight, mix = (prior: number[]) => prior) => ({
  blahutArimotoStep: (prior: number[], U: number[][], q: number[], beta: number) => {
    const policy = U.map((row) => share(row.map((u, y) => weight(u, q[y], beta, most(row)))));
    return [policy, q.map((_, y) => total(policy.map((row, v) => mix(prior)[v] * row[y])))];
  },
});
const plain: Weight = (u, q, beta, greatest) => q * Math.exp((u - greatest) / beta);

const norm = (logs: number[]) => {
  const z = Math.log(total(logs.map(Math.exp)));
  return logs.map((l) => l - z);
};
type Step = (pi: number[], ref: number[], R: number[], eta: number, beta: number) => number[];
const mirror = (mirrorOnce: Step) => ({ mirrorOnce });

const kls = (bothWays: (p: number[], q: number[]) => number[]) => ({ bothWays });
const kl = (p: number[], q: number[], never = Number.POSITIVE_INFINITY) =>
  total(p.map((x, y) => (x === 0 ? 0 : x * (q[y] === 0 ? never : Math.log(x) - Math.log(q[y])))));

type Branch = number | [number, Branch][];
const soft = (
  join: (children: [number, number][], beta: number) => number,
  leaf = (r: number, _: number) => r,
  end = (z: number, _: number) => z,
) => ({
  softValue: (branch: Branch, beta: number) => {
    const go = (at: Branch): number =>
      typeof at === "number"
        ? leaf(at, beta)
        : join(
            at.map(([p, next]) => [p, go(next)]),
            beta,
          );
    return end(go(branch), beta);
  },
});

const loop = (change: {
  late?: (d: number) => number;
  sign?: number;
  quiet?: boolean;
  gainless?: boolean;
  added?: boolean;
}) => ({
  noisyLoop: (k: number, d: number, w: number, noise: number[]) => {
    const path = [0];
    const late = change.late?.(d) ?? d;
    noise.forEach((e, t) => {
      const seen = t >= late ? path[t - late] : 0;
      const gap = w - (change.sign ?? 1) * seen + (change.quiet || change.added ? 0 : e);
      path.push(path[t] + (change.gainless ? 1 : k) * gap + (change.added ? e : 0));
    });
    return path;
  },
});

const pooled = (of: (shares: number[], U: number[][], i: number, j: number) => number) => ({
  pool: (shares: number[], U: number[][]) => U[0].map((_, i) => U[0].map((_, j) => of(shares, U, i, j))),
});
const circle = (circleLottery: (a: number, b: number, c: number) => number[]) => ({ circleLottery });

export const mutants = {
  "22/mutual-information": {
    nats: tells((prior, P) => information(prior, P, Math.log)),
    "output-entropy": tells((prior, P) => entropyOf(output(prior, P))),
    "prior-ignored": tells((prior, P) =>
      information(
        prior.map(() => 1 / prior.length),
        P,
      ),
    ),
    "conditional-entropy": tells((prior, P) => entropyOf(output(prior, P)) - information(prior, P)),
    "not-a-number": tells((prior, P) => {
      const q = output(prior, P);
      return total(P.map((row, x) => total(row.map((p, y) => prior[x] * p * Math.log2(p / q[y])))));
    }),
  },
  "22/labeler-capacity": {
    entropy: labeler((m, tau, lapse) => h2(mistakes(m, tau, lapse))),
    "full-flips": labeler((m, tau, lapse) => 1 - h2(lapse + (1 - lapse) * sigmoid(-m / tau))),
    nats: labeler((m, tau, lapse) => Math.LN2 * (1 - h2(mistakes(m, tau, lapse)))),
    "temperature-turned": labeler((m, tau, lapse) => 1 - h2(mistakes(m * tau, 1, lapse))),
    "half-the-difference": labeler((m, tau, lapse) => 1 - h2(mistakes(m / 2, tau, lapse))),
  },
  "22/ceiling": {
    "no-cap": top((curve, n, C) => look(curve, n * C)),
    "one-question": top((curve, _, C, persons) => look(curve, Math.min(C, Math.log2(persons)))),
    "sum-over-questions": top((curve, n, C, persons) => n * look(curve, Math.min(C, Math.log2(persons)))),
    nats: top((curve, n, C, persons) => look(curve, Math.min(n * C, Math.log(persons)))),
    "last-point": top((curve, n, C, persons) => {
      const r = Math.min(n * C, Math.log2(persons));
      return curve.filter(([b]) => b <= r).pop()?.[1] ?? 0;
    }),
  },
  "22/blahut-arimoto": {
    "no-marginal": blahut((u, _, beta, greatest) => Math.exp((u - greatest) / beta)),
    "times-beta": blahut((u, q, beta, greatest) => q * Math.exp((u - greatest) * beta)),
    "persons-alike": blahut(plain, (prior) => prior.map(() => 1 / prior.length)),
    "over-persons": {
      blahutArimotoStep: (prior: number[], U: number[][], q: number[], beta: number) => {
        const raw = U.map((row) => row.map((u, y) => plain(u, q[y], beta, most(row))));
        const policy = raw.map((row) => row.map((w, y) => w / total(raw.map((other) => other[y]))));
        return [policy, q.map((_, y) => total(policy.map((row, v) => prior[v] * row[y])))];
      },
    },
    overflow: blahut((u, q, beta) => q * Math.exp(u / beta)),
  },
  "22/mirror-step": {
    "no-reference": mirror((pi, _, R, eta, beta) => norm(pi.map((l, y) => (l + eta * R[y]) / (1 + eta * beta)))),
    "not-divided": mirror((pi, ref, R, eta, beta) => norm(pi.map((l, y) => l + eta * (R[y] + beta * ref[y])))),
    "not-normalised": mirror((pi, ref, R, eta, beta) =>
      pi.map((l, y) => (l + eta * (R[y] + beta * ref[y])) / (1 + eta * beta)),
    ),
    "plain-gradient": mirror((pi, ref, R, eta, beta) => {
      const shaped = R.map((r, y) => r - beta * (pi[y] - ref[y]));
      const mean = total(shaped.map((r, y) => Math.exp(pi[y]) * r));
      return norm(pi.map((l, y) => l + eta * Math.exp(l) * (shaped[y] - mean)));
    }),
    "natural-gradient": mirror((pi, ref, R, eta, beta) =>
      norm(pi.map((l, y) => l + eta * (R[y] - beta * (l - ref[y])))),
    ),
  },
  "22/two-kls": {
    swapped: kls((p, q) => [kl(q, p), kl(p, q)]),
    "one-way-twice": kls((p, q) => [kl(p, q), kl(p, q)]),
    "never-is-free": kls((p, q) => [kl(p, q, 0), kl(q, p, 0)]),
    bits: kls((p, q) => [kl(p, q) / Math.LN2, kl(q, p) / Math.LN2]),
    "wrong-sign": kls((p, q) => [-kl(p, q), -kl(q, p)]),
    "not-a-number": kls((p, q) => [
      total(p.map((x, y) => x * Math.log(x / q[y]))),
      total(q.map((x, y) => x * Math.log(x / p[y]))),
    ]),
  },
  "22/soft-value": {
    "mean-value": soft((children) => total(children.map(([p, v]) => p * v))),
    greatest: soft((children) => most(children.map(([, v]) => v))),
    "beta-forgotten": soft((children) => Math.log(total(children.map(([p, v]) => p * Math.exp(v))))),
    "no-reference": soft((children, beta) => beta * Math.log(total(children.map(([, v]) => Math.exp(v / beta))))),
    "no-logarithm": soft(
      (children) => total(children.map(([p, z]) => p * z)),
      (r, beta) => Math.exp(r / beta),
    ),
    overflow: soft((children, beta) => beta * Math.log(total(children.map(([p, v]) => p * Math.exp(v / beta))))),
  },
  "22/noisy-loop": {
    "no-delay": loop({ late: () => 0 }),
    "one-late": loop({ late: (d) => d + 1 }),
    "no-noise": loop({ quiet: true }),
    "wrong-sign": loop({ sign: -1 }),
    "no-gain": loop({ gainless: true }),
    "noise-added": loop({ added: true }),
  },
  "22/pooled-preferences": {
    "sigmoid-of-the-mean": pooled((shares, U, i, j) => sigmoid(total(shares.map((w, g) => w * (U[g][i] - U[g][j]))))),
    "groups-alike": pooled((_, U, i, j) => total(U.map((u) => sigmoid(u[i] - u[j]))) / U.length),
    "turned-round": pooled((shares, U, i, j) => total(shares.map((w, g) => w * sigmoid(U[g][j] - U[g][i])))),
    "hard-votes": pooled((shares, U, i, j) =>
      total(shares.map((w, g) => (U[g][i] > U[g][j] ? w : U[g][i] === U[g][j] ? w / 2 : 0))),
    ),
  },
  "22/find-the-bug": {
    "own-margin": circle((a, b, c) => share([a, b, c])),
    "against-it": circle((a, b, c) => share([c, a, b])),
    "not-a-lottery": circle((a, b, c) => [b, c, a]),
    even: circle(() => [1 / 3, 1 / 3, 1 / 3]),
  },
};
