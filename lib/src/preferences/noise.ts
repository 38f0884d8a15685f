import { checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/**
 * How a person's answers depart from what they want. With ability difference d, the first item
 * is chosen with probability
 *
 *   floor + (1 - 2 floor) sigmoid(d / temperature),   floor = lapse / 2 + (1 - lapse) flip.
 */
export interface Noise {
  /** Above 0; 1 by default. Small: even slight differences decide. Large: answers are close to coin tosses. */
  temperature?: number;
  /** The share of answers given without looking, half of them right by luck; 0 by default. */
  lapse?: number;
  /** The share of the other answers that were recorded the wrong way round; 0 by default, below 1/2. */
  flip?: number;
}

/**
 * The least probability that noise leaves to any answer, in [0, 1/2): lapse / 2 + (1 - lapse) flip. A lapse rate of 2
 * flip and a flip rate of `flip` give the same answers: data cannot tell them apart.
 * @throws DomainError if temperature <= 0, a rate is outside [0, 1], or the answers carry no information
 */
export function noiseFloor(noise: Noise): number {
  const { temperature = 1, lapse = 0, flip = 0 } = noise;
  checkPositive("temperature", temperature);
  if (!(lapse >= 0 && lapse < 1)) throw new DomainError(complaint("lapse", "a rate in [0, 1)", lapse));
  if (!(flip >= 0 && flip < 0.5)) {
    const hint = "At 1/2 the labels say nothing; above it, swap winner and loser";
    throw new DomainError(complaint("flip", "a rate in [0, 1/2)", flip, hint));
  }
  return lapse / 2 + (1 - lapse) * flip;
}
