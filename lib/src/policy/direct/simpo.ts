import { complain, DomainError } from "../../core/index.js";
import { sigmoid, softplus } from "../../numerics/index.js";
import { checkShapes, tf } from "../../tensor/index.js";
import { checkBeta, type LossAndPairGradient, type MarginLoss, meanOverPairs } from "./margin.js";

export interface SimpoOptions {
  /** beta, the slope; default 2. Larger than DPO's, since it multiplies log-probabilities of a token, not of a completion. */
  readonly beta?: number;
  /** gamma, by how much beta (chosen - rejected) should exceed 0; default 1. */
  readonly margin?: number;
}

/**
 * SimPO's loss, mean over b of -log sigmoid(beta (chosen - rejected) - margin). No reference: nothing but the data holds the
 * policy. Log-probabilities of completions in nats *divided by their numbers of tokens* (`maskedRowMean`), each [B].
 * The float64 twin is `simpoLossAndGradient`. Meng, Xia and Chen 2024, arXiv:2405.14734, eq. 6.
 * @throws ShapeError if the shapes differ; DomainError unless beta > 0 and the margin is finite
 */
export function simpoLoss(
  chosen: tf.Tensor,
  rejected: tf.Tensor,
  { beta = 2, margin = 1 }: SimpoOptions = {},
): tf.Scalar {
  checkShapes({ chosen: [chosen, ["B"]], rejected: [rejected, ["B"]] });
  check(beta, margin);
  return tf.tidy(() => {
    const short = tf.sub(margin, tf.mul(tf.sub(chosen, rejected), beta));
    return tf.mean(tf.softplus(short)) as tf.Scalar;
  });
}

/** -log sigmoid(beta d - margin) of one difference d = chosen - rejected, and its slope. @throws as `simpoLoss` */
export function simpoOfMargin(difference: number, { beta = 2, margin = 1 }: SimpoOptions = {}): MarginLoss {
  check(beta, margin);
  const short = margin - beta * difference;
  return { loss: softplus(short), slope: -beta * sigmoid(short) };
}

/** `simpoLoss` in float64 on plain lists, with its slopes. @throws as `dpoLossAndGradient` */
export function simpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  options: SimpoOptions = {},
): LossAndPairGradient {
  return meanOverPairs({ chosen, rejected }, (d) => simpoOfMargin(d, options));
}

function check(beta: number, margin: number): void {
  checkBeta(beta);
  if (!Number.isFinite(margin)) throw new DomainError(complain("margin", "a finite number", margin));
}
