import { checkCount, checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, DomainError, InfeasibleError, ShapeError } from "../core/index.js";
import { choleskyFactor, solveLower, solveUpper } from "../numerics/cholesky.js";
import { dot } from "../numerics/dot.js";
import type { CpoCase, CpoProblem, ProjectionMetric } from "./cpoStep.js";

/** `CpoProblem` with several limits: max g'x subject to c_k + b_k'x <= 0 for every k, and x'Hx / 2 <= delta. */
export interface ManyLimitsProblem extends Pick<CpoProblem, "gradient" | "inverse" | "radius"> {
  /** Gradient of each cost, [K][n]. */
  readonly costGradients: readonly ArrayLike<number>[];
  /** c_k: each cost now minus its limit, [K]. */
  readonly excesses: readonly number[];
}

export interface ManyLimitsStep {
  readonly case: Exclude<CpoCase, "inside">;
  readonly step: Float64Array;
  /** Multiplier of the trust region; 0 in recovery. */
  readonly lambda: number;
  /** Multiplier of each cost, at least 0; in recovery Infinity for those that hold the step. */
  readonly nus: number[];
}

/** All sets of limits are tried. */
const MOST_LIMITS = 10;

/**
 * The step of constrained policy optimisation (Achiam et al. 2017, arXiv:1705.10528) under several limits, exactly. On
 * a set A of limits that hold with equality, with S = B'H^-1 B, r = B'H^-1 g over A,
 *   w = S^-1 r,  mu = S^-1 c,  x = eta H^-1 (g - B w) - H^-1 B mu,  eta^2 = (2 delta - c'mu) / (q - r'w),
 * and the best x of all sets that keeps every limit is the answer; its prices are mu / eta + w. Where more limits meet
 * than are needed, several sets give that x, and the one whose prices are not negative is meant (Karush, Kuhn, Tucker).
 * If no step keeps them all: recovery, from here towards the nearest point that would, as far as the radius lets it.
 * With one limit this is `cpoStep`.
 * @throws ShapeError if lengths differ; DomainError for no limit or more than ten, a number that is not finite or a
 *   radius not above 0; InfeasibleError if no step of any length keeps all the linear limits
 * @example
 * const inverse = ([x, y]) => [x, y];
 * const costGradients = [[1, 0], [0, 1]];
 * manyLimitsCpoStep({ gradient: [2, 1], costGradients, inverse, excesses: [-0.3, -0.2], radius: 1 }).step // [0.3, 0.2]
 */
export function manyLimitsCpoStep(problem: ManyLimitsProblem): ManyLimitsStep {
  const { gradient, radius, excesses } = problem;
  const { natural, recoveries, S } = products(problem);
  const q = dot(gradient, natural);
  const r = recoveries.map((direction) => dot(gradient, direction));
  const c = [...excesses];
  const nearest = nearestPoint(c, S);
  if (nearest === undefined) throw impossible(excesses);
  const along = (point: number[]) => combination(recoveries, point);
  if (nearest.square > 2 * radius * (1 + 1e-12)) {
    const size = Math.sqrt((2 * radius) / nearest.square);
    const nus = nearest.mu.map((mu) => (mu > 0 ? Number.POSITIVE_INFINITY : 0));
    return { case: "recovery", step: along(nearest.mu).map((x) => -size * x), lambda: 0, nus };
  }
  const tie = 1e-9 * Math.sqrt(2 * radius * q);
  /** `least` is the least of the prices, if below 0. */
  let best: { gain: number; least: number; step: ManyLimitsStep } | undefined;
  for (const active of setsOf(c.length)) {
    const w = solveOn(active, S, r);
    const mu = solveOn(active, S, c);
    if (w === undefined || mu === undefined) continue;
    const left = Math.max(q - dot(r, w), 0); // of the reward's gradient, along the limits
    const B = Math.max(2 * radius - dot(c, mu), 0);
    if (2 * radius - dot(c, mu) < -1e-12 * radius) continue;
    const eta = left > 1e-12 * q ? Math.sqrt(B / left) : 0;
    // What each limit reads at x, by products alone: c_k + b_k'x.
    const reads = c.map((own, k) => own + eta * (r[k] - dot(S[k], w)) - dot(S[k], mu));
    if (reads.some((read, k) => read > 1e-8 * (Math.abs(c[k]) + Math.sqrt(2 * radius * S[k][k])))) continue;
    const gain = eta * left - dot(r, mu);
    const lambda = eta > 0 ? 1 / eta : 0;
    const prices = w.map((own, k) => lambda * mu[k] + own);
    const least = prices.reduce((a, b) => Math.min(a, b), 0);
    const isBetter = best === undefined || gain > best.gain + tie || (gain > best.gain - tie && least > best.least);
    if (!isBetter) continue;
    const held = combination(recoveries, w);
    const back = along(mu);
    best = {
      gain,
      least,
      step: {
        case: active.length === 0 ? "slack" : "active",
        step: natural.map((x, i) => eta * (x - held[i]) - back[i]),
        lambda,
        nus: prices.map((price) => Math.max(0, price)),
      },
    };
  }
  // To rounding nothing but the nearest point may be left.
  return best?.step ?? { case: "active", step: along(nearest.mu).map((x) => -x), lambda: 0, nus: c.map(() => 0) };
}

