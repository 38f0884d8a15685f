import { checkOutcomes, checkRadius } from "../checkOutcomes.js";
import { type BallWorst, ballWorst, worstOutcomes } from "./worstCase.js";

/**
 * The worst expected loss of all q with KL(q || p) <= rho, in nats:
 *   sup_q E_q l = min over la > 0 of la rho + la ln E_p e^(l / la),  q(i) in proportion to p(i) e^(l(i) / la).
 * `multiplier` is la. Once rho reaches -ln P_p(l = max l), nature has the greatest loss for sure. Outcomes that p
 * excludes stay so. Losses and p are [N]. (Hu and Hong 2013; Donsker and Varadhan.)
 * @throws ShapeError unless losses and p are of one length; DomainError for a loss that is not finite, a p that is no
 *   distribution, rho < 0
 * @example klBallWorst([1, 2, 4, 10], [0.4, 0.3, 0.2, 0.1], 0.1).value // 4.1276
 */
export function klBallWorst(losses: ArrayLike<number>, p: ArrayLike<number>, rho: number): BallWorst {
  checkOutcomes("losses", losses, p);
  checkRadius("rho", rho);
  const { mass, q: worst } = worstOutcomes(losses, p);
  if (rho >= -Math.log(mass)) return ballWorst(losses, worst, 0);
  if (rho === 0) return ballWorst(losses, Float64Array.from(p), Number.POSITIVE_INFINITY);
  // Between the greatest and the least loss as between 0 and -1: neither the size nor the zero of losses matters.
  const { below, spread } = scaled(losses, p);
  // KL grows with the tilt t = 1 / la, from 0 at t = 0; bracket the root by factors of 2, then halve.
  let high = 1;
  while (tilt(below, p, high).kl < rho) high *= 2;
  let low = high / 2;
  while (tilt(below, p, low).kl > rho) low /= 2;
  high = low * 2 > high ? high : low * 2;
  for (let i = 0; i < 60 && low < high; i++) {
    const middle = (low + high) / 2;
    if (tilt(below, p, middle).kl < rho) low = middle;
    else high = middle;
  }
  return ballWorst(losses, tilt(below, p, (low + high) / 2).q, (2 * spread) / (low + high));
}

function scaled(losses: ArrayLike<number>, p: ArrayLike<number>): { below: Float64Array; spread: number } {
  let [most, least] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < p.length; i++) {
    if (p[i] === 0) continue;
    most = Math.max(most, losses[i]);
    least = Math.min(least, losses[i]);
  }
  const spread = most - least;
  return { below: Float64Array.from(losses, (loss, i) => (p[i] > 0 ? (loss - most) / spread : 0)), spread };
}

/** q in proportion to p e^(t l), for l <= 0, and KL(q || p). */
function tilt(below: Float64Array, p: ArrayLike<number>, t: number): { q: Float64Array; kl: number } {
  const q = below.map((loss, i) => p[i] * Math.exp(t * loss));
  const total = q.reduce((sum, mass) => sum + mass, 0);
  let kl = 0;
  for (let i = 0; i < q.length; i++) {
    q[i] /= total;
    // As a sum of x ln x - x + 1 >= 0 over p, x = q / p, a small KL keeps its digits.
    if (p[i] > 0) kl += p[i] * excess(t * below[i] - Math.log(total));
  }
  return { q, kl };
}

/** x ln x - x + 1 at x = e^d. */
function excess(d: number): number {
  if (Math.abs(d) < 1e-5) return d * d * (1 / 2 + d / 3);
  return d * Math.exp(d) - Math.expm1(d);
}
