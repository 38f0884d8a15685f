import { foldIn, type Key, split } from "../random/index.js";
import { dropoutMask, normalInit, onesInit, type tf, zerosInit } from "../tensor/index.js";
import type { BlockDropout, BlockParams, NormParams } from "./block.js";
import type { TransformerConfig } from "./config.js";
import type { LinearParams } from "./linear.js";

/** All parameters of a transformer. The head is tied: logits are products with the token embedding. */
export type TransformerParams = {
  /** Token embedding, [V, D]. */
  tokens: tf.Tensor;
  /** Position embedding, [C, D]. */
  positions: tf.Tensor;
  /** By number: "0", "1", ... */
  blocks: { [number: string]: BlockParams };
  /** The norm before the head. */
  norm: NormParams;
};

/**
 * Fresh parameters, GPT-2's initialisation (Radford et al. 2019): weights and embeddings Normal(0, deviation^2), those
 * that write to the residual stream smaller by sqrt(2 L), so that its size does not grow with depth; gains 1, biases 0.
 */
export function initTransformer(key: Key, config: TransformerConfig): TransformerParams {
  const { vocabulary: V, context: C, width: D, layers: L, deviation } = config;
  const small = deviation / Math.sqrt(2 * L);
  const [tokenKey, positionKey, blockKey] = split(key, 3);
  const blocks: Record<string, BlockParams> = {};
  for (let layer = 0; layer < L; layer++) {
    const keys = split(foldIn(blockKey, layer), 4);
    blocks[layer] = {
      attentionNorm: initNorm(D),
      attention: { qkv: initLinear(keys[0], D, 3 * D, deviation), out: initLinear(keys[1], D, D, small) },
      mlpNorm: initNorm(D),
      mlp: { up: initLinear(keys[2], D, 4 * D, deviation), down: initLinear(keys[3], 4 * D, D, small) },
    };
  }
  return {
    tokens: normalInit(tokenKey, [V, D], deviation),
    positions: normalInit(positionKey, [C, D], deviation),
    blocks,
    norm: initNorm(D),
  };
}

/** Dropout masks for one batch: on the embeddings [B, T, D] and in every block. They enter the model as an argument. */
export type TransformerDropout = { embedding: tf.Tensor; blocks: { [number: string]: BlockDropout } };

/** Draws the dropout masks of one batch of `batch` rows of `length` tokens, with the config's probability. */
export function transformerDropout(
  key: Key,
  config: TransformerConfig,
  batch: number,
  length: number,
): TransformerDropout {
  const { width: D, heads: H, dropout: rate } = config;
  const keys = split(key, 3 * config.layers + 1);
  const stream = [batch, length, D];
  const blocks: Record<string, BlockDropout> = {};
  for (let layer = 0; layer < config.layers; layer++) {
    blocks[layer] = {
      weights: dropoutMask(keys[3 * layer + 1], [batch, H, length, length], rate),
      attention: dropoutMask(keys[3 * layer + 2], stream, rate),
      mlp: dropoutMask(keys[3 * layer + 3], stream, rate),
    };
  }
  return { embedding: dropoutMask(keys[0], stream, rate), blocks };
}

function initLinear(key: Key, from: number, to: number, deviation: number): LinearParams {
  return { weight: normalInit(key, [from, to], deviation), bias: zerosInit([to]) };
}

function initNorm(width: number): NormParams {
  return { gain: onesInit([width]), bias: zerosInit([width]) };
}
