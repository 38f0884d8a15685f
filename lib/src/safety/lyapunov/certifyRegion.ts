import { checkCount, checkNonNegative, checkPositive } from "../../core/checks.js";
import { type Interval, minus, plus, product } from "../../numerics/interval.js";
import type { Rows } from "./discreteLyapunov.js";
import {
  aboutMiddle,
  bilinearOver,
  ellipseMatrix,
  gridOf,
  imageOf,
  type Pendulum,
  type PendulumState,
  type Rectangle,
  slopeOfChange,
} from "./pendulum.js";
import { type Polynomial, polynomialBounds } from "./polynomial.js";

export interface CertifiedRegion {
  /**
   * The greatest c found for which all of {V < c} within the box is proved to come home; Infinity if all the box is.
   */
  level: number;
  /**
   * The area of the cells of which every point is in the region, in rad^2/s: less than all, by a cell at the border.
   */
  area: number;
  cells: Rectangle[];
  /**
   * The cell that no c may pass, if any. `refuted`: its centre is a counterexample, since V surely does not fall there;
   * else finer cells might still prove it.
   */
  stopped?: { at: PendulumState; refuted: boolean };
}

/**
 * Certifies that the pendulum comes home from everywhere in {x in the box: V(x) < c}, for any polynomial V, where home
 * is an ellipse {x'Px <= level} that is known to be safe (`linearLevel`): V need be neither convex nor positive. By
 * intervals, rounded outwards, a cell is proved if it lies in home, or has no point with V < c, or if all over it
 *   V(step x) - V(x) < 0,   and step x lies in the box;
 * a cell that is not proved is cut into four, `depth` times. Outside home V then falls by a fixed amount with every
 * step (the region is bounded) and the state stays in the region, so that it must come home. Of this model, in exact
 * arithmetic with these float64 numbers, as `certifyLevel`.
 * @throws ShapeError, DomainError for a polynomial, a box or a home that cannot be
 */
export function certifyRegion(
  world: Pendulum,
  V: Polynomial,
  {
    box,
    home,
    cells = 25,
    depth = 4,
  }: { box: readonly [number, number]; home: { P: Rows; level: number }; cells?: number; depth?: number },
): CertifiedRegion {
  checkCount("cells", cells);
  checkCount("depth", depth, 0);
  checkNonNegative("home.level", home.level);
  const homeMatrix = ellipseMatrix("home.P", home.P);
  box.forEach((side, i) => {
    checkPositive(`box[${i}]`, side);
  });
  const { value, slopes } = polynomialBounds(V);
  let level = Number.POSITIVE_INFINITY;
  let stopped: CertifiedRegion["stopped"];
  const atHome: Rectangle[] = [];
  /** Cells of which all that has V < level is in the region, and how often they may still be cut. */
  const proved: { x: Rectangle; left: number }[] = [];
  const look = (x: Rectangle, left: number): void => {
    if (bilinearOver(homeMatrix, x, x)[1] <= home.level) {
      atHome.push(x);
      return;
    }
    const { middle, around } = aboutMiddle(x);
    const here = slopes(x);
    const V0 = value(middle);
    const own = over(V0, here, around);
    if (own[0] >= level) return;
    const change = minus(value(world.stepOver(middle)), V0);
    const growth = over(change, slopeOfChange(world, x, slopes, here), around);
    const image = imageOf(world, x, world.jacobian(x));
    if (growth[1] < 0 && image.every(([low, high], i) => low >= -box[i] && high <= box[i])) {
      proved.push({ x, left });
    } else if (left > 0) {
      for (const quarter of quarters(x)) look(quarter, left - 1);
    } else {
      level = own[0];
      stopped = { at: [middle[0][0], middle[1][0]], refuted: change[0] >= 0 };
    }
  };
  // Low V first: what stops it is met soon, and what lies above needs no proof.
  const order = gridOf(box, cells)
    .map((x) => ({ x, V: value(aboutMiddle(x).middle)[0] }))
    .sort((p, q) => p.V - q.V);
  for (const { x } of order) look(x, depth);
  /** The parts of a proved cell that lie in {V < level} as a whole. */
  const below = (x: Rectangle, left: number): Rectangle[] => {
    const { middle, around } = aboutMiddle(x);
    const [low, high] = over(value(middle), slopes(x), around);
    if (high < level) return [x];
    return left === 0 || low >= level ? [] : quarters(x).flatMap((quarter) => below(quarter, left - 1));
  };
  const safe = [...atHome, ...proved.flatMap(({ x, left }) => below(x, left))];
  const area = safe.reduce((sum, [a, b]) => sum + (a[1] - a[0]) * (b[1] - b[0]), 0);
  return { level, area, cells: safe, stopped };
}

/** A function over a rectangle by the mean value: what it is in the middle, and its slopes over all of it. */
function over(middle: Interval, slopes: readonly Interval[], around: Rectangle): Interval {
  return plus(middle, plus(product(slopes[0], around[0]), product(slopes[1], around[1])));
}

/** A rectangle cut in four. */
function quarters([theta, omega]: Rectangle): Rectangle[] {
  const halves = ([low, high]: Interval): Interval[] => {
    const middle = (low + high) / 2;
    return [
      [low, middle],
      [middle, high],
    ];
  };
  return halves(theta).flatMap((a) => halves(omega).map((b): Rectangle => [a, b]));
}
