import { checkNumbers } from "../core/checks.js";
import { checkScores, type Scores } from "./checkScores.js";

type Point = readonly number[];

/**
 * The hypervolume of points [n][k] above a reference point [k]: the volume of what is dominated by at least one of them
 * and above the reference, in the product of the objectives' units. Larger is better; a point that is not above the
 * reference in every objective adds nothing. (Zitzler and Thiele 1998.)
 *
 * Sweeps in two and three dimensions, which sort the points and walk along a staircase; beyond that, slices along the
 * last objective, each of one dimension less.
 * @throws DomainError if there is no point or a number is not finite; ShapeError if lengths differ
 * @example hypervolume([[1, 3], [2, 2], [3, 1]], [0, 0]) // 6
 */
export function hypervolume(scores: Scores, reference: ArrayLike<number>): number {
  const k = checkScores("scores", scores);
  checkNumbers("reference", reference, k);
  const above: Point[] = [];
  for (let i = 0; i < scores.length; i++) {
    const point = heightsAbove(reference, scores[i]);
    if (point !== undefined) above.push(point);
  }
  return volume(above, k);
}

/** A row minus the reference; undefined unless it is above it in every objective. */
function heightsAbove(reference: ArrayLike<number>, row: ArrayLike<number>): Point | undefined {
  const point = new Array<number>(row.length);
  for (let j = 0; j < row.length; j++) {
    const height = row[j] - reference[j];
    if (!(height > 0)) return undefined;
    point[j] = height;
  }
  return point;
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

/**
 * From the top to the bottom, with the staircase of the points so far: of those that no other covers, x rising and y
 * falling. A point changes the area below it by the steps that it stands over, which are next to each other.
 */
function sweep(points: readonly Point[]): number {
  const order = fallingOrder(points, 2);
  const xs = new Float64Array(points.length + 1);
  const ys = new Float64Array(points.length + 1); // behind the last step there is none, of height 0
  let [count, area, sum] = [0, 0, 0];
  for (let i = 0; i < order.length; i++) {
    const point = points[order[i]];
    const [x, y] = [point[0], point[1]];
    const end = firstAtLeast(xs, count, x);
    if (end === count || ys[end] < y) {
      let start = end;
      while (start > 0 && ys[start - 1] <= y) start--;
      let left = start > 0 ? xs[start - 1] : 0;
      for (let step = start; step < end; step++) {
        area += (xs[step] - left) * (y - ys[step]);
        left = xs[step];
      }
      area += (x - left) * (y - ys[end]);
      // The steps from start to end give way to one.
      replace(xs, count, start, end, x);
      replace(ys, count, start, end, y);
      count += start + 1 - end;
      ys[count] = 0;
    }
    sum += area * (point[2] - (i + 1 < order.length ? points[order[i + 1]][2] : 0));
  }
  return sum;
}

/** One value in the place of those from start to end, of the first count. (For so few, quicker than copyWithin.) */
function replace(values: Float64Array, count: number, start: number, end: number, value: number): void {
  const shift = start + 1 - end;
  if (shift > 0) for (let i = count - 1; i >= end; i--) values[i + shift] = values[i];
  else if (shift < 0) for (let i = end; i < count; i++) values[i + shift] = values[i];
  values[start] = value;
}

/** The numbers of the points, the one with the largest coordinate j first, by merging runs of 1, 2, 4, ... of them. */
function fallingOrder(points: readonly Point[], j: number): Uint32Array {
  const n = points.length;
  const values = new Float64Array(n);
  let from = new Uint32Array(n);
  let to = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    values[i] = points[i][j];
    from[i] = i;
  }
  for (let run = 1; run < n; run *= 2) {
    for (let start = 0; start < n; start += 2 * run) {
      const middle = Math.min(start + run, n);
      const end = Math.min(middle + run, n);
      let [a, b] = [start, middle];
      for (let k = start; k < end; k++) {
        to[k] = a < middle && (b >= end || values[from[a]] >= values[from[b]]) ? from[a++] : from[b++];
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** The first of count rising numbers that is at least x; count where none is. */
function firstAtLeast(rising: Float64Array, count: number, x: number): number {
  let [from, to] = [0, count];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (rising[middle] < x) from = middle + 1;
    else to = middle;
  }
  return from;
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
