import { checkNumbers } from "../core/checks.js";
import { checkScores, type Scores } from "./checkScores.js";

/**
 * Whether a dominates b: at least as good in every objective, and better in one. Larger is better. Equal points do not
 * dominate each other.
 * @throws ShapeError if their lengths differ; DomainError if a number is not finite
 * @example dominates([2, 1], [1, 1]) // true
 */
export function dominates(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  checkNumbers("a", a, a.length);
  checkNumbers("b", b, a.length);
  return isAbove(a, b);
}

/** As `dominates`, for points that were checked. */
function isAbove(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let better = false;
  for (let j = 0; j < a.length; j++) {
    if (a[j] < b[j]) return false;
    if (a[j] > b[j]) better = true;
  }
  return better;
}

/**
 * The points that no other one dominates, by number, in ascending order; equal points stay or go together. Scores
 * [n][k], larger is better. (Pareto's optimality; Ehrgott 2005, Multicriteria Optimization, definition 2.1.)
 * @throws DomainError, ShapeError if scores are no table of finite numbers
 * @example paretoFront([[1, 1], [2, 1], [0, 3], [2, 0]]) // [1, 2]
 */
export function paretoFront(scores: Scores): number[] {
  checkScores("scores", scores);
  // Whatever dominates a point has the larger sum or ties with it, and comes first in the order of all scores.
  const order = Array.from(scores.keys()).sort((a, b) => lexicographically(scores[b], scores[a]));
  const front: number[] = [];
  for (const i of order) if (!front.some((j) => isAbove(scores[j], scores[i]))) front.push(i);
  return front.sort((a, b) => a - b);
}

/**
 * The front with equal points once, by number, the first objective rising.
 * @throws as `paretoFront`
 * @example distinctFront([[2, 1], [0, 3], [2, 1], [1, 1]]) // [1, 0]
 */
export function distinctFront(scores: Scores): number[] {
  const first = new Map<string, number>();
  for (const i of paretoFront(scores)) {
    const name = Array.from(scores[i]).join();
    if (!first.has(name)) first.set(name, i);
  }
  return [...first.values()].sort((a, b) => scores[a][0] - scores[b][0]);
}

/** Negative if a comes before b: the first objective that differs decides. */
function lexicographically(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let j = 0; j < a.length; j++) if (a[j] !== b[j]) return a[j] - b[j];
  return 0;
}

/**
 * Pareto ranks, [n]: 0 for the front, 1 for the front of what is left without it, and so on (non-dominated sorting of
 * Goldberg 1989; Deb et al. 2002, NSGA-II).
 * @throws DomainError, ShapeError as `paretoFront`
 * @example paretoRanks([[1, 1], [2, 1], [0, 3], [2, 0]]) // [1, 0, 0, 1]
 */
export function paretoRanks(scores: Scores): Int32Array {
  checkScores("scores", scores);
  const ranks = new Int32Array(scores.length);
  let left = Array.from(scores.keys());
  for (let rank = 0; left.length > 0; rank++) {
    const front = new Set(paretoFront(left.map((i) => scores[i])).map((place) => left[place]));
    for (const i of front) ranks[i] = rank;
    left = left.filter((i) => !front.has(i));
  }
  return ranks;
}
