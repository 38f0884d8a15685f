import { checkShapes, tf } from "../../tensor/index.js";
import { stopGradient } from "../actorCritic/stopGradient.js";
import { checkRows, type LossAndRowGradient, logRatioLimit, maskedLogRatios, type Rows } from "./logRatio.js";

/**
 * The term that holds GRPO's policy near the reference, mean over completions of the mean over their tokens of
 *
 *   k3 = exp(logpRef - logpNew) - (logpRef - logpNew) - 1,
 *
 * to be added to `grpoLoss` with the factor beta. For tokens drawn from the new policy its *value* is an unbiased estimate of
 * KL(new || ref) of the next token; its *gradient* is not that KL's but that of KL(ref || new): see policy/kl.
 *
 * For tokens that an older policy drew, give `logpOld`: each token's k3 is then weighted by new/old, a number that no gradient goes
 * through, so that value and gradient are on average what tokens of the new policy would give, after the same prefixes (Liu et al. 2025,
 * arXiv:2510.01555). The log-ratio is held in [-20, 20].
 *
 * Log-probabilities in nats [B, T], mask [B, T] of 0 and 1; a completion without tokens adds 0. The float64 twin is
 * `grpoReferenceLossAndGradient`. Shao et al. 2024, arXiv:2402.03300, eq. 4; Schulman 2020 for k3.
 * @throws ShapeError if the shapes differ
 */
export function grpoReferenceLoss(
  logpNew: tf.Tensor,
  logpRef: tf.Tensor,
  mask: tf.Tensor,
  { logpOld }: { logpOld?: tf.Tensor } = {},
): tf.Scalar {
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpRef: [logpRef, ["B", "T"]],
    mask: [mask, ["B", "T"]],
    ...(logpOld && { logpOld: [logpOld, ["B", "T"]] }),
  });
  return tf.tidy(() => {
    const d = maskedLogRatios(logpRef, logpNew, mask);
    const tokens = tf.maximum(tf.sum(mask.toFloat(), 1), 1);
    const k3 = tf.sub(tf.expm1(d), d);
    if (logpOld === undefined) return tf.mean(tf.div(tf.sum(k3, 1), tokens)) as tf.Scalar;
    const ratio = tf.exp(tf.clipByValue(maskedLogRatios(logpNew, logpOld, mask), -logRatioLimit, logRatioLimit));
    return tf.mean(tf.div(tf.sum(tf.mul(stopGradient(ratio), k3), 1), tokens)) as tf.Scalar;
  });
}

/**
 * `grpoReferenceLoss` in float64 on plain rows, with its slope for logpNew: with `logpOld` not the derivative of the loss, since the
 * weight new/old is held still. @throws as `grpoLossAndGradient`
 */
export function grpoReferenceLossAndGradient(
  logpNew: Rows,
  logpRef: Rows,
  mask: Rows,
  { logpOld }: { logpOld?: Rows } = {},
): LossAndRowGradient {
  const tokens = checkRows({ logpNew, logpRef, ...(logpOld && { logpOld }) }, mask);
  let loss = 0;
  const gradient = logpNew.map((row, b) => {
    const share = 1 / (tokens.length * Math.max(1, tokens[b]));
    return Float64Array.from(row, (logp, t) => {
      if (mask[b][t] === 0) return 0;
      const d = logpRef[b][t] - logp;
      const moved = logpOld === undefined ? 0 : logp - logpOld[b][t];
      const weight = share * Math.exp(Math.max(-logRatioLimit, Math.min(logRatioLimit, moved)));
      loss += weight * (Math.expm1(d) - d);
      return -weight * Math.expm1(d);
    });
  });
  return { loss, gradient };
}
