// Wrong answers to the exercises of lesson 11. Each must be rejected, with its own words.
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const average = (values: number[]) => total(values) / values.length;
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

type Cost = [policy: number[][], proxy: number[][], utility: number[][]];
const earned = ([policy, , utility]: Cost) => policy.map((own, x) => dot(own, utility[x]));
const cost = (of: (...args: Cost) => number) => ({ costOf: of });
const gap = (...args: Cost) => average(args[2].map((own, x) => Math.max(...own) - earned(args)[x]));

type Fit = [kl: number[], gains: number[], form: string];
interface Slips {
  d?: (kl: number) => number;
  log?: (d: number) => number;
  constant?: boolean;
  sign?: number;
  peak?: (a: number, b: number, form: string) => number;
}
const peakOf = (a: number, b: number, form: string) => (form === "bestOfN" ? a / (2 * b) : Math.exp(a / b - 1));
const fit = ({ d = Math.sqrt, log = Math.log, constant = false, sign = 1, peak = peakOf }: Slips) => ({
  fitForm: (...[kl, gains, form]: Fit) => {
    const away = (values: number[]) => (constant ? values.map((v) => v - average(values)) : values);
    const distances = kl.map(d);
    const x = away(distances);
    const z = away(distances.map((v) => (form === "bestOfN" ? v * v : v * log(v))));
    const g = away(gains);
    const determinant = dot(x, x) * dot(z, z) - dot(x, z) ** 2;
    const a = (dot(x, g) * dot(z, z) - dot(z, g) * dot(x, z)) / determinant;
    const b = (dot(x, g) * dot(x, z) - dot(z, g) * dot(x, x)) / determinant;
    return { a, b: sign * b, peak: peak(a, b, form) };
  },
});

type Top = [ref: number[], score: number[], q: number];
const top = (ref: number[], score: number[], q: number) => {
  const out = ref.map(() => 0);
  let left = q;
  for (const y of ref.map((_, i) => i).sort((a, b) => score[b] - score[a])) {
    const kept = Math.min(ref[y], left);
    out[y] = kept / q;
    left -= kept;
  }
  return out;
};
const quantiliser = (of: (...args: Top) => number[]) => ({ quantiliserOf: of });

type Selection = [v: number[], pV: number[], x: number[], pX: number[], t: number];
const selection =
  (
    keep: (v: number, x: number, t: number) => boolean,
    of: (v: number, x: number) => number,
    weigh = true,
    divide = true,
  ) =>
  (...[v, pV, x, pX, t]: Selection) => {
    let [mass, sum] = [0, 0];
    v.forEach((own, i) => {
      x.forEach((error, j) => {
        if (!keep(own, error, t)) return;
        const p = weigh ? pV[i] * pX[j] : 1;
        mass += p;
        sum += p * of(own, error);
      });
    });
    return divide ? sum / mass : sum;
  };
const above = (v: number, x: number, t: number) => v + x > t;
const value = (v: number) => v;

type Relation = [directions: number[][], r1: number[], r2: number[]];
const length = (a: number[]) => Math.sqrt(dot(a, a));
const relation =
  ({ project = true, absolute = false, trivial = true, same = 1 - 1e-9 } = {}) =>
  (...[directions, r1, r2]: Relation) => {
    const [p, q] = [r1, r2].map((r) => (project ? directions.map((own) => dot(own, r)) : r));
    if (trivial && (length(p) <= 1e-9 * length(r1) || length(q) <= 1e-9 * length(r2))) return "trivial";
    const cosine = dot(p, q) / (length(p) * length(q));
    return (absolute ? Math.abs(cosine) : cosine) > same ? "equivalent" : "hackable";
  };

