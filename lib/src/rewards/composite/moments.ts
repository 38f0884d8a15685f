import { checkFinite } from "../../core/checks.js";

/** What is known of the numbers seen so far: plain data, so that a checkpoint can hold it. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** The sum of squared distances from the mean. */
  readonly squares: number;
}

/** Before the first number. */
export const noMoments: Moments = { count: 0, mean: 0, squares: 0 };

/**
 * The moments after more numbers, by Welford's recurrence (1962): mean += (x - mean) / n, squares += (x - old
 * mean)(x - new mean). Stable where the textbook's E[x^2] - E[x]^2 loses every digit. The old state is not changed.
 * @throws DomainError if a number is not finite
 */
export function updateMoments(moments: Moments, values: ArrayLike<number>): Moments {
  let { count, mean, squares } = moments;
  for (let i = 0; i < values.length; i++) {
    checkFinite(`values[${i}]`, values[i]);
    const from = values[i] - mean;
    count++;
    mean += from / count;
    squares += from * (values[i] - mean);
  }
  return { count, mean, squares };
}

/** The moments of two sets of numbers together (Chan, Golub and LeVeque 1979): for counts that several workers kept. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  if (count === 0) return noMoments;
  const apart = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (apart * b.count) / count,
    squares: a.squares + b.squares + (apart * apart * a.count * b.count) / count,
  };
}

/** The standard deviation over all numbers seen, divided by n (not n - 1); 0 before the second one. */
export function momentsDeviation({ count, squares }: Moments): number {
  return count === 0 ? 0 : Math.sqrt(squares / count);
}
