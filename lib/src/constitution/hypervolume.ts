import { checkNumbers } from "../core/checks.js";
import { checkScores, type Scores } from "./checkScores.js";

type Point = readonly number[];

/**
 * The hypervolume of points [n][k] above a reference point [k]: the volume of what is dominated by at least one of them
 * and above the reference, in the product of the objectives' units. Larger is better; a point that is not above the
 * reference in every objective adds nothing. (Zitzler and Thiele 1998.)
 *
 * Sweeps in two and three dimensions, O(n log n) and O(n^2); beyond that, slices along the last objective, each of one
 * dimension less.
 * @throws DomainError if there is no point or a number is not finite; ShapeError if lengths differ
 * @example hypervolume([[1, 3], [2, 2], [3, 1]], [0, 0]) // 6
 */
export function hypervolume(scores: Scores, reference: ArrayLike<number>): number {
  const k = checkScores("scores", scores);
  checkNumbers("reference", reference, k);
  const above = scores
    .map((row) => Array.from(row, (value, j) => value - reference[j]))
    .filter((point) => point.every((value) => value > 0));
  return volume(above, k);
}

/** Volume above 0 of points with positive coordinates, of which the first k count. */
function volume(points: readonly Point[], k: number): number {
  if (points.length === 0) return 0;
  if (k === 1) return points.reduce((most, point) => Math.max(most, point[0]), 0);
  if (k === 2) return area(points);
  if (k === 3) return sweep(points);
  return slices(points, k);
}

/** From the right to the left: each point that is higher than all before it adds a rectangle. */
function area(points: readonly Point[]): number {
  let [sum, height] = [0, 0];
  for (const [x, y] of [...points].sort((a, b) => b[0] - a[0])) {
    if (y <= height) continue;
    sum += x * (y - height);
    height = y;
  }
  return sum;
}

/** From the top to the bottom, with the staircase of the points so far, x falling and y rising, and its area. */
function sweep(points: readonly Point[]): number {
  const falling = [...points].sort((a, b) => b[2] - a[2]);
  let stairs: Point[] = [];
  let [sum, ground] = [0, 0];
  falling.forEach((point, i) => {
    if (!stairs.some(([x, y]) => x >= point[0] && y >= point[1])) {
      stairs = stairs.filter(([x, y]) => x > point[0] || y > point[1]);
      const at = stairs.findIndex(([x]) => x < point[0]);
      stairs.splice(at < 0 ? stairs.length : at, 0, point);
      ground = staircase(stairs);
    }
    sum += ground * (point[2] - (falling[i + 1]?.[2] ?? 0));
  });
  return sum;
}

/** Area under a staircase: x falls, y rises. */
function staircase(stairs: readonly Point[]): number {
  let [sum, height] = [0, 0];
  for (const [x, y] of stairs) {
    sum += x * (y - height);
    height = y;
  }
  return sum;
}

/** Slabs between one value of the last objective and the next: the ground is a volume of one dimension less. */
function slices(points: readonly Point[], k: number): number {
  const falling = [...points].sort((a, b) => b[k - 1] - a[k - 1]);
  let kept: Point[] = []; // the front of the grounds so far
  let sum = 0;
  falling.forEach((point, i) => {
    const covers = (a: Point, b: Point) => {
      for (let j = 0; j < k - 1; j++) if (a[j] < b[j]) return false;
      return true;
    };
    if (!kept.some((other) => covers(other, point))) kept = [...kept.filter((other) => !covers(point, other)), point];
    const height = point[k - 1] - (falling[i + 1]?.[k - 1] ?? 0);
    if (height > 0) sum += height * volume(kept, k - 1);
  });
  return sum;
}

/**
 * What each point adds, [n]: the hypervolume of all, minus that of all others. 0 for a point that another one dominates
 * or equals.
 * @throws as `hypervolume`
 * @example hypervolumeContributions([[1, 3], [2, 2], [3, 1]], [0, 0]) // [1, 1, 1]
 */
export function hypervolumeContributions(scores: Scores, reference: ArrayLike<number>): Float64Array {
  const all = hypervolume(scores, reference);
  return Float64Array.from(scores, (_, i) => {
    const others = scores.filter((_row, j) => j !== i);
    return others.length === 0 ? all : all - hypervolume(others, reference);
  });
}
