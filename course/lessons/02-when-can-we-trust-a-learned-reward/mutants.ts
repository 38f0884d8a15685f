// Wrong answers to the exercises of lesson 02. Each must be rejected, with its own words.
import { logSigmoid, sigmoid } from "rlhf-lab/numerics";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: number[], b: number[]) => sum(a.map((value, j) => value * b[j]));

type Pairs = [theta: number[], chosen: number[][], rejected: number[][]];
const overPairs = ([theta, chosen, rejected]: Pairs, f: (chosen: number, rejected: number) => number) =>
  sum(chosen.map((features, k) => f(dot(theta, features), dot(theta, rejected[k]))));

type Descent = [chosen: number[][], rejected: number[][], steps: number, rate: number];
function descent(
  [chosen, rejected, steps, rate]: Descent,
  pull: (margin: number) => number,
  { sign = 1, sum: isSum = false, oneSide = false } = {},
): number[] {
  const theta = chosen[0].map(() => 0);
  for (let step = 0; step < steps; step++) {
    const move = theta.map(() => 0);
    for (let k = 0; k < chosen.length; k++) {
      const p = pull(dot(theta, chosen[k]) - dot(theta, rejected[k]));
      for (let j = 0; j < theta.length; j++) move[j] += p * (chosen[k][j] - (oneSide ? 0 : rejected[k][j]));
    }
    for (let j = 0; j < theta.length; j++) theta[j] += (sign * rate * move[j]) / (isSum ? 1 : chosen.length);
  }
  return theta;
}

type Predictions = [predicted: number[], correct: number[], bins: number];
/** For each bin that is not empty: its size, mean prediction, share right, and middle. */
function binned(
  [predicted, correct, bins]: Predictions,
  binOf = (p: number) => Math.min(bins - 1, Math.floor(p * bins)),
) {
  return Array.from({ length: bins }, (_, bin) => {
    const rows = predicted.flatMap((p, k) => (binOf(p) === bin ? [k] : []));
    return {
      n: rows.length,
      confidence: sum(rows.map((k) => predicted[k])) / rows.length,
      accuracy: sum(rows.map((k) => correct[k])) / rows.length,
      middle: (bin + 0.5) / bins,
    };
  }).filter(({ n }) => n > 0);
}

const turned = (stay: number, leave: number, gamma: number, limit: number) => {
  const apart = Math.abs(stay / (1 - gamma) - leave);
  return apart <= limit ? apart : 0;
};

