import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import type { FilteredInput } from "./barrierFilter.js";

/**
 * The safety filter in discrete time (Agrawal and Sreenath 2017): the input nearest to the wish with
 *   h(x_next) >= (1 - kappa) h(x),   0 < kappa <= 1.
 * `after(u)` is h at the next state, concave in u (so that what is allowed is an interval); u lies within
 * [lower, upper]. The promise holds from sample to sample, however long a step is.
 * @throws DomainError unless 0 < kappa <= 1 and lower <= upper, both finite
 * @example discreteBarrierFilter(1, { h: 0.5, after: (u) => 0.5 - u }, { kappa: 0.5, lower: -1, upper: 1 }).u // [0.25]
 */
export function discreteBarrierFilter(
  wish: number,
  { h, after }: { h: number; after: (u: number) => number },
  { kappa, lower, upper }: { kappa: number; lower: number; upper: number },
): FilteredInput {
  if (!(kappa > 0 && kappa <= 1)) throw new DomainError(complaint("kappa", "a number in (0, 1]", kappa));
  for (const [name, x] of Object.entries({ wish, h, lower, upper })) checkFinite(name, x);
  if (lower > upper) throw new DomainError(complaint("lower", `at most upper, ${upper}`, lower));
  const needed = (1 - kappa) * h;
  const first = Math.min(upper, Math.max(lower, wish));
  if (after(first) >= needed) return { u: Float64Array.of(first), corrected: first !== wish, feasible: true };
  const best = argmax(after, lower, upper);
  if (after(best) < needed) return { u: Float64Array.of(best), corrected: true, feasible: false };
  // From the wish towards the best input, the first one that is allowed.
  let [bad, good] = [first, best];
  for (let i = 0; i < 100; i++) {
    const middle = (bad + good) / 2;
    if (after(middle) >= needed) good = middle;
    else bad = middle;
  }
  return { u: Float64Array.of(good), corrected: true, feasible: true };
}

/** Where a concave function of one variable is greatest: golden section, and the ends. */
function argmax(f: (u: number) => number, lower: number, upper: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [lower, upper];
  for (let i = 0; i < 120; i++) {
    const [c, d] = [b - ratio * (b - a), a + ratio * (b - a)];
    if (f(c) >= f(d)) b = d;
    else a = c;
  }
  return [lower, upper, (a + b) / 2].reduce((x, y) => (f(y) > f(x) ? y : x));
}
