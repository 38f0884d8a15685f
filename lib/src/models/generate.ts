import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type Key, uniform32 } from "../random/index.js";
import { inHalves } from "../tensor/halves.js";
import { capture, checkIntegers, checkShapes, tf, tokenLogProbs } from "../tensor/index.js";
import { checkAutomaton, checkTokenIds, mayStopIn, type TokenAutomaton } from "../tokenizers/index.js";
import { paddingMask } from "./attention.js";
import { automatonGuard } from "./automatonGuard.js";
import type { TransformerConfig } from "./config.js";
import { type FoldedParams, foldNorms } from "./folded.js";
import { columnPositions, readPrompts, readToken } from "./keyValueCache.js";
import {
  belowOne,
  checkSampling,
  drawBelow,
  isPlainSampling,
  type SamplingOptions,
  samplingLogits,
} from "./sampling.js";
import type { Transformer } from "./transformer.js";
import type { TransformerParams } from "./transformerParams.js";

export interface GenerateOptions extends SamplingOptions {
  /** N: how many tokens to write after each prompt. */
  readonly newTokens: number;
  /**
   * A row ends with this token of the vocabulary, or with the first of these (`ids.ends` of a folder that names
   * several); what follows in it is padding. Never when left out.
   */
  readonly stop?: number | readonly number[];
  /** What stands after the end of a row; 0 by default. */
  readonly pad?: number;
  /**
   * Constrained decoding: only tokens that the automaton lets follow are drawn, the rest renormalised (before
   * temperature, top-k and top-p). It looks ahead to the last of the new tokens, so that a row never runs out of
   * tokens, and starts from what it has read of the prompt. For a text model: `forbiddenPhrases` in rlhf-lab/safety.
   */
  readonly automaton?: TokenAutomaton;
}

/**
 * Prompts of one batch, [B, P]. Prompts of different lengths are padded on the left, so that they all end in the last
 * column; `starts` [B] int32 is the column of each row's first token. Without starts no row is padded.
 */
export type Prompts = { tokens: tf.Tensor2D; starts?: tf.Tensor1D };

/** Prompts, and the state [B] int32 of the automaton after each, where there is one. */
type ReadPrompts = Prompts & { states?: tf.Tensor1D };

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
export type RolloutFunction = (params: TransformerParams, prompts: ReadPrompts, uniforms: tf.Tensor2D) => Rollout;

/**
 * Writes completions: `generator(model, { newTokens: 16 })` returns `generate(key, params, prompts)`. The whole rollout
 * runs as one captured graph, one for each shape of prompts; tracing it takes half a second, once. The parameters are
 * arguments: the same generator serves them as they change.
 * @throws DomainError if an option cannot be; `generate`: ShapeError or DomainError for prompts that do not fit, hold
 *   tokens that are none, or leave the automaton no completion
 */
export function generator(
  model: Transformer,
  options: GenerateOptions,
): (key: Key, params: TransformerParams, prompts: Prompts) => Rollout {
  const run = knownRollout(model, options);
  const byShape = new Map<string, RolloutFunction>();
  return (key, params, prompts) => {
    const [batch] = prompts.tokens.shape;
    checkTokenIds("prompts.tokens", prompts.tokens.dataSync(), model.config.vocabulary);
    const noise = tf.tensor2d(uniform32(key, batch * options.newTokens), [batch, options.newTokens]);
    const shape = [...prompts.tokens.shape, prompts.starts?.shape].join();
    const states = options.automaton && statesAfter(options.automaton, prompts, options.newTokens);
    const read = states === undefined ? prompts : { ...prompts, states };
    const fast = byShape.get(shape) ?? capture(run, [params, read, noise]);
    byShape.set(shape, fast);
    const rollout = fast(params, read, noise);
    noise.dispose();
    states?.dispose();
    return rollout;
  };
}

/** The automaton's state after each prompt, [B] int32. */
function statesAfter(automaton: TokenAutomaton, { tokens, starts }: Prompts, newTokens: number): tf.Tensor1D {
  const rows = tokens.arraySync();
  const first = starts?.arraySync() ?? [];
  const states = rows.map((row, b) => automaton.stateAfter(row.slice(first[b] ?? 0)));
  const open = mayStopIn(automaton, newTokens)[newTokens];
  states.forEach((state, b) => {
    if (open[state] === 1) return;
    const expected = `a prompt to which ${newTokens} permitted tokens can be written`;
    throw new DomainError(complaint(`row ${b}`, expected, rows[b]));
  });
  return tf.tensor1d(Int32Array.from(states), "int32");
}

/** Rollout functions by model size and options, so that a cell that is run again finds its graph. */
const rollouts = new Map<string, RolloutFunction>();

/** Automata by number: one that has been used is known again, without its table being compared. */
const automata = new WeakMap<TokenAutomaton, number>();
let seen = 0;

function automatonNumber(automaton: TokenAutomaton | undefined): number | undefined {
  if (automaton === undefined) return undefined;
  const number = automata.get(automaton) ?? seen++;
  automata.set(automaton, number);
  return number;
}

function knownRollout(model: Transformer, options: GenerateOptions): RolloutFunction {
  const name = JSON.stringify([model.config, { ...options, automaton: automatonNumber(options.automaton) }]);
  const run = rollouts.get(name) ?? rolloutFunction(model, options);
  rollouts.delete(name); // the newest stand last; the one that was not used for longest goes
  rollouts.set(name, run);
  if (rollouts.size > 20) rollouts.delete(rollouts.keys().next().value as string);
  return run;
}

/**
 * The rollout itself: the prompts are read once, then each step reads one token and attends to the kept keys and
 * values. The steps are unrolled, so that shapes are static.
 * @throws DomainError if an option cannot be
 */
