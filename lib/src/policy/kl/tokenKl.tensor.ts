import { checkShapes, maskedMean, tf, withGradient } from "../../tensor/index.js";

/**
 * Exact KL(p || q) of each token's distribution, sum_v p_v (log p_v - log q_v) in nats: two tensors of logits
 * [..., V] -> [...]. Differentiable in both: d/d logitsP = p (log p - log q - KL), d/d logitsQ = q - p. A token with
 * p_v = 0 adds nothing; Infinity where q has no chance of what p may write.
 * The float64 twin is `categoricalKl`.
 * @throws ShapeError if the shapes differ
 */
export function tokenKl(logitsP: tf.Tensor, logitsQ: tf.Tensor): tf.Tensor {
  checkShapes({ logitsP: [logitsP, ["...", "V"]], logitsQ: [logitsQ, ["...", "V"]] });
  return withGradient(
    [logitsP, logitsQ],
    (x, y) => {
      const [logP, logQ] = [tf.logSoftmax(x), tf.logSoftmax(y)];
      const p = tf.exp(logP);
      const weighted = tf.where(tf.greater(p, 0), tf.mul(p, tf.sub(logP, logQ)), tf.zerosLike(p));
      return [tf.sum(weighted, -1), weighted, p, tf.exp(logQ)];
    },
    (dy, [kl, weighted, p, q]) => {
      const up = dy.expandDims(-1);
      return [tf.mul(up, tf.sub(weighted, tf.mul(p, kl.expandDims(-1)))), tf.mul(up, tf.sub(q, p))];
    },
  );
}

/**
 * The token mean of KL(old || new): how far this update has gone from the policy that wrote the samples. It
 * bounds a *step*, and starts from 0 with every batch. logits [B, T, V], mask [B, T]; a scalar in nats per token.
 * Not to be taken for `referenceKl`.
 * @throws ShapeError if the shapes differ
 */
export function klOldNew(logitsOld: tf.Tensor, logitsNew: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkMasked("logitsOld", logitsOld, "logitsNew", logitsNew, mask);
  return maskedKl(logitsOld, logitsNew, mask);
}

/**
 * The reference KL, token mean of KL(new || ref): how far training as a whole has gone from the reference
 * policy. It is the penalty of RLHF's objective. logits [B, T, V], mask [B, T]; a scalar in nats per token. Not
 * to be taken for `klOldNew`.
 * @throws ShapeError if the shapes differ
 */
export function referenceKl(logitsNew: tf.Tensor, logitsRef: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkMasked("logitsNew", logitsNew, "logitsRef", logitsRef, mask);
  return maskedKl(logitsNew, logitsRef, mask);
}

/**
 * Masked tokens may hold anything, also logits whose KL is Infinity: they are left out before the
 * mean, not multiplied by 0.
 */
function maskedKl(logitsP: tf.Tensor, logitsQ: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const live = mask.toBool().expandDims(-1);
    const kept = (logits: tf.Tensor) => tf.where(live, logits, tf.zerosLike(logits));
    return maskedMean(tokenKl(kept(logitsP), kept(logitsQ)), mask);
  });
}

function checkMasked(nameP: string, p: tf.Tensor, nameQ: string, q: tf.Tensor, mask: tf.Tensor): void {
  checkShapes({ [nameP]: [p, ["B", "T", "V"]], [nameQ]: [q, ["B", "T", "V"]], mask: [mask, ["B", "T"]] });
}