export const mutants = {
  "02/pairwise-loss": {
    swapped: { rewardLoss: (...p: Pairs) => overPairs(p, (c, r) => -logSigmoid(r - c)) / p[1].length },
    "sum-for-mean": { rewardLoss: (...p: Pairs) => overPairs(p, (c, r) => -logSigmoid(c - r)) },
    "one-side": { rewardLoss: (...p: Pairs) => overPairs(p, (c) => -logSigmoid(c)) / p[1].length },
    "log-likelihood": { rewardLoss: (...p: Pairs) => overPairs(p, (c, r) => logSigmoid(c - r)) / p[1].length },
    overflow: {
      rewardLoss: (...p: Pairs) => overPairs(p, (c, r) => -Math.log(1 / (1 + Math.exp(r - c)))) / p[1].length,
    },
  },
  "02/descend": {
    ascends: { descend: (...p: Descent) => descent(p, (m) => sigmoid(-m), { sign: -1 }) },
    "sum-for-mean": { descend: (...p: Descent) => descent(p, (m) => sigmoid(-m), { sum: true }) },
    stale: { descend: (...p: Descent) => descent(p, () => sigmoid(0)) },
    "mistakes-only": { descend: (...p: Descent) => descent(p, (m) => (m <= 0 ? sigmoid(-m) : 0)) },
    "wrong-surprise": { descend: (...p: Descent) => descent(p, (m) => sigmoid(m)) },
    "one-side": { descend: (...p: Descent) => descent(p, (m) => sigmoid(-m), { oneSide: true }) },
  },
  "02/find-the-bug": {
    "since-the-last": {
      keepFrom: (losses: number[], patience: number) => {
        let [best, waited] = [0, 0];
        for (let k = 1; k < losses.length && waited < patience; k++) {
          waited = losses[k] < losses[k - 1] ? 0 : waited + 1;
          if (losses[k] < losses[best]) best = k;
        }
        return best;
      },
    },
    "the-last-one": {
      keepFrom: (losses: number[], patience: number) => {
        let best = 0;
        for (let k = 1; k < losses.length; k++) {
          if (losses[k] < losses[best]) best = k;
          else if (k - best >= patience) return k;
        }
        return losses.length - 1;
      },
    },
    "never-stops": { keepFrom: (losses: number[]) => losses.indexOf(Math.min(...losses)) },
    "one-too-many": {
      keepFrom: (losses: number[], patience: number) => {
        let best = 0;
        for (let k = 1; k < losses.length && k - best <= patience + 1; k++) if (losses[k] < losses[best]) best = k;
        return best;
      },
    },
    "adds-up": {
      keepFrom: (losses: number[], patience: number) => {
        let [best, waited] = [0, 0];
        for (let k = 1; k < losses.length && waited < patience; k++) {
          if (losses[k] < losses[best]) best = k;
          else waited++;
        }
        return best;
      },
    },
  },
  "02/folds": {
    "leaks-the-prompt": { foldOfRows: (prompts: string[], k: number) => prompts.map((_, row) => row % k) },
    "empty-fold": {
      foldOfRows: (prompts: string[], k: number) => prompts.map((prompt) => prompt.charCodeAt(0) % (k - 1)),
    },
    lopsided: {
      foldOfRows: (prompts: string[], k: number) => {
        const names = Array.from(new Set(prompts));
        return prompts.map((prompt) => Math.min(k - 1, names.indexOf(prompt)));
      },
    },
    "neighbours-only": {
      foldOfRows: (prompts: string[], k: number) => {
        let turn = -1;
        return prompts.map((prompt, row) => (prompt === prompts[row - 1] ? turn : ++turn) % k);
      },
    },
  },
  "02/calibration": {
    unweighted: {
      calibrationError: (...p: Predictions) => {
        const bins = binned(p);
        return sum(bins.map((b) => Math.abs(b.accuracy - b.confidence))) / bins.length;
      },
    },
    signed: {
      calibrationError: (...p: Predictions) =>
        Math.abs(sum(binned(p).map((b) => b.n * (b.accuracy - b.confidence)))) / p[0].length,
    },
    midpoint: {
      calibrationError: (...p: Predictions) =>
        sum(binned(p).map((b) => b.n * Math.abs(b.accuracy - b.middle))) / p[0].length,
    },
    "last-edge": {
      calibrationError: (...p: Predictions) =>
        sum(binned(p, (q) => Math.floor(q * p[2])).map((b) => b.n * Math.abs(b.accuracy - b.confidence))) / p[0].length,
    },
  },
  "02/maurer": {
    "forgets-2-sqrt-n": {
      maurer: (error: number, kl: number, n: number, delta: number) =>
        error + Math.sqrt((kl + Math.log(1 / delta)) / (2 * n)),
    },
    "n-for-2n": {
      maurer: (error: number, kl: number, n: number, delta: number) =>
        error + Math.sqrt((kl + Math.log((2 * Math.sqrt(n)) / delta)) / n),
    },
    "no-root": {
      maurer: (error: number, kl: number, n: number, delta: number) =>
        error + (kl + Math.log((2 * Math.sqrt(n)) / delta)) / (2 * n),
    },
    "forgets-kl": {
      maurer: (error: number, _kl: number, n: number, delta: number) =>
        error + Math.sqrt(Math.log((2 * Math.sqrt(n)) / delta) / (2 * n)),
    },
  },
  "02/worst-gap": {
    "the-ceiling": {
      worstGap: (_stay: number, _leave: number, epsilon: number, gamma: number) => (2 * epsilon) / (1 - gamma),
    },
    "one-epsilon": {
      worstGap: (stay: number, leave: number, epsilon: number, gamma: number) =>
        turned(stay, leave, gamma, epsilon / (1 - gamma)),
    },
    "leaving-once": {
      worstGap: (stay: number, leave: number, epsilon: number, gamma: number) =>
        turned(stay, leave, gamma, epsilon / (1 - gamma) + epsilon),
    },
    "no-discount": {
      worstGap: (stay: number, leave: number, epsilon: number, gamma: number) =>
        turned(stay, leave, gamma, 2 * epsilon),
    },
    tie: {
      worstGap: (stay: number, leave: number, epsilon: number, gamma: number) => {
        const apart = Math.abs(stay / (1 - gamma) - leave);
        return apart < (2 * epsilon) / (1 - gamma) ? apart : 0;
      },
    },
    "one-way": {
      worstGap: (stay: number, leave: number, epsilon: number, gamma: number) =>
        stay / (1 - gamma) < leave ? 0 : turned(stay, leave, gamma, (2 * epsilon) / (1 - gamma)),
    },
  },
};
