import { checkShapes, tf } from "../../tensor/index.js";
import { checkSimpo, type SimpoOptions } from "./simpo.js";

/**
 * SimPO's loss, mean over b of -log sigmoid(beta (chosen - rejected) - margin). No reference: nothing but the data
 * holds the policy. Log-probabilities of completions in nats *divided by their numbers of tokens* (`maskedRowMean`),
 * each [B]. The float64 twin is `simpoLossAndGradient`. Meng, Xia and Chen 2024, arXiv:2405.14734, eq. 6.
 * @throws ShapeError if the shapes differ; DomainError unless beta > 0 and the margin is finite
 */
export function simpoLoss(
  chosen: tf.Tensor,
  rejected: tf.Tensor,
  { beta = 2, margin = 1 }: SimpoOptions = {},
): tf.Scalar {
  checkShapes({ chosen: [chosen, ["B"]], rejected: [rejected, ["B"]] });
  checkSimpo(beta, margin);
  return tf.tidy(() => {
    const short = tf.sub(margin, tf.mul(tf.sub(chosen, rejected), beta));
    return tf.mean(tf.softplus(short)) as tf.Scalar;
  });
}
