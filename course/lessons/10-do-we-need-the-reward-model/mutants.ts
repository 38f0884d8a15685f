// Wrong answers to the exercises of lesson 10. Each must be rejected, with its own words.
import { sigmoid, softplus } from "rlhf-lab/numerics";

const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
type Pairs = [chosen: number[], rejected: number[], refChosen: number[], refRejected: number[], beta: number];
const h = ([c, r, rc, rr]: Pairs) => c.map((_, b) => c[b] - rc[b] - r[b] + rr[b]);
const dpo = (loss: (...pairs: Pairs) => number) => ({ dpoLossOf: loss });

const ipoMargin = (p: number, beta: number) => (2 * p - 1) / (2 * beta);
type Target = [ref: number[], prefer: number[][], shown: number[], beta: number];
const target =
  ({ self = 0.5, uniform = false, reference = true, normalise = true } = {}) =>
  (...[ref, prefer, shown, beta]: Target) => {
    const rate = (i: number) =>
      shown.reduce((s, mu, j) => s + (uniform ? 1 / shown.length : mu) * (i === j ? self : prefer[i][j]), 0);
    const weights = ref.map((p, i) => (reference ? p : 1) * Math.exp(rate(i) / beta));
    const total = normalise ? weights.reduce((a, b) => a + b) : 1;
    return weights.map((w) => w / total);
  };
const ipoTarget = target();

type Cost = [p: number[], scores: number[], n: number];
/** The KL of levels given in an order, each a list of outcomes. */
const cost = (p: number[], levels: number[][], n: number, reversed = false) => {
  let [below, kl] = [0, 0];
  for (const level of levels) {
    const share = level.reduce((s, y) => s + p[y], 0);
    const kept = (below + share) ** n - below ** n;
    kl += reversed ? share * Math.log(share / kept) : kept * Math.log(kept / share);
    below += share;
  }
  return kl;
};
const levels = (scores: number[], values = [...new Set(scores)].sort((a, b) => a - b)) =>
  values.map((value) => scores.flatMap((s, y) => (s === value ? [y] : [])));

const choose = (n: number, k: number) => {
  const factorial = (x: number): number => (x <= 1 ? 1 : x * factorial(x - 1));
  return factorial(n) / (factorial(k) * factorial(n - k));
};
type Samples = [samples: number[], n: number];
const ascending = (values: number[]) => [...values].sort((a, b) => a - b);

/** Equation (5) for samples in the order in which they stand. */
const subsets = (samples: number[], n: number) => {
  let [weight, sum] = [n / samples.length, 0];
  for (let i = samples.length; i >= n; i--) {
    sum += weight * samples[i - 1];
    weight *= i > 1 ? (i - n) / (i - 1) : 0;
  }
  return sum;
};

/** Advantages of groups, with the deviation's divisor and a guard. */
const grouped =
  (divisor: (G: number) => number, guard = true) =>
  (rewards: number[], G: number) =>
    rewards.map((r, i) => {
      const own = rewards.slice(i - (i % G), i - (i % G) + G);
      const deviation = Math.sqrt(own.reduce((s, x) => s + (x - average(own)) ** 2, 0) / divisor(G));
      return guard && deviation === 0 ? 0 : (r - average(own)) / deviation;
    });
const sample = grouped((G) => G - 1);

type Loop = [logRef: number[], utility: number[], luck: number[][], beta: number, rate: number];
interface Slips {
  advantages?: (rewards: number[]) => number[];
  penalty?: number;
  scale?: (G: number) => number;
  stale?: boolean;
}
const others = (rewards: number[]) => rewards.map((r, i) => r - average(rewards.filter((_, j) => j !== i)));
/** The loop with a slip. */
const loop = ({ advantages = others, penalty = 1, scale = (G) => 1 / G, stale = false }: Slips) => ({
  trainByGroups: (...[logRef, utility, luck, beta, rate]: Loop) => {
    const logSoftmax = (z: number[]) => {
      const log = Math.log(z.reduce((sum, x) => sum + Math.exp(x), 0));
      return z.map((x) => x - log);
    };
    const logits = [...logRef];
    for (const row of luck) {
      const logProbs = logSoftmax(logits);
      const drawn = row.map((u) => {
        let left = u;
        const found = (stale ? logRef : logProbs).findIndex((l) => {
          left -= Math.exp(l);
          return left < 0;
        });
        return found < 0 ? logRef.length - 1 : found;
      });
      const rewards = drawn.map((y) => utility[y] - penalty * beta * (logProbs[y] - logRef[y]));
      advantages(rewards).forEach((a, i) => {
        for (let k = 0; k < logits.length; k++) {
          logits[k] += rate * scale(row.length) * a * ((k === drawn[i] ? 1 : 0) - Math.exp(logProbs[k]));
        }
      });
    }
    return logSoftmax(logits);
  },
});
type PerToken = [losses: number[][], mask: number[][]];
const perToken = (f: (kept: number[], words: number[], ...given: PerToken) => number) => ({
  lossPerToken: (...[losses, mask]: PerToken) => {
    const kept = losses.map((row, b) => row.reduce((sum, x, i) => sum + x * mask[b][i], 0));
    return f(kept, mask.map(total), losses, mask);
  },
});
const total = (values: number[]) => values.reduce((a, b) => a + b, 0);

