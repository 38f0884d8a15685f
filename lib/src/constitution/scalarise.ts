import { checkNonNegative, checkNumbers } from "../core/checks.js";
import { complaint, DomainError, InfeasibleError } from "../core/index.js";
import { checkScores, checkWeights, type Scores } from "./checkScores.js";

// Four ways to choose from a table of scores [n][k], larger is better. Each returns the numbers of all points that are
// best, in ascending order: more than one where points tie to within rounding.

/**
 * The points with the largest weighted sum, sum_j w_j F_ij. Reaches what lies on the convex hull, and no other points.
 * @throws ShapeError, DomainError if scores are no table, or weights are not k numbers of at least 0, one above it
 * @example weightedSumChoice([[0, 2], [0.9, 0.9], [2, 0]], [1, 1]) // [0, 2]
 */
export function weightedSumChoice(scores: Scores, weights: ArrayLike<number>): number[] {
  checkWeights(weights, checkScores("scores", scores));
  return largest(scores.map((row) => Array.from(row).reduce((sum, value, j) => sum + weights[j] * value, 0)));
}

/**
 * Chebyshev's way: the points whose largest weighted shortfall from an ideal point z is smallest,
 * max_j w_j (z_j - F_ij) - small sum_j F_ij. The small sum (the "augmentation") keeps out points that are only weakly
 * as good. With all weights positive every point of the front is reached by some weights. (Steuer and Choo 1983.)
 * `ideal` is the best of each objective unless given.
 * @throws as `weightedSumChoice`; DomainError unless small >= 0
 * @example chebyshevChoice([[0, 2], [0.9, 0.9], [2, 0]], [1, 1]) // [1]
 */
export function chebyshevChoice(
  scores: Scores,
  weights: ArrayLike<number>,
  { ideal, small = 1e-6 }: { ideal?: ArrayLike<number>; small?: number } = {},
): number[] {
  const k = checkScores("scores", scores);
  checkWeights(weights, k);
  checkNonNegative("small", small);
  const best =
    ideal ?? Array.from({ length: k }, (_, j) => scores.reduce((most, row) => Math.max(most, row[j]), scores[0][j]));
  checkNumbers("ideal", best, k);
  return largest(
    scores.map((row) => {
      const values = Array.from(row);
      const shortfall = values.reduce(
        (most, value, j) => Math.max(most, weights[j] * (best[j] - value)),
        Number.NEGATIVE_INFINITY,
      );
      return small * values.reduce((sum, value) => sum + value, 0) - shortfall;
    }),
  );
}

/**
 * The epsilon-constraint: the points that are best in one objective among those that reach a floor in the others.
 * Floors [k]; that of the objective itself is not asked, -Infinity asks for nothing. (Haimes et al. 1971.)
 * @throws ShapeError, DomainError for a table, an objective or floors that cannot be read; InfeasibleError if no point
 *   reaches the floors
 * @example epsilonConstraintChoice([[0, 2], [0.9, 0.9], [2, 0]], 0, [0, 0.5]) // [1]
 */
export function epsilonConstraintChoice(scores: Scores, objective: number, floors: ArrayLike<number>): number[] {
  const k = checkScores("scores", scores);
  if (!(Number.isInteger(objective) && objective >= 0 && objective < k)) {
    throw new DomainError(complaint("objective", `a number from 0 to ${k - 1}`, objective));
  }
  const asked = Array.from(floors, (floor, j) => (j === objective || floor === Number.NEGATIVE_INFINITY ? 0 : floor));
  checkNumbers("floors", asked, k);
  const reaches = (row: ArrayLike<number>) =>
    Array.from(row).every((value, j) => j === objective || value >= floors[j]);
  const values = scores.map((row) => (reaches(row) ? row[objective] : Number.NEGATIVE_INFINITY));
  if (values.every((value) => value === Number.NEGATIVE_INFINITY)) {
    throw new InfeasibleError(complaint("floors", "values that one point reaches", floors));
  }
  return largest(values);
}

/**
 * The lexicographic choice: best in the first objective; among those, best in the second; and so on. The limit of
 * weighted sums with weights 1, e, e^2, ... as e falls to 0. `order` is 0, 1, ..., k - 1 unless given.
 * @throws ShapeError, DomainError if scores are no table, or order names no objective or one twice
 * @example lexicographicChoice([[1, 0], [1, 2], [0, 9]]) // [1]
 */
export function lexicographicChoice(scores: Scores, order?: readonly number[]): number[] {
  const k = checkScores("scores", scores);
  const priorities = order ?? Array.from({ length: k }, (_, j) => j);
  for (const j of priorities) {
    if (!(Number.isInteger(j) && j >= 0 && j < k)) {
      throw new DomainError(complaint("order", `objectives from 0 to ${k - 1}`, priorities));
    }
  }
  if (new Set(priorities).size < priorities.length) throw new DomainError(complaint("order", "each once", priorities));
  return priorities.reduce<number[]>(
    (left, j) => largest(left.map((i) => scores[i][j])).map((place) => left[place]),
    Array.from(scores.keys()),
  );
}

/** Places of the largest value, up to a few units of rounding. */
function largest(values: readonly number[]): number[] {
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const close = 1e-12 * Math.max(1, Math.abs(most));
  return values.flatMap((value, i) => (value >= most - close ? [i] : []));
}
