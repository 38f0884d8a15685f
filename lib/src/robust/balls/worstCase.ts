import { dot } from "../../numerics/dot.js";

/** What nature does within a set of distributions, and what it comes to. */
export interface WorstCase {
  /** E_q of what was given: the greatest for losses, the least for values. */
  value: number;
  /** The distribution that nature chooses, [N]; where several tie, one of them. */
  q: Float64Array;
}

export interface BallWorst extends WorstCase {
  /**
   * The price of the radius, in losses: by how much `value` grows per unit of it. 0 once the ball is large enough
   * for the greatest loss; Infinity at radius 0 where the first step out of it has no bounded slope.
   */
  multiplier: number;
}

/** E_q[losses], with q and its price. */
export function ballWorst(losses: ArrayLike<number>, q: Float64Array, multiplier: number): BallWorst {
  return { value: dot(losses, q), q, multiplier };
}

/** Where a ball ends: p given the greatest loss that p allows, and the probability of that loss. */
export function worstOutcomes(losses: ArrayLike<number>, p: ArrayLike<number>): { mass: number; q: Float64Array } {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < p.length; i++) if (p[i] > 0) most = Math.max(most, losses[i]);
  const q = Float64Array.from(p, (probability, i) => (losses[i] === most ? probability : 0));
  let [mass, total] = [0, 0];
  for (let i = 0; i < p.length; i++) {
    mass += q[i];
    total += p[i];
  }
  return { mass: mass / total, q: q.map((probability) => probability / mass) };
}
