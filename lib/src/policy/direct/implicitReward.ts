import { checkBeta, checkLogProbs } from "./margin.js";

/**
 * The reward that a policy is optimal for, beta (logpNew - logpRef), [B] in nats, up to a constant for each prompt: the
 * constant is beta log Z of the prompt, and no comparison of two answers to one prompt can see it (Rafailov et al.
 * 2023, arXiv:2305.18290, eq. 5).
 * @throws ShapeError if the lengths differ; DomainError unless beta > 0, for empty lists, or for a
 *   log-probability that is not finite
 * @example implicitRewards([-1, -4], [-2, -2], { beta: 0.1 }) // [0.1, -0.2]
 */
export function implicitRewards(
  logpNew: ArrayLike<number>,
  logpRef: ArrayLike<number>,
  { beta }: { readonly beta: number },
): Float64Array {
  checkBeta(beta);
  checkLogProbs({ logpNew, logpRef });
  return Float64Array.from(logpNew, (logp, b) => beta * (logp - logpRef[b]));
}