/**
 * The step of projection-based CPO (`pcpoStep`) under several limits: the plain trust-region step for the reward alone,
 * then the nearest point that keeps them all, in the metric H ("kl") or plainly ("l2").
 * @throws as `manyLimitsCpoStep`
 */
export function manyLimitsPcpoStep(
  problem: ManyLimitsProblem,
  { metric = "kl" }: { metric?: ProjectionMetric } = {},
): Float64Array {
  const { gradient, radius, excesses, costGradients } = problem;
  const { natural, recoveries, S } = products(problem);
  const q = dot(gradient, natural);
  const step = natural.map((x) => (q > 0 ? x * Math.sqrt((2 * radius) / q) : 0));
  const over = excesses.map((c, k) => c + dot(costGradients[k], step));
  const plain = costGradients.map((own) => Float64Array.from(own));
  const [directions, between] =
    metric === "kl" ? [recoveries, S] : [plain, plain.map((a) => plain.map((b) => dot(a, b)))];
  const nearest = nearestPoint(over, between);
  if (nearest === undefined) throw impossible(excesses);
  const back = combination(directions, nearest.mu);
  return step.map((x, i) => x - back[i]);
}

/**
 * The shortest y with c_k + b_k'y <= 0 for every k, as y = -sum of mu_k G^-1 b_k; `between` is b_k'G^-1 b_l and
 * `square` y'Gy. Undefined if there is none.
 */
function nearestPoint(
  c: readonly number[],
  between: readonly (readonly number[])[],
): { mu: number[]; square: number } | undefined {
  let best: { mu: number[]; square: number } | undefined;
  for (const active of setsOf(c.length)) {
    const mu = solveOn(active, between, c);
    if (mu === undefined) continue;
    const reads = c.map((own, k) => own - dot(between[k], mu));
    // To rounding, which is that of the products: a limit of 0 beside one of 1000 reads 1e-13.
    const rounding = between.map((row) => row.reduce((sum, x, l) => sum + Math.abs(x * mu[l]), 0));
    if (reads.some((read, k) => read > 1e-9 * Math.abs(c[k]) + 1e-12 * rounding[k])) continue;
    const square = Math.max(dot(c, mu), 0);
    if (best === undefined || square < best.square) best = { mu, square };
  }
  return best;
}

/** The u with S u = v on a set of limits and 0 on the others; undefined where S is singular, or nearly so. */
function solveOn(
  active: readonly number[],
  S: readonly (readonly number[])[],
  v: readonly number[],
): number[] | undefined {
  const out = v.map(() => 0);
  const own = active.flatMap((k) => active.map((l) => S[k][l]));
  const lower = choleskyFactor(own, active.length);
  if (lower === undefined || active.some((k, i) => lower[i * (active.length + 1)] ** 2 < 1e-10 * S[k][k]))
    return undefined;
  const found = solveUpper(
    lower,
    solveLower(
      lower,
      active.map((k) => v[k]),
    ),
  );
  active.forEach((k, i) => {
    out[k] = found[i];
  });
  return out;
}

/** All sets of 0 to K - 1, the empty one first. */
function setsOf(K: number): number[][] {
  return Array.from({ length: 2 ** K }, (_, code) =>
    Array.from({ length: K }, (_, k) => k).filter((k) => (code >> k) & 1),
  );
}

function combination(directions: readonly Float64Array[], weights: readonly number[]): Float64Array {
  return directions[0].map((_, i) => directions.reduce((sum, own, k) => sum + weights[k] * own[i], 0));
}

function products({ gradient, costGradients, inverse, excesses, radius }: ManyLimitsProblem) {
  const n = gradient.length;
  checkNumbers("gradient", gradient, n);
  checkCount("the number of limits", costGradients.length);
  if (costGradients.length > MOST_LIMITS) {
    throw new DomainError(complaint("costGradients", `at most ${MOST_LIMITS} limits`, costGradients.length));
  }
  if (excesses.length !== costGradients.length) {
    throw new ShapeError(complaint("excesses", `${costGradients.length} numbers, one per limit`, excesses));
  }
  checkNumbers("excesses", excesses, costGradients.length);
  checkPositive("radius", radius);
  costGradients.forEach((own, k) => {
    checkNumbers(`costGradients[${k}]`, own, n);
  });
  const natural = Float64Array.from(inverse(gradient));
  const recoveries = costGradients.map((own) => Float64Array.from(inverse(own)));
  [natural, ...recoveries].forEach((own) => {
    checkNumbers("inverse(gradient)", own, n);
  });
  return { natural, recoveries, S: costGradients.map((b) => recoveries.map((direction) => dot(b, direction))) };
}

function impossible(excesses: readonly number[]): InfeasibleError {
  return new InfeasibleError(complaint("excesses", "limits that some step keeps all at once", excesses));
}