type Area = [score: number[], hacked: boolean[], weight: number[]];
const area =
  ({ tie = 0.5, weighted = true, turn = false, divide = true } = {}) =>
  (...[score, hacked, weight]: Area) => {
    let [won, all] = [0, 0];
    for (let i = 0; i < score.length; i++) {
      for (let j = 0; j < score.length; j++) {
        if (hacked[i] === turn || hacked[j] !== turn) continue;
        const both = weighted ? weight[i] * weight[j] : 1;
        all += both;
        won += both * (score[i] > score[j] ? 1 : score[i] === score[j] ? tie : 0);
      }
    }
    return divide ? won / all : won;
  };

type Loop = [ref: number[], proxy: number[], utility: number[], luck: number[][], beta: number, rate: number];
interface LoopSlips {
  from?: "now" | "first" | "reference";
  reference?: boolean;
  times?: boolean;
  within?: boolean;
  jump?: boolean;
}
const loop = ({ from = "now", reference = true, times = false, within = false, jump = false }: LoopSlips) => ({
  mendProxy: (...[ref, proxy, utility, luck, beta, rate]: Loop) => {
    const now = [...proxy];
    const policy = (scores: number[]) => {
      if (from === "reference") return ref;
      const weights = ref.map((p, y) => (reference ? p : 1) * Math.exp(times ? scores[y] * beta : scores[y] / beta));
      return weights.map((weight) => weight / total(weights));
    };
    const draw = (probabilities: number[], v: number) => {
      let left = v;
      const found = probabilities.findIndex((p) => {
        left -= p;
        return left < 0;
      });
      return found < 0 ? ref.length - 1 : found;
    };
    const correct = (y: number) => {
      now[y] = jump ? utility[y] : now[y] + rate * (utility[y] - now[y]);
    };
    for (const row of luck) {
      const begun = policy(from === "first" ? proxy : now);
      if (within) for (const v of row) correct(draw(policy(now), v));
      else for (const y of row.map((v) => draw(begun, v))) correct(y);
    }
    return now;
  },
});

type Members = [members: number[][], ref: number[], lambda: number];
const ensemble =
  (zero: (own: number[], ref: number[]) => number, divisor = (K: number) => K, power = 1) =>
  (...[members, ref, lambda]: Members) => {
    const centred = members.map((own) => own.map((r) => r - zero(own, ref)));
    const columns = ref.map((_, y) => centred.map((own) => own[y]));
    return {
      worst: columns.map((values) => Math.min(...values)),
      weighted: columns.map((values) => {
        const spread = total(values.map((v) => (v - average(values)) ** 2)) / divisor(values.length);
        return average(values) - lambda * spread ** power;
      }),
    };
  };
const onReference = (own: number[], ref: number[]) => dot(own, ref);

type Applicants = [value: number[], gain: number[], share: number[], seats: number];
const admission =
  (by: (v: number, g: number) => number, of: (v: number, g: number) => number = value) =>
  (...[v, g, share, seats]: Applicants) =>
    dot(
      top(
        share,
        v.map((own, i) => by(own, g[i])),
        seats,
      ),
      v.map((own, i) => of(own, g[i])),
    );
const sum = (v: number, g: number) => v + g;

