import { checkPositive } from "../core/checks.js";

/** Where a world begins to count backwards, and how close is close enough. */
export interface IterationOptions {
  /** Stop when no value is further than this from its limit, relative to the largest; 1e-10 by default. */
  tolerance?: number;
}

/**
 * V <- backup(V) from V = 0 until it stands still, [states]. `backup` writes the next values; it must take distances to
 * at most `discount` of them, so that the last step bounds what is missing. It may not keep the arrays. `moved` is the
 * furthest that the step before moved any value, 0 at first; `paid` is the greatest reward, by its size.
 */
export function iterateValues(
  states: number,
  discount: number,
  backup: (value: Float64Array, next: Float64Array, moved: number) => void,
  { tolerance = 1e-10, paid = 0 }: IterationOptions & { paid?: number } = {},
): { value: Float64Array; sweeps: number } {
  checkPositive("tolerance", tolerance);
  let value = new Float64Array(states);
  let next = new Float64Array(states);
  let moved = 0;
  for (let sweeps = 1; ; sweeps++) {
    backup(value, next, moved);
    let size = 0;
    moved = 0;
    for (let s = 0; s < states; s++) {
      moved = Math.max(moved, Math.abs(next[s] - value[s]));
      size = Math.max(size, Math.abs(next[s]));
    }
    [value, next] = [next, value];
    // What is missing is at most gamma / (1 - gamma) of the last step. Rounding is a few units of the last digit of
    // values and of rewards: where those cancel, to a value of 0, it is not small beside the values.
    if ((moved * discount) / (1 - discount) <= tolerance * size || moved <= 8 * Number.EPSILON * (size + paid))
      return { value, sweeps };
  }
}
