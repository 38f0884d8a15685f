import { checkCount, checkFinite, checkLength } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type GenerateOptions, generator, type Transformer, type TransformerParams } from "../../models/index.js";
import { foldIn, type Key } from "../../random/index.js";
import { capture, disposeTree, leaves, mapTree, tf, valueAndGradients } from "../../tensor/index.js";
import { type GradientSpread, gradientSpread } from "./gradientNoise.js";
import { reinforceLoss } from "./reinforceLoss.tensor.js";

export interface TransformerNoiseOptions extends GenerateOptions {
  /** The prompts in turn, all of one length. */
  prompts: readonly (readonly number[])[];
  /** The reward of a finished row: the tokens that were drawn, and which prompt they answer. */
  reward(reply: number[], prompt: number): number;
  /** Batch sizes to measure, each a multiple of the smallest. */
  batches: readonly number[];
  /** Independent batches of each size; 16 by default. */
  repeats?: number;
  /**
   * What is subtracted from the rewards of a batch: a number (0 by default), the batch's mean,
   * or the mean of the others.
   */
  baseline?: number | "batch mean" | "leave one out";
}

/**
 * The spread of batch gradients of one size, with the mean of their squared lengths, as `simpleNoiseScale` wants it.
 */
export interface TransformerNoise extends GradientSpread {
  batch: number;
  meanSquaredNorm: number;
}

/**
 * Batch size against gradient variance, measured on a transformer: for each batch size, `repeats` batches of fresh
 * replies, and of each the gradient of `reinforceLoss` with respect to all parameters, negated, so that it is one of
 * ascent. Gradients are taken by captured graphs for rows of the smallest batch size, or of 64 where that divides the
 * batch, and averaged: a batch's gradient is the mean of its parts'.
 * @throws DomainError for batch sizes that are no multiples of the smallest, fewer than two repeats, or
 *   rewards that are not finite
 */
export function transformerNoise(
  key: Key,
  model: Transformer,
  params: TransformerParams,
  options: TransformerNoiseOptions,
): TransformerNoise[] {
  const { prompts, batches, repeats = 16, baseline = 0, reward, ...generate } = options;
  const smallest = batches.reduce((least, b) => Math.min(least, b), Number.POSITIVE_INFINITY);
  for (const B of batches) {
    if (!Number.isInteger(B) || B < 1 || B % smallest !== 0) {
      throw new DomainError(complaint("batches", `multiples of the smallest, ${smallest}`, B));
    }
    if (baseline === "leave one out" && B < 2) {
      throw new DomainError(complaint("batches", 'at least two replies for "leave one out"', B));
    }
  }
  checkCount("repeats", repeats, 2);
  if (prompts.length === 0 || prompts.some(({ length }) => length !== prompts[0].length)) {
    throw new ShapeError(complaint("prompts", "at least one, all of one length", prompts));
  }
  const write = generator(model, generate as GenerateOptions);
  const gradient = rowsGradient(model);
  return batches.map((B, which) => {
    const part = B % 64 === 0 ? 64 : smallest;
    const gradients = Array.from({ length: repeats }, (_, r) => {
      const first = r * B; // prompts go on in turn from batch to batch
      const asked = Array.from({ length: B }, (_, b) => (first + b) % prompts.length);
      const tokens = tf.tensor2d(
        asked.map((i) => [...prompts[i]]),
        [B, prompts[0].length],
        "int32",
      );
      const rollout = write(foldIn(foldIn(key, which), r), params, { tokens });
      const width = rollout.tokens.shape[1];
      const mask = rollout.mask.dataSync();
      const drawn = rollout.tokens.dataSync();
      const rewards = asked.map((prompt, b) => {
        const reply: number[] = [];
        for (let at = b * width; at < (b + 1) * width; at++) if (mask[at] === 1) reply.push(drawn[at]);
        const value = reward(reply, prompt);
        checkFinite(`reward of [${reply}]`, value);
        return value;
      });
      const credit = advantagesOf(rewards, baseline);
      const sum = new Float64Array(countOf(params));
      for (let from = 0; from < B; from += part) {
        const rows = {
          tokens: rollout.tokens.slice([from, 0], [part, width]),
          mask: rollout.mask.slice([from, 0], [part, width]),
          advantages: tf.tensor2d(
            Float32Array.from({ length: part * width }, (_, i) => credit[from + Math.floor(i / width)]),
            [part, width],
          ),
        };
        const slope = gradient(params, rows);
        slope.dataSync().forEach((g, d) => {
          sum[d] -= (g * part) / B;
        });
        disposeTree([rows, slope]);
      }
      disposeTree([tokens, rollout]);
      return sum;
    });
    const meanSquaredNorm = gradients.reduce((sum, g) => sum + g.reduce((s, x) => s + x * x, 0), 0) / repeats;
    return { batch: B, meanSquaredNorm, ...gradientSpread(gradients) };
  });
}

type Rows = { tokens: tf.Tensor2D; mask: tf.Tensor2D; advantages: tf.Tensor2D };

