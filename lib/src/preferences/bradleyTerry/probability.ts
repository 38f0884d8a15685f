import { sigmoid } from "../../numerics/index.js";
import { type Noise, noiseFloor } from "../noise.js";

/**
 * P(i preferred to j) = sigmoid((theta_i - theta_j) / temperature), from the difference of the two abilities in nats
 * (log-odds). With lapses or flipped labels, see `Noise`. Bradley and Terry 1952; Zermelo 1929.
 * @throws DomainError for noise out of range
 * @example bradleyTerry.probability(Math.log(3)) // 0.75
 */
export function probability(difference: number, noise: Noise = {}): number {
  const floor = noiseFloor(noise);
  return floor + (1 - 2 * floor) * sigmoid(difference / (noise.temperature ?? 1));
}

/** The table of P(i preferred to j), [n, n], from abilities theta [n]; 1/2 on the diagonal. */
export function probabilities(theta: ArrayLike<number>, noise: Noise = {}): number[][] {
  return Array.from(theta, (mine) => Array.from(theta, (other) => probability(mine - other, noise)));
}
