import { fixGauge } from "../bradleyTerry/gauge.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import type { LuceOptions } from "./luceSpectralRanking.js";
import { checkChain } from "./rates.js";
import { stationaryDistribution } from "./stationary.js";

/**
 * Rank centrality: abilities [n] in nats as the log of where a random walk spends its time that goes from i to j at the
 * share of their comparisons that j won. A pair that met often counts no more than one that met once, which
 * `luceSpectralRanking` does better. `pseudoRate` adds that many wins to each side of every pair, met or not. Negahban,
 * Oh and Shah 2012, arXiv:1209.1688 (there divided by the largest number of neighbours, which changes no share).
 * @throws ConvergenceError if some items were never beaten by the others (or never beat them) and pseudoRate is 0
 */
export function rankCentrality(data: Comparisons, options: LuceOptions = {}): number[] {
  const { pseudoRate = 0, gauge } = options;
  checkChain(data, pseudoRate, "Rank centrality");
  const n = data.items;
  const wins = new Float64Array(n * n).fill(pseudoRate);
  const { winner, loser, weight } = mergeComparisons(data);
  for (let k = 0; k < winner.length; k++) wins[loser[k] * n + winner[k]] += weight[k];
  const rates = wins.map((won, at) => {
    const games = won + wins[(at % n) * n + Math.floor(at / n)];
    return games > 0 ? won / games : 0;
  });
  return fixGauge(stationaryDistribution(rates, n).map(Math.log), gauge);
}
