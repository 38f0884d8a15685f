import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** Gao's forms: "bestOfN" is R(d) = d (alpha - beta d), "rl" is R(d) = d (alpha - beta ln d), d = sqrt(KL). */
export type OveroptimisationForm = "bestOfN" | "rl";

/** A fitted form. */
export interface OveroptimisationFit {
  readonly form: OveroptimisationForm;
  readonly alpha: number;
  readonly beta: number;
  /** d at which the form is highest; Infinity if it never turns. */
  readonly peak: number;
  /** Its value there. */
  readonly height: number;
  /** 1 - squared error / squared distance from the mean. */
  readonly r2: number;
}

/**
 * Fits one of the two forms by which Gao et al. (2022, arXiv:2210.10760) describe how the gold reward rises and falls
 * as a policy is optimised for a proxy. `d` = sqrt(KL), `gains` = gold reward minus that of the reference, [K] each.
 * R(0) = 0 is imposed; the forms are linear in alpha and beta, so this is least squares in closed form. The forms are
 * empirical. "rl" has an infinite slope at 0: give it points from d = 0.2 or so on.
 * @throws ShapeError unless there are two different d or more; DomainError unless all d > 0
 * @example fitOveroptimisation([1, 2], [1.2, 1.8], "bestOfN").peak // 2.5
 */
export function fitOveroptimisation(
  d: ArrayLike<number>,
  gains: ArrayLike<number>,
  form: OveroptimisationForm,
): OveroptimisationFit {
  if (gains.length !== d.length || d.length < 2) {
    throw new ShapeError(complaint("gains", `${d.length} numbers, one per d, at least two`, gains));
  }
  // Columns x and z of R = alpha x - beta z.
  const bent = (v: number) => (form === "bestOfN" ? v * v : v * Math.log(v));
  let [xx, xz, zz, xr, zr, sum] = [0, 0, 0, 0, 0, 0];
  for (let k = 0; k < d.length; k++) {
    if (!(d[k] > 0 && Number.isFinite(d[k]))) throw new DomainError(complaint(`d[${k}]`, "sqrt(KL) above 0", d[k]));
    checkFinite(`gains[${k}]`, gains[k]);
    const [x, z, r] = [d[k], bent(d[k]), gains[k]];
    xx += x * x;
    xz += x * z;
    zz += z * z;
    xr += x * r;
    zr += z * r;
    sum += r;
  }
  const determinant = xx * zz - xz * xz;
  if (!(determinant > 1e-12 * xx * zz)) throw new ShapeError(complaint("d", "at least two different numbers", d));
  const alpha = (xr * zz - zr * xz) / determinant;
  const beta = (xr * xz - zr * xx) / determinant;
  let [missed, spread] = [0, 0];
  for (let k = 0; k < d.length; k++) {
    missed += (gains[k] - overoptimisedGain(d[k], { form, alpha, beta })) ** 2;
    spread += (gains[k] - sum / d.length) ** 2;
  }
  return { form, alpha, beta, ...overoptimisationPeak(form, alpha, beta), r2: 1 - missed / spread };
}

/** The value of a form at d = sqrt(KL) >= 0. @throws DomainError unless d >= 0 */
export function overoptimisedGain(
  d: number,
  { form, alpha, beta }: Pick<OveroptimisationFit, "form" | "alpha" | "beta">,
): number {
  if (!(d >= 0)) throw new DomainError(complaint("d", "sqrt(KL), at least 0", d));
  if (d === 0) return 0;
  return d * (alpha - beta * (form === "bestOfN" ? d : Math.log(d)));
}

/**
 * Where a form is highest, and how high: alpha / 2beta and alpha^2 / 4beta for best of n, exp(alpha/beta - 1) and beta
 * times that for RL. Infinity for both where beta <= 0: it never turns.
 * @example overoptimisationPeak("rl", 0.9, 0.3) // { peak: 7.3891, height: 2.2167 }
 */
export function overoptimisationPeak(
  form: OveroptimisationForm,
  alpha: number,
  beta: number,
): { peak: number; height: number } {
  if (!(beta > 0)) return { peak: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY };
  if (form === "bestOfN") return { peak: alpha / (2 * beta), height: alpha ** 2 / (4 * beta) };
  const peak = Math.exp(alpha / beta - 1);
  return { peak, height: beta * peak };
}
