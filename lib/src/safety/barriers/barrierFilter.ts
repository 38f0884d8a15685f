import { checkFinite, checkLength, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";

/** A control barrier function at one state: h >= 0 is safe, and h' = drift + gain.u. */
export interface BarrierAt {
  /** h(x). */
  h: number;
  /** L_f h, what h does by itself. */
  drift: number;
  /** L_g h, what each input does to it, [inputs]. */
  gain: ArrayLike<number>;
}

export interface FilteredInput {
  /** The input nearest to the wish that keeps the condition; if none does, the one that comes nearest to keeping it. */
  u: Float64Array;
  /** Whether the wish had to be changed. */
  corrected: boolean;
  /** Whether any allowed input keeps the condition. If not, h >= 0 is no longer promised. */
  feasible: boolean;
}

/**
 * The safety filter of a control barrier function (Ames et al. 2017, arXiv:1609.06408): the u nearest to the wish u0
 * with h' >= -kappa h, that is drift + gain.u >= -kappa h. Without limits in closed form,
 *   u = u0 + max(0, -kappa h - drift - gain.u0) gain / |gain|^2;
 * with limits per input the projection on a box and a half-space (one multiplier, by bisection).
 * @throws DomainError if kappa is negative, a number is not finite, or the limits leave nothing
 * @example barrierFilter([1], { h: 0.5, drift: 0, gain: [-1] }, { kappa: 1 }).u // [0.5]
 */
export function barrierFilter(
  wish: ArrayLike<number>,
  { h, drift, gain }: BarrierAt,
  { kappa, lower, upper }: { kappa: number; lower?: ArrayLike<number>; upper?: ArrayLike<number> },
): FilteredInput {
  checkNonNegative("kappa", kappa);
  checkFinite("h", h);
  checkFinite("drift", drift);
  checkLength("gain", gain, wish.length, "one per input");
  for (let i = 0; i < wish.length; i++) {
    checkFinite(`wish[${i}]`, wish[i]);
    checkFinite(`gain[${i}]`, gain[i]);
    if ((lower?.[i] ?? Number.NEGATIVE_INFINITY) > (upper?.[i] ?? Number.POSITIVE_INFINITY))
      throw new DomainError(complaint(`lower[${i}]`, `at most upper[${i}]`, lower?.[i]));
  }
  const boxed = (along: number) =>
    Float64Array.from(wish, (x, i) =>
      Math.min(
        upper?.[i] ?? Number.POSITIVE_INFINITY,
        Math.max(lower?.[i] ?? Number.NEGATIVE_INFINITY, x + along * gain[i]),
      ),
    );
  const lacks = (u: Float64Array) => -kappa * h - drift - dot(gain, u);
  const first = boxed(0);
  const moved = first.some((x, i) => x !== wish[i]);
  if (lacks(first) <= 0) return { u: first, corrected: moved, feasible: true };
  const power = dot(gain, gain);
  if (power === 0) return { u: first, corrected: moved, feasible: false };
  const plain = boxed(lacks(first) / power);
  if (lacks(plain) <= 1e-12 * (1 + Math.abs(drift) + kappa * Math.abs(h)) && !moved)
    return { u: plain, corrected: true, feasible: true };
  return bisect(boxed, lacks, 1 / power);
}

/** The least multiplier with which the condition holds, by doubling and bisection; the box's corner if none does. */
function bisect(
  boxed: (along: number) => Float64Array,
  lacks: (u: Float64Array) => number,
  unit: number,
): FilteredInput {
  let high = unit * Math.max(lacks(boxed(0)), 1e-300);
  let low = 0;
  for (let doublings = 0; lacks(boxed(high)) > 0; doublings++) {
    if (doublings === 200) return { u: boxed(high), corrected: true, feasible: false };
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (lacks(boxed(middle)) > 0) low = middle;
    else high = middle;
  }
  return { u: boxed(high), corrected: true, feasible: true };
}
