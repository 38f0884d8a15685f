import { complaint, ShapeError } from "../core/index.js";
import { bradleyTerry } from "../preferences/index.js";
import type { Noise } from "../preferences/noise.js";
import { type Key, uniform } from "../random/index.js";

/**
 * A simulated labeler: 1 where the first answer of a pair was preferred, 0 where the second, [n], with Bradley and
 * Terry's probability of the true utilities (nats) under this noise.
 * @throws ShapeError if there are not as many second as first
 */
export function labelPairs(
  key: Key,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  noise: Noise = {},
): Uint8Array {
  const n = first.length;
  if (second.length !== n) throw new ShapeError(complaint("second", `${n} utilities, as many as first`, second));
  const luck = uniform(key, n);
  return Uint8Array.from({ length: n }, (_, k) =>
    luck[k] < bradleyTerry.probability(first[k] - second[k], noise) ? 1 : 0,
  );
}
