import { exactExpectation } from "../../numerics/index.js";
import { klFrontier } from "../kl/index.js";

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
  return klFrontier(logRef, proxy, betas).map(({ beta, kl, utility: earned, logProbs }) => {
    return { beta, kl, proxy: earned, gold: exactExpectation(logProbs, utility) };
  });
}
