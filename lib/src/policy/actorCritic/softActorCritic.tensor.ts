import { checkShapes, maskedMean, tf } from "../../tensor/index.js";
import { checkAllFinite } from "../returns/inputs.js";
import { checkAlpha } from "./softActorCritic.js";
import { stopGradient } from "./stopGradient.tensor.js";

/**
 * Targets of the soft Q function for whole completions, undiscounted, with one reward at the end, [B, T]: the row's
 * reward for its last token, and for the others the soft value of the state that the token leads to. softValues[b, t]
 * is that of the state in which token t is written; rewards [B]; mask 1 on the tokens that were drawn, neighbours in
 * each row. 0 where the mask is 0. All of it is data to a loss, if the values are. Float64 twin: `softTargets`.
 * @throws ShapeError if the shapes differ
 */
export function softSequenceTargets(softValues: tf.Tensor, rewards: tf.Tensor, mask: tf.Tensor): tf.Tensor2D {
  const { B, T } = checkShapes({
    softValues: [softValues, ["B", "T"]],
    rewards: [rewards, ["B"]],
    mask: [mask, ["B", "T"]],
  });
  return tf.tidy(() => {
    const later = (x: tf.Tensor) => tf.concat([x.slice([0, 1], [B, T - 1]), tf.zeros([B, 1])], 1);
    const drawn = mask.toBool();
    const goesOn = later(mask.toFloat()).toBool();
    const targets = tf.where(goesOn, later(softValues), tf.mul(rewards.expandDims(1), tf.ones([B, T])));
    return tf.where(drawn, targets, tf.zerosLike(targets)) as tf.Tensor2D;
  });
}

/** How the soft values of a batch are priced. */
export interface SoftOptions {
  /** The temperature, in units of Q per nat, at least 0. It is data: no gradient flows into it. */
  alpha: number | tf.Scalar;
  /** log ref, [..., A], data; 0 when left out. */
  logpRef?: tf.Tensor;
}

/**
 * `softValue` of many states: logits and q [..., A], pi = softmax(logits) -> [...]. The gradient in the logits is that
 * of the formula; q and logpRef are data. All numbers finite.
 * @throws ShapeError if the shapes differ; DomainError for a negative alpha
 */
export function softValues(logits: tf.Tensor, q: tf.Tensor, { alpha, logpRef }: SoftOptions): tf.Tensor {
  checkShapes({
    logits: [logits, ["...", "A"]],
    q: [q, ["...", "A"]],
    ...(logpRef && { logpRef: [logpRef, ["...", "A"]] }),
    ...(typeof alpha !== "number" && { alpha: [alpha, []] }),
  });
  if (typeof alpha === "number") checkAlpha(alpha);
  return tf.tidy(() => {
    const logp = tf.logSoftmax(logits);
    const surprise = logpRef === undefined ? logp : tf.sub(logp, stopGradient(logpRef));
    const price = typeof alpha === "number" ? tf.scalar(alpha) : stopGradient(alpha);
    return tf.sum(tf.mul(tf.exp(logp), tf.sub(stopGradient(q), tf.mul(price, surprise))), -1);
  });
}

/**
 * The policy's loss, mean over states of sum_a pi(a) (alpha (log pi(a) - log ref(a)) - Q(a)) = -soft value, a scalar;
 * pi = softmax(logits). logits, q and logpRef [..., A], all finite; q and logpRef are data. Given a mask [...], the
 * mean is over states where it is 1. Smallest at pi = ref exp(Q / alpha) / Z, where it is -alpha log Z. Float64 twin,
 * for one state: `softPolicyLossAndGradient`.
 * @throws ShapeError if the shapes differ; DomainError for a negative alpha
 */
export function softPolicyLoss(
  logits: tf.Tensor,
  q: tf.Tensor,
  { mask, ...options }: SoftOptions & { mask?: tf.Tensor },
): tf.Scalar {
  return tf.tidy(() => meanOverStates(softValues(logits, q, options), mask).neg() as tf.Scalar);
}

/**
 * The temperature's loss, log alpha * mean over states of (entropy - target), a scalar: descending raises alpha where
 * the policy is less random than asked for and lowers it where it is more. entropies [...] in nats, data; logAlpha a
 * scalar, so that alpha stays positive. Given a mask [...], the mean is over states where it is 1.
 * (The papers write alpha where programs write log alpha: the gradient has the same sign and the same zero.)
 * Float64 twin: `temperatureStep`.
 * @throws ShapeError if the shapes differ
 */
export function temperatureLoss(
  logAlpha: tf.Tensor,
  entropies: tf.Tensor,
  targetEntropy: number,
  mask?: tf.Tensor,
): tf.Scalar {
  checkShapes({ logAlpha: [logAlpha, []] });
  checkAllFinite("targetEntropy", [targetEntropy]);
  return tf.tidy(() => {
    const excess = meanOverStates(tf.sub(entropies, targetEntropy), mask);
    return tf.mul(logAlpha, stopGradient(excess)) as tf.Scalar;
  });
}

/** What a mask leaves out is never read: it may be anything. */
function meanOverStates(values: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  if (mask === undefined) return tf.mean(values);
  checkShapes({ values: [values, ["..."]], mask: [mask, ["..."]] });
  return maskedMean(tf.where(mask.toBool(), values, tf.zerosLike(values)), mask);
}
