// Wrong answers to the exercises of lesson 18. Each must be rejected, with its own words.
import { normalCdf, normalDensity } from "rlhf-lab/numerics";

const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: number[], b: number[]) => total(a.map((x, i) => x * b[i]));
const most = (values: number[]) => Math.max(...values);
const least = (values: number[]) => Math.min(...values);

type Terms = (p: number) => number;
const nats: Terms = (p) => (p > 0 ? -p * Math.log(p) : 0);
const parts = (term: Terms, weigh = true) => ({
  splitEntropy: (probabilities: number[][], weights: number[]) => {
    const w = weigh ? weights : weights.map(() => 1 / weights.length);
    const entropy = (p: number[]) => total(p.map(term));
    const all = entropy(
      probabilities[0].map((_, y) =>
        dot(
          w,
          probabilities.map((row) => row[y]),
        ),
      ),
    );
    const inside = dot(w, probabilities.map(entropy));
    return [all, inside, all - inside];
  },
});

interface Member {
  loud?: (e: number[], noise: number) => number[];
  anchor?: (a: number, prior: number) => number;
  noiseSquare?: (noise: number) => number;
  priorSquare?: (prior: number) => number;
}
const member = ({
  loud = (e, noise) => e.map((z) => noise * z),
  anchor = (a, prior) => prior * a,
  noiseSquare = (noise) => noise ** 2,
  priorSquare = (prior) => prior ** 2,
}: Member) => ({
  anchoredWeight: (x: number[], y: number[], noise: number, prior: number, e: number[], a: number) => {
    const answers = loud(e, noise).map((z, k) => y[k] + z);
    const pull = dot(x, answers) / noiseSquare(noise) + anchor(a, prior) / priorSquare(prior);
    return pull / (dot(x, x) / noiseSquare(noise) + 1 / priorSquare(prior));
  },
});

const up = (x: number) => Math.ceil(x - 1e-9);
const sorted = (scores: number[]) => [...scores].sort((a, b) => a - b);
const ranked = (scores: number[], k: number) => (k > scores.length ? Number.POSITIVE_INFINITY : sorted(scores)[k - 1]);
const conformal = (threshold: (scores: number[], miss: number) => number) => ({ threshold });
const right = (scores: number[], miss: number) => ranked(scores, up((scores.length + 1) * (1 - miss)));

type Grouped = [scores: number[], groups: number[], count: number, miss: number];
const grouped = (groupThresholds: (...given: Grouped) => number[]) => ({ groupThresholds });
const own = (scores: number[], groups: number[], g: number) => scores.filter((_, i) => groups[i] === g);
const every = (count: number, of: (g: number) => number) => Array.from({ length: count }, (_, g) => of(g));

type Zero = (features: number[][], reference: number[]) => number[];
const byReference: Zero = (features, reference) =>
  [0, 1].map((j) => total(features.map((f, y) => reference[y] * f[j])));
const bound = (
  of: (mean: number, square: number, k: number, f: number[], S: number[][]) => number,
  zero = byReference,
) => ({
  lowerBound: (features: number[][], reference: number[], m: number[], S: number[][], k: number) => {
    const centre = zero(features, reference);
    return features.map((row) => {
      const f = row.map((value, j) => value - centre[j]);
      return of(dot(f, m), dot(f, [dot(S[0], f), dot(S[1], f)]), k, f, S);
    });
  },
});
const careful = (mean: number, square: number, k: number) => mean - k * Math.sqrt(square);

type Ball = (losses: number[], p: number[], rho: number) => number;
const tilted =
  (shift: number, saturates = true, sign = 1): Ball =>
  (losses, p, rho) => {
    const top = sign > 0 ? most(losses) : least(losses);
    const sure = total(p.filter((_, i) => losses[i] === top));
    if (saturates && rho >= -Math.log(sure)) return top;
    const at = (t: number) => {
      const q = losses.map((loss, i) => p[i] * Math.exp(t * sign * (loss - shift * top)));
      return q.map((mass) => mass / total(q));
    };
    const kl = (q: number[]) => total(q.map((mass, i) => (mass > 0 ? mass * Math.log(mass / p[i]) : 0)));
    let [low, high] = [0, 1];
    for (let i = 0; i < 60 && kl(at(high)) < rho; i++) high *= 2;
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2;
      if (kl(at(middle)) < rho) low = middle;
      else high = middle;
    }
    return dot(at(saturates ? high : Math.min(high, 1)), losses);
  };
