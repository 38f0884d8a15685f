import { checkFinite, checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, InfeasibleError } from "../core/index.js";
import { dot } from "../numerics/dot.js";

/** The subproblem of a constrained trust-region step x: max g'x subject to c + b'x <= 0 and x'Hx / 2 <= delta. */
export interface CpoProblem {
  /** Gradient of what is to grow, [n]. */
  readonly gradient: ArrayLike<number>;
  /** Gradient of the cost, [n]. */
  readonly costGradient: ArrayLike<number>;
  /** v -> H^-1 v; H positive definite, or its pseudo-inverse where both gradients lie in its range. */
  inverse(v: ArrayLike<number>): ArrayLike<number>;
  /** c: the cost now minus its limit; positive when it is too high. */
  readonly excess: number;
  /** delta, the radius: the most that x'Hx / 2 may be (a KL, in nats). */
  readonly radius: number;
}

/**
 * - inside: all of the trust region keeps the limit;
 * - slack: the plain trust-region step keeps it;
 * - active: the step lies on the line c + b'x = 0;
 * - recovery: nothing in the trust region keeps it, so the cost is lowered as fast as can be.
 */
export type CpoCase = "inside" | "slack" | "active" | "recovery";

export interface CpoStep {
  readonly case: CpoCase;
  readonly step: Float64Array;
  /** Multiplier of the trust region; 0 in recovery, which has no reward. */
  readonly lambda: number;
  /** Multiplier of the cost, at least 0; Infinity in recovery. */
  readonly nu: number;
}

/**
 * The step of constrained policy optimisation (Achiam et al. 2017, arXiv:1705.10528), in closed form and exactly. With
 * q = g'H^-1 g, r = g'H^-1 b, s = b'H^-1 b, A = q - r^2 / s, B = 2 delta - c^2 / s:
 * - B < 0, c > 0: recovery, x = -sqrt(2 delta / s) H^-1 b;
 * - the plain step sqrt(2 delta / q) H^-1 g where it keeps the limit;
 * - else lambda = sqrt(A / B), nu = (lambda c + r) / s, x = H^-1 (g - nu b) / lambda.
 * g is the gradient of the *objective*. With that of a loss r changes its sign, and a formula that mixes the two leaves
 * the half-plane (`mixedSignsCpoStep`).
 * @throws ShapeError if lengths differ; DomainError for a number that is not finite or a radius not above 0;
 *   InfeasibleError if the cost is too high and its gradient is 0
 * @example
 * const H = [[2, 0.5], [0.5, 1]];
 * const inverse = ([x, y]) => [(x - 0.5 * y) / 1.75, (2 * y - 0.5 * x) / 1.75];
 * cpoStep({ gradient: [1, 2], costGradient: [1, 1], inverse, excess: -0.1, radius: 0.02 }).step // [-0.1, 0.2]
 */
export function cpoStep(problem: CpoProblem): CpoStep {
  const { excess: c, radius } = problem;
  const { natural, recovery, q, r, s } = moments(problem);
  const B = s > 0 ? 2 * radius - (c * c) / s : Number.NEGATIVE_INFINITY;
  if (c > 0 && s === 0) {
    throw new InfeasibleError(complaint("costGradient", "a direction that lowers the cost", problem.costGradient));
  }
  if (c > 0 && B < 0) {
    const size = -Math.sqrt((2 * radius) / s);
    return { case: "recovery", step: recovery.map((x) => size * x), lambda: 0, nu: Number.POSITIVE_INFINITY };
  }
  const lambda = Math.sqrt(q / (2 * radius));
  const inside = s === 0 || (c <= 0 && B < 0);
  if (inside || c + (lambda > 0 ? r / lambda : 0) <= 0) {
    const step = natural.map((x) => (lambda > 0 ? x / lambda : 0));
    return { case: inside ? "inside" : "slack", step, lambda, nu: 0 };
  }
  // The least change that comes to the line, and the rest of the radius along it.
  const A = Math.max(q - (r * r) / s, 0);
  const along = A > 1e-14 * q ? Math.sqrt(B / A) : 0;
  const step = natural.map((x, i) => along * (x - (r / s) * recovery[i]) - (c / s) * recovery[i]);
  const price = Math.sqrt(A / B);
  return { case: "active", step, lambda: price, nu: Math.max(0, (price * c + r) / s) };
}

