import type { Transformer, TransformerParams } from "../models/index.js";
import { longestRow, type PromptCompletion } from "../rewards/completionRows.js";
import { type CompletionRows, completionBatch } from "../rewards/tensor.js";
import { capture, disposeTree, memoize, type tf } from "../tensor/index.js";
import { checkCounts } from "./checks.js";

/**
 * log pi(completion | prompt) of many rows, summed over tokens, in nats, [rows]; `batch` at a time in captured calls.
 * `from` is the first column of the shortest prompt's completion or an earlier one, see `ForwardOptions`.
 * @throws DomainError for tokens that are none
 */
export function completionLogProbs(
  model: Transformer,
  params: TransformerParams,
  rows: readonly PromptCompletion[],
  {
    batch = 64,
    length = longestRow(rows),
    pad,
    from = 0,
  }: { batch?: number; length?: number; pad?: number; from?: number } = {},
): Float64Array {
  checkCounts({ batch });
  // One function for each model, so that its graphs are found again.
  type Sums = (params: TransformerParams, x: CompletionRows) => tf.Tensor1D;
  const sums = memoize<Sums>([model], `completion log-probabilities from ${from}`, () => (p, { tokens, mask }) => {
    return model.logProbs(p, tokens, mask, { from }).sum;
  });
  const out = new Float64Array(rows.length);
  for (let begin = 0; begin < rows.length; begin += batch) {
    const part = rows.slice(begin, begin + batch);
    // The last part is filled up, so that all have one shape and one graph.
    const full = Array.from({ length: batch }, (_, i) => part[i] ?? part[0]);
    const x = completionBatch(full, length, pad, model.config.vocabulary);
    const sum = capture(sums, [params, x])(params, x);
    out.set(sum.dataSync().subarray(0, part.length), begin);
    disposeTree([sum, x]);
  }
  return out;
}
