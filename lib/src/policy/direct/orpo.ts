import { complain, DomainError } from "../../core/index.js";
import { sigmoid, softplus } from "../../numerics/index.js";
import { checkShapes, tf } from "../../tensor/index.js";
import { checkLogProbs, type LossAndPairGradient } from "./margin.js";

export interface OrpoOptions {
  /** lambda, the weight of the odds ratio beside the likelihood; default 0.1. 0 is supervised fine-tuning. */
  readonly weight?: number;
}

/**
 * ORPO's loss, mean over b of -chosen - weight log sigmoid(logit(chosen) - logit(rejected)): fine-tuning on the chosen
 * completion and a push on the odds, logit(l) = l - log(1 - e^l), in one step and without a reference. Log-probabilities of
 * completions in nats *divided by their numbers of tokens* (`maskedRowMean`), each [B], below 0: a completion that is certain
 * has infinite odds, and its gradient is NaN, which a training loop refuses. The float64 twin is `orpoLossAndGradient`. Hong,
 * Lee and Thorne 2024, arXiv:2403.07691, eq. 6 and 7.
 * @throws ShapeError if the shapes differ; DomainError unless weight >= 0
 */
export function orpoLoss(chosen: tf.Tensor, rejected: tf.Tensor, { weight = 0.1 }: OrpoOptions = {}): tf.Scalar {
  checkShapes({ chosen: [chosen, ["B"]], rejected: [rejected, ["B"]] });
  checkWeight(weight);
  return tf.tidy(() => {
    const logOdds = (logp: tf.Tensor) => tf.sub(logp, tf.log(tf.neg(tf.expm1(logp))));
    const odds = tf.softplus(tf.sub(logOdds(rejected), logOdds(chosen)));
    return tf.mean(tf.sub(tf.mul(odds, weight), chosen)) as tf.Scalar;
  });
}

/**
 * `orpoLoss` in float64 on plain lists, with its slopes.
 * @throws as `dpoLossAndGradient`; DomainError for a log-probability of 0 or more
 */
export function orpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  { weight = 0.1 }: OrpoOptions = {},
): LossAndPairGradient {
  checkWeight(weight);
  const n = checkLogProbs({ chosen, rejected });
  const gradient = { chosen: new Float64Array(n), rejected: new Float64Array(n) };
  let loss = 0;
  for (let b = 0; b < n; b++) {
    const [won, lost] = [logOdds("chosen", chosen[b], b), logOdds("rejected", rejected[b], b)];
    const gap = lost.value - won.value;
    loss += (weight * softplus(gap) - chosen[b]) / n;
    const pull = weight * sigmoid(gap);
    gradient.chosen[b] = (-1 - pull * won.slope) / n;
    gradient.rejected[b] = (pull * lost.slope) / n;
  }
  return { loss, gradient };
}

/** l - log(1 - e^l) and its slope, 1 / (1 - e^l). */
export function logOdds(name: string, logp: number, b: number): { value: number; slope: number } {
  if (!(logp < 0)) {
    const hint = "ORPO takes log-probabilities per token; a completion that is certain has infinite odds";
    throw new DomainError(complain(`${name}[${b}]`, "a number below 0", logp, hint));
  }
  const miss = -Math.expm1(logp);
  return { value: logp - Math.log(miss), slope: 1 / miss };
}

/** @throws DomainError unless weight >= 0 */
export function checkWeight(weight: number): void {
  if (!(weight >= 0 && Number.isFinite(weight))) {
    throw new DomainError(complain("weight", "a number of at least 0", weight));
  }
}
