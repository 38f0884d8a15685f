import { checkShare } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { type ScalarModel, type ScalarModelParams, scalarModel, type TransformerOptions } from "../models/index.js";
import type { Key } from "../random/index.js";
import { tf } from "../tensor/index.js";
import { longestRow } from "./completionRows.js";
import { type CompletionRows, completionBatch } from "./completionRows.tensor.js";
import type { LabelledSteps } from "./processReward.js";

/** What `processRewardLoss` compares with the model: labels [B, T], 0 outside the completion. */
export type LabelledRows = CompletionRows & { labels: tf.Tensor2D };

/**
 * A process reward model: a transformer with a scalar head that says after every token how likely it is that a reply
 * that got so far ends well. Lightman et al. 2023, arXiv:2305.20050; Uesato et al. 2022, arXiv:2211.14275. It has the
 * form of `tokenScoreReward`, and differs in what its numbers mean: not parts of a sum, but a probability each, that of
 * the last token being the reply's outcome reward. Trained by `processRewardLoss`; the linear one on features is
 * `fitProcessReward`. The head starts at 0: a probability of one half everywhere.
 */
export interface ProcessReward {
  readonly backbone: ScalarModel["backbone"];
  /** Fresh parameters; with `body`, say a fine-tuned policy's, only the head is fresh. */
  init(key: Key, body?: ScalarModelParams["body"]): ScalarModelParams;
  /** Log-odds after each token, [B, T]; those outside the completion mean nothing. */
  logits(params: ScalarModelParams, x: CompletionRows): tf.Tensor2D;
  /** Probabilities to end well after each token, [B, T]; 0 outside the completion. */
  probabilities(params: ScalarModelParams, x: CompletionRows): tf.Tensor2D;
}

export function processReward(options: TransformerOptions): ProcessReward {
  const model = scalarModel(options);
  const logits: ProcessReward["logits"] = (params, { tokens }) => model.values(params, tokens);
  return {
    backbone: model.backbone,
    init(key, body) {
      const params = model.init(key, body);
      return { body: params.body, head: { ...params.head, weight: tf.zerosLike(params.head.weight) } };
    },
    logits,
    probabilities: (params, x) => tf.tidy(() => tf.mul(tf.sigmoid(logits(params, x)), x.mask) as tf.Tensor2D),
  };
}

/**
 * Labelled replies as one batch of `length` columns, padded on the right.
 * @throws ShapeError unless there is one label per token; DomainError for a label outside [0, 1], an empty prompt or
 *   completion, or a row that is too long
 */
export function labelledBatch(rows: readonly LabelledSteps[], length = longestRow(rows), pad = 0): LabelledRows {
  const { tokens, mask } = completionBatch(rows, length, pad);
  const labels = new Float32Array(rows.length * length);
  rows.forEach((row, b) => {
    if (row.labels.length !== row.completion.length) {
      throw new ShapeError(
        complaint(`labels of row ${b}`, `${row.completion.length} labels, one per token`, row.labels),
      );
    }
    Array.from(row.labels).forEach((label, t) => {
      checkShare(`label ${t} of row ${b}`, label);
    });
    labels.set(row.labels, b * length + row.prompt.length);
  });
  return { tokens, mask, labels: tf.tensor2d(labels, [rows.length, length]) };
}
