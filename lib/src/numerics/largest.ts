/** The largest entry in size, 0 for none; NaN if there is one. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) return Number.NaN;
    most = Math.max(most, Math.abs(values[i]));
  }
  return most;
}
