import { complaint, ShapeError } from "../core/index.js";
import { inHalves } from "../tensor/halves.js";
import { checkShapes, tf } from "../tensor/index.js";
import { causalMask, mergeHeads, projectHeads } from "./attention.js";
import { type BlockParams, mlp, norm } from "./block.js";
import type { TransformerConfig } from "./config.js";
import { checkTokens, embed, tiedHead } from "./layers.js";
import type { TransformerParams } from "./transformerParams.js";

/** What a transformer computes on the way to its logits. */
export type Trace = {
  /** The residual stream: after the embedding, then after every block; L + 1 tensors [B, T, D], edits included. */
  residual: tf.Tensor3D[];
  /** The attention weights of every block, L tensors [B, H, T, T]: attention[l][b, h, i, j] is how i looks at j. */
  attention: tf.Tensor4D[];
  /** [B, T, V], as `logits` gives them. */
  logits: tf.Tensor3D;
};

/** What a look inside may change. All of it can be differentiated, and captured. */
export interface TraceOptions {
  /** The column of each row's first token, [B] int32, as in `ForwardOptions`. */
  starts?: tf.Tensor;
  /**
   * Called with the residual stream x [B, T, D] at layer 0 (after the embedding) to L (after the last block); what it
   * returns goes on: another run's x (activation patching), x plus a vector (steering), x without a direction
   * (ablation).
   */
  edit?(layer: number, x: tf.Tensor3D): tf.Tensor3D;
  /** [L, H]: what each head writes is multiplied by its number, 0 to ablate it. */
  keepHeads?: tf.Tensor2D;
}

/**
 * A forward pass with everything written down: tokens [B, T] int32 -> `Trace`. Without edits its logits are those of
 * `Transformer.logits` to the bit, captured too. It is another function of the same parameters, so that a model that
 * only answers pays nothing for it. Hooks of this kind: Vig et al. 2020, arXiv:2004.12265; Meng et al. 2022,
 * arXiv:2202.05262.
 * @throws ShapeError if an edit returns another shape, or keepHeads is not [L, H]; DomainError for tokens that are none
 */
export function traceTransformer(
  config: TransformerConfig,
  params: TransformerParams,
  tokens: tf.Tensor,
  { starts, edit, keepHeads }: TraceOptions = {},
): Trace {
  const { T } = checkTokens(config, tokens, starts);
  if (keepHeads !== undefined) {
    const { L, H } = checkShapes({ keepHeads: [keepHeads, ["L", "H"]] });
    if (L !== config.layers || H !== config.heads) {
      throw new ShapeError(complaint("keepHeads", `shape [${config.layers}, ${config.heads}]`, keepHeads.shape));
    }
  }
  const edited = (layer: number, x: tf.Tensor3D) => {
    if (edit === undefined) return x;
    const next = edit(layer, x);
    if (next.shape.join() !== x.shape.join()) {
      throw new ShapeError(complaint(`what edit(${layer}, x) returns`, `shape [${x.shape}], as x`, next.shape));
    }
    return next;
  };
  // As `logits` does it, but in halves block by block: an edit sees all rows at once.
  let x = edited(
    0,
    inHalves({ tokens, starts }, (part) => embed(params, part.tokens, part.starts)),
  );
  const residual = [x];
  const attention: tf.Tensor4D[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    const keep = keepHeads?.slice([layer, 0], [1, config.heads]).reshape([1, config.heads, 1, 1]);
    const made = inHalves({ x, starts }, (part) =>
      tracedBlock(params.blocks[layer], part.x, { ...config, visible: causalMask(T, part.starts), keep }),
    );
    x = edited(layer + 1, made.x);
    residual.push(x);
    attention.push(made.weights);
  }
  const logits = inHalves({ x }, (part) => tiedHead(params, norm(params.norm, part.x, config.epsilon)) as tf.Tensor3D);
  return { residual, attention, logits };
}

/** The ops of `block`, one by one in their order, with the weights kept: [B, T, D] -> the same and [B, H, T, T]. */
function tracedBlock(
  params: BlockParams,
  x: tf.Tensor3D,
  options: { heads: number; epsilon: number; visible: tf.Tensor; keep?: tf.Tensor },
): { x: tf.Tensor3D; weights: tf.Tensor4D } {
  const { heads, epsilon, visible, keep } = options;
  const { q, k, v } = projectHeads(params.attention, norm(params.attentionNorm, x, epsilon), heads);
  const scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(q.shape[3])), k, false, true);
  const weights = tf.softmax(tf.add(scores, visible)) as tf.Tensor4D;
  const mixed = tf.matMul(weights, v) as tf.Tensor4D;
  const kept = keep === undefined ? mixed : (tf.mul(mixed, keep) as tf.Tensor4D);
  const middle = x.add(mergeHeads(params.attention, kept)) as tf.Tensor3D;
  return { x: middle.add(mlp(params.mlp, norm(params.mlpNorm, middle, epsilon))) as tf.Tensor3D, weights };
}

/**
 * The logit lens: what the head would say of a residual stream x [..., D] that is not finished, softmax(W_U LN(x)) as
 * log-probabilities [..., V] in nats. nostalgebraist 2020; it may mislead, as nothing taught early layers to be read
 * so.
 */
export function logitLens(config: TransformerConfig, params: TransformerParams, x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const width = x.shape[x.rank - 1] as number;
    const rows = x.reshape([1, -1, width]) as tf.Tensor3D;
    const logits = tiedHead(params, norm(params.norm, rows, config.epsilon));
    return tf.logSoftmax(logits).reshape([...x.shape.slice(0, -1), config.vocabulary]);
  });
}
