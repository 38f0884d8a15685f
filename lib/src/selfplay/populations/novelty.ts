import { checkCount, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** How far apart two of a population are, [n][n]: 0 on the diagonal. */
export type Distances = readonly ArrayLike<number>[];

/**
 * Fitness sharing: f_i / sum_j max(0, 1 - (d_ij / radius)^alpha): who is crowded shares (j = i counts 1). Fitness
 * must be at least 0: a crowd would *raise* a negative one. Goldberg and Richardson 1987.
 * @throws DomainError for a negative fitness or a radius that is not above 0; ShapeError if the shapes differ
 * @example sharedFitness([2, 2, 2], [[0, 0, 9], [0, 0, 9], [9, 9, 0]], { radius: 1 }) // [1, 1, 2]
 */
export function sharedFitness(
  fitness: ArrayLike<number>,
  distances: Distances,
  { radius, alpha = 1 }: { radius: number; alpha?: number },
): Float64Array {
  if (!(radius > 0 && alpha > 0)) throw new DomainError(complaint("radius, alpha", "numbers above 0", [radius, alpha]));
  if (distances.length !== fitness.length) {
    throw new ShapeError(complaint("distances", `${fitness.length} rows, one per fitness`, distances));
  }
  checkNumbers("fitness", fitness, fitness.length);
  return Float64Array.from(distances, (row, i) => {
    if (fitness[i] < 0) {
      const hint = "Divided by a crowd a negative one would grow; add a constant, or rank";
      throw new DomainError(complaint(`fitness[${i}]`, "a number of at least 0", fitness[i], hint));
    }
    checkDistances(`distances[${i}]`, row, fitness.length);
    let niche = 0;
    for (let j = 0; j < row.length; j++) niche += Math.max(0, 1 - (row[j] / radius) ** alpha);
    if (!(niche > 0)) throw new DomainError(complaint(`distances[${i}][${i}]`, "0", row[i]));
    return fitness[i] / niche;
  });
}

/**
 * Novelty of one: its mean distance to the k nearest of those already seen; Infinity if there are none. Lehman and
 * Stanley 2011.
 * @throws DomainError unless k is a whole number of at least 1
 * @example novelty([3, 1, 8], 2) // 2
 */
export function novelty(distances: ArrayLike<number>, k: number): number {
  checkCount("k", k);
  checkDistances("distances", distances, distances.length);
  if (distances.length === 0) return Number.POSITIVE_INFINITY;
  const nearest = Float64Array.from(distances).sort().subarray(0, k);
  return nearest.reduce((sum, d) => sum + d, 0) / nearest.length;
}

/** Levenshtein's distance: insertions, deletions and replacements that make one sequence the other. */
export function editDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

function checkDistances(what: string, row: ArrayLike<number>, count: number): void {
  checkNumbers(what, row, count);
  for (let j = 0; j < count; j++) {
    if (row[j] < 0) throw new DomainError(complaint(`${what}[${j}]`, "a distance of at least 0", row[j]));
  }
}
