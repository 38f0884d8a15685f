import { checkPositive } from "../../core/checks.js";
import { greatest } from "../../numerics/greatest.js";
import { checkScoredOutcomes } from "./checkScoredOutcomes.js";

/** Where a policy stands that was made for a proxy. */
export interface ProxyPoint {
  readonly beta: number;
  /** KL(policy || ref), nats. */
  readonly kl: number;
  /** E[proxy]: what it was made for. */
  readonly proxy: number;
  /** E[utility]: what we wanted. */
  readonly gold: number;
}

/**
 * The over-optimisation path of a proxy, exactly: for each beta the optimum of E[proxy] - beta KL(. || ref), and what
 * people get from it. Lists [N], one number per outcome. (The picture of Gao et al. 2022, arXiv:2210.10760.)
 * @throws ShapeError, DomainError as `exactRegularisedOptimum`
 */
export function proxyPath(
  logRef: ArrayLike<number>,
  proxy: ArrayLike<number>,
  utility: ArrayLike<number>,
  betas: readonly number[],
): ProxyPoint[] {
  checkScoredOutcomes(logRef, proxy);
  checkScoredOutcomes(logRef, utility);
  const most = greatest(proxy);
  return betas.map((beta) => {
    checkPositive("beta", beta);
    // One pass: from the weights ref exp((proxy - most) / beta) and their means.
    let [z, earned, gold] = [0, 0, 0];
    for (let y = 0; y < proxy.length; y++) {
      const weight = Math.exp(logRef[y] + (proxy[y] - most) / beta);
      z += weight;
      earned += weight * (proxy[y] - most);
      gold += weight * utility[y];
    }
    return { beta, kl: earned / z / beta - Math.log(z), proxy: most + earned / z, gold: gold / z };
  });
}
