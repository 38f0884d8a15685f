import { tf } from "../../tensor/index.js";
import type { NoisyDpoOptions } from "./conservativeDpo.js";
import { checkBeta, checkNoise } from "./margin.js";
import { margins } from "./margin.tensor.js";

/**
 * Robust DPO: the loss whose mean over flipped labels is DPO's loss on clean ones, mean over b of ((1 - noise)
 * L(h) - noise L(-h)) / (1 - 2 noise) with L(h) = -log sigmoid(beta h), which is L(h) - noise beta h / (1 - 2 noise).
 * It has no lower bound: on few labels a single margin can run away. Arguments as `dpoLoss`; `noise` must be known. The
 * float64 twin is `robustDpoLossAndGradient`.
 *
 * Not to be taken for `conservativeDpoLoss`, which adds noise beta h where this one takes noise beta h / (1 - 2 noise)
 * away: of a pair that is asked very often, with share q of answers for the first, q = p (1 - noise) + (1 - p) noise by
 * flips, this one's best margin is log(p / (1 - p)) / beta, as if nobody had flipped, plain DPO's is
 * log(q / (1 - q)) / beta, and the conservative one's is smaller still. Chowdhury, Kini and Natarajan 2024,
 * arXiv:2403.00409, eq. 12.
 * @throws ShapeError if the shapes differ; DomainError unless beta > 0 and 0 <= noise < 1/2
 */
export function robustDpoLoss(
  chosen: tf.Tensor,
  rejected: tf.Tensor,
  refChosen: tf.Tensor,
  refRejected: tf.Tensor,
  { beta = 0.1, noise = 0.1 }: NoisyDpoOptions = {},
): tf.Scalar {
  checkBeta(beta);
  checkNoise(noise);
  return tf.tidy(() => {
    const h = margins(chosen, rejected, refChosen, refRejected);
    const correction = tf.mul(h, (-noise * beta) / (1 - 2 * noise));
    return tf.mean(tf.add(tf.softplus(tf.mul(h, -beta)), correction)) as tf.Scalar;
  });
}
