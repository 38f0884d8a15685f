import { checkNumbers } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { dot } from "../numerics/dot.js";
import { type Key, permutation } from "../random/index.js";
import { checkScores, type Scores } from "./checkScores.js";
import { shrunkReward } from "./shrunkReward.js";

/**
 * Mean squared error on labels that were held out, for each weight of the constitution [W], by k-fold cross-validation
 * of `shrunkReward`: rows are dealt into folds at random, each fold is predicted from the others.
 * @param features [n][d]
 * @param labels [n]
 * @throws as `shrunkReward`; DomainError unless 2 <= folds <= n and there is a weight
 */
export function crossValidateShrinkage(
  key: Key,
  features: Scores,
  labels: ArrayLike<number>,
  prior: ArrayLike<number>,
  { weights, folds = 5 }: { weights: readonly number[]; folds?: number },
): Float64Array {
  checkScores("features", features);
  const n = features.length;
  checkNumbers("labels", labels, n);
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= n)) {
    throw new DomainError(complaint("folds", `a whole number from 2 to ${n}`, folds));
  }
  if (weights.length === 0) throw new DomainError(complaint("weights", "at least one", weights));
  const order = permutation(key, n);
  const errors = new Float64Array(weights.length);
  for (let fold = 0; fold < folds; fold++) {
    const held = Array.from(order).filter((_, place) => place % folds === fold);
    const kept = Array.from(order).filter((_, place) => place % folds !== fold);
    weights.forEach((weight, w) => {
      const theta = shrunkReward(
        kept.map((i) => features[i]),
        kept.map((i) => labels[i]),
        prior,
        weight,
      );
      for (const i of held) errors[w] += (dot(features[i], theta) - labels[i]) ** 2 / n;
    });
  }
  return errors;
}
