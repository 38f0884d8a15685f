// The transformer once more, on plain arrays in float64, written from the formulas with loops: the
// witness for the tensors.

import type { TransformerConfig, TransformerDropout, TransformerParams } from "../../lib/src/models/index.js";
import type { tf } from "../../lib/src/tensor/index.js";

type Matrix = number[][];
/** The tree of parameters or masks with nested arrays for tensors. */
// biome-ignore lint/suspicious/noExplicitAny: nested arrays of any depth
export type Arrays = any;

export function toArrays(tree: TransformerParams | TransformerDropout | tf.Tensor): Arrays {
  if ("dataId" in tree) return (tree as tf.Tensor).arraySync();
  return Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, toArrays(child as tf.Tensor)]));
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const column = (m: Matrix, j: number) => m.map((row) => row[j]);
const plus = (a: number[], b: number[]) => a.map((x, i) => x + b[i]);
const times = (a: number[], b: number[] | undefined) => (b === undefined ? a : a.map((x, i) => x * b[i]));

function affine(x: number[], { weight, bias }: { weight: Matrix; bias: number[] }): number[] {
  return bias.map((b, j) => b + dot(x, column(weight, j)));
}

function layerNorm(x: number[], { gain, bias }: { gain: number[]; bias: number[] }, epsilon: number): number[] {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  return x.map((v, i) => (gain[i] * (v - mean)) / Math.sqrt(variance + epsilon) + bias[i]);
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** One row, x [T][D]; keys before `start` are not seen; `masks` [H][T][T] multiply the weights. */
export function attentionOracle(params: Arrays, x: Matrix, heads: number, start = 0, masks?: Arrays): Matrix {
  const D = x[0].length;
  const d = D / heads;
  const qkv = x.map((row) => affine(row, params.qkv));
  return x.map((_, t) => {
    const mixed = new Array<number>(D).fill(0);
    for (let h = 0; h < heads; h++) {
      const part = (s: number, which: number) => qkv[s].slice(which * D + h * d, which * D + (h + 1) * d);
      const seen = x.map((_, s) => s).filter((s) => s <= t && s >= start);
      const weights = seen.map((s) => Math.exp(dot(part(t, 0), part(s, 1)) / Math.sqrt(d)));
      const total = weights.reduce((sum, w) => sum + w, 0);
      seen.forEach((s, i) => {
        const weight = (weights[i] / total) * (masks === undefined ? 1 : masks[h][t][s]);
        part(s, 2).forEach((value, j) => {
          mixed[h * d + j] += weight * value;
        });
      });
    }
    return affine(mixed, params.out);
  });
}

/** Logits [T][V] of one row of tokens; `masks` are the dropout masks of row `row` of a batch. */
export function logitsOracle(
  config: TransformerConfig,
  params: Arrays,
  tokens: number[],
  start = 0,
  masks?: Arrays,
  row = 0,
): Matrix {
  let x: Matrix = tokens.map((token, t) =>
    times(plus(params.tokens[token], params.positions[Math.max(t - start, 0)]), masks?.embedding[row][t]),
  );
  for (let layer = 0; layer < config.layers; layer++) {
    const block = params.blocks[layer];
    const drop = masks?.blocks[layer];
    const normed = x.map((v) => layerNorm(v, block.attentionNorm, config.epsilon));
    const mixed = attentionOracle(block.attention, normed, config.heads, start, drop?.weights[row]);
    x = x.map((v, t) => plus(v, times(mixed[t], drop?.attention[row][t])));
    x = x.map((v, t) => {
      const up = affine(layerNorm(v, block.mlpNorm, config.epsilon), block.mlp.up).map(gelu);
      return plus(v, times(affine(up, block.mlp.down), drop?.mlp[row][t]));
    });
  }
  return x.map((v) => {
    const final = layerNorm(v, params.norm, config.epsilon);
    return (params.tokens as Matrix).map((embedding) => dot(final, embedding));
  });
}

/** log p(token t | before), per token of one row; the first is 0. */
export function logProbsOracle(config: TransformerConfig, params: Arrays, tokens: number[], start = 0): number[] {
  const logits = logitsOracle(config, params, tokens, start);
  return tokens.map((token, t) => {
    if (t === 0) return 0;
    const most = Math.max(...logits[t - 1]);
    return logits[t - 1][token] - most - Math.log(logits[t - 1].reduce((sum, z) => sum + Math.exp(z - most), 0));
  });
}
