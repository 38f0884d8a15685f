import type { Reports } from "./aggregate.js";
import { krumScoresOf, leastScored } from "./krumOf.js";

/**
 * Krum's scores, [n]: for each report the sum of *squared* distances to its n - f - 2 nearest others (Blanchard,
 * El Mhamdi, Guerraoui and Stainer 2017, arXiv:1703.02757). Plain distances choose another report in general.
 * @throws DomainError unless n - f - 2 is at least 1
 */
export function krumScores(reports: Reports, f: number): Float64Array {
  return krumScoresOf(reports, f);
}

/**
 * Multi-Krum: the mean of the `take` reports with the least scores; Krum with one (arXiv:1703.02757). Of equal scores
 * the first.
 */
export function krum(reports: Reports, f: number, { take = 1 }: { take?: number } = {}): Float64Array {
  return leastScored(reports, krumScores(reports, f), take);
}
