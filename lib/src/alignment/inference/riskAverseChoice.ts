import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";

/**
 * The plan that is best under the worst of several rewards, max over plans of min over i of w_i . (phi(plan) -
 * reference): `counts` [plans][k] are the feature counts phi of each plan, `weights` [n][k] the rewards that might be
 * meant, `reference` [k] (zeros by default) what they are measured from: without one, a reward that differs by a
 * constant would count as a worse case. The first of equals. Hadfield-Menell et al. 2017, arXiv:1711.02827, section 4.
 * @throws ShapeError, DomainError for lists that are empty or do not fit
 * @example riskAverseChoice([[1, 0], [0, 1]], [[1, 2], [1, -2]]) // { plan: 0, worst: 1 }
 */
export function riskAverseChoice(
  counts: readonly ArrayLike<number>[],
  weights: readonly ArrayLike<number>[],
  { reference }: { reference?: ArrayLike<number> } = {},
): { plan: number; worst: number } {
  if (counts.length === 0) throw new DomainError(complaint("counts", "at least one plan", counts));
  if (weights.length === 0) throw new DomainError(complaint("weights", "at least one reward", weights));
  const k = counts[0].length;
  const from = reference ?? new Float64Array(k);
  checkNumbers("reference", from, k);
  weights.forEach((w, i) => {
    checkNumbers(`weights[${i}]`, w, k);
  });
  const zeros = weights.map((w) => dot(w, from));
  let best = { plan: 0, worst: Number.NEGATIVE_INFINITY };
  counts.forEach((phi, plan) => {
    checkNumbers(`counts[${plan}]`, phi, k);
    const worst = weights.reduce((least, w, i) => Math.min(least, dot(w, phi) - zeros[i]), Number.POSITIVE_INFINITY);
    if (worst > best.worst) best = { plan, worst };
  });
  return best;
}
