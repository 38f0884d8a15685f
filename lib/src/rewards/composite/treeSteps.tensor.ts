import type { ScalarModelParams } from "../../models/index.js";
import { disposeTree } from "../../tensor/index.js";
import type { SequenceTree } from "../../trees/index.js";
import { completionBatch } from "../completionRows.tensor.js";
import type { ProcessReward } from "../processReward.tensor.js";

/**
 * What a process reward model says of everything in a tree: `beginnings` [P], the probability of each prefix to end
 * well (NaN for the empty one, after which no token has been read), and `wholes` [N], that of each finished sequence.
 */
export function successProbability(
  model: ProcessReward,
  params: ScalarModelParams,
  tree: SequenceTree,
  prompt: number,
): { beginnings: Float64Array; wholes: Float64Array } {
  const length = 1 + tree.length;
  const lastProbability = (completions: readonly (readonly number[])[]) => {
    const rows = completionBatch(
      completions.map((completion) => ({ prompt: [prompt], completion })),
      length,
    );
    const probabilities = model.probabilities(params, rows);
    const values = probabilities.dataSync();
    disposeTree([rows, probabilities]);
    return Float64Array.from(completions, (completion, b) => values[b * length + completion.length]);
  };
  return {
    beginnings: Float64Array.from([Number.NaN, ...lastProbability(tree.prefixes.slice(1))]),
    wholes: lastProbability(tree.sequences),
  };
}
