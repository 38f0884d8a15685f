import { complaint, DomainError } from "../../core/index.js";
import { sequenceLogProbsOf, type TreePolicy } from "../../trees/index.js";
import { bestOfNLogProbs } from "./distribution.js";
import { maximumLikelihoodLogits } from "./maximumLikelihood.js";

/**
 * One round of expert iteration on infinitely many samples: the policy draws n replies for each prompt, the best is
 * kept, and the policy is refitted to what was kept. A tabular policy becomes its own
 * best-of-n, so that k rounds are best of n^k, and in the end only the best outcomes are left; one that forgets becomes
 * the nearest that its class has. Nothing holds it near the reference but the number of rounds. (Anthony et al. 2017,
 * arXiv:1705.08439; Dong et al. 2023, arXiv:2304.06767.)
 * @throws as `bestOfNLogProbs`; DomainError if the logits fit no row
 */
export function expertIterationRound(
  policy: TreePolicy,
  scores: ArrayLike<number>,
  { n }: { readonly n: number },
): TreePolicy {
  const { tree, contexts } = policy;
  const kept = bestOfNLogProbs(sequenceLogProbsOf(policy), scores, n);
  return { tree, contexts, logits: maximumLikelihoodLogits(tree, contexts, kept.map(Math.exp)) };
}

/**
 * One round of filtering on infinitely many samples: what scores at least `atLeast` is kept, p(y) / P(kept), [N] in
 * nats. A second round with the same threshold changes nothing.
 * @throws DomainError if nothing that p writes scores enough
 */
export function filteredLogProbs(
  logProbs: ArrayLike<number>,
  scores: ArrayLike<number>,
  { atLeast }: { readonly atLeast: number },
): Float64Array {
  let mass = 0;
  for (let y = 0; y < logProbs.length; y++) if (scores[y] >= atLeast) mass += Math.exp(logProbs[y]);
  if (!(mass > 0)) throw new DomainError(complaint("atLeast", "a score that some outcome reaches", atLeast));
  const total = Math.log(mass);
  return Float64Array.from(logProbs, (logp, y) => (scores[y] >= atLeast ? logp - total : Number.NEGATIVE_INFINITY));
}
