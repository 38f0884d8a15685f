import { complaint, DomainError } from "../core/index.js";
import { everyWindow, randomWindows } from "../data/index.js";
import {
  type Transformer,
  type TransformerDropout,
  type TransformerParams,
  transformerDropout,
} from "../models/index.js";
import { foldIn, type Key, split } from "../random/index.js";
import {
  capture,
  crossEntropy,
  globalNorm,
  type Optimizer,
  type Tree,
  tf,
  valueAndGradients,
} from "../tensor/index.js";
import { checkTokenIds } from "../tokenizers/index.js";
import { checkCounts } from "./checks.js";
import { freeUnused, type LoopResult } from "./loop.js";
import { type TrainOptions, type TrainStep, train } from "./train.js";

/** What changes while a language model learns. */
export type LanguageModelState<O extends Tree> = { params: TransformerParams; optimizer: O };

/** Windows of T + 1 tokens, [B, T + 1] int32, and dropout masks if the model drops. */
export type LanguageModelBatch = { tokens: tf.Tensor2D; dropout: TransformerDropout } | { tokens: tf.Tensor2D };

/**
 * Mean over all tokens but each row's first of -log p(token | tokens before), nats per token. tokens [B, T + 1] int32.
 */
export function languageModelLoss(model: Transformer, params: TransformerParams, batch: LanguageModelBatch): tf.Scalar {
  const [rows, columns] = batch.tokens.shape;
  const read = batch.tokens.slice([0, 0], [rows, columns - 1]);
  const predicted = batch.tokens.slice([0, 1], [rows, columns - 1]);
  const dropout = "dropout" in batch ? batch.dropout : undefined;
  return crossEntropy(model.logits(params, read, { dropout }), predicted);
}

/**
 * One step of maximum likelihood. Reports the loss and the gradient's norm, so that a NaN in either is noticed at once.
 */
export function languageModelStep<O extends Tree>(
  model: Transformer,
  optimizer: Optimizer<O>,
): TrainStep<LanguageModelState<O>, LanguageModelBatch> {
  return (state, batch) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) => languageModelLoss(model, params, batch));
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return {
      state: { params: next.params, optimizer: next.state },
      metrics: { loss, gradientNorm: globalNorm(gradients) },
    };
  };
}

/**
 * Mean loss in nats per token over windows of a text, none left out but a rest: tokens cut into windows of
 * `length` + 1, read in batches of `batch` windows. `most` bounds the number of batches; they are then
 * spread evenly over the text.
 * @throws DomainError if the text is shorter than one batch, or holds tokens that are none
 */
export function languageModelEvaluation(
  model: Transformer,
  tokens: Int32Array,
  { length, batch = 32, most = Number.POSITIVE_INFINITY }: { length: number; batch?: number; most?: number },
): (params: TransformerParams) => number {
  checkCounts({ length, batch, most: most === Number.POSITIVE_INFINITY ? undefined : most });
  checkTokenIds("tokens", tokens, model.config.vocabulary);
  const windows = everyWindow(tokens, length + 1);
  const width = length + 1;
  const whole = Math.floor(windows.length / (batch * width));
  const count = Math.min(whole, most);
  if (count < 1) throw new DomainError(complaint("tokens", `at least ${batch} windows of ${width}`, tokens.length));
  const rows = Array.from({ length: count }, (_, i) => {
    const first = Math.floor((i * whole) / count) * batch * width;
    return windows.subarray(first, first + batch * width);
  });
  const loss = (params: TransformerParams, tokens: tf.Tensor2D) => languageModelLoss(model, params, { tokens });
  return (params) => {
    let sum = 0;
    for (const values of rows) {
      const tokens = tf.tensor2d(values, [batch, width], "int32");
      const value = capture(loss, [params, tokens])(params, tokens);
      sum += value.dataSync()[0];
      tf.dispose([tokens, value]);
    }
    return sum / rows.length;
  };
}

export interface LanguageModelOptions<O extends Tree> {
  model: Transformer;
  optimizer: Optimizer<O>;
  /** Token ids to learn from, and to measure on. */
  train: Int32Array;
  validation?: Int32Array;
  /** Windows per step; 32 by default. */
  batch?: number;
  /** Tokens predicted per window; the model's context by default. */
  length?: number;
  steps: number;
  /** Parameters to begin with; fresh ones by default. */
  params?: TransformerParams;
  /** Validation loss every so many steps (200), on so many batches (20). */
  evaluateEvery?: number;
  evaluateBatches?: number;
}

/**
 * Trains a language model on random windows of a text. Each record has loss (nats per token, this
 * batch) and gradientNorm, and now and then validationLoss. The rest is what `train` takes: folder,
 * resume, label, onRecord, until.
 * @throws DomainError, before the first step, for tokens that are none, or numbers of windows,
 *   tokens or steps that cannot be
 */
export async function trainLanguageModel<O extends Tree>(
  key: Key,
  options: LanguageModelOptions<O> &
    Pick<
      TrainOptions<LanguageModelState<O>, LanguageModelBatch>,
      "folder" | "checkpointEvery" | "resume" | "label" | "onRecord" | "until"
    >,
): Promise<LoopResult<LanguageModelState<O>>> {
  const { model, optimizer, validation, batch = 32, length = model.config.context } = options;
  const { evaluateEvery = 200, evaluateBatches = 20 } = options;
  checkCounts({ batch, length, evaluateEvery, evaluateBatches });
  checkTokenIds("train", options.train, model.config.vocabulary);
  const [initKey, runKey] = split(key);
  const params = options.params ?? model.init(initKey);
  const evaluate = validation && languageModelEvaluation(model, validation, { length, batch, most: evaluateBatches });
  const begin = { params, optimizer: optimizer.init(params) };
  const result = await train<LanguageModelState<O>, LanguageModelBatch>({
    ...options,
    key: runKey,
    state: begin,
    step: languageModelStep(model, optimizer),
    batch(stepKey) {
      const windows = randomWindows(foldIn(stepKey, 0), options.train, batch, length + 1);
      const tokens = tf.tensor2d(windows, [batch, length + 1], "int32");
      if (model.config.dropout === 0) return { tokens };
      return { tokens, dropout: transformerDropout(foldIn(stepKey, 1), model.config, batch, length) };
    },
    evaluate: evaluate && {
      every: evaluateEvery,
      run: (state) => ({ validationLoss: evaluate(state.params) }),
    },
  });
  // What the caller gave stays theirs; what was begun with here is not needed any more.
  freeUnused([result.state, ...(options.params ? [options.params] : [])], begin);
  return result;
}
