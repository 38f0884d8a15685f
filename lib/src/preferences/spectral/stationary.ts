/**
 * The stationary distribution of a Markov chain in continuous time, [n], sum 1, from its rates [n * n], row by row:
 * rate [i * n + j] is how often it goes from i to j, i != j; the diagonal is not looked at. By state reduction: states
 * are taken out one at a time, and their traffic is led past them. No subtraction occurs, so that even tiny shares keep
 * all their digits (Grassmann, Taksar and Heyman 1985, Operations Research 33). O(n^3); `rates` is used up as work
 * space. The chain must be able to go from every state to every other.
 */
export function stationaryDistribution(rates: Float64Array, n: number): Float64Array {
  for (let out = n - 1; out > 0; out--) {
    let leaving = 0;
    for (let j = 0; j < out; j++) leaving += rates[out * n + j];
    for (let i = 0; i < out; i++) {
      const share = rates[i * n + out] / leaving;
      rates[i * n + out] = share;
      if (share === 0) continue;
      for (let j = 0; j < out; j++) rates[i * n + j] += share * rates[out * n + j];
    }
  }
  const distribution = new Float64Array(n);
  distribution[0] = 1;
  let total = 1;
  for (let state = 1; state < n; state++) {
    for (let i = 0; i < state; i++) distribution[state] += distribution[i] * rates[i * n + state];
    total += distribution[state];
  }
  return distribution.map((share) => share / total);
}
