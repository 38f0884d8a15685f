import { complaint, DomainError, type MetricsRecord } from "../core/index.js";
import type { ScalarModelParams } from "../models/index.js";
import { type Key, randint, split } from "../random/index.js";
import { longestRow } from "../rewards/completionRows.js";
import type { LabelledSteps } from "../rewards/processReward.js";
import { type LabelledRows, labelledBatch, type ProcessReward, processRewardLoss } from "../rewards/tensor.js";
import { globalNorm, leaves, mapTree, memoize, type Optimizer, type Tree, valueAndGradients } from "../tensor/index.js";
import { checkCounts, checkRowsOfTokens } from "./checks.js";
import type { LoopOptions, LoopState } from "./loop.js";
import { type TrainStep, train } from "./train.js";

type State<O extends Tree> = { params: ScalarModelParams; optimizer: O };

export interface ProcessRewardOptions<O extends Tree>
  extends Pick<LoopOptions<LoopState>, "folder" | "checkpointEvery" | "resume" | "label" | "onRecord" | "until"> {
  model: ProcessReward;
  optimizer: Optimizer<O>;
  /** Replies with a label for each token. */
  replies: readonly LabelledSteps[];
  steps: number;
  /** Replies per step, drawn with replacement; 64 by default. */
  batch?: number;
  /** A body that can read already; it is copied. */
  body?: ScalarModelParams["body"];
}

/**
 * Trains a process reward model on labelled steps. The key decides everything: parameters and batches.
 * @throws DivergenceError naming the step if a loss or a gradient is not finite; DomainError without replies, or for
 *   tokens and numbers that cannot be, before the first step
 */
export async function trainProcessReward<O extends Tree>(
  key: Key,
  options: ProcessRewardOptions<O>,
): Promise<{ params: ScalarModelParams; history: MetricsRecord[] }> {
  const { model, optimizer, replies, batch = 64 } = options;
  if (replies.length === 0) throw new DomainError(complaint("replies", "at least one", replies));
  checkCounts({ batch });
  checkRowsOfTokens("replies", replies, model.backbone.config.vocabulary);
  const [initKey, runKey] = split(key);
  const params = model.init(initKey, options.body && mapTree(options.body, (leaf) => leaf.clone()));
  const begin = { params, optimizer: optimizer.init(params) };
  const columns = longestRow(replies);
  const { state, history } = await train<State<O>, LabelledRows>({
    ...options,
    key: runKey,
    state: begin,
    step: memoize([model, optimizer], "process reward step", () => stepOf(model, optimizer)),
    batch: (stepKey) =>
      labelledBatch(
        Array.from(randint(stepKey, batch, 0, replies.length), (k) => replies[k]),
        columns,
      ),
  });
  const kept = mapTree(state.params, (leaf) => leaf.clone());
  for (const leaf of [...leaves(begin), ...leaves(state)]) if (!leaf.isDisposed) leaf.dispose();
  return { params: kept, history };
}

function stepOf<O extends Tree>(model: ProcessReward, optimizer: Optimizer<O>): TrainStep<State<O>, LabelledRows> {
  return (state, batch) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) =>
      processRewardLoss(model.logits(params, batch), batch.labels, batch.mask),
    );
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return {
      state: { params: next.params, optimizer: next.state },
      metrics: { loss, gradientNorm: globalNorm(gradients) },
    };
  };
}
