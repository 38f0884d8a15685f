import { complain, DomainError } from "../core/index.js";
import { type Key, uniform32 } from "../random/index.js";
import { capture, checkIntegers, checkShapes, tf, tokenLogProbs } from "../tensor/index.js";
import { attend, causalMask, mergeHeads, paddingMask, projectHeads } from "./attention.js";
import { type BlockParams, mlp, norm } from "./block.js";
import type { TransformerConfig } from "./config.js";
import { checkSampling, drawTokens, isPlainSampling, type SamplingOptions, samplingLogits } from "./sampling.js";
import { embed, type Transformer } from "./transformer.js";
import type { TransformerParams } from "./transformerParams.js";

export interface GenerateOptions extends SamplingOptions {
  /** N: how many tokens to write after each prompt. */
  readonly newTokens: number;
  /** A row ends with this token; what follows in it is padding. Never when left out. */
  readonly stop?: number;
  /** What stands after the end of a row; 0 by default. */
  readonly pad?: number;
}

/**
 * Prompts of one batch, [B, P]. Prompts of different lengths are padded on the left, so that they all end in the last
 * column; `starts` [B] int32 is the column of each row's first token. Without starts no row is padded.
 */
export type Prompts = { tokens: tf.Tensor2D; starts?: tf.Tensor1D };

/** What was written, aligned with the tokens: all [B, P + N]. */
export type Rollout = {
  /** The prompts, as they came, and the completions, int32. */
  tokens: tf.Tensor2D;
  /** 1 on the tokens that were drawn, the stop token included; 0 on prompts and on what follows a stop. */
  mask: tf.Tensor2D;
  /**
   * log-probability of each drawn token under the model itself, at temperature 1 and with every token allowed: what
   * `model.logProbs(params, tokens, mask)` would say. 0 where the mask is 0.
   */
  logProbs: tf.Tensor2D;
  /**
   * The same under the distribution that was drawn from, after temperature, top-k and top-p. Equal to logProbs without
   * these; 0 everywhere at temperature 0, where nothing is left to chance.
   */
  samplingLogProbs: tf.Tensor2D;
};

/** A rollout as a pure function of tensors: uniforms [B, N] in [0, 1) are all its randomness. */
export type RolloutFunction = (params: TransformerParams, prompts: Prompts, uniforms: tf.Tensor2D) => Rollout;

/**
 * Writes completions: `generator(model, { newTokens: 16 })` returns `generate(key, params, prompts)`. The whole rollout runs
 * as one captured graph, one for each shape of prompts; tracing it takes half a second, once. The parameters are arguments:
 * the same generator serves them as they change.
 * @throws DomainError if an option cannot be; `generate`: ShapeError or DomainError for prompts that do not fit
 */
export function generator(
  model: Transformer,
  options: GenerateOptions,
): (key: Key, params: TransformerParams, prompts: Prompts) => Rollout {
  const run = knownRollout(model, options);
  return (key, params, prompts) => {
    const [batch] = prompts.tokens.shape;
    const noise = tf.tensor2d(uniform32(key, batch * options.newTokens), [batch, options.newTokens]);
    const rollout = capture(run, [params, prompts, noise])(params, prompts, noise);
    noise.dispose();
    return rollout;
  };
}

/** Rollout functions by model size and options, so that a cell that is run again finds its graph. */
const rollouts = new Map<string, RolloutFunction>();

function knownRollout(model: Transformer, options: GenerateOptions): RolloutFunction {
  const name = JSON.stringify([model.config, options]);
  const run = rollouts.get(name) ?? rolloutFunction(model, options);
  rollouts.delete(name); // the newest stand last; the one that was not used for longest goes
  rollouts.set(name, run);
  if (rollouts.size > 20) rollouts.delete(rollouts.keys().next().value as string);
  return run;
}

/**
 * The rollout itself, with a key-value cache: the prompts are read once, then each step reads one token and attends to the
 * kept keys and values. The steps are unrolled, so that shapes are static.
 * @throws DomainError if an option cannot be
 */
