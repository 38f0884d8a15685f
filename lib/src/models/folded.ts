import { GELU_CUBIC, tf } from "../tensor/index.js";
import type { MlpParams, NormParams } from "./block.js";
import type { TransformerConfig } from "./config.js";
import { type LinearParams, linear } from "./linear.js";
import type { TransformerParams } from "./transformerParams.js";

/** Parameters of a transformer that computes the same with fewer ops; see `foldNorms`. */
export type FoldedParams = {
  tokens: tf.Tensor;
  positions: tf.Tensor;
  blocks: { attention: { qkv: LinearParams; out: LinearParams }; mlp: { up: LinearParams; down: LinearParams } }[];
  /** Logits: weight [D, V], bias [V]. */
  head: LinearParams;
};

/**
 * The same transformer for a reader of one token after another, where the number of ops is what takes the time. All of
 * it is exact but for rounding:
 * - a layer norm does not see the mean of its input. So everything that writes to the residual stream writes with
 *   mean 0, and no norm needs to subtract a mean;
 * - the gain and bias of a norm go into the linear map that reads it:
 *   (gain n + bias) W + b = n (gain W) + (bias W + b);
 * - the 1 / sqrt(D/H) of attention goes into the queries;
 * - of GELU's two constants one goes into the maps before and after it, see `foldedMlp`.
 */
export function foldNorms({ width, heads }: TransformerConfig, params: TransformerParams): FoldedParams {
  const scales = new Float32Array(3 * width).fill(1).fill(1 / Math.sqrt(width / heads), 0, width);
  const scale = tf.tensor1d(scales);
  const head = { weight: params.tokens.transpose(), bias: tf.zeros([params.tokens.shape[0]]) };
  return {
    tokens: centred(params.tokens),
    positions: centred(params.positions),
    blocks: Object.keys(params.blocks).map((_, layer) => {
      const { attention, attentionNorm, mlp, mlpNorm } = params.blocks[layer];
      const qkv = reading(attentionNorm, attention.qkv);
      return {
        attention: {
          qkv: { weight: tf.mul(qkv.weight, scale), bias: tf.mul(qkv.bias, scale) },
          out: writing(attention.out),
        },
        mlp: { up: stretched(reading(mlpNorm, mlp.up), STRETCH), down: shrunk(writing(mlp.down), STRETCH) },
      };
    }),
    head: reading(params.norm, head),
  };
}

/**
 * Layer norm of x [..., D] that has mean 0, without gain and bias: x / sqrt(mean of squares + epsilon). Since the mean
 * is 0, the mean of (x + sqrt(epsilon))^2 is what stands under the root: one op less.
 */
export function unitNorm<T extends tf.Tensor>(x: T, epsilon: number): T {
  return tf.mul(x, tf.rsqrt(tf.mean(tf.squaredDifference(x, -Math.sqrt(epsilon)), -1, true)));
}

// With z = B^(1/3) x, GELU is z sigmoid(z (z^2 + A / B^(1/3))) / B^(1/3).
const STRETCH = Math.cbrt(GELU_CUBIC.B);

/** The MLP of folded parameters: x [N, D] -> [N, D]. */
export function foldedMlp({ up, down }: MlpParams, x: tf.Tensor2D): tf.Tensor2D {
  const z = linear(up, x);
  const gate = tf.sigmoid(tf.mul(z, tf.add(tf.square(z), GELU_CUBIC.A / STRETCH)));
  return linear(down, tf.mul(z, gate)) as tf.Tensor2D;
}

/** The linear map with outputs times a number. */
function stretched({ weight, bias }: LinearParams, by: number): LinearParams {
  return { weight: tf.mul(weight, by), bias: tf.mul(bias, by) };
}

/** The linear map of inputs that are that many times too large. */
function shrunk({ weight, bias }: LinearParams, by: number): LinearParams {
  return { weight: tf.mul(weight, 1 / by), bias };
}

/** The linear map with the norm's gain and bias before it. */
function reading({ gain, bias }: NormParams, { weight, bias: b }: LinearParams): LinearParams {
  const moved = tf.matMul(bias.expandDims(0) as tf.Tensor2D, weight as tf.Tensor2D).reshape(b.shape);
  return { weight: tf.mul(gain.expandDims(1), weight), bias: tf.add(moved, b) };
}

/** The linear map with outputs of mean 0. */
function writing({ weight, bias }: LinearParams): LinearParams {
  return { weight: centred(weight), bias: centred(bias) };
}

function centred(rows: tf.Tensor): tf.Tensor {
  return tf.sub(rows, tf.mean(rows, -1, true));
}
