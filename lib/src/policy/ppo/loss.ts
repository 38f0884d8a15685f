import { complain, DomainError, ShapeError } from "../../core/index.js";
import { checkShapes, maskedMean, maskedSum, tf } from "../../tensor/index.js";
import { countTokens } from "../checkMask.js";
import { type LossAndTokenGradient, meanOverTokens } from "../meanOverTokens.js";
import { type ClipOptions, clipRange } from "./clip.js";
import { clippedObjective, clippedObjectiveOf } from "./clippedObjective.js";

/**
 * PPO's loss with a ratio for each token: minus the token mean of
 *
 *   min(r_t A_t, clip(r_t, 1 - clip, 1 + clip) A_t),    r_t = exp(logpNew_t - logpOld_t),
 *
 * a scalar. logpNew, logpOld, advantages, mask [B, T]; log-probabilities in nats of tokens drawn from the old policy. Schulman et
 * al. 2017, arXiv:1707.06347, eq. 7. Differentiated in logpNew only.
 * What stands where the mask is 0 is never looked at. Neither a trust region nor sure to improve the policy: see lesson 08.
 * Takes a logpNew of -Infinity (the ratio is 0). Infinity or NaN if a drawn token had logpOld = -Infinity, which cannot be; NaN
 * if the mask is all 0.
 * The float64 twin is `ppoLossAndGradient`.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function ppoLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  options: ClipOptions = {},
): tf.Scalar {
  const range = clipRange(options);
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpOld: [logpOld, ["B", "T"]],
    advantages: [advantages, ["B", "T"]],
    mask: [mask, ["B", "T"]],
  });
  return tf.tidy(() => {
    const live = mask.toBool();
    const logRatio = tf.where(live, tf.sub(logpNew, logpOld), tf.zerosLike(logpNew));
    const gains = tf.where(live, advantages, tf.zerosLike(advantages));
    return tf.neg(maskedMean(clippedObjective(logRatio, gains, range), mask)) as tf.Scalar;
  });
}

/**
 * PPO's loss with one ratio for the whole sequence, the product of its tokens' ratios (their logarithms add up): minus the
 * mean, over the rows that have tokens, of min(r A, clip(r, 1 - clip, 1 + clip) A). A scalar. logpNew, logpOld, mask [B, T];
 * advantages [B]. Differentiated in logpNew only.
 * The product of n ratios leaves the range about sqrt(n) (drift: n) times as fast as one: clip = 0.2 is tight for long texts.
 * (GSPO takes the geometric mean instead.) Rows without tokens do not count; NaN if there are no others.
 * The float64 twin is `ppoSequenceLossAndGradient`.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function ppoSequenceLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  options: ClipOptions = {},
): tf.Scalar {
  const range = clipRange(options);
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpOld: [logpOld, ["B", "T"]],
    advantages: [advantages, ["B"]],
    mask: [mask, ["B", "T"]],
  });
  return tf.tidy(() => {
    const ratios = tf.where(mask.toBool(), tf.sub(logpNew, logpOld), tf.zerosLike(logpNew));
    const written = tf.max(mask, 1);
    const gains = tf.where(written.toBool(), advantages, tf.zerosLike(advantages));
    return tf.neg(maskedMean(clippedObjective(maskedSum(ratios, mask), gains, range), written)) as tf.Scalar;
  });
}

/**
 * `ppoLoss` in float64 on plain arrays, one number per token in any order, and d loss / d logpNew.
 * @throws ShapeError if the lengths differ; DomainError unless clip > 0, the mask is of 0 and 1 with at least one 1, and what is not
 *   masked is: logpOld finite, logpNew a number below Infinity, the advantage finite
 */
export function ppoLossAndGradient(
  logpNew: ArrayLike<number>,
  logpOld: ArrayLike<number>,
  advantages: ArrayLike<number>,
  mask: ArrayLike<number>,
  options: ClipOptions = {},
): LossAndTokenGradient {
  const range = clipRange(options);
  return meanOverTokens({ logpNew, logpOld, advantages }, mask, (i) => {
    const { objective, slope } = clippedObjectiveOf(logRatioOf(logpNew[i], logpOld[i]), advantages[i], range);
    return { loss: -objective, slope: -slope };
  });
}

/**
 * `ppoSequenceLoss` in float64 on plain rows, and d loss / d logpNew, row by row. Rows may have different lengths.
 * @throws as `ppoLossAndGradient`
 */
export function ppoSequenceLossAndGradient(
  logpNew: readonly ArrayLike<number>[],
  logpOld: readonly ArrayLike<number>[],
  advantages: ArrayLike<number>,
  mask: readonly ArrayLike<number>[],
  options: ClipOptions = {},
): { loss: number; gradient: Float64Array[] } {
  const range = clipRange(options);
  const B = logpNew.length;
  for (const [name, list] of Object.entries({ logpOld, advantages, mask })) {
    if (list.length !== B) throw new ShapeError(complain(name, `${B} rows`, list));
  }
  const flat = (rows: readonly ArrayLike<number>[]) => rows.flatMap((row) => Array.from(row));
  countTokens(flat(mask), flat(logpNew).length);
  const written = mask.map((row) => Array.from(row).some((m) => m === 1));
  const rows = written.filter(Boolean).length;
  let loss = 0;
  const gradient = logpNew.map((row, b) => {
    for (const [name, list] of Object.entries({ logpOld, mask })) {
      if (list[b].length !== row.length) {
        throw new ShapeError(complain(`${name}[${b}]`, `${row.length} numbers, one per token`, list[b]));
      }
    }
    const out = new Float64Array(row.length);
    if (!written[b]) return out;
    let logRatio = 0;
    for (let t = 0; t < row.length; t++) if (mask[b][t] === 1) logRatio += logRatioOf(row[t], logpOld[b][t]);
    const { objective, slope } = clippedObjectiveOf(logRatio, advantages[b], range);
    loss -= objective / rows;
    return out.map((_, t) => (mask[b][t] === 1 ? -slope / rows : 0));
  });
  return { loss, gradient };
}

function logRatioOf(logpNew: number, logpOld: number): number {
  if (!Number.isFinite(logpOld)) {
    const hint = "The tokens were drawn from the old policy, so it gave each of them some chance";
    throw new DomainError(complain("logpOld", "a finite log-probability", logpOld, hint));
  }
  if (!(logpNew < Number.POSITIVE_INFINITY)) {
    throw new DomainError(complain("logpNew", "a log-probability", logpNew));
  }
  return logpNew - logpOld;
}
