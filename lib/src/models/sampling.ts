import { checkNonNegative } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { firstAbove } from "../tensor/firstAbove.js";
import { tf } from "../tensor/index.js";

/** How the next token is drawn. The steps apply in this order: temperature, top-k, top-p. */
export interface SamplingOptions {
  /**
   * Logits are divided by it; 1 by default. 0 takes the most likely token always; between 0 and 1e-6 there is nothing.
   */
  readonly temperature?: number;
  /** Only the k most likely tokens (ties with the k-th stay in). */
  readonly topK?: number;
  /**
   * Only the most likely tokens, as many as it takes to reach this probability (Holtzman et al.
   * 2019, arXiv:1904.09751).
   */
  readonly topP?: number;
}

/** Added to the logits of tokens that may not be drawn: exp of it is exactly 0. */
export const NEVER = -1e9;

/**
 * Logits of any size that trains, divided by it, still fit into float32. What is drawn there is the
 * most likely token already.
 */
const LEAST_TEMPERATURE = 1e-6;

/** @throws DomainError naming the option that cannot be */
export function checkSampling(options: SamplingOptions, vocabulary: number, { positive = false } = {}): void {
  const { temperature = 1, topK, topP } = options;
  if (positive && temperature === 0) {
    const hint = "At 0 nothing is left to chance, and there is nothing to learn from";
    throw new DomainError(complaint("temperature", "a positive number", temperature, hint));
  }
  checkNonNegative("temperature", temperature);
  if (temperature > 0 && temperature < LEAST_TEMPERATURE) {
    const hint = "0 takes the most likely token always";
    throw new DomainError(complaint("temperature", `0, or at least ${LEAST_TEMPERATURE}`, temperature, hint));
  }
  if (topK !== undefined && (!Number.isInteger(topK) || topK < 1 || topK > vocabulary)) {
    throw new DomainError(complaint("topK", `a whole number from 1 to ${vocabulary}, the vocabulary`, topK));
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) {
    throw new DomainError(complaint("topP", "a probability in (0, 1]", topP));
  }
}

/** Whether tokens are drawn from the model's own distribution. */
export function isPlainSampling({ temperature = 1, topK, topP }: SamplingOptions): boolean {
  return temperature === 1 && topK === undefined && (topP === undefined || topP === 1);
}

/**
 * The logits of the distribution that is drawn from: logits [B, V] -> [B, V], divided by the temperature, and lowered
 * by 1e9 for tokens that top-k or top-p exclude. Temperature 0 is not a distribution with logits; see `drawTokens`.
 * @throws DomainError for an option that cannot be
 */
export function samplingLogits(logits: tf.Tensor2D, options: SamplingOptions): tf.Tensor2D {
  const { temperature = 1, topK, topP } = options;
  const V = logits.shape[1];
  checkSampling(options, V);
  return tf.tidy(() => {
    // Multiplied, not divided: TensorFlow turns a division by a constant in a graph into a
    // product, which rounds otherwise.
    let z: tf.Tensor = temperature === 1 || temperature === 0 ? logits : tf.mul(logits, 1 / temperature);
    if (topK !== undefined && topK < V) {
      const least = tf.topk(z, topK).values.slice([0, topK - 1], [-1, 1]);
      z = tf.where(tf.greaterEqual(z, least), z, tf.add(z, NEVER));
    }
    if (topP !== undefined && topP < 1) {
      const sorted = tf.topk(z, V).values;
      const before = tf.cumsum(tf.softmax(sorted), 1, true); // the probability of all more likely tokens
      const kept = tf.where(tf.less(before, topP), sorted, tf.onesLike(sorted).mul(-NEVER));
      z = tf.where(tf.greaterEqual(z, tf.min(kept, 1, true)), z, tf.add(z, NEVER));
    }
    return z as tf.Tensor2D;
  });
}

/** Uniforms are scaled by this, so that no rounding brings one up to the whole probability. */
const BELOW_ONE = 1 - 2 ** -22;

/**
 * One token per row by inverting the cumulative distribution: logits [B, V] and uniforms [B] or [B, 1] in
 * [0, 1) -> [B] int32, the first token v with P(token <= v) > u. A token of probability 0 is never drawn. With
 * temperature 0 the uniforms are not used, and of equally likely tokens the first is taken.
 */
export function drawTokens(logits: tf.Tensor2D, uniforms: tf.Tensor, temperature = 1): tf.Tensor1D {
  return tf.tidy(() => {
    if (temperature === 0) return tf.argMax(logits, 1) as tf.Tensor1D;
    return drawFrom(tf.softmax(logits), uniforms);
  });
}

/** The same from probabilities [B, V]. */
export function drawFrom(probabilities: tf.Tensor2D, uniforms: tf.Tensor): tf.Tensor1D {
  return drawBelow(probabilities, belowOne(uniforms.reshape([-1, 1])));
}

/** Uniforms that stay below 1 times any total. */
export function belowOne(uniforms: tf.Tensor): tf.Tensor {
  return tf.mul(uniforms, BELOW_ONE);
}

/** The same from uniforms [B, 1] that went through `belowOne`: of several tokens' all at once. */
export function drawBelow(probabilities: tf.Tensor2D, uniforms: tf.Tensor): tf.Tensor1D {
  const V = probabilities.shape[1];
  const cumulative = tf.cumsum(probabilities, 1) as tf.Tensor2D;
  // Rounding may leave the total a little off 1, so u is taken of the total.
  const total = cumulative.slice([0, V - 1], [-1, 1]);
  return firstAbove(cumulative, tf.mul(uniforms, total));
}
