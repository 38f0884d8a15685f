import { exactKL } from "../../numerics/index.js";
import { type KtoOptions, ktoLossAndGradient } from "./kto.js";
import { type SimpoOptions, simpoLossAndGradient } from "./simpo.js";
import { type OutcomeLoss, type OutcomePairs, onOutcomes } from "./treeDescent.js";

// The two losses that `onOutcomes` alone cannot bring to an enumerable world: one divides by lengths, one has no pairs.

/**
 * SimPO on pairs of outcomes, as a loss of all log-probabilities; `lengths` [N] in tokens. No reference.
 * @throws as `onOutcomes` and `simpoLossAndGradient`
 */
export function simpoOnOutcomes(
  pairs: OutcomePairs,
  lengths: ArrayLike<number>,
  options: SimpoOptions = {},
): OutcomeLoss {
  const perToken = (list: ArrayLike<number>, outcomes: Int32Array) =>
    Float64Array.from(list, (value, b) => value / lengths[outcomes[b]]);
  const noReference = new Float64Array(lengths.length);
  return onOutcomes(pairs, noReference, (chosen, rejected) => {
    const [first, second] = [perToken(chosen, pairs.chosen), perToken(rejected, pairs.rejected)];
    const { loss, gradient } = simpoLossAndGradient(first, second, options);
    return {
      loss,
      gradient: {
        chosen: perToken(gradient.chosen, pairs.chosen),
        rejected: perToken(gradient.rejected, pairs.rejected),
      },
    };
  });
}

/**
 * KTO, the chosen outcomes found good and the rejected ones bad, with the exact KL from the reference as its z.
 * @throws as `ktoLossAndGradient`
 */
export function ktoOnOutcomes(
  { chosen, rejected }: OutcomePairs,
  logRef: Float64Array,
  options: KtoOptions = {},
): OutcomeLoss {
  const outcomes = [...chosen, ...rejected];
  const good = outcomes.map((_, k) => (k < chosen.length ? 1 : 0));
  const of = (list: ArrayLike<number>) => outcomes.map((y) => list[y]);
  return (logProbs) => {
    const z = Math.max(0, exactKL(logProbs, logRef));
    const { loss, gradient } = ktoLossAndGradient(of(logProbs), of(logRef), good, z, options);
    const out = new Float64Array(logProbs.length);
    outcomes.forEach((y, k) => {
      out[y] += gradient[k];
    });
    return { loss, gradient: out };
  };
}