const reverse: Ball = (losses, p, rho) => {
  const at = (eta: number) => {
    const q = losses.map((loss, i) => p[i] / (eta - loss));
    return q.map((mass) => mass / total(q));
  };
  const kl = (q: number[]) => total(p.map((mass, i) => mass * Math.log(mass / q[i])));
  let [low, high] = [-30, 30];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (kl(at(most(losses) + Math.exp(middle))) > rho) low = middle;
    else high = middle;
  }
  return dot(at(most(losses) + Math.exp(high)), losses);
};

const tail = (cvar: (x: number[], p: number[], tail: number) => number) => ({ cvar });
const down = (x: number[]) => x.map((_, i) => i).sort((a, b) => x[b] - x[a]);
const exactTail = (x: number[], p: number[], share: number) => {
  let [left, sum] = [share, 0];
  for (const i of down(x)) {
    const mass = Math.min(p[i], left);
    sum += mass * x[i];
    left -= mass;
  }
  return sum / share;
};
const whole = (x: number[], p: number[], share: number) => {
  const taken: number[] = [];
  let mass = 0;
  for (const i of down(x)) {
    if (mass >= share - 1e-12) break;
    taken.push(i);
    mass += p[i];
  }
  return taken;
};
const edge = (x: number[], p: number[], share: number) => least(whole(x, p, share).map((i) => x[i]));
const meanOf = (x: number[], p: number[], taken: number[], otherwise: number) => {
  const mass = total(taken.map((i) => p[i]));
  return mass === 0 ? otherwise : total(taken.map((i) => p[i] * x[i])) / mass;
};

const next = (half: (xi: number) => number, from: (v: number[]) => number[], guard = true, to = least) => ({
  worstNext: (p: number[], v: number[], xi: number) => {
    const q = [...p];
    const low = v.indexOf(to(v));
    let left = guard ? Math.min(half(xi), 1 - q[low]) : half(xi);
    q[low] += left;
    for (const i of from(v)) {
      if (i === low) continue;
      const moved = guard ? Math.min(left, q[i]) : left;
      q[i] -= moved;
      left -= moved;
    }
    return dot(q, v);
  },
});

const improving = (improvement: (m: number, s: number, best: number) => number) => ({
  improvement: (m: number, s: number, best: number) => (s === 0 ? Math.max(0, m - best) : improvement(m, s, best)),
});
const improvement = (m: number, s: number, best: number) => {
  const z = (m - best) / s;
  return (m - best) * normalCdf(z) + s * normalDensity(z);
};

type Slip = "greedy" | "variance" | "one-draw" | "never-surer" | "noise-not-squared";
const thompson = (slip: Slip) => ({
  thompsonLoop: (utility: number[], z: number[][], e: number[], noise: number) => {
    const [m, v] = [utility.map(() => 0), utility.map(() => 1)];
    const added = 1 / (slip === "noise-not-squared" ? noise : noise ** 2);
    const played = e.map((luck, t) => {
      const index = m.map((centre, a) => {
        const width = slip === "variance" ? v[a] : Math.sqrt(v[a]);
        return slip === "greedy" ? centre : centre + width * z[t][slip === "one-draw" ? 0 : a];
      });
      const arm = index.indexOf(most(index));
      const precision = 1 / v[arm] + added;
      m[arm] = (m[arm] / v[arm] + (utility[arm] + noise * luck) * added) / precision;
      if (slip !== "never-surer") v[arm] = 1 / precision;
      return arm;
    });
    return { played, means: m };
  },
});

