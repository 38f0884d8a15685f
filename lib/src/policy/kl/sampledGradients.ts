import {
  sequenceLogProbs,
  sequenceLogProbsOf,
  type TreeBatch,
  type TreePolicy,
  tokenLogitGradient,
} from "../../trees/index.js";
import { logRatio } from "./estimators.js";

/** Gradients by the logits of the policy, [rows, V] row-major, one for each estimate. */
export type SampledKlGradients = Readonly<Record<"k1" | "k2" | "k3", Float64Array>>;

/**
 * What automatic differentiation gives for the mean of an estimate of KL(policy || ref) over sequences that the policy
 * drew, the samples taken as given: mean over y of k'(d) grad log pi(y), where d = log pi(y) - log ref(y) and k1' = 1,
 * k2' = d, k3' = 1 - exp(-d). Noisy; the means over all sequences are `expectedKlGradients`' k1Loss, reverse and
 * forward. `logRef` [P, V] conditional log-probabilities; `batch` was drawn by `policy`.
 * @throws ShapeError if a table has another length; DomainError for a sequence that the policy cannot have drawn
 */
export function sampledKlGradients(
  policy: TreePolicy,
  logRef: ArrayLike<number>,
  { sequences, tokenIndices }: TreeBatch,
): SampledKlGradients {
  const logNew = sequenceLogProbsOf(policy);
  const wholeRef = sequenceLogProbs(policy.tree, logRef);
  const apart = Array.from(sequences, (y, i) => logRatio(logNew[y], wholeRef[y], i));
  const gradientOf = (slope: (d: number) => number) =>
    tokenLogitGradient(
      policy,
      tokenIndices,
      apart.map((d, i) => new Float64Array(tokenIndices[i].length).fill(slope(d) / apart.length)),
    );
  return { k1: gradientOf(() => 1), k2: gradientOf((d) => d), k3: gradientOf((d) => -Math.expm1(-d)) };
}