/**
 * The step as published in omnisafe (commit 15603dd7, read): g is the gradient of the objective, but the multiplier is
 * the one of a gradient of the loss, nu = [lambda c - r]_+ / s, and r's sign is as wrong in the bounds on lambda. With
 * c > 0 the step does not come back to the limit. To be looked at, not to be used.
 */
export function mixedSignsCpoStep(problem: CpoProblem): CpoStep {
  const { excess: c, radius } = problem;
  const { natural, recovery, q, r, s } = moments(problem);
  const B = 2 * radius - (c * c) / s;
  if (B < 0 || s === 0) return cpoStep(problem);
  const A = Math.max(q - (r * r) / s, 0);
  const bound = r / c;
  const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
  const [a, b] = [Math.sqrt(A / B), Math.sqrt(q / (2 * radius))];
  const endless = Number.POSITIVE_INFINITY;
  const [onLine, free] =
    c < 0 ? [clamp(a, 0, bound), clamp(b, bound, endless)] : [clamp(a, bound, endless), clamp(b, 0, bound)];
  const dualOnLine = (x: number) => -0.5 * (A / (x + 1e-8) + B * x) - (r * c) / s;
  const dualFree = (x: number) => -0.5 * (q / (x + 1e-8) + 2 * radius * x);
  const lambda = dualOnLine(onLine) >= dualFree(free) ? onLine : free;
  const nu = Math.max(0, lambda * c - r) / s;
  const step = natural.map((x, i) => (x - nu * recovery[i]) / (lambda + 1e-8));
  return { case: nu > 0 ? "active" : "slack", step, lambda, nu };
}

/** Where a step is measured when it is projected: by the trust region's own H, or plainly. */
export type ProjectionMetric = "kl" | "l2";

/**
 * The step of projection-based CPO (Yang et al. 2020, arXiv:2010.03152): the plain trust-region step for the reward
 * alone, then the nearest point that keeps the limit, in the metric H ("kl") or plainly ("l2"):
 *   x <- x - [(c + b'x) / s]_+ H^-1 b, and with "l2" b'b for s and b for H^-1 b.
 * Its KL may be larger than the radius.
 * @throws as `cpoStep`
 */
export function pcpoStep(problem: CpoProblem, { metric = "kl" }: { metric?: ProjectionMetric } = {}): Float64Array {
  const { excess: c, radius, costGradient } = problem;
  const { natural, recovery, q, s } = moments(problem);
  const step = natural.map((x) => (q > 0 ? x * Math.sqrt((2 * radius) / q) : 0));
  const over = c + dot(costGradient, step);
  if (over <= 0) return step;
  if (s === 0) {
    throw new InfeasibleError(complaint("costGradient", "a direction that lowers the cost", costGradient));
  }
  const direction = metric === "kl" ? recovery : Float64Array.from(costGradient);
  const size = over / (metric === "kl" ? s : dot(costGradient, costGradient));
  return step.map((x, i) => x - size * direction[i]);
}

function moments({ gradient, costGradient, inverse, excess, radius }: CpoProblem) {
  checkNumbers("gradient", gradient, gradient.length);
  checkNumbers("costGradient", costGradient, gradient.length);
  checkFinite("excess", excess);
  checkPositive("radius", radius);
  const natural = Float64Array.from(inverse(gradient));
  const recovery = Float64Array.from(inverse(costGradient));
  checkNumbers("inverse(gradient)", natural, gradient.length);
  checkNumbers("inverse(costGradient)", recovery, gradient.length);
  return {
    natural,
    recovery,
    q: dot(gradient, natural),
    r: dot(gradient, recovery),
    s: dot(costGradient, recovery),
  };
}
