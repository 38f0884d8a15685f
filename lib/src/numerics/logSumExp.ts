/**
 * log(sum_i exp(z_i)), shifted by the largest so that nothing overflows; -Infinity for an empty list.
 * @example logSumExp([1000, 1000]) // 1000.6931
 */
export function logSumExp(z: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < z.length; i++) {
    if (Number.isNaN(z[i])) return Number.NaN;
    if (z[i] > largest) largest = z[i];
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < z.length; i++) sum += Math.exp(z[i] - largest);
  return largest + Math.log(sum);
}

/** z_i - logSumExp(z): the log-probabilities of a categorical distribution with logits z, in nats. */
export function logSoftmax(z: ArrayLike<number>): number[] {
  const total = logSumExp(z);
  return Array.from(z, (value) => value - total);
}

/**
 * exp(z_i) / sum_j exp(z_j).
 * @example softmax([0, Math.log(3)]) // [0.25, 0.75]
 */
export function softmax(z: ArrayLike<number>): number[] {
  return logSoftmax(z).map(Math.exp);
}
