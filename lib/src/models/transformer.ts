import { complaint, ShapeError } from "../core/index.js";
import type { Key } from "../random/index.js";
import { inHalves } from "../tensor/halves.js";
import { checkShapes, dropout, tf, tokenLogProbs } from "../tensor/index.js";
import { causalMask } from "./attention.js";
import { block, norm } from "./block.js";
import { type TransformerConfig, type TransformerOptions, transformerConfig } from "./config.js";
import { checkTokens, embed, tiedHead } from "./layers.js";
import { type Trace, type TraceOptions, traceTransformer } from "./trace.js";
import { initTransformer, type TransformerDropout, type TransformerParams } from "./transformerParams.js";

/** What varies from call to call. */
export interface ForwardOptions {
  /**
   * For rows that are padded on the left: the column of each row's first token, [B] int32. What stands before is not
   * seen, and positions count from there, so that a padded row gives what the bare row gives. Padding on the right
   * needs nothing: what comes later is never seen; leave it out of the mask.
   */
  starts?: tf.Tensor;
  /** Dropout masks from `transformerDropout`, in training. */
  dropout?: TransformerDropout;
}

/** Log-probabilities of given tokens, in nats. */
export type SequenceLogProbs = {
  /** log p(token t | tokens before t) where the mask is 1, else 0, [B, T]. */
  perToken: tf.Tensor2D;
  /** Their sum over each row, [B]. */
  sum: tf.Tensor1D;
};

/**
 * A decoder-only transformer in GPT-2's layout (Radford et al. 2019): learned positions, pre-norm blocks, GELU, a tied
 * head. All functions are pure, of tensors with fixed shapes, so that `capture` can turn them into graphs.
 */
export interface Transformer {
  readonly config: TransformerConfig;
  /** Fresh parameters. */
  init(key: Key): TransformerParams;
  /** The residual stream after the last norm: tokens [B, T] int32 -> [B, T, D]. Heads read from here. */
  hidden(params: TransformerParams, tokens: tf.Tensor, options?: ForwardOptions): tf.Tensor3D;
  /** hidden [..., D] -> logits [..., V]: products with the token embedding. */
  head(params: TransformerParams, hidden: tf.Tensor): tf.Tensor;
  /** logits[b, t] are for the token that follows token t: [B, T] int32 -> [B, T, V]. */
  logits(params: TransformerParams, tokens: tf.Tensor, options?: ForwardOptions): tf.Tensor3D;
  /**
   * Log-probabilities of the tokens themselves, in nats: tokens [B, T] int32, mask [B, T] of 0 and 1. perToken[b, t] is
   * log p(token t | tokens 0 .. t-1) where mask[b, t] is 1, and exactly 0 elsewhere; a row's first token is given, not
   * predicted, so column 0 is always 0. Without a mask every token but the first counts.
   */
  logProbs(params: TransformerParams, tokens: tf.Tensor, mask?: tf.Tensor, options?: ForwardOptions): SequenceLogProbs;
  /** A forward pass with everything written down, and edits on the way: see `Trace` and `TraceOptions`. */
  trace(params: TransformerParams, tokens: tf.Tensor, options?: TraceOptions): Trace;
}

/**
 * The transformer of a size: `transformer({ vocabulary: 64, context: 64, width: 64, layers: 2, heads: 4 })`.
 * @throws DomainError if the config cannot be
 */
export function transformer(options: TransformerOptions): Transformer {
  const config = transformerConfig(options);
  const model: Transformer = {
    config,
    init: (key) => initTransformer(key, config),
    hidden: (params, tokens, options) =>
      tf.tidy(() => inHalves({ ...options, tokens }, (part) => hidden(config, params, part))),
    head: (params, hidden) => tf.tidy(() => tiedHead(params, hidden)),
    logits: (params, tokens, options) =>
      tf.tidy(() => inHalves({ ...options, tokens }, (part) => logits(config, params, part))),
    logProbs: (params, tokens, mask, options) =>
      tf.tidy(() =>
        inHalves({ ...options, tokens, mask }, ({ tokens, mask, ...options }) =>
          sequenceLogProbs((read) => logits(config, params, { ...options, tokens: read }), tokens, mask),
        ),
      ),
    trace: (params, tokens, options) => tf.tidy(() => traceTransformer(config, params, tokens, options)),
  };
  return model;
}

/** What a transformer reads: tokens [B, T] int32 and what goes with them, all of B rows. */
type Batch = ForwardOptions & { tokens: tf.Tensor };

function hidden(config: TransformerConfig, params: TransformerParams, batch: Batch): tf.Tensor3D {
  const { heads, epsilon, layers } = config;
  const { tokens, starts, dropout: masks } = batch;
  const { T } = checkTokens(config, tokens, starts);
  let x = embed(params, tokens, starts);
  if (masks !== undefined) x = dropout(x, masks.embedding) as tf.Tensor3D;
  const visible = causalMask(T, starts);
  for (let layer = 0; layer < layers; layer++) {
    x = block(params.blocks[layer], x, { heads, epsilon, visible, dropout: masks?.blocks[layer] });
  }
  return norm(params.norm, x, epsilon);
}

function logits(config: TransformerConfig, params: TransformerParams, batch: Batch): tf.Tensor3D {
  return tiedHead(params, hidden(config, params, batch)) as tf.Tensor3D;
}

/** `Transformer.logProbs` from the logits of any model. */
export function sequenceLogProbs(
  logitsOf: (read: tf.Tensor) => tf.Tensor3D,
  tokens: tf.Tensor,
  mask?: tf.Tensor,
): SequenceLogProbs {
  const { B, T } = checkShapes({ tokens: [tokens, ["B", "T"]], ...(mask && { mask: [mask, ["B", "T"]] }) });
  if (T < 2) throw new ShapeError(complaint("tokens", "at least two columns", tokens.shape));
  // The last token predicts nothing that is asked for, so it need not be read.
  const read = tokens.slice([0, 0], [B, T - 1]);
  const predicted = tokens.slice([0, 1], [B, T - 1]);
  const logp = tokenLogProbs(logitsOf(read), predicted);
  const counted = mask === undefined ? logp : tf.mul(logp, mask.slice([0, 1], [B, T - 1]).toFloat());
  const perToken = tf.concat([tf.zeros([B, 1]), counted], 1) as tf.Tensor2D;
  return { perToken, sum: tf.sum(counted, 1) as tf.Tensor1D };
}
