import { tf } from "../../tensor/index.js";
import type { NoisyDpoOptions } from "./conservativeDpo.js";
import { checkBeta, checkNoise } from "./margin.js";
import { margins } from "./margin.tensor.js";

/**
 * Conservative DPO: cross-entropy against labels that are believed with 1 - noise, mean over b of
 * -(1 - noise) log sigmoid(beta h) - noise log sigmoid(-beta h), which is DPO's loss PLUS noise beta h. It is
 * smallest at the finite margin h = log((1 - noise) / noise) / beta: confidence is bounded, on clean labels
 * too. Arguments as `dpoLoss`.
 *
 * Not to be taken for `robustDpoLoss`, which differs by a sign and a factor and does the opposite: here the loss doubts
 * the labels, and its optimum lies nearer to the reference than clean labels would put it, so noise that is there is
 * counted twice; there the expected effect of the noise is taken out, MINUS noise beta h / (1 - 2 noise), and the
 * optimum is that of clean labels. Take this one to be cautious, also where nothing is known about the noise. The
 * float64 twin is `conservativeDpoLossAndGradient`. Mitchell 2023, "A note on DPO with noisy preferences".
 * @throws ShapeError if the shapes differ; DomainError unless beta > 0 and 0 <= noise < 1/2
 */
export function conservativeDpoLoss(
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
    return tf.mean(tf.add(tf.softplus(tf.mul(h, -beta)), tf.mul(h, noise * beta))) as tf.Scalar;
  });
}