export const mutants = {
  "10/dpo-loss": {
    "no-reference": dpo((c, r, _a, _b, beta) => average(c.map((x, b) => softplus(-beta * (x - r[b]))))),
    "sum-for-mean": dpo((...pairs) => h(pairs).reduce((s, x) => s + softplus(-pairs[4] * x), 0)),
    "beta-outside": dpo((...pairs) => pairs[4] * average(h(pairs).map((x) => softplus(-x)))),
    swapped: dpo((...pairs) => average(h(pairs).map((x) => softplus(pairs[4] * x)))),
    overflow: dpo((...pairs) => average(h(pairs).map((x) => -Math.log(sigmoid(pairs[4] * x))))),
  },
  "10/ipo-target": {
    "always-wins": { ipoMargin: (_: number, beta: number) => 1 / (2 * beta), ipoTarget },
    "log-odds": { ipoMargin: (p: number, beta: number) => Math.log(p / (1 - p)) / beta, ipoTarget },
    "twice-too-far": { ipoMargin: (p: number, beta: number) => (2 * p - 1) / beta, ipoTarget },
    "self-loses": { ipoMargin, ipoTarget: target({ self: 0 }) },
    "no-reference": { ipoMargin, ipoTarget: target({ reference: false }) },
    unweighted: { ipoMargin, ipoTarget: target({ uniform: true }) },
    "not-normalised": { ipoMargin, ipoTarget: target({ normalise: false }) },
  },
  "10/best-of-n-kl": {
    bound: { bestOfNCost: (...[, , n]: Cost) => Math.log(n) - (n - 1) / n },
    "ties-apart": {
      bestOfNCost: (...[p, scores, n]: Cost) => {
        const order = p.map((_, y) => y).sort((a, b) => scores[a] - scores[b]);
        return cost(
          p,
          order.map((y) => [y]),
          n,
        );
      },
    },
    "reversed-kl": { bestOfNCost: (...[p, scores, n]: Cost) => cost(p, levels(scores), n, true) },
    "lowest-first": { bestOfNCost: (...[p, scores, n]: Cost) => cost(p, levels(scores).reverse(), n) },
    unsorted: { bestOfNCost: (...[p, scores, n]: Cost) => cost(p, levels(scores, [...new Set(scores)]), n) },
    "sorted-as-texts": {
      bestOfNCost: (...[p, scores, n]: Cost) => cost(p, levels(scores, [...new Set(scores)].sort()), n),
    },
  },
  "10/best-of-n-reward": {
    "with-replacement": {
      bestOfNReward: (...[samples, n]: Samples) => {
        const m = samples.length;
        return ascending(samples).reduce((s, x, i) => s + x * (((i + 1) / m) ** n - (i / m) ** n), 0);
      },
    },
    "largest-of-all": { bestOfNReward: (...[samples]: Samples) => Math.max(...samples) },
    "first-n": { bestOfNReward: (...[samples, n]: Samples) => Math.max(...samples.slice(0, n)) },
    mean: { bestOfNReward: (...[samples]: Samples) => average(samples) },
    "sorted-as-texts": { bestOfNReward: (...[samples, n]: Samples) => subsets([...samples].sort(), n) },
    unsorted: { bestOfNReward: (...[samples, n]: Samples) => subsets(samples, n) },
    overflow: {
      bestOfNReward: (...[samples, n]: Samples) =>
        ascending(samples).reduce(
          (s, x, i) => s + (i + 1 < n ? 0 : (choose(i, n - 1) / choose(samples.length, n)) * x),
          0,
        ),
    },
  },
  "10/group-advantage": {
    population: { groupAdvantage: grouped((G) => G) },
    "whole-batch": { groupAdvantage: (rewards: number[]) => sample(rewards, rewards.length) },
    "no-deviation": {
      groupAdvantage: (rewards: number[], G: number) =>
        rewards.map((r, i) => r - average(rewards.slice(i - (i % G), i - (i % G) + G))),
    },
    "divides-by-zero": { groupAdvantage: grouped((G) => G - 1, false) },
    rounding: { groupAdvantage: sample },
    epsilon: {
      groupAdvantage: (rewards: number[], G: number) =>
        rewards.map((r, i) => {
          const own = rewards.slice(i - (i % G), i - (i % G) + G);
          return (
            (r - average(own)) / (Math.sqrt(own.reduce((s, x) => s + (x - average(own)) ** 2, 0) / (G - 1)) + 1e-8)
          );
        }),
    },
    interleaved: {
      groupAdvantage: (rewards: number[], G: number) => {
        const stride = rewards.length / G;
        const out: number[] = [];
        for (let s = 0; s < stride; s++) {
          const own = rewards.filter((_, i) => i % stride === s);
          sample(own, G).forEach((a, k) => {
            out[s + k * stride] = a;
          });
        }
        return out;
      },
    },
  },
  "10/group-loop": {
    "no-kl": loop({ penalty: 0 }),
    "no-baseline": loop({ advantages: (r) => r }),
    "includes-itself": loop({ advantages: (r) => r.map((x) => x - average(r)) }),
    "equal-rewards": loop({
      advantages: (r) =>
        r.map((x) => {
          const different = r.filter((other) => other !== x);
          return x - (different.length === 0 ? 0 : average(different));
        }),
    }),
    "sum-for-mean": loop({ scale: () => 1 }),
    downhill: loop({ scale: (G) => -1 / G }),
    stale: loop({ stale: true }),
  },
  "10/find-the-bug": {
    "per-reply": perToken((kept, words) => average(kept.map((k, b) => k / words[b]))),
    padding: perToken((kept, _, losses) => total(kept) / losses.flat().length),
    "not-masked": perToken((_, words, losses) => total(losses.flat()) / total(words)),
    sum: perToken((kept) => total(kept)),
    "per-batch": perToken((kept) => average(kept)),
  },
};
