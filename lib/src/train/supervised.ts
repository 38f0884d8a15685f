import { complaint, DomainError } from "../core/index.js";
import { type Transformer, type TransformerParams, transformerDropout } from "../models/index.js";
import { foldIn, type Key, randint } from "../random/index.js";
import { firstCompletionColumn, longestRow, type PromptCompletion } from "../rewards/completionRows.js";
import { type CompletionRows, completionBatch } from "../rewards/tensor.js";
import {
  globalNorm,
  maskedMean,
  memoize,
  type Optimizer,
  type Tree,
  type tf,
  valueAndGradients,
} from "../tensor/index.js";
import { checkCounts, checkRowsOfTokens } from "./checks.js";
import { completionLogProbs } from "./completionLogProbs.js";
import type { LanguageModelState } from "./languageModel.js";
import { freeUnused, type LoopResult } from "./loop.js";
import { type TrainOptions, type TrainStep, train } from "./train.js";

/** Rows to learn from; `starts` if prompts are padded on the left. */
export type SupervisedBatch = CompletionRows & {
  starts?: tf.Tensor1D;
  dropout?: ReturnType<typeof transformerDropout>;
};

/**
 * The loss of supervised fine-tuning, mean over completion tokens of -log p(token | prompt, tokens before), in nats
 * per token. The prompt is read but not learned (Ouyang et al. 2022, arXiv:2203.02155). tokens [B, T] int32, mask
 * [B, T] 1 on completions.
 */
export function completionLoss(
  model: Transformer,
  params: TransformerParams,
  batch: SupervisedBatch,
  from = 0,
): tf.Scalar {
  const { tokens, mask, starts, dropout } = batch;
  const { perToken } = model.logProbs(params, tokens, mask, { starts, dropout, from });
  return maskedMean(perToken, mask).neg() as tf.Scalar;
}

/** One gradient step on `completionLoss`, to be captured. */
export function supervisedStep<O extends Tree>(
  model: Transformer,
  optimizer: Optimizer<O>,
  from = 0,
): TrainStep<LanguageModelState<O>, SupervisedBatch> {
  return (state, rows) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) => completionLoss(model, params, rows, from));
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return {
      state: { params: next.params, optimizer: next.state },
      metrics: { loss, gradientNorm: globalNorm(gradients) },
    };
  };
}

export interface SupervisedOptions<O extends Tree>
  extends Pick<
    TrainOptions<LanguageModelState<O>, SupervisedBatch>,
    "folder" | "checkpointEvery" | "resume" | "label" | "onRecord" | "until"
  > {
  model: Transformer;
  /** Where to begin: the base model. It stays the caller's. */
  start: TransformerParams;
  optimizer: Optimizer<O>;
  demonstrations: readonly PromptCompletion[];
  validation?: readonly PromptCompletion[];
  /** Rows per step; 32 by default. */
  batch?: number;
  steps: number;
  pad?: number;
  /** As for `trainPolicy`: a little sooner, with other last bits. */
  skipPrompts?: boolean;
  /** Validation loss every so many steps; 100 by default. */
  evaluateEvery?: number;
}

/**
 * Supervised fine-tuning: maximum likelihood of the completions given their prompts. Each record has loss (nats per
 * completion token), gradientNorm, and now and then validationLoss.
 * @throws DomainError, before the first step, if there is nothing to learn from, a token is none, a number of rows or
 *   steps cannot be, or a row does not fit into the model's context
 */
export async function trainSupervised<O extends Tree>(
  key: Key,
  options: SupervisedOptions<O>,
): Promise<LoopResult<LanguageModelState<O>>> {
  const { model, start, optimizer, demonstrations, validation = [], batch = 32, pad, evaluateEvery = 100 } = options;
  if (demonstrations.length === 0) throw new DomainError(complaint("demonstrations", "at least one", demonstrations));
  checkCounts({ batch, evaluateEvery });
  checkRowsOfTokens("demonstrations", demonstrations, model.config.vocabulary);
  checkRowsOfTokens("validation", validation, model.config.vocabulary);
  const length = longestRow([...demonstrations, ...validation]);
  const from = firstCompletionColumn([...demonstrations, ...validation], options.skipPrompts);
  const begin = { params: start, optimizer: optimizer.init(start) };
  const result = await train<LanguageModelState<O>, SupervisedBatch>({
    ...options,
    key,
    state: begin,
    step: memoize([model, optimizer], `supervised step from ${from}`, () => supervisedStep(model, optimizer, from)),
    batch(stepKey) {
      const picked = Array.from(randint(foldIn(stepKey, 0), batch, 0, demonstrations.length), (i) => demonstrations[i]);
      const rows = completionBatch(picked, length, pad);
      if (model.config.dropout === 0) return rows;
      return { ...rows, dropout: transformerDropout(foldIn(stepKey, 1), model.config, batch, length - 1) };
    },
    evaluate:
      validation.length === 0
        ? undefined
        : {
            every: evaluateEvery,
            run: ({ params }) => ({ validationLoss: supervisedLoss(model, params, validation, { pad, length, from }) }),
          },
  });
  freeUnused([result.state, start], begin);
  return result;
}

/** `completionLoss` over many rows, `batch` at a time, without dropout: nats per completion token. */
export function supervisedLoss(
  model: Transformer,
  params: TransformerParams,
  rows: readonly PromptCompletion[],
  {
    batch = 64,
    length = longestRow(rows),
    pad,
    from = 0,
  }: { batch?: number; length?: number; pad?: number; from?: number } = {},
): number {
  if (rows.length === 0) throw new DomainError(complaint("rows", "at least one", rows));
  const logProbs = completionLogProbs(model, params, rows, { batch, length, pad, from });
  const tokens = rows.reduce((sum, { completion }) => sum + completion.length, 0);
  return -logProbs.reduce((a, b) => a + b, 0) / tokens;
}
