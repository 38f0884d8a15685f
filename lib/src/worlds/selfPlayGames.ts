import { mean } from "../numerics/index.js";
import { bernoulli, type Key, split } from "../random/index.js";

/**
 * Four replies with which no score can keep up, and the reference that writes them: the first three are preferred to
 * each other in a circle (0 to 1, 1 to 2, 2 to 0), each of them to the fourth. `preferences[i][j]`: how often i is
 * preferred to j. The von Neumann winner is (0.375, 0.375, 0.25, 0).
 */
export const cyclicReplies = {
  names: ["short", "kind", "exact", "dull"],
  preferences: [
    [0.5, 0.7, 0.2, 0.6],
    [0.3, 0.5, 0.8, 0.6],
    [0.8, 0.2, 0.5, 0.6],
    [0.4, 0.4, 0.4, 0.5],
  ],
  ref: [0.1, 0.2, 0.3, 0.4],
} as const;

/**
 * `cyclicReplies.preferences` as people's answers tell them, n to each of the six pairs: shares of answers, [4][4];
 * both orders of a pair add up to 1.
 */
export function countedPreferences(key: Key, n: number): number[][] {
  const { preferences } = cyclicReplies;
  const counted = preferences.map((row) => [...row] as number[]);
  const keys = split(key, 6);
  for (let i = 0, pair = 0; i < 4; i++) {
    for (let j = 0; j < i; j++) {
      counted[i][j] = mean(bernoulli(keys[pair++], n, preferences[i][j]));
      counted[j][i] = 1 - counted[i][j];
    }
  }
  return counted;
}

/** Payoffs of rock, paper, scissors: row against column. Its one equilibrium is a third of each. */
export const rockPaperScissors = [
  [0, -1, 1],
  [1, 0, -1],
  [-1, 1, 0],
] as const;

/**
 * What three critics give five replies, [5][3]. Nobody is best for all: the most that a writer can be sure of is 0.58,
 * by (0.4, 0.4, 0.2, 0, 0).
 */
export const criticPanel = [
  [1, 0.1, 0.6],
  [0.1, 1, 0.6],
  [0.7, 0.7, 0.5],
  [0.2, 0.2, 0.1],
  [0.9, 0.5, 0.2],
] as const;

/**
 * Win rates of agents A, B, C, ..., C: A beats B, B beats C, C beats A with probability `win`; clones of C are even
 * among themselves. [2 + clones][2 + clones].
 */
export function cyclicAgents(clones: number, win = 0.9): number[][] {
  const kinds = [0, 1, ...new Array<number>(clones).fill(2)];
  return kinds.map((a) => kinds.map((b) => (a === b ? 0.5 : (b - a + 3) % 3 === 1 ? win : 1 - win)));
}

/** Zipf's shares of `words` words, 1 / rank. */
export function zipfShares(words: number): Float64Array {
  const weights = Float64Array.from({ length: words }, (_, i) => 1 / (i + 1));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
