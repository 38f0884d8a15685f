import { checkCount, checkNonNegative, checkPositive } from "../../core/checks.js";
import { type Interval, magnitude, minus, plus, point, product, quotient, times } from "../../numerics/interval.js";
import { bilinear, type Rows } from "./discreteLyapunov.js";
import {
  aboutMiddle,
  bilinearOver,
  ellipseMatrix,
  gridOf,
  type Pendulum,
  type Rectangle,
  steepestChange,
  valueChange,
} from "./pendulum.js";

export interface CertifiedLevel {
  /** The greatest c for which it is proved that V falls everywhere in {V <= c}, but at the origin. */
  level: number;
  /** The area of {V <= level}, pi level / sqrt(det P), in rad^2/s. */
  area: number;
  /** Cells whose centre says that V falls, and that no bound proves: where a finer grid would help. */
  unproved: number;
}

/**
 * How much V may grow inside a cell above its centre: by the gradient's bound over the cell itself, or by one bound
 * over the whole box (a global Lipschitz constant).
 */
export type CellBound = "cell" | "box";

/**
 * Certifies a level set of V = x'Px for the pendulum on a grid of cells x cells over |theta| <= box[0],
 * |omega| <= box[1] (Berkenkamp et al. 2017, arXiv:1705.08551): a cell is proved if
 *   dV(centre) + sum_i (bound on |d dV / d x_i|) half_i < 0,
 * and c is certified if all cells that {V <= c} meets are proved, and it lies inside the box. Near the origin dV
 * vanishes faster than any cell's bound, so {V <= inner} must be proved otherwise (`linearLevel`). V falls along
 * the steps, so the set is never left and everything in it comes to the origin; of this model. Rounding is counted: all
 * bounds are rounded outwards, so that what is certified holds of the pendulum in exact arithmetic with these float64
 * numbers in its equations, and sin and cos as `numerics/interval.ts` takes them.
 * @throws ShapeError unless P is 2 x 2; DomainError unless P is positive definite, cells a whole number and the box
 *   positive
 */
export function certifyLevel(
  world: Pendulum,
  form: Rows,
  {
    box,
    cells,
    bound = "cell",
    inner = 0,
  }: { box: readonly [number, number]; cells: number; bound?: CellBound; inner?: number },
): CertifiedLevel {
  checkCount("cells", cells);
  checkNonNegative("inner", inner);
  box.forEach((side, i) => {
    checkPositive(`box[${i}]`, side);
  });
  const P = ellipseMatrix("P", form);
  const det = P[0][0] * P[1][1] - P[0][1] * P[1][0];
  const whole =
    bound === "box"
      ? steepestChange(world, P, [
          [-box[0], box[0]],
          [-box[1], box[1]],
        ])
      : undefined;
  // {V <= c} touches the side theta = box at c = box^2 det / P11, and omega = box at box^2 det / P00.
  const exactDet = determinant(P);
  const touched = box.map(
    (side, i) => quotient(product(times(side, point(side)), exactDet), point(P[1 - i][1 - i]))[0],
  );
  let level = Math.min(touched[0], touched[1]);
  let unproved = 0;
  for (const x of gridOf(box, cells)) {
    const lowest = leastIn(P, x);
    if (lowest >= level) continue;
    if (lowest <= inner && greatestIn(P, x) <= inner) continue;
    const { middle, around } = aboutMiddle(x);
    const next = world.stepOver(middle);
    const change = minus(bilinearOver(P, next, next), bilinearOver(P, middle, middle));
    const slopes = whole ?? steepestChange(world, P, x);
    const growth = plus(times(slopes[0], around[0]), times(slopes[1], around[1]));
    if (plus(change, [-magnitude(growth), magnitude(growth)])[1] < 0) continue;
    level = lowest;
    if (change[1] < 0) unproved++;
  }
  level = Math.max(level, inner);
  return { level, area: (Math.PI * level) / Math.sqrt(det), unproved };
}

function determinant(P: Rows): Interval {
  return minus(times(P[0][0], point(P[1][1])), times(P[0][1], point(P[1][0])));
}

/** max of x'Px over a cell, rounded up: convex, so at a corner. */
function greatestIn(P: Rows, [theta, omega]: Rectangle): number {
  const corner = (i: 0 | 1, j: 0 | 1) => {
    const x = [point(theta[i]), point(omega[j])];
    return bilinearOver(P, x, x)[1];
  };
  return Math.max(corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1));
}

/** min of x'Px over a cell, rounded down: 0 if it holds the origin, else on a side that faces the origin. */
function leastIn(P: Rows, sides: Rectangle): number {
  let least = Number.POSITIVE_INFINITY;
  for (const side of [0, 1]) {
    const [low, high] = sides[side];
    if (low <= 0 && high >= 0) continue;
    const other = 1 - side;
    const at = low > 0 ? low : high;
    const best = (-P[0][1] * at) / P[other][other];
    const inside = Math.min(sides[other][1], Math.max(sides[other][0], best));
    if (inside === best) {
      // Of all the line: det / P_other at^2. `best` is rounded, and this is not.
      least = Math.min(least, quotient(times(at, times(at, determinant(P))), point(P[other][other]))[0]);
    } else {
      const x = side === 0 ? [point(at), point(inside)] : [point(inside), point(at)];
      least = Math.min(least, bilinearOver(P, x, x)[0]);
    }
  }
  return Number.isFinite(least) ? least : 0;
}

/**
 * The greatest c such that V falls at all points of a fine grid in {V <= c}: what no proof with this V can exceed.
 * Points where V is at most `inner` are left out.
 * @throws DomainError unless `points` is a whole number
 */
export function fallingLevel(
  world: Pendulum,
  P: Rows,
  { box, points, inner = 0 }: { box: readonly [number, number]; points: number; inner?: number },
): number {
  checkCount("points", points, 2);
  let level = Number.POSITIVE_INFINITY;
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < points; j++) {
      const x = [box[0] * ((2 * i) / (points - 1) - 1), box[1] * ((2 * j) / (points - 1) - 1)] as const;
      const V = bilinear(P, x, x);
      const edge = i === 0 || j === 0 || i === points - 1 || j === points - 1;
      if (V > inner && V < level && (edge || valueChange(world, P, x) >= 0)) level = V;
    }
  }
  return level;
}
