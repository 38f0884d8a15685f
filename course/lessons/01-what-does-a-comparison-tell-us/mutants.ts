// Wrong answers to the exercises of lesson 01. Each must be rejected, with its own words.
import { logSigmoid, sigmoid } from "rlhf-lab/numerics";

type Columns = [theta: number[], first: number[], second: number[], y: number[]];
type Wins = number[][];

const sum = (n: number, f: (k: number) => number) =>
  Array.from({ length: n }, (_, k) => f(k)).reduce((a, b) => a + b, 0);

const sumRows = ([theta, first, second, y]: Columns, f: (d: number, y: number) => number) =>
  sum(y.length, (k) => f(theta[first[k]] - theta[second[k]], y[k]));

const logOfSigmoid = (z: number) => Math.log(1 / (1 + Math.exp(-z)));

function slope([theta, first, second, y]: Columns, pull: (d: number, y: number) => [number, number]): number[] {
  const g = theta.map(() => 0);
  y.forEach((label, k) => {
    const [up, down] = pull(theta[first[k]] - theta[second[k]], label);
    g[first[k]] += up;
    g[second[k]] += down;
  });
  return g;
}

const wonBy = (wins: Wins, i: number) => sum(wins.length, (j) => (j === i ? 0 : wins[i][j]));

function transitive(
  probability: number[][],
  holds: (ij: number, jk: number, ik: number) => boolean,
  inOrder = false,
  premise = (probability: number) => probability >= 0.5,
): boolean {
  const n = probability.length;
  for (let i = 0; i < n; i++)
    for (let j = inOrder ? i + 1 : 0; j < n; j++)
      for (let k = inOrder ? j + 1 : 0; k < n; k++) {
        if (i === j || j === k || i === k || !premise(probability[i][j]) || !premise(probability[j][k])) continue;
        if (!holds(probability[i][j], probability[j][k], probability[i][k])) return false;
      }
  return true;
}

const strongly = (ij: number, jk: number, ik: number) => ik >= Math.max(ij, jk);

export const mutants = {
  "01/log-likelihood": {
    "missing-term": {
      logLikelihood: (...data: Columns) => sumRows(data, (d, y) => y * logSigmoid(d)),
    },
    "wrong-sign": {
      logLikelihood: (...data: Columns) => -sumRows(data, (d, y) => y * logSigmoid(d) + (1 - y) * logSigmoid(-d)),
    },
    overflow: {
      logLikelihood: (...data: Columns) => sumRows(data, (d, y) => y * logOfSigmoid(d) + (1 - y) * logOfSigmoid(-d)),
    },
    "same-direction": {
      logLikelihood: (...data: Columns) => sumRows(data, (d, y) => y * logSigmoid(d) + (1 - y) * logSigmoid(d)),
    },
  },
  "01/gradient": {
    "y-for-1-y": {
      gradient: (...data: Columns) => slope(data, (d, y) => [1 - y - sigmoid(d), -(1 - y - sigmoid(d))]),
    },
    "one-side": {
      gradient: (...data: Columns) => slope(data, (d, y) => [y - sigmoid(d), 0]),
    },
    "wrong-sign": {
      gradient: (...data: Columns) => slope(data, (d, y) => [sigmoid(d) - y, y - sigmoid(d)]),
    },
  },
  "01/mm-step": {
    "own-wins-twice": {
      minoriseMaximiseStep: (strength: number[], wins: Wins) =>
        strength.map((own, i) => wonBy(wins, i) / sum(strength.length, (j) => (2 * wins[i][j]) / (own + strength[j]))),
    },
    "in-place": {
      minoriseMaximiseStep: (strength: number[], wins: Wins) => {
        for (let i = 0; i < strength.length; i++) {
          const met = (j: number) => (j === i ? 0 : (wins[i][j] + wins[j][i]) / (strength[i] + strength[j]));
          strength[i] = wonBy(wins, i) / sum(strength.length, met);
        }
        return strength;
      },
    },
    losses: {
      minoriseMaximiseStep: (strength: number[], wins: Wins) =>
        strength.map((own, i) => {
          const lost = sum(strength.length, (j) => (j === i ? 0 : wins[j][i]));
          return lost / sum(strength.length, (j) => (j === i ? 0 : (wins[i][j] + wins[j][i]) / (own + strength[j])));
        }),
    },
  },
  "01/gauge": {
    "sorted-copy": {
      fixGauge: (theta: number[]) => {
        const sorted = [...theta].sort((a, b) => a - b);
        return theta.map((ability) => ability - sorted[0]);
      },
    },
    "sum-zero": {
      fixGauge: (theta: number[]) =>
        theta.map((ability) => ability - sum(theta.length, (i) => theta[i]) / theta.length),
    },
    ratio: {
      fixGauge: (theta: number[], reference: number) => theta.map((ability) => ability / theta[reference]),
    },
  },
  "01/transitivity": {
    "weak-for-strong": {
      isStronglyTransitive: (probability: number[][]) => transitive(probability, (_ij, _jk, ik) => ik >= 0.5),
    },
    "moderate-for-strong": {
      isStronglyTransitive: (probability: number[][]) =>
        transitive(probability, (ij, jk, ik) => ik >= Math.min(ij, jk)),
    },
    "in-order": {
      isStronglyTransitive: (probability: number[][]) => transitive(probability, strongly, true),
    },
    "two-orders": {
      isStronglyTransitive: (probability: number[][]) => {
        const backwards = [...probability].reverse().map((row) => [...row].reverse());
        return transitive(probability, strongly, true) && transitive(backwards, strongly, true);
      },
    },
    "strict-premise": {
      isStronglyTransitive: (probability: number[][]) =>
        transitive(probability, strongly, false, (premise) => premise > 0.5),
    },
    "strict-conclusion": {
      isStronglyTransitive: (probability: number[][]) => transitive(probability, (ij, jk, ik) => ik > Math.max(ij, jk)),
    },
    neighbours: {
      isStronglyTransitive: (probability: number[][]) => {
        const strength = probability.map((row) => row.reduce((a, b) => a + b));
        const order = probability.map((_, i) => i).sort((a, b) => strength[b] - strength[a]);
        const sorted = order.map((i) => order.map((j) => probability[i][j]));
        const three = (at: number) => sorted.slice(at, at + 3).map((row) => row.slice(at, at + 3));
        return sorted.slice(2).every((_, at) => transitive(three(at), strongly));
      },
    },
  },
  "01/find-the-bug": {
    "no-covariance": { differenceError: (c: number[][], i: number, j: number) => Math.sqrt(c[i][i] + c[j][j]) },
    plus: { differenceError: (c: number[][], i: number, j: number) => Math.sqrt(c[i][i] + c[j][j] + 2 * c[i][j]) },
    once: {
      differenceError: (c: number[][], i: number, j: number) => Math.sqrt(Math.abs(c[i][i] + c[j][j] - c[i][j])),
    },
    variance: { differenceError: (c: number[][], i: number, j: number) => c[i][i] + c[j][j] - 2 * c[i][j] },
  },
};
