import { complaint, DomainError, ShapeError } from "../core/index.js";
import type { Key } from "../random/index.js";
import { inHalves } from "../tensor/halves.js";
import { checkShapes, dropout, type Tree, tf, tokenLogProbs } from "../tensor/index.js";
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
  /**
   * The first column that is asked for; 0 by default. Of the last layer only what that and later columns need is
   * computed, and only they are returned, [B, T - from, ...]; `logProbs` returns all columns, with 0 before. The same
   * numbers as without but for rounding: products of fewer rows add in another order.
   */
  from?: number;
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
      tf.tidy(() => inPart({ ...options, tokens }, (part) => hidden(config, params, part))),
    head: (params, hidden) => tf.tidy(() => tiedHead(params, hidden)),
    logits: (params, tokens, options) =>
      tf.tidy(() => inPart({ ...options, tokens }, (part) => logits(config, params, part))),
    logProbs: (params, tokens, mask, options) =>
      tf.tidy(() =>
        inPart({ ...options, tokens, mask }, ({ tokens, mask, ...options }) =>
          sequenceLogProbs((read, from) => logits(config, params, { ...options, tokens: read, from }), tokens, mask, {
            from: options.from,
          }),
        ),
      ),
    trace: (params, tokens, options) => tf.tidy(() => traceTransformer(config, params, tokens, options)),
  };
  return model;
}

/** What a transformer reads: tokens [B, T] int32 and what goes with them, all of B rows. */
type Batch = ForwardOptions & { tokens: tf.Tensor };

/** In halves; the number of a column is not cut. */
export function inPart<I extends Batch & { mask?: tf.Tensor }, O extends Tree>(
  { from, ...batch }: I,
  fn: (part: I) => O,
): O {
  return inHalves(batch, (part) => fn({ ...part, from } as unknown as I));
}

function hidden(config: TransformerConfig, params: TransformerParams, batch: Batch): tf.Tensor3D {
  const { heads, epsilon, layers } = config;
  const { tokens, starts, dropout: masks, from = 0 } = batch;
  const { T } = checkTokens(config, tokens, starts);
  if (!(Number.isInteger(from) && from >= 0 && from < T)) {
    throw new DomainError(complaint("from", `a column from 0 to ${T - 1}`, from));
  }
  let x = embed(params, tokens, starts);
  if (masks !== undefined) x = dropout(x, masks.embedding) as tf.Tensor3D;
  const visible = causalMask(T, starts);
  for (let layer = 0; layer < layers; layer++) {
    const last = layer === layers - 1;
    x = block(params.blocks[layer], x, {
      heads,
      epsilon,
      visible,
      dropout: masks?.blocks[layer],
      from: last ? from : 0,
    });
  }
  return norm(params.norm, x, epsilon);
}

function logits(config: TransformerConfig, params: TransformerParams, batch: Batch): tf.Tensor3D {
  return tiedHead(params, hidden(config, params, batch)) as tf.Tensor3D;
}

/** `Transformer.logProbs` from the logits of any model. */
export function sequenceLogProbs(
  logitsOf: (read: tf.Tensor, from: number) => tf.Tensor3D,
  tokens: tf.Tensor,
  mask?: tf.Tensor,
  { from = 0 }: Pick<ForwardOptions, "from"> = {},
): SequenceLogProbs {
  const { B, T } = checkShapes({ tokens: [tokens, ["B", "T"]], ...(mask && { mask: [mask, ["B", "T"]] }) });
  if (T < 2) throw new ShapeError(complaint("tokens", "at least two columns", tokens.shape));
  // The last token predicts nothing that is asked for, so it need not be read.
  const read = tokens.slice([0, 0], [B, T - 1]);
  const first = Math.max(from, 1); // a row's first token is given
  const asked = (x: tf.Tensor) => x.slice([0, first], [B, T - first]);
  const logp = tokenLogProbs(logitsOf(read, first - 1), asked(tokens));
  const counted = mask === undefined ? logp : tf.mul(logp, asked(mask).toFloat());
  const perToken = tf.concat([tf.zeros([B, first]), counted], 1) as tf.Tensor2D;
  return { perToken, sum: tf.sum(counted, 1) as tf.Tensor1D };
}
