import { typeAttribute } from "./binding.js";
import { checkIntegers, checkShapes } from "./checks.js";
import { inHalves } from "./halves.js";
import { maskedMean } from "./masked.js";
import { nativeBackend } from "./native.js";
import { tf } from "./tf.js";
import { withGradient } from "./withGradient.js";

/**
 * Log-probability of each token under the softmax of its logits, in nats:
 * logits [..., V], tokens [...] int32 -> [...], logits[token] - log sum_v exp(logits[v]). Stable for logits of any
 * size. One op forward and one backward: d/d logits = dy * (onehot(token) - softmax(logits)).
 * @throws ShapeError if the leading shapes differ; DomainError if tokens is not int32
 */
export function tokenLogProbs(logits: tf.Tensor, tokens: tf.Tensor): tf.Tensor {
  checkShapes({ logits: [logits, ["...", "V"]], tokens: [tokens, ["..."]] });
  checkIntegers("tokens", tokens);
  if (logits.rank < 3 || logits.size < MANY) return scored(logits, tokens);
  // Logits that come from two halves stay apart: the graph neither joins nor cuts them.
  return inHalves({ logits, tokens }, (part) => scored(part.logits, part.tokens));
}

/** From how many logits on two cores are worth their while. */
const MANY = 2 ** 14;

function scored(logits: tf.Tensor, tokens: tf.Tensor): tf.Tensor {
  const labels = tokens.reshape([-1]);
  const losses = withGradient(
    [logits.reshape([-1, logits.shape.at(-1) as number])],
    (x) => softmaxCrossEntropy(x as tf.Tensor2D, labels as tf.Tensor1D),
    (dy, [, slope]) => [tf.mul(dy.expandDims(-1), slope)],
  );
  return losses.reshape(tokens.shape).neg();
}

/**
 * Cross-entropy of the tokens, mean over the tokens where mask is 1 of -log p(token), in nats, a scalar.
 * logits [..., V], tokens [...] int32, mask [...] of 0 and 1 (all 1 when left out).
 * @throws ShapeError if the leading shapes differ; DomainError if tokens is not int32
 */
export function crossEntropy(logits: tf.Tensor, tokens: tf.Tensor, mask?: tf.Tensor): tf.Scalar {
  const logp = tokenLogProbs(logits, tokens);
  return (mask === undefined ? tf.mean(logp) : maskedMean(logp, mask)).neg() as tf.Scalar;
}

/**
 * Entropy of softmax(logits) in nats, [..., V] -> [...]: -sum_v p_v log p_v, where 0 log 0 = 0 as
 * long as logits are finite.
 */
export function categoricalEntropy(logits: tf.Tensor): tf.Tensor {
  const logp = tf.logSoftmax(logits);
  return tf.sum(tf.mul(tf.exp(logp), logp), -1).neg();
}

/** [-log p(label)] [N] and its slope softmax - onehot [N, V]: on native TensorFlow both come from one fused op. */
function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor[] {
  const native = nativeBackend();
  if (native !== undefined) {
    const attributes = [typeAttribute("T", "float32"), typeAttribute("Tlabels", "int32")];
    return native.executeMultipleOutputs("SparseSoftmaxCrossEntropyWithLogits", attributes, [logits, labels], 2);
  }
  const logp = tf.logSoftmax(logits);
  const chosen = tf.oneHot(labels, logits.shape[1]).toFloat();
  return [tf.sum(tf.mul(chosen, logp), -1).neg(), tf.sub(tf.exp(logp), chosen)];
}