export const mutants = {
  "18/split": {
    variance: {
      splitEntropy: (probabilities: number[][], weights: number[]) => {
        const centre = dot(
          weights,
          probabilities.map((row) => row[0]),
        );
        const inside = dot(
          weights,
          probabilities.map((row) => row[0] * (1 - row[0])),
        );
        return [centre * (1 - centre), inside, centre * (1 - centre) - inside];
      },
    },
    swapped: {
      splitEntropy: (probabilities: number[][], weights: number[]) => {
        const [all, inside, between] = parts(nats).splitEntropy(probabilities, weights);
        return [all, between, inside];
      },
    },
    unweighted: parts(nats, false),
    bits: parts((p) => nats(p) / Math.LN2),
    certain: parts((p) => -p * Math.log(p)),
  },
  "18/anchored-member": {
    "no-answer-noise": member({ loud: (e) => e.map(() => 0) }),
    "no-anchor": member({ anchor: () => 0 }),
    "prior-not-squared": member({ priorSquare: (prior) => prior }),
    "noise-not-squared": member({ noiseSquare: (noise) => noise }),
    "same-noise": member({ loud: (e, noise) => e.map(() => noise * e[0]) }),
    "anchor-not-scaled": member({ anchor: (a) => a }),
  },
  "18/conformal-threshold": {
    "n-only": conformal((scores, miss) => ranked(scores, up(scores.length * (1 - miss)))),
    "two-sided": conformal((scores, miss) => right(scores, miss / 2)),
    interpolated: conformal((scores, miss) => {
      const place = (1 - miss) * (scores.length - 1);
      const below = Math.floor(place);
      const all = sorted(scores);
      return all[below] + (place - below) * ((all[below + 1] ?? all[below]) - all[below]);
    }),
    "greatest-instead": conformal((scores, miss) => Math.min(right(scores, miss), most(scores))),
    "other-end": conformal((scores, miss) => {
      const k = up((scores.length + 1) * (1 - miss));
      return sorted(scores)[Math.max(0, scores.length - k)];
    }),
    "sorted-as-text": conformal((scores, miss) => {
      const k = up((scores.length + 1) * (1 - miss));
      return k > scores.length ? Number.POSITIVE_INFINITY : [...scores].sort()[k - 1];
    }),
  },
  "18/every-group": {
    "one-for-all": grouped((scores, _, count, miss) => every(count, () => right(scores, miss))),
    "widest-for-all": grouped((scores, groups, count, miss) => {
      const each = every(count, (g) => right(own(scores, groups, g), miss));
      return each.map(() => most(each));
    }),
    "n-of-the-group": grouped((scores, groups, count, miss) =>
      every(count, (g) => {
        const mine = own(scores, groups, g);
        return ranked(mine, Math.max(1, up(mine.length * (1 - miss))));
      }),
    ),
    "finite-always": grouped((scores, groups, count, miss) =>
      every(count, (g) => {
        const mine = own(scores, groups, g);
        return mine.length === 0 ? 0 : ranked(mine, Math.min(mine.length, up((mine.length + 1) * (1 - miss))));
      }),
    ),
  },
  "18/lower-bound": {
    uncentred: bound(careful, () => [0, 0]),
    "even-centre": bound(careful, (features) =>
      byReference(
        features,
        features.map(() => 1 / features.length),
      ),
    ),
    plus: bound((mean, square, k) => mean + k * Math.sqrt(square)),
    variance: bound((mean, square, k) => mean - k * square),
    diagonal: bound((mean, _, k, f, S) => mean - k * Math.sqrt(f[0] ** 2 * S[0][0] + f[1] ** 2 * S[1][1])),
  },
  "18/kl-ball": {
    reverse: { klBall: reverse },
    "best-case": { klBall: tilted(1, true, -1) },
    mean: { klBall: (losses: number[], p: number[]) => dot(losses, p) },
    overflow: { klBall: tilted(0) },
    saturation: { klBall: (losses: number[], p: number[], rho: number) => (rho > 2 ? 9.5 : tilted(1)(losses, p, rho)) },
  },
  "18/cvar": {
    "whole-outcomes": tail((x, p, share) => meanOf(x, p, whole(x, p, share), 0)),
    beyond: tail((x, p, share) => {
      const at = edge(x, p, share);
      return meanOf(
        x,
        p,
        down(x).filter((i) => x[i] > at),
        at,
      );
    }),
    "other-tail": tail(
      (x, p, share) =>
        -exactTail(
          x.map((loss) => -loss),
          p,
          share,
        ),
    ),
    quantile: tail(edge),
    "not-divided": tail((x, p, share) => exactTail(x, p, share) * share),
  },
  "18/worst-next": {
    "whole-radius": next((xi) => xi, down),
    "from-below": next(
      (xi) => xi / 2,
      (v) => down(v).reverse(),
    ),
    "negative-mass": next((xi) => xi / 2, down, false),
    "best-case": next(
      (xi) => xi / 2,
      (v) => down(v).reverse(),
      true,
      most,
    ),
  },
  "18/expected-improvement": {
    probability: improving((m, s, best) => normalCdf((m - best) / s)),
    variance: improving((m, s, best) => improvement(m, s * s, best)),
    minimising: improving((m, s, best) => improvement(-m, s, -best)),
    "no-density": improving((m, s, best) => (m - best) * normalCdf((m - best) / s)),
    "sure-place": {
      improvement: (m: number, s: number, best: number) => (s > 0 ? improvement(m, s, best) : Number.NaN),
    },
  },
  "18/thompson-loop": {
    greedy: thompson("greedy"),
    variance: thompson("variance"),
    "one-draw": thompson("one-draw"),
    "never-surer": thompson("never-surer"),
    "noise-not-squared": thompson("noise-not-squared"),
  },
};
