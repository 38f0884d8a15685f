import { type Comparison, complaint, DomainError } from "../core/index.js";
import {
  type ScalarModelParams,
  scalarModel,
  type TransformerDropout,
  type TransformerOptions,
  transformerDropout,
} from "../models/index.js";
import type { Key } from "../random/index.js";
import { tf } from "../tensor/index.js";
import { checkComparisonTokens, longestComparison } from "./comparisonTokens.js";
import { type CompletionRows, completionBatch } from "./completionRows.tensor.js";
import type { RewardModel, RewardPairs } from "./rewardModel.tensor.js";

/**
 * A reward that is a sum over tokens: a transformer with a scalar head says how much each token adds, having seen all
 * before it, and the reward of a completion is the sum, in nats. Where quality adds up over words this needs far fewer
 * comparisons than a head that reads only the last token (`transformerReward`), and it says which token earned what;
 * where quality is a property of the whole, it is the wrong form. It is also the form of DPO's implicit reward, a sum
 * of log-ratios (Rafailov et al. 2024, arXiv:2404.12358). The head starts at 0.
 * Where no completion begins before column `from`, the last layer computes nothing for the columns before.
 */
export function tokenScoreReward(
  options: TransformerOptions,
  length: number = options.context,
  from = 0,
): TokenScoreReward {
  const model = scalarModel(options);
  const { config } = model.backbone;
  const scores: TokenScoreReward["scores"] = (params, { tokens, mask }, dropout) =>
    tf.tidy(() => {
      const values = model.values(params, tokens, { dropout, from });
      const all = from === 0 ? values : tf.concat([tf.zeros([tokens.shape[0], from]), values], 1);
      return tf.mul(all, mask) as tf.Tensor2D;
    });
  return {
    vocabulary: config.vocabulary,
    init(key, body) {
      const params = model.init(key, body);
      return { body: params.body, head: { ...params.head, weight: tf.zerosLike(params.head.weight) } };
    },
    scores,
    rewards: (params, x, dropout) => tf.tidy(() => tf.sum(scores(params, x, dropout), 1) as tf.Tensor1D),
    ...(config.dropout > 0 && {
      masks: (key: Key, rows: number) => transformerDropout(key, config, rows, length),
    }),
  };
}

export interface TokenScoreReward extends RewardModel<ScalarModelParams, CompletionRows, TransformerDropout> {
  /** Fresh parameters; with `body`, say a fine-tuned policy's, only the head is fresh. */
  init(key: Key, body?: ScalarModelParams["body"]): ScalarModelParams;
  /** What each token adds, [B, T]; 0 outside the completion. */
  scores(params: ScalarModelParams, x: CompletionRows, dropout?: TransformerDropout): tf.Tensor2D;
}

/**
 * Comparisons in tokens as input of `tokenScoreReward`, padded on the right to `length` columns, by
 * default those of the longest.
 * @throws DomainError if a row is longer than `length`, a completion empty, or a token none
 */
export function completionInputs(
  comparisons: readonly Comparison<ArrayLike<number>>[],
  { length = longestComparison(comparisons), pad = 0 }: { length?: number; pad?: number } = {},
): RewardPairs<CompletionRows> {
  comparisons.forEach((comparison, k) => {
    const room = length - comparison.prompt.length;
    for (const name of ["chosen", "rejected"] as const) {
      const row = comparison[name];
      if (row.length < 1 || row.length > room) {
        throw new DomainError(complaint(`${name}[${k}]`, `1 to ${room} tokens after its prompt`, row));
      }
    }
  });
  const checkTokens = checkComparisonTokens(comparisons);
  return {
    rows: comparisons.length,
    checkTokens,
    inputs(rows) {
      const picked = Array.from(rows, (k) => comparisons[k]);
      const both = (["chosen", "rejected"] as const).flatMap((name) =>
        picked.map((comparison) => ({ prompt: comparison.prompt, completion: comparison[name] })),
      );
      return completionBatch(both, length, pad);
    },
  };
}