export function rolloutFunction(model: Transformer, options: GenerateOptions): RolloutFunction {
  const { config } = model;
  const { newTokens } = options;
  checkSampling(options, config.vocabulary);
  checkCount("newTokens", newTokens);
  const special: [name: string, token: number][] = stopsOf(options).map((token, i) => [
    Array.isArray(options.stop) ? `stop[${i}]` : "stop",
    token,
  ]);
  if (options.pad !== undefined) special.push(["pad", options.pad]);
  for (const [name, token] of special) {
    if (Number.isInteger(token) && token >= 0 && token < config.vocabulary) continue;
    throw new DomainError(complaint(name, `a token id from 0 to ${config.vocabulary - 1}`, token));
  }
  if (options.automaton !== undefined) checkAutomaton(options.automaton, config.vocabulary, stopsOf(options));
  return (params, prompts, uniforms) =>
    tf.tidy(() => {
      checkPrompts(config, prompts, uniforms, newTokens);
      if (options.automaton !== undefined && prompts.states === undefined) {
        const hint = "`generator` finds them";
        throw new DomainError(complaint("states", "the automaton's state after each prompt", prompts.states, hint));
      }
      // Folded in each half: that costs less than to wait for it.
      return inHalves({ ...prompts, uniforms }, (part) => writeRows(config, options, foldNorms(config, params), part));
    });
}

function stopsOf({ stop }: GenerateOptions): readonly number[] {
  if (stop === undefined) return [];
  return typeof stop === "object" ? stop : [stop];
}

/** All steps for some rows. */
function writeRows(
  config: TransformerConfig,
  options: GenerateOptions,
  params: FoldedParams,
  { tokens, starts, states, uniforms }: ReadPrompts & { uniforms: tf.Tensor2D },
): Rollout {
  const { newTokens, pad = 0, temperature } = options;
  const guard = options.automaton && states && automatonGuard(options.automaton, states, newTokens);
  const stops = stopsOf(options);
  const greedy = temperature === 0;
  const [B, P] = tokens.shape;
  // For all tokens at once what need not wait for one after the other: a third of a step's ops are about a token.
  const noise = greedy ? [] : tf.split(belowOne(uniforms), newTokens, 1);
  const positions = newTokens > 1 ? columnPositions(params, P, P + newTokens - 1, starts) : [];
  // What each step leaves behind, one column per new token.
  const drawn: tf.Tensor1D[] = [];
  const modelLogits: tf.Tensor[] = [];
  const probabilities: tf.Tensor[] = [];
  let { logits, cache } = readPrompts(config, params, tokens, starts);
  for (let n = 0; ; n++) {
    const z = samplingLogits(guard === undefined ? logits : guard.mask(logits, n), options);
    const chances = greedy ? undefined : tf.softmax(z);
    const token = chances === undefined ? (tf.argMax(z, 1) as tf.Tensor1D) : drawBelow(chances, noise[n]);
    guard?.read(token);
    if (chances !== undefined) probabilities.push(chances);
    modelLogits.push(logits);
    drawn.push(token);
    if (n === newTokens - 1) break;
    // Everything in the cache came earlier; only padding is hidden. A row that has ended reads on, for nobody.
    const visible = starts && paddingMask(P + n + 1, starts);
    ({ logits, cache } = readToken(config, params, token, positions[n], cache, visible));
  }
  const columns = (list: tf.Tensor[]) => tf.stack(list, 1);
  const all = columns(drawn);
  const kept = upToStop(all, stops);
  const written = stops.length === 0 ? all : tf.where(kept.toBool(), all, tf.scalar(pad, "int32"));
  const aligned = (completion: tf.Tensor) => tf.concat([tf.zeros([B, P]), completion], 1) as tf.Tensor2D;
  const logp = (each: tf.Tensor) => tf.mul(each, kept);
  // A drawn token's probability is never 0, so its logarithm is as good as one from logits.
  const samplingLogProbs = greedy ? tf.zerosLike(kept) : logp(tf.log(chosen(columns(probabilities), all)));
  const modelLogProbs =
    isPlainSampling(options) && guard === undefined ? samplingLogProbs : logp(tokenLogProbs(columns(modelLogits), all));
  return {
    tokens: tf.concat([tokens, written], 1) as tf.Tensor2D,
    mask: aligned(kept),
    logProbs: aligned(modelLogProbs),
    samplingLogProbs: aligned(samplingLogProbs),
  };
}

/** 1 on the drawn tokens [B, N] of each row up to its first stop token, that one included; then 0. */
function upToStop(drawn: tf.Tensor, stops: readonly number[]): tf.Tensor {
  if (stops.length === 0) return tf.ones(drawn.shape);
  const goesOn = stops.map((stop) => tf.notEqual(drawn, tf.scalar(stop, "int32")).toFloat());
  return tf.cumprod(
    goesOn.reduce((all, next) => tf.mul(all, next)),
    1,
    true,
  );
}

/** values[b, n, at[b, n]]: [B, N, V] and [B, N] int32 -> [B, N]. (WebAssembly's gather has no batches that work.) */
function chosen(values: tf.Tensor, at: tf.Tensor): tf.Tensor {
  const V = values.shape[2] as number;
  const first = tf.tensor1d(
    Int32Array.from({ length: at.size }, (_, row) => row * V),
    "int32",
  );
  return tf.gather(values.reshape([-1]), tf.add(first, at.reshape([-1])) as tf.Tensor1D).reshape(at.shape);
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
    throw new DomainError(complaint("prompt and new tokens", expected, `${P} + ${newTokens}`));
  }
  return { B, P };
}
