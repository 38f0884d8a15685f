import { checkCount } from "../../core/checks.js";
import { type Key, split, uniform } from "../../random/index.js";
import { type AmplificationOptions, amplifyDistances } from "./amplification.js";

/**
 * A map for amplification: n places in a ring and `chords` more roads between places drawn at random, both ways, each
 * road of a length from 0.5 to 1.5. What one edge tells of all ways, [n][n]: 0 on the diagonal, Infinity where there
 * is no road.
 * @throws DomainError for fewer than 3 places, or chords that are no integer of at least 0
 */
export function ringWithChords(key: Key, n: number, chords: number): Float64Array[] {
  checkCount("n", n, 3);
  checkCount("chords", chords, 0);
  const edges = Array.from({ length: n }, (_, i) =>
    new Float64Array(n).fill(Number.POSITIVE_INFINITY).fill(0, i, i + 1),
  );
  const [lengthKey, endKey] = split(key);
  const lengths = uniform(lengthKey, n + chords, 0.5, 1.5);
  const ends = uniform(endKey, 2 * chords);
  for (let road = 0; road < n + chords; road++) {
    const chord = road - n;
    const a = chord < 0 ? road : Math.floor(ends[2 * chord] * n);
    // Another place than a.
    const b = chord < 0 ? (road + 1) % n : (a + 1 + Math.floor(ends[2 * chord + 1] * (n - 1))) % n;
    edges[a][b] = edges[b][a] = Math.min(edges[a][b], lengths[road]);
  }
  return edges;
}

/** The shortest ways by Floyd and Warshall, [n][n], from the lengths of single edges. */
export function shortestWays(edges: readonly ArrayLike<number>[]): Float64Array[] {
  const ways = edges.map((row) => Float64Array.from(row));
  const n = ways.length;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) ways[i][j] = Math.min(ways[i][j], ways[i][k] + ways[k][j]);
    }
  }
  return ways;
}

/**
 * Amplification on one map of 32 places with six chords, both drawn by the key. After 0, 1, ... rounds: the share of
 * pairs whose length is right (to 1e-9), and the mean of told / true lengths (Infinity while some way is unknown).
 * Lesson: 17.
 */
export function amplificationTrial(key: Key, options: AmplificationOptions): { right: number[]; ratio: number[] } {
  const [mapKey, noiseKey] = split(key);
  const edges = ringWithChords(mapKey, 32, 6);
  const ways = shortestWays(edges);
  const pairs = ways.flatMap((row, i) => Array.from(row.keys(), (j) => [i, j])).filter(([i, j]) => i !== j);
  const share = (of: (i: number, j: number) => number) =>
    pairs.reduce((sum, [i, j]) => sum + of(i, j), 0) / pairs.length;
  const told = [edges, ...amplifyDistances(noiseKey, edges, options)];
  return {
    right: told.map((d) => share((i, j) => (Math.abs(d[i][j] - ways[i][j]) < 1e-9 ? 1 : 0))),
    ratio: told.map((d) => share((i, j) => d[i][j] / ways[i][j])),
  };
}