export function rolloutFunction(model: Transformer, options: GenerateOptions): RolloutFunction {
  const { config } = model;
  const { newTokens, stop, pad = 0, temperature } = options;
  checkSampling(options, config.vocabulary);
  if (!Number.isInteger(newTokens) || newTokens < 1) {
    throw new DomainError(complain("newTokens", "an integer of at least 1", newTokens));
  }
  const plain = isPlainSampling(options);
  return (params, prompts, uniforms) =>
    tf.tidy(() => {
      const { B, P } = checkPrompts(config, prompts, uniforms, newTokens);
      const columns = {
        tokens: [] as tf.Tensor[],
        mask: [] as tf.Tensor[],
        model: [] as tf.Tensor[],
        sampling: [] as tf.Tensor[],
      };
      const noise = tf.unstack(uniforms, 1) as tf.Tensor1D[];
      let { last, cache } = readPrompts(config, params, prompts);
      let running: tf.Tensor = tf.ones([B]); // 1 until the stop token has been written
      for (let n = 0; ; n++) {
        const logits = model.head(params, last) as tf.Tensor2D;
        const z = plain ? logits : samplingLogits(logits, options);
        const drawn = drawTokens(z, noise[n], temperature);
        const logp = tf.mul(tokenLogProbs(logits, drawn), running);
        const token = stop === undefined ? drawn : tf.where(running.toBool(), drawn, tf.fill([B], pad, "int32"));
        columns.tokens.push(token);
        columns.mask.push(running);
        columns.model.push(logp);
        if (temperature === 0) columns.sampling.push(tf.zeros([B]));
        else columns.sampling.push(plain ? logp : tf.mul(tokenLogProbs(z, drawn), running));
        if (n === newTokens - 1) break;
        if (stop !== undefined) running = tf.mul(running, tf.notEqual(drawn, tf.scalar(stop, "int32")).toFloat());
        ({ last, cache } = readToken(config, params, token, P + n, cache, prompts.starts));
      }
      const empty = tf.zeros([B, P]);
      const aligned = (column: tf.Tensor[]) => tf.concat([empty, tf.stack(column, 1)], 1) as tf.Tensor2D;
      return {
        tokens: tf.concat([prompts.tokens, tf.stack(columns.tokens, 1)], 1) as tf.Tensor2D,
        mask: aligned(columns.mask),
        logProbs: aligned(columns.model),
        samplingLogProbs: aligned(columns.sampling),
      };
    });
}

/** Keys and values of every layer so far, each [B, H, t, D/H]. */
type Cache = { k: tf.Tensor4D; v: tf.Tensor4D }[];

/** What a step leaves: the residual stream after the last norm at the last column, [B, D], and the cache. */
type Step = { last: tf.Tensor2D; cache: Cache };

/** Reads the prompts [B, P]. */
function readPrompts(config: TransformerConfig, params: TransformerParams, { tokens, starts }: Prompts): Step {
  return forward(config, params, embed(params, tokens, starts), [], causalMask(tokens.shape[1], starts));
}

/** Reads one more token of every row, [B], that stands in column `column`. */
function readToken(
  config: TransformerConfig,
  params: TransformerParams,
  token: tf.Tensor,
  column: number,
  cache: Cache,
  starts?: tf.Tensor,
): Step {
  const position =
    starts === undefined
      ? params.positions.slice([column, 0], [1, config.width])
      : tf.gather(params.positions, tf.sub(tf.scalar(column, "int32"), starts));
  const x = tf.add(tf.gather(params.tokens, token as tf.Tensor1D), position).expandDims(1) as tf.Tensor3D;
  // Everything in the cache came earlier; only padding is hidden.
  return forward(config, params, x, cache, starts && paddingMask(column + 1, starts));
}

/** The blocks over new columns x [B, T, D], after what the cache holds. */
function forward(
  { layers, heads, epsilon }: TransformerConfig,
  params: TransformerParams,
  x: tf.Tensor3D,
  before: Cache,
  visible?: tf.Tensor,
): Step {
  const cache: Cache = [];
  for (let layer = 0; layer < layers; layer++) {
    const block: BlockParams = params.blocks[layer];
    let { q, k, v } = projectHeads(block.attention, norm(block.attentionNorm, x, epsilon), heads);
    const old = before[layer];
    if (old !== undefined) [k, v] = [tf.concat([old.k, k], 2), tf.concat([old.v, v], 2)] as [tf.Tensor4D, tf.Tensor4D];
    cache.push({ k, v });
    // Of the last layer only keys, values and the last column are wanted.
    if (layer === layers - 1) [x, q, visible] = [lastAlong(1, x), lastAlong(2, q), visible && lastAlong(2, visible)];
    x = x.add(mergeHeads(block.attention, attend(q, k, v, visible)));
    x = x.add(mlp(block.mlp, norm(block.mlpNorm, x, epsilon)));
  }
  const last = norm(params.norm, x, epsilon).reshape([x.shape[0], x.shape[2]]) as tf.Tensor2D;
  return { last, cache };
}

/** The last entry along an axis, which is kept. */
function lastAlong<T extends tf.Tensor>(axis: number, t: T): T {
  const size = t.shape[axis];
  if (size === 1) return t;
  const begin = t.shape.map((_, i) => (i === axis ? size - 1 : 0));
  const shape = t.shape.map((length, i) => (i === axis ? 1 : length));
  return t.slice(begin, shape) as T;
}

function checkPrompts(config: TransformerConfig, { tokens, starts }: Prompts, uniforms: tf.Tensor, newTokens: number) {
  const { B, P } = checkShapes({
    "prompts.tokens": [tokens, ["B", "P"]],
    ...(starts && { "prompts.starts": [starts, ["B"]] }),
    uniforms: [uniforms, ["B", newTokens]],
  });
  checkIntegers("prompts.tokens", tokens);
  // The last token is written, not read, so it needs no position; but then nobody could score it.
  if (P + newTokens > config.context) {
    const expected = `at most the context, ${config.context} tokens`;
    throw new DomainError(complain("prompt and new tokens", expected, `${P} + ${newTokens}`));
  }
  return { B, P };
}
