import { checkOutcomes, checkRadius } from "../checkOutcomes.js";
import { type BallWorst, ballWorst, worstOutcomes } from "./worstCase.js";

/**
 * The worst expected loss of all q with chi^2(q || p) = sum (q - p)^2 / p <= rho. Nature takes q in proportion to
 * p (l - eta)^+. While no q is 0 that is mean + sqrt(rho Var); beyond, the least losses drop out one by one and the
 * formula promises more than there is. Exact: among outcomes S of mass P, mean m and variance v,
 *   E_q l = m + sqrt(v (P (1 + rho) - 1)),
 * and from rho = 1 / P_p(l = max l) - 1 on the greatest loss is sure. Losses and p are [N]; `multiplier` is the value's
 * slope in rho. (Duchi and Namkoong 2019; Ben-Tal et al. 2013.)
 * @throws ShapeError unless losses and p are of one length; DomainError for a loss that is not finite, a p that is no
 *   distribution, rho < 0
 * @example chiSquareBallWorst([1, 2, 4, 10], [0.4, 0.3, 0.2, 0.1], 9).value // 10
 */
export function chiSquareBallWorst(losses: ArrayLike<number>, p: ArrayLike<number>, rho: number): BallWorst {
  checkOutcomes("losses", losses, p);
  checkRadius("rho", rho);
  const { mass: atMost, q: worst } = worstOutcomes(losses, p);
  if (1 + rho >= 1 / atMost) return ballWorst(losses, worst, 0);
  if (rho === 0) return ballWorst(losses, Float64Array.from(p), Number.POSITIVE_INFINITY);
  const order = Array.from(p, (_, i) => i)
    .filter((i) => p[i] > 0)
    .sort((i, j) => losses[j] - losses[i]);
  // Mass, mean and sum of squares about the mean of the greatest losses, one more at a time (Welford).
  let [mass, mean, squares] = [0, 0, 0];
  for (let k = 0; ; k++) {
    const [loss, probability] = [losses[order[k]], p[order[k]]];
    mass += probability;
    const away = loss - mean;
    mean += (away * probability) / mass;
    squares += probability * away * (loss - mean);
    const next = k + 1 < order.length ? losses[order[k + 1]] : Number.NEGATIVE_INFINITY;
    const isLast = k + 1 === order.length;
    // chi^2 + 1 with eta at the next loss: small enough, and eta lies between the two.
    const reach = squares / (mass * (mean - next)) / (mean - next);
    if (!isLast && (next === loss || squares === 0 || (1 + reach) / mass > 1 + rho)) continue;
    const total = isLast ? 1 : mass;
    const spare = isLast ? rho : total * (1 + rho) - 1;
    const below = Math.sqrt(squares / total / spare); // mean - eta
    const q = new Float64Array(p.length);
    for (const i of order.slice(0, k + 1)) q[i] = ((p[i] / total) * (losses[i] - mean + below)) / below;
    return ballWorst(losses, q, (total * below) / 2);
  }
}
