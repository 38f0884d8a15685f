import { complaint, DomainError } from "../core/index.js";
import type { Key } from "./key.js";
import { uniform } from "./uniform.js";

/**
 * n draws from softmax(logits), indices [n]. `logits` [V] are log-probabilities up to a constant, in nats; -Infinity
 * means never. By inverting the cumulative distribution, one uniform a draw.
 * @throws DomainError if logits is empty, contains NaN or +Infinity, or is -Infinity throughout
 * @example categorical(key(1), [0.25, 0.75].map(Math.log), 8) // [0, 1, 1, 1, 0, 1, 1, 0]
 */
export function categorical(key: Key, logits: ArrayLike<number>, n = 1): Int32Array {
  let most = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < logits.length; v++) most = Math.max(most, logits[v]);
  const cumulative = new Float64Array(logits.length);
  let total = 0;
  let last = -1;
  for (let v = 0; v < logits.length; v++) {
    const weight = Math.exp(logits[v] - most);
    if (weight > 0) last = v;
    total += weight;
    cumulative[v] = total;
  }
  if (!Number.isFinite(total) || !(total > 0)) {
    throw new DomainError(
      complaint("logits", "finite numbers (or some -Infinity), at least one of them finite", logits),
    );
  }
  return Int32Array.from(uniform(key, n), (u) => {
    const target = u * total;
    // The first v whose cumulative weight exceeds the target; an impossible v has the weight of its
    // predecessor and is skipped.
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}