export const mutants = {
  "11/misalignment-cost": {
    sign: cost((...args) => -gap(...args)),
    "one-reply-for-all": cost((...args) => {
      const columns = args[2][0].map((_, y) => average(args[2].map((own) => own[y])));
      return Math.max(...columns) - average(earned(args));
    }),
    "proxy-best": cost((...args) => {
      const [, proxy, utility] = args;
      return average(utility.map((own, x) => own[proxy[x].indexOf(Math.max(...proxy[x]))] - earned(args)[x]));
    }),
    summed: cost((...args) => gap(...args) * args[0].length),
    likeliest: cost((policy, _, utility) =>
      average(utility.map((own, x) => Math.max(...own) - own[policy[x].indexOf(Math.max(...policy[x]))])),
    ),
  },
  "11/gao-fit": {
    "kl-for-root": fit({ d: (kl) => kl }),
    intercept: fit({ constant: true }),
    log10: fit({ log: Math.log10 }),
    "peak-twice": fit({ peak: (a, b, form) => (form === "bestOfN" ? a / b : peakOf(a, b, form)) }),
    "peak-exp": fit({ peak: (a, b, form) => (form === "rl" ? Math.exp(a / b) : peakOf(a, b, form)) }),
    "sign-of-b": fit({ sign: -1 }),
  },
  "11/quantiliser": {
    bottom: quantiliser((ref, score, q) =>
      top(
        ref,
        score.map((s) => -s),
        q,
      ),
    ),
    "by-count": quantiliser((ref, score, q) => {
      const order = ref.map((_, y) => y).sort((a, b) => score[b] - score[a]);
      const kept = order.slice(0, Math.max(1, Math.round(q * ref.length)));
      const mass = total(kept.map((y) => ref[y]));
      return ref.map((p, y) => (kept.includes(y) ? p / mass : 0));
    }),
    "not-normalised": quantiliser((ref, score, q) => top(ref, score, q).map((p) => p * q)),
    "whole-outcome": quantiliser((ref, score, q) => {
      const whole = top(ref, score, q).map((p, y) => (p > 0 ? ref[y] : 0));
      return whole.map((p) => p / total(whole));
    }),
    "one-minus": quantiliser((ref, score, q) => (q === 1 ? ref : top(ref, score, 1 - q))),
  },
  "11/tail-law": {
    "error-selected": { selectedValue: selection((_, x, t) => x > t || (t === 5 && x === 5), value) },
    "at-least": { selectedValue: selection((v, x, t) => v + x >= t, value) },
    "not-conditional": { selectedValue: selection(above, value, true, false) },
    "score-for-value": { selectedValue: selection(above, sum) },
    unweighted: { selectedValue: selection(above, value, false) },
  },
  "11/hackable": {
    "not-projected": { relationOf: relation({ project: false }) },
    absolute: { relationOf: relation({ absolute: true }) },
    "no-trivial": { relationOf: relation({ trivial: false }) },
    "same-side": { relationOf: relation({ same: 0 }) },
  },
  "11/detector-auc": {
    "ties-won": { areaUnder: area({ tie: 1 }) },
    "ties-lost": { areaUnder: area({ tie: 0 }) },
    unweighted: { areaUnder: area({ weighted: false }) },
    swapped: { areaUnder: area({ turn: true }) },
    "not-normalised": { areaUnder: area({ divide: false }) },
  },
  "11/audit-loop": {
    "draws-from-reference": loop({ from: "reference" }),
    "first-policy": loop({ from: "first" }),
    "no-reference": loop({ reference: false }),
    "beta-times": loop({ times: true }),
    "within-round": loop({ within: true }),
    "ignores-rate": loop({ jump: true }),
  },
  "11/ensembles": {
    uncentred: { conservative: ensemble(() => 0) },
    "plain-mean": { conservative: ensemble(average) },
    "sample-variance": { conservative: ensemble(onReference, (K) => K - 1) },
    deviation: { conservative: ensemble(onReference, (K) => K, 0.5) },
    "per-member": {
      conservative: (...args: Members) => ({
        ...ensemble(onReference)(...args),
        worst: args[0].map((own) => Math.min(...own)),
      }),
    },
  },
  "11/admissions": {
    honest: { admittedValue: admission(value) },
    "mean-score": { admittedValue: admission(sum, sum) },
    "gain-only": { admittedValue: admission((_, g) => g) },
    "whole-group": {
      admittedValue: (...[v, g, share, seats]: Applicants) => {
        const whole = top(
          share,
          v.map((own, i) => own + g[i]),
          seats,
        ).map((p, i) => (p > 0 ? share[i] : 0));
        return dot(whole, v) / total(whole);
      },
    },
    "per-applicant": { admittedValue: (...args: Applicants) => admission(sum)(...args) * args[3] },
  },
};
