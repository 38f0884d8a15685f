import { checkShapes, tf, withGradient } from "../../tensor/index.js";
import { type KtoOptions, withDefaults } from "./kto.js";

/**
 * KTO's loss: no pairs, only completions labelled desirable or not. With r = logpNew - logpRef and the
 * reference point z, mean over b of
 *
 *   lambda_D (1 - sigmoid(beta (r - z)))  where desirable[b] is 1,
 *   lambda_U (1 - sigmoid(beta (z - r)))  where it is 0.
 *
 * Log-probabilities in nats, summed over tokens, [B]; desirable [B] of 0 and 1. The reference point, a scalar of at
 * least 0 in nats, is how far the policy is from the reference on the whole, KL(new || ref); from samples it is
 * `ktoReferencePoint`. No gradient flows through it. The float64 twin is `ktoLossAndGradient`. Ethayarajh et al. 2024,
 * arXiv:2402.01306, eq. 8.
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
 * The reference point of `ktoLoss` from a batch, a scalar in nats: max(0, mean over b of logpNew - logpRef), on
 * completions that were written for *other* prompts, as in the paper: completion b + 1 after prompt b. It stands for
 * KL(new || ref), but is biased: the completions are the data's, not the policy's. No gradient flows through it.
 * @throws ShapeError if the shapes differ
 */
export function ktoReferencePoint(logpNew: tf.Tensor, logpRef: tf.Tensor): tf.Scalar {
  checkShapes({ logpNew: [logpNew, ["B"]], logpRef: [logpRef, ["B"]] });
  return tf.tidy(() => stopped(tf.relu(tf.mean(tf.sub(logpNew, logpRef)))) as tf.Scalar);
}

/** The tensor itself, through which no gradient flows. */
function stopped(x: tf.Tensor): tf.Tensor {
  return withGradient(
    [x],
    (value) => [value.clone()],
    (dy) => [tf.zerosLike(dy)],
  );
}
