// Wrong answers to the exercises of lesson 06. Each must be rejected, with its own words.

import { foldIn, type Key } from "rlhf-lab";
import { categorical } from "rlhf-lab/random";
import { nextTokenLogProbs, prefixesOf, type SequenceTree, sequenceLogProbs, treePolicy } from "rlhf-lab/trees";

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

function grams(tokens: string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

type Texts = [candidate: string[], reference: string[], n: number];

function precision([candidate, reference, n]: Texts, clip: (count: number, allowed: number) => number) {
  const known = grams(reference, n);
  const matched = sum([...grams(candidate, n)].map(([gram, count]) => clip(count, known.get(gram) ?? 0)));
  return { matched, total: Math.max(0, candidate.length - n + 1) };
}
const share = (matched: number, total: number) => (total > 0 ? matched / total : 0);

const mean = (values: number[]) => sum(values) / values.length;
const deviation = (values: number[], less = 0) =>
  Math.sqrt(sum(values.map((x) => (x - mean(values)) ** 2)) / (values.length - less));
const normalised = (values: number[]) =>
  values.map((x) => (deviation(values) > 0 ? (x - mean(values)) / deviation(values) : 0));
const add = (parts: number[][], weights: number[]) =>
  parts[0].map((_, b) => sum(parts.map((p, i) => weights[i] * p[b])));

const after = (potentials: number[]) => [...potentials.slice(1), 0];
const gain = (rewards: number[], subset: number, i: number) => rewards[subset | (1 << i)] - rewards[subset & ~(1 << i)];
const each = <T>(n: number, of: (i: number) => T) => Array.from({ length: n }, (_, i) => of(i));

/**
 * A deviation in one pass, with one thing to go wrong: what a number adds, from its distance before
 * and after the mean moved.
 */
function following(values: number[], adds: (before: number, after: number) => number): number {
  let [count, average, squares] = [0, 0, 0];
  for (const x of values) {
    count++;
    const before = x - average;
    average += before / count;
    squares += adds(before, x - average);
  }
  return squares / count;
}

interface LoopPlan {
  steps: number;
  batch: number;
  rate: number;
}
interface Changes {
  credit?: (rewards: number[], t: number) => number;
  score?: (own: boolean, probability: number) => number;
  scale?: (plan: LoopPlan) => number;
  drawKey?: (key: Key, step: number) => Key;
  stale?: boolean;
}

/** Draw, credit, step, with one of them changed. */
const loop = ({ credit, score, scale, drawKey, stale }: Changes) => ({
  learnFromSteps: (key: Key, tree: SequenceTree, table: Float64Array, rewards: Float64Array, plan: LoopPlan) => {
    const V = tree.vocabulary;
    const toGo = (list: number[], t: number) => sum(list.slice(t));
    let conditionals = nextTokenLogProbs(treePolicy(tree, table));
    for (let step = 1; step <= plan.steps; step++) {
      if (!stale) conditionals = nextTokenLogProbs(treePolicy(tree, table));
      const k = drawKey?.(key, step) ?? foldIn(key, step);
      for (const y of categorical(k, sequenceLogProbs(tree, conditionals), plan.batch)) {
        const places = prefixesOf(tree, y).map((p, t) => p * V + tree.sequences[y][t]);
        const paid = places.map((place) => rewards[place]);
        places.forEach((place, t) => {
          const push = (scale?.(plan) ?? plan.rate / plan.batch) * (credit ?? toGo)(paid, t);
          const row = Math.floor(place / V) * V;
          for (let i = row; i < row + V; i++) {
            const probability = Math.exp(conditionals[i]);
            table[i] += push * (score?.(i === place, probability) ?? Number(i === place) - probability);
          }
        });
      }
    }
    return table;
  },
});

export const mutants = {
  "06/clipped-precision": {
    unclipped: {
      clippedPrecision: (...texts: Texts) => {
        const { matched, total } = precision(texts, (count, allowed) => (allowed > 0 ? count : 0));
        return share(matched, total);
      },
    },
    recall: {
      clippedPrecision: (...texts: Texts) =>
        share(precision(texts, Math.min).matched, Math.max(0, texts[1].length - texts[2] + 1)),
    },
    "each-once": {
      clippedPrecision: (...texts: Texts) =>
        share(precision(texts, (_, allowed) => (allowed > 0 ? 1 : 0)).matched, grams(texts[0], texts[2]).size),
    },
    "per-token": {
      clippedPrecision: (...texts: Texts) => share(precision(texts, Math.min).matched, texts[0].length),
    },
    glued: {
      clippedPrecision: (candidate: string[], reference: string[], n: number) => {
        const glue = (text: string[]) => each(Math.max(0, text.length - n + 1), (i) => text.slice(i, i + n).join(""));
        const left = glue(reference);
        const matched = glue(candidate).filter((gram) => {
          const at = left.indexOf(gram);
          if (at >= 0) left.splice(at, 1);
          return at >= 0;
        }).length;
        return share(matched, glue(candidate).length);
      },
    },
    "object-as-map": {
      clippedPrecision: (candidate: string[], reference: string[], n: number) => {
        const pairs = (text: string[]) => each(Math.max(0, text.length - n + 1), (i) => text.slice(i, i + n).join(" "));
        const allowed: Record<string, number> = {};
        for (const gram of pairs(reference)) allowed[gram] = (allowed[gram] ?? 0) + 1;
        const counts: Record<string, number> = {};
        for (const gram of pairs(candidate)) counts[gram] = (counts[gram] ?? 0) + 1;
        const matched = Object.keys(counts).map((gram) => Math.min(counts[gram], allowed[gram] ?? 0));
        return share(
          matched.reduce((a, b) => a + b, 0),
          pairs(candidate).length,
        );
      },
    },
    "empty-text": {
      clippedPrecision: (...texts: Texts) => {
        const { matched, total } = precision(texts, Math.min);
        return matched / total;
      },
    },
  },
  "06/brevity-penalty": {
    "reversed-ratio": { brevityFactor: (c: number, r: number) => (c >= r ? 1 : Math.exp(1 - c / r)) },
    uncapped: { brevityFactor: (c: number, r: number) => Math.exp(1 - r / c) },
    linear: { brevityFactor: (c: number, r: number) => Math.min(1, c / r) },
    "long-texts": { brevityFactor: (c: number, r: number) => (c <= r ? 1 : Math.exp(1 - c / r)) },
  },
  "06/lcs": {
    substring: {
      lcsLength: (a: string[], b: string[]) => {
        let best = 0;
        const table = each(a.length + 1, () => new Array<number>(b.length + 1).fill(0));
        for (let i = 1; i <= a.length; i++) {
          for (let j = 1; j <= b.length; j++) {
            if (a[i - 1] === b[j - 1]) table[i][j] = table[i - 1][j - 1] + 1;
            best = Math.max(best, table[i][j]);
          }
        }
        return best;
      },
    },
    "shared-rows": {
      lcsLength: (a: string[], b: string[]) => {
        const table = new Array(a.length + 1).fill(new Array(b.length + 1).fill(0));
        for (let i = 1; i <= a.length; i++) {
          for (let j = 1; j <= b.length; j++) {
            table[i][j] = a[i - 1] === b[j - 1] ? table[i - 1][j - 1] + 1 : Math.max(table[i - 1][j], table[i][j - 1]);
          }
        }
        return table[a.length][b.length];
      },
    },
    "any-order": { lcsLength: (a: string[], b: string[]) => precision([a, b, 1], Math.min).matched },
    greedy: {
      lcsLength: (a: string[], b: string[]) => {
        let place = 0;
        return a.filter((word) => {
          const next = b.indexOf(word, place);
          if (next >= 0) place = next + 1;
          return next >= 0;
        }).length;
      },
    },
  },
  "06/composite": {
    raw: { compositeOf: add },
    "sum-first": { compositeOf: (parts: number[][], weights: number[]) => normalised(add(parts, weights)) },
    "weights-lost": {
      compositeOf: (parts: number[][], weights: number[]) =>
        add(
          parts.map((part, i) => normalised(part.map((x) => weights[i] * x))),
          weights.map(() => 1),
        ),
    },
    "not-centred": {
      compositeOf: (parts: number[][], weights: number[]) =>
        add(
          parts.map((part) => part.map((x) => (deviation(part) > 0 ? x / deviation(part) : 0))),
          weights,
        ),
    },
    "sample-deviation": {
      compositeOf: (parts: number[][], weights: number[]) =>
        add(
          parts.map((part) => part.map((x) => (deviation(part) > 0 ? (x - mean(part)) / deviation(part, 1) : 0))),
          weights,
        ),
    },
    rounding: {
      compositeOf: (parts: number[][], weights: number[]) =>
        add(
          parts.map((part) => part.map((x) => (deviation(part) > 0 ? (x - mean(part)) / deviation(part) : 0))),
          weights,
        ),
    },
    "no-spread": {
      compositeOf: (parts: number[][], weights: number[]) =>
        add(
          parts.map((part) => part.map((x) => (x - mean(part)) / deviation(part))),
          weights,
        ),
    },
  },
  "06/running-deviation": {
    "new-mean": { runningDeviation: (values: number[]) => Math.sqrt(following(values, (_, after) => after ** 2)) },
    "old-mean": { runningDeviation: (values: number[]) => Math.sqrt(following(values, (before) => before ** 2)) },
    sample: { runningDeviation: (values: number[]) => deviation(values, 1) },
    variance: { runningDeviation: (values: number[]) => deviation(values) ** 2 },
    cancels: {
      runningDeviation: (values: number[]) =>
        Math.sqrt(Math.max(0, mean(values.map((x) => x * x)) - mean(values) ** 2)),
    },
  },
  "06/potential": {
    "forgets-gamma": { shapingOfEpisode: (phi: number[]) => after(phi).map((next, t) => next - phi[t]) },
    reversed: {
      shapingOfEpisode: (phi: number[], gamma: number) => after(phi).map((next, t) => phi[t] - gamma * next),
    },
    "gamma-on-now": {
      shapingOfEpisode: (phi: number[], gamma: number) => after(phi).map((next, t) => next - gamma * phi[t]),
    },
    "no-end": {
      shapingOfEpisode: (phi: number[], gamma: number) => phi.slice(1).map((next, t) => gamma * next - phi[t]),
    },
    "end-keeps-potential": {
      shapingOfEpisode: (phi: number[], gamma: number) =>
        phi.map((now, t) => gamma * (t + 1 < phi.length ? phi[t + 1] : now) - now),
    },
  },
  "06/loop": {
    "whole-reply": loop({ credit: (rewards) => sum(rewards) }),
    "own-step": loop({ credit: (rewards, t) => rewards[t] }),
    "past-only": loop({ credit: (rewards, t) => sum(rewards.slice(0, t + 1)) }),
    "skips-own": loop({ credit: (rewards, t) => sum(rewards.slice(t + 1)) }),
    "no-expectation": loop({ score: (own) => Number(own) }),
    "wrong-sign": loop({ scale: ({ rate, batch }) => -rate / batch }),
    sum: loop({ scale: ({ rate }) => rate }),
    stale: loop({ stale: true }),
    "same-draws": loop({ drawKey: (key) => foldIn(key, 1) }),
  },
  "06/shapley": {
    "leave-one-out": { shapley: (rewards: number[], n: number) => each(n, (i) => gain(rewards, 2 ** n - 1, i)) },
    "first-in": { shapley: (rewards: number[], n: number) => each(n, (i) => gain(rewards, 0, i)) },
    "reading-order": {
      shapley: (rewards: number[], n: number) => each(n, (i) => rewards[2 ** (i + 1) - 1] - rewards[2 ** i - 1]),
    },
    "equal-subsets": {
      shapley: (rewards: number[], n: number) =>
        each(n, (i) => mean(rewards.map((_, subset) => gain(rewards, subset, i)))),
    },
  },
};
