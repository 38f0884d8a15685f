import { complaint, DomainError } from "../../core/index.js";
import { chiSquareTail, connectedComponents, relativeGradient } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { weightOfItems } from "../weights.js";
import { gradient, logLikelihood } from "./likelihood.js";

/**
 * Does one number per item explain the comparisons? The likelihood-ratio test against the model that gives every pair a
 * probability of its own: deviance = 2 (log-likelihood of the observed shares - log-likelihood of theta), chi-square
 * with pairs - free abilities degrees of freedom if the abilities suffice and every pair was compared often (Agresti
 * 2002, 10.6). A small pValue says that they do not. One ability is free for every item, less one for each group of
 * items that were never compared with the others (an item that met nobody is such a group).
 * @throws DomainError if there are no more pairs than abilities: then anything fits; or if theta is not the
 *   maximum-likelihood estimate, such as one with a prior, whose deviance is not chi-square
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
  const free = items - connectedComponents(items, winner, loser).length;
  const degrees = total.size - free;
  if (degrees < 1) {
    throw new DomainError(
      `goodnessOfFit: ${total.size} compared pairs and ${free} free abilities leave nothing to test. Compare more pairs`,
    );
  }
  const away = relativeGradient(gradient(theta, data), weightOfItems(data));
  if (!(away <= 1e-6)) {
    throw new DomainError(
      complaint(
        "goodnessOfFit: theta",
        "the maximum-likelihood estimate of these comparisons, as bradleyTerry.fit gives without a prior",
        `abilities whose slope is ${away.toPrecision(2)} of an item's games`,
      ),
    );
  }
  const deviance = Math.max(2 * (saturated - logLikelihood(theta, data)), 0);
  return { deviance, degrees, pValue: chiSquareTail(deviance, degrees) };
}
