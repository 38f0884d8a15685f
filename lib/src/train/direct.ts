import { checkLength } from "../core/checks.js";
import { type Comparison, complaint, DomainError } from "../core/index.js";
import type { Transformer, TransformerParams } from "../models/index.js";
import { type Key, randint } from "../random/index.js";
import { firstCompletionColumn, longestRow } from "../rewards/completionRows.js";
import { type CompletionRows, completionBatch } from "../rewards/tensor.js";
import { globalNorm, memoize, type Optimizer, type Tree, tf, valueAndGradients } from "../tensor/index.js";
import { checkCounts, checkRowsOfTokens } from "./checks.js";
import { completionLogProbs } from "./completionLogProbs.js";
import type { DirectMethod } from "./directMethods.js";
import type { LanguageModelState } from "./languageModel.js";
import { freeUnused, type LoopResult } from "./loop.js";
import { type TrainOptions, type TrainStep, train } from "./train.js";

/** Rows [2 B, T], first the chosen completions, then the rejected ones, and the reference's log-probabilities [2 B]. */
export type DirectBatch = CompletionRows & { logpRef: tf.Tensor1D };

/** One gradient step of a direct method, to be captured. */
export function directStep<O extends Tree>(
  model: Transformer,
  method: DirectMethod,
  optimizer: Optimizer<O>,
  from = 0,
): TrainStep<LanguageModelState<O>, DirectBatch> {
  return (state, { tokens, mask, logpRef }) => {
    const half = tokens.shape[0] / 2;
    const split = (x: tf.Tensor) => tf.split(x as tf.Tensor1D, [half, half]) as [tf.Tensor1D, tf.Tensor1D];
    const [refChosen, refRejected] = split(logpRef);
    const [chosenTokens, rejectedTokens] = split(tf.sum(mask, 1));
    const { loss, metrics, gradients } = valueAndGradients(state.params, (params) => {
      const [chosen, rejected] = split(model.logProbs(params, tokens, mask, { from }).sum);
      const margin = tf.sub(tf.sub(chosen, refChosen), tf.sub(rejected, refRejected));
      return {
        loss: method.loss({ chosen, rejected, refChosen, refRejected, chosenTokens, rejectedTokens }),
        margin: tf.mean(margin),
        accuracy: tf.mean(tf.greater(margin, 0).toFloat()),
        chosenLogRatio: tf.mean(tf.sub(chosen, refChosen)),
        rejectedLogRatio: tf.mean(tf.sub(rejected, refRejected)),
      };
    });
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return {
      state: { params: next.params, optimizer: next.state },
      metrics: { loss, ...(metrics as { [name: string]: tf.Scalar }), gradientNorm: globalNorm(gradients) },
    };
  };
}

export interface DirectOptions<O extends Tree>
  extends Pick<
    TrainOptions<LanguageModelState<O>, DirectBatch>,
    "folder" | "checkpointEvery" | "resume" | "label" | "onRecord" | "until" | "evaluate"
  > {
  model: Transformer;
  /** Where to begin. It stays the caller's. */
  start: TransformerParams;
  /** What it must stay close to; by default where it began. */
  reference?: TransformerParams;
  method: DirectMethod;
  optimizer: Optimizer<O>;
  comparisons: readonly Comparison<ArrayLike<number>>[];
  /**
   * The reference's log-probabilities of all chosen and all rejected completions, in nats, where they are known (who
   * wrote them knows them); by default those of a comparison are computed when it is first drawn, and kept.
   */
  logpRef?: Readonly<Record<"chosen" | "rejected", ArrayLike<number>>>;
  /** Pairs per step; 32 by default. */
  batch?: number;
  steps: number;
  pad?: number;
  /** As for `trainPolicy`: a little sooner, with other last bits. */
  skipPrompts?: boolean;
}

/**
 * Direct alignment on comparisons. Each record has loss, margin (nats by which the chosen completion gained on
 * the rejected one, mean), accuracy (share of pairs whose margin is positive), chosenLogRatio and
 * rejectedLogRatio (mean of logpNew - logpRef) and gradientNorm.
 * @throws ShapeError for another number of known log-probabilities; DomainError without comparisons, or for tokens and
 *   numbers that cannot be, before the first step
 */
export async function trainDirect<O extends Tree>(
  key: Key,
  options: DirectOptions<O>,
): Promise<LoopResult<LanguageModelState<O>>> {
  const { model, start, reference = start, method, optimizer, comparisons, batch = 32, pad } = options;
  if (comparisons.length === 0) throw new DomainError(complaint("comparisons", "at least one", comparisons));
  checkCounts({ batch });
  const row = (i: number, which: "chosen" | "rejected") => {
    return { prompt: comparisons[i].prompt, completion: comparisons[i][which] };
  };
  const every = comparisons.map((_, i) => i);
  const both = (["chosen", "rejected"] as const).map((which) => every.map((i) => row(i, which)));
  both.forEach((rows, k) => {
    checkRowsOfTokens(`comparisons, ${["chosen", "rejected"][k]}: row`, rows, model.config.vocabulary);
  });
  const length = longestRow(both.flat());
  const from = firstCompletionColumn(both.flat(), options.skipPrompts);
  const known = new Float32Array(2 * comparisons.length).fill(Number.NaN);
  for (const [k, which] of (["chosen", "rejected"] as const).entries()) {
    const given = options.logpRef?.[which];
    if (given === undefined) continue;
    checkLength(`logpRef.${which}`, given, comparisons.length, "one per comparison");
    for (const i of every) known[2 * i + k] = given[i];
  }
  const begin = { params: start, optimizer: optimizer.init(start) };
  const result = await train<LanguageModelState<O>, DirectBatch>({
    ...options,
    key,
    label: options.label ?? method.name,
    state: begin,
    step: memoize([model, method, optimizer], `direct step from ${from}`, () =>
      directStep(model, method, optimizer, from),
    ),
    batch(stepKey) {
      const picked = Array.from(randint(stepKey, batch, 0, comparisons.length));
      const rows = [...picked.map((i) => row(i, "chosen")), ...picked.map((i) => row(i, "rejected"))];
      const places = [...picked.map((i) => 2 * i), ...picked.map((i) => 2 * i + 1)];
      if (method.reference && places.some((place) => Number.isNaN(known[place]))) {
        const logProbs = completionLogProbs(model, reference, rows, { batch: rows.length, length, pad, from });
        places.forEach((place, k) => {
          known[place] = logProbs[k];
        });
      }
      const logpRef = tf.tensor1d(places.map((place) => (method.reference ? known[place] : 0)));
      return { ...completionBatch(rows, length, pad), logpRef };
    },
  });
  freeUnused([result.state, start], begin);
  return result;
}
