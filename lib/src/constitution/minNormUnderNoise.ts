import { checkCount, checkPositive } from "../core/checks.js";
import { type Key, normal } from "../random/index.js";
import { checkScores, type Scores } from "./checkScores.js";
import { minNorm } from "./minNorm.js";

/**
 * The mean of MGDA's direction over draws of noisy gradients [k][D], each number with a normal error of deviation
 * `noise`: not the direction of the mean gradients, as the weights follow the noise (Zhou et al. 2022, on stochastic
 * MGDA's bias).
 * @throws as `minNorm`; DomainError unless draws is a whole number of at least 1 and noise above 0
 */
export function minNormUnderNoise(
  key: Key,
  gradients: Scores,
  { draws = 1000, noise = 1 }: { draws?: number; noise?: number } = {},
): Float64Array {
  const D = checkScores("gradients", gradients);
  checkCount("draws", draws, 1);
  checkPositive("noise", noise);
  const size = gradients.length * D;
  const z = normal(key, draws * size);
  const mean = new Float64Array(D);
  for (let i = 0; i < draws; i++) {
    const noisy = gradients.map((g, a) => Float64Array.from(g, (x, d) => x + noise * z[i * size + a * D + d]));
    const { direction } = minNorm(noisy);
    for (let d = 0; d < D; d++) mean[d] += direction[d] / draws;
  }
  return mean;
}
