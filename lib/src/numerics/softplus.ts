/** log(1 + exp(z)), never overflowing: z itself for large z, exp(z) for very negative z. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