/**
 * The score of each given row, d log pi(completion) / d params, one vector [D] per row: tokens and mask as
 * `sequenceRows` makes them, row-major [rows, width]. One captured backward pass per row. With every sequence of a tree
 * they give the transformer's gradient exactly.
 * @throws ShapeError if tokens and mask are not rows of that width
 */
export function transformerScores(
  model: Transformer,
  params: TransformerParams,
  rows: { tokens: Int32Array; mask: Float32Array; rows: number; width: number },
): Float32Array[] {
  const { tokens, mask, width } = rows;
  for (const [name, values] of Object.entries({ tokens, mask })) {
    if (values.length !== rows.rows * width) {
      throw new ShapeError(complaint(name, `${rows.rows} rows of ${width} numbers`, values));
    }
  }
  const gradient = rowsGradient(model);
  const advantages = tf.fill([1, width], -1) as tf.Tensor2D; // the loss is then the log-probability itself
  const scores = Array.from({ length: rows.rows }, (_, n) => {
    const row = {
      tokens: tf.tensor2d(tokens.slice(n * width, (n + 1) * width), [1, width], "int32"),
      mask: tf.tensor2d(mask.slice(n * width, (n + 1) * width), [1, width]),
      advantages,
    };
    const slope = gradient(params, row);
    const score = Float32Array.from(slope.dataSync());
    disposeTree([row.tokens, row.mask, slope]);
    return score;
  });
  advantages.dispose();
  return scores;
}

/**
 * The same figures without any sampling: the gradient of E[reward] with respect to all parameters, and the total
 * variance of its estimate from one reply with any baseline, from all the replies there are. `rows` as `sequenceRows`
 * makes them for one prompt, `reward` one number per row. A batch of B has totalVariance / B.
 * @throws ShapeError if lengths differ; DomainError if the rows' probabilities do not add up to 1
 */
export function transformerMoments(
  model: Transformer,
  params: TransformerParams,
  rows: { tokens: Int32Array; mask: Float32Array; rows: number; width: number },
  reward: ArrayLike<number>,
): { value: number; gradient: Float64Array; squaredNorm: number; totalVariance(baseline: number): number } {
  checkLength("reward", reward, rows.rows, "one per row");
  const scores = transformerScores(model, params, rows);
  const shape: [number, number] = [rows.rows, rows.width];
  const logProbs = tf.tidy(
    () => model.logProbs(params, tf.tensor2d(rows.tokens, shape, "int32"), tf.tensor2d(rows.mask, shape)).sum,
  );
  const probability = Float64Array.from(logProbs.dataSync(), Math.exp);
  logProbs.dispose();
  const all = probability.reduce((a, b) => a + b, 0);
  if (!(Math.abs(all - 1) < 1e-3)) throw new DomainError(complaint("probability of all rows", "1", all));
  const value = probability.reduce((sum, p, n) => sum + p * reward[n], 0) / all;
  const gradient = new Float64Array(scores[0].length);
  const lengths = scores.map((score, n) => {
    let length = 0;
    for (let d = 0; d < score.length; d++) {
      gradient[d] += probability[n] * (reward[n] - value) * score[d];
      length += score[d] * score[d];
    }
    return length;
  });
  const squaredNorm = gradient.reduce((sum, g) => sum + g * g, 0);
  const totalVariance = (baseline: number) =>
    lengths.reduce((sum, length, n) => sum + probability[n] * (reward[n] - baseline) ** 2 * length, -squaredNorm);
  return { value, gradient, squaredNorm, totalVariance };
}

/** d reinforceLoss / d params of some rows as one vector [D], captured once for each shape. */
function rowsGradient(model: Transformer): (params: TransformerParams, rows: Rows) => tf.Tensor1D {
  const known = gradients.get(model) ?? gradientOf(model);
  gradients.set(model, known);
  return (params, rows) => capture(known, [params, rows])(params, rows);
}

const gradients = new WeakMap<Transformer, (params: TransformerParams, rows: Rows) => tf.Tensor1D>();

function gradientOf(model: Transformer) {
  return (params: TransformerParams, { tokens, mask, advantages }: Rows): tf.Tensor1D => {
    const { gradients: slopes } = valueAndGradients(params, (p) =>
      reinforceLoss(model.logProbs(p, tokens, mask).perToken, advantages, mask),
    );
    return tf.concat1d(leaves(mapTree(slopes, (leaf) => leaf.reshape([-1]))) as tf.Tensor1D[]);
  };
}

function advantagesOf(rewards: number[], baseline: number | "batch mean" | "leave one out"): number[] {
  const B = rewards.length;
  const sum = rewards.reduce((a, b) => a + b, 0);
  if (baseline === "batch mean") return rewards.map((r) => r - sum / B);
  if (baseline === "leave one out") return rewards.map((r) => r - (sum - r) / (B - 1));
  return rewards.map((r) => r - baseline);
}

function countOf(params: TransformerParams): number {
  return leaves(params).reduce((sum, leaf) => sum + leaf.size, 0);
}
