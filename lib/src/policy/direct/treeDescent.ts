import { checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { categorical, foldIn, type Key, split, uniform } from "../../random/index.js";
import { type Contexts, type SequenceTree, sequenceLogitGradient, sequenceLogProbsOf } from "../../trees/index.js";
import type { PreferenceOf } from "./exactPreferences.js";
import type { LossAndPairGradient } from "./margin.js";

// The losses of this folder meet the enumerable worlds: a loss of the log-probabilities of all outcomes,
// [N], and back to logits.

/** A loss and its slope for the log-probability of each outcome, [N]. */
export type OutcomeLoss = (logProbs: Float64Array) => { loss: number; gradient: Float64Array };

/** Comparisons between outcomes, by their numbers. */
export interface OutcomePairs {
  chosen: Int32Array;
  rejected: Int32Array;
}

/**
 * n comparisons: two different outcomes, each drawn from `logSampling` (log-probabilities [N]), and an answer by
 * `prefer`; a share `flip` of the answers is then reversed.
 * @throws DomainError unless 0 <= flip <= 1, or if equal outcomes are drawn ten thousand times in a row
 */
export function samplePairs(
  key: Key,
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
  n: number,
  { flip = 0 }: { readonly flip?: number } = {},
): OutcomePairs {
  checkShare("flip", flip);
  const [drawKey, answerKey] = split(key);
  const answers = uniform(answerKey, n);
  const pairs = { chosen: new Int32Array(n), rejected: new Int32Array(n) };
  for (let k = 0, round = 0; k < n; round++) {
    const draws = categorical(foldIn(drawKey, round), logSampling, 2 * (n - k));
    let found = false;
    for (let d = 0; d < draws.length && k < n; d += 2) {
      const [i, j] = [draws[d], draws[d + 1]];
      if (i === j) continue;
      found = true;
      const first = answers[k] < (1 - flip) * prefer(i, j) + flip * prefer(j, i);
      pairs.chosen[k] = first ? i : j;
      pairs.rejected[k++] = first ? j : i;
    }
    if (!found && round > 10_000)
      throw new DomainError(complaint("logSampling", "more than one outcome to compare", logSampling));
  }
  return pairs;
}

/**
 * A loss on pairs, such as `dpoLossAndGradient` with its beta, as a loss of all outcomes' log-probabilities.
 * @throws ShapeError unless there are as many chosen as rejected
 */
export function onOutcomes(
  { chosen, rejected }: OutcomePairs,
  logRef: ArrayLike<number>,
  loss: (
    chosen: Float64Array,
    rejected: Float64Array,
    refChosen: Float64Array,
    refRejected: Float64Array,
  ) => LossAndPairGradient,
): OutcomeLoss {
  if (chosen.length !== rejected.length)
    throw new ShapeError(complaint("rejected", `${chosen.length} outcomes`, rejected));
  const of = (list: ArrayLike<number>, which: Int32Array) => {
    const out = new Float64Array(which.length);
    for (let b = 0; b < which.length; b++) out[b] = list[which[b]];
    return out;
  };
  const [refChosen, refRejected] = [of(logRef, chosen), of(logRef, rejected)];
  return (logProbs) => {
    const { loss: value, gradient } = loss(of(logProbs, chosen), of(logProbs, rejected), refChosen, refRejected);
    const out = new Float64Array(logProbs.length);
    for (let b = 0; b < chosen.length; b++) {
      out[chosen[b]] += gradient.chosen[b];
      out[rejected[b]] += gradient.rejected[b];
    }
    return { loss: value, gradient: out };
  };
}

/** A loss of outcomes as a loss of a softmax policy's logits. */
export function onLogits(
  tree: SequenceTree,
  contexts: Contexts,
  loss: OutcomeLoss,
): (logits: Float64Array) => { loss: number; gradient: Float64Array } {
  return (logits) => {
    const policy = { tree, contexts, logits };
    const { loss: value, gradient } = loss(sequenceLogProbsOf(policy));
    return { loss: value, gradient: sequenceLogitGradient(policy, gradient) };
  };
}

export { adamDescent } from "../../numerics/adamDescent.js";
