import { complain, DomainError, ShapeError } from "../../core/index.js";
import { sigmoid } from "../../numerics/index.js";
import { checkShapes, tf, withGradient } from "../../tensor/index.js";
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
 * KTO's loss: no pairs, only completions that somebody found good or bad. With r = logpNew - logpRef and the reference point
 * z, mean over b of
 *
 *   lambda_D (1 - sigmoid(beta (r - z)))  where desirable[b] is 1,   lambda_U (1 - sigmoid(beta (z - r)))  where it is 0.
 *
 * Log-probabilities in nats, summed over tokens, [B]; desirable [B] of 0 and 1. The reference point, a scalar of at least 0
 * in nats, is how far the policy is from the reference on the whole, KL(new || ref); from samples it is `ktoReferencePoint`.
 * No gradient flows through it. The float64 twin is `ktoLossAndGradient`. Ethayarajh et al. 2024, arXiv:2402.01306, eq. 8.
 * @throws ShapeError if the shapes differ; DomainError unless beta > 0 and the weights are at least 0
 */
export function ktoLoss(
  logpNew: tf.Tensor,
  logpRef: tf.Tensor,
  desirable: tf.Tensor,
  referencePoint: tf.Tensor,
  options: KtoOptions = {},
): tf.Scalar {
  const { beta, desirableWeight, undesirableWeight } = withDefaults(options);
  checkShapes({
    logpNew: [logpNew, ["B"]],
    logpRef: [logpRef, ["B"]],
    desirable: [desirable, ["B"]],
    referencePoint: [referencePoint, []],
  });
  return tf.tidy(() => {
    const z = stopped(referencePoint);
    const good = desirable.toFloat();
    const sign = tf.sub(tf.mul(good, 2), 1);
    const weight = tf.add(tf.mul(good, desirableWeight - undesirableWeight), undesirableWeight);
    const gain = tf.sub(tf.sub(logpNew, logpRef), z);
    // 1 - sigmoid(x) = sigmoid(-x), which keeps its digits where it is small.
    return tf.mean(tf.mul(weight, tf.sigmoid(tf.mul(tf.mul(sign, gain), -beta)))) as tf.Scalar;
  });
}

/**
 * The reference point of `ktoLoss` from a batch, a scalar in nats: max(0, mean over b of logpNew - logpRef), on completions
 * that were written for *other* prompts, as in the paper: completion b + 1 after prompt b. It stands for KL(new || ref), but
 * is biased: the completions are the data's, not the policy's. No gradient flows through it.
 * @throws ShapeError if the shapes differ
 */
export function ktoReferencePoint(logpNew: tf.Tensor, logpRef: tf.Tensor): tf.Scalar {
  checkShapes({ logpNew: [logpNew, ["B"]], logpRef: [logpRef, ["B"]] });
  return tf.tidy(() => stopped(tf.relu(tf.mean(tf.sub(logpNew, logpRef)))) as tf.Scalar);
}

/**
 * `ktoLoss` in float64 on plain lists, with d loss / d logpNew.
 * @throws ShapeError if the lengths differ; DomainError unless beta > 0, the weights and the reference point are at least 0,
 *   labels are 0 or 1, and log-probabilities finite
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
  if (desirable.length !== n) throw new ShapeError(complain("desirable", `${n} labels`, desirable));
  if (!(referencePoint >= 0 && Number.isFinite(referencePoint))) {
    throw new DomainError(complain("referencePoint", "a number of at least 0, as a KL is", referencePoint));
  }
  let loss = 0;
  const gradient = Float64Array.from({ length: n }, (_, b) => {
    if (desirable[b] !== 0 && desirable[b] !== 1) {
      throw new DomainError(complain(`desirable[${b}]`, "0 or 1", desirable[b]));
    }
    const [sign, weight] = desirable[b] === 1 ? [1, desirableWeight] : [-1, undesirableWeight];
    const gain = sign * beta * (logpNew[b] - logpRef[b] - referencePoint);
    loss += (weight * sigmoid(-gain)) / n;
    return (-weight * sign * beta * sigmoid(gain) * sigmoid(-gain)) / n;
  });
  return { loss, gradient };
}

/** The tensor itself, through which no gradient flows. */
function stopped(x: tf.Tensor): tf.Tensor {
  return withGradient(
    [x],
    (value) => [value.clone()],
    (dy) => [tf.zerosLike(dy)],
  );
}

/** The options, checked. */
export function withDefaults({
  beta = 0.1,
  desirableWeight = 1,
  undesirableWeight = 1,
}: KtoOptions): Required<KtoOptions> {
  checkBeta(beta);
  for (const [name, weight] of Object.entries({ desirableWeight, undesirableWeight })) {
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new DomainError(complain(name, "a number of at least 0", weight));
    }
  }
  return { beta, desirableWeight, undesirableWeight };
}
