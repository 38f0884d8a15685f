import { DomainError } from "../../core/index.js";
import { chiSquareTail } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { logLikelihood } from "./likelihood.js";

/**
 * Does one number per item explain the comparisons? The likelihood-ratio test against the model that gives every pair a
 * probability of its own: deviance = 2 (log-likelihood of the observed shares - log-likelihood of theta), chi-square with
 * pairs - (items - 1) degrees of freedom if the abilities suffice and every pair was compared often (Agresti 2002, 10.6).
 * A small pValue says that they do not.
 * @throws DomainError if there are no more pairs than abilities: then anything fits
 */
export function goodnessOfFit(
  theta: ArrayLike<number>,
  data: Comparisons,
): { deviance: number; degrees: number; pValue: number } {
  const { items, winner, loser, weight } = mergeComparisons(data);
  const total = new Map<number, number>();
  const pair = (k: number) => Math.min(winner[k], loser[k]) * items + Math.max(winner[k], loser[k]);
  for (let k = 0; k < weight.length; k++) total.set(pair(k), (total.get(pair(k)) ?? 0) + weight[k]);
  let saturated = 0;
  for (let k = 0; k < weight.length; k++) saturated += weight[k] * Math.log(weight[k] / total.get(pair(k))!);
  const degrees = total.size - (items - 1);
  if (degrees < 1) {
    throw new DomainError(
      `goodnessOfFit: ${total.size} compared pairs and ${items - 1} free abilities leave nothing to test. Compare more pairs`,
    );
  }
  const deviance = Math.max(2 * (saturated - logLikelihood(theta, data)), 0);
  return { deviance, degrees, pValue: chiSquareTail(deviance, degrees) };
}
