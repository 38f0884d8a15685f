import { checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { sigmoid } from "../../numerics/index.js";
import { checkBeta, checkLogProbs } from "./margin.js";

export interface KtoOptions {
  /** beta, how soon a gain stops to impress; default 0.1. */
  readonly beta?: number;
  /** lambda_D, the weight of desirable completions; default 1. */
  readonly desirableWeight?: number;
  /** lambda_U, the weight of undesirable ones; default 1. The paper: keep lambda_D n_D / (lambda_U n_U) in [1, 4/3]. */
  readonly undesirableWeight?: number;
}

/**
 * `ktoLoss` in float64 on plain lists, with d loss / d logpNew.
 * @throws ShapeError if the lengths differ; DomainError unless beta > 0, the weights and the reference point are at
 *   least 0, labels are 0 or 1, and log-probabilities finite
 */
export function ktoLossAndGradient(
  logpNew: ArrayLike<number>,
  logpRef: ArrayLike<number>,
  desirable: ArrayLike<number>,
  referencePoint: number,
  options: KtoOptions = {},
): { loss: number; gradient: Float64Array } {
  const { beta, desirableWeight, undesirableWeight } = withDefaults(options);
  const n = checkLogProbs({ logpNew, logpRef });
  if (desirable.length !== n) throw new ShapeError(complaint("desirable", `${n} labels`, desirable));
  if (!(referencePoint >= 0 && Number.isFinite(referencePoint))) {
    throw new DomainError(complaint("referencePoint", "a number of at least 0, as a KL is", referencePoint));
  }
  let loss = 0;
  const gradient = Float64Array.from({ length: n }, (_, b) => {
    if (desirable[b] !== 0 && desirable[b] !== 1) {
      throw new DomainError(complaint(`desirable[${b}]`, "0 or 1", desirable[b]));
    }
    const [sign, weight] = desirable[b] === 1 ? [1, desirableWeight] : [-1, undesirableWeight];
    const gain = sign * beta * (logpNew[b] - logpRef[b] - referencePoint);
    loss += (weight * sigmoid(-gain)) / n;
    return (-weight * sign * beta * sigmoid(gain) * sigmoid(-gain)) / n;
  });
  return { loss, gradient };
}

/** The options, checked. */
export function withDefaults({
  beta = 0.1,
  desirableWeight = 1,
  undesirableWeight = 1,
}: KtoOptions): Required<KtoOptions> {
  checkBeta(beta);
  for (const [name, weight] of Object.entries({ desirableWeight, undesirableWeight })) {
    checkNonNegative(name, weight);
  }
  return { beta, desirableWeight, undesirableWeight };
}
