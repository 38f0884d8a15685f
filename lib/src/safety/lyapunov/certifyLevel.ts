import { checkCount, checkNonNegative, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { bilinear, type Rows } from "./discreteLyapunov.js";
import { type Cell, gradientBound, type Pendulum, valueChange } from "./pendulum.js";

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
 * the steps, so the set is never left and everything in it comes to the origin; of this model, to rounding.
 * @throws DomainError unless P is positive definite, cells a whole number and the box positive
 */
export function certifyLevel(
  world: Pendulum,
  P: Rows,
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
  const det = P[0][0] * P[1][1] - P[0][1] * P[1][0];
  if (!(P[0][0] > 0 && det > 0)) throw new DomainError(complaint("P", "a positive definite matrix", P));
  const half: [number, number] = [box[0] / cells, box[1] / cells];
  const whole = bound === "box" ? gradientBound(world, P, { centre: [0, 0], half: box }) : undefined;
  // {V <= c} touches the side theta = box at c = box^2 det / P11, and omega = box at box^2 det / P00.
  let level = Math.min((box[0] ** 2 * det) / P[1][1], (box[1] ** 2 * det) / P[0][0]);
  let unproved = 0;
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      const cell: Cell = { centre: [(2 * i + 1) * half[0] - box[0], (2 * j + 1) * half[1] - box[1]], half };
      if (greatestIn(P, cell) <= inner) continue;
      const lowest = leastIn(P, cell);
      if (lowest >= level) continue;
      const change = valueChange(world, P, cell.centre);
      const slopes = whole ?? gradientBound(world, P, cell);
      if (change + slopes[0] * half[0] + slopes[1] * half[1] < 0) continue;
      level = lowest;
      if (change < 0) unproved++;
    }
  }
  level = Math.max(level, inner);
  return { level, area: (Math.PI * level) / Math.sqrt(det), unproved };
}

/** max of x'Px over a cell: convex, so at a corner. */
function greatestIn(P: Rows, { centre, half }: Cell): number {
  const corner = (a: number, b: number) => {
    const x = [centre[0] + a * half[0], centre[1] + b * half[1]];
    return bilinear(P, x, x);
  };
  return Math.max(corner(-1, -1), corner(-1, 1), corner(1, -1), corner(1, 1));
}

/** min of x'Px over a cell: 0 if it holds the origin, else on one of its sides. */
function leastIn(P: Rows, { centre, half }: Cell): number {
  const low = [centre[0] - half[0], centre[1] - half[1]];
  const high = [centre[0] + half[0], centre[1] + half[1]];
  if (low[0] <= 0 && high[0] >= 0 && low[1] <= 0 && high[1] >= 0) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (const side of [0, 1]) {
    const other = 1 - side;
    for (const at of [low[side], high[side]]) {
      const best = Math.min(high[other], Math.max(low[other], (-P[0][1] * at) / P[other][other]));
      const x = side === 0 ? [at, best] : [best, at];
      least = Math.min(least, bilinear(P, x, x));
    }
  }
  return least;
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
