import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logSumExp } from "../../numerics/index.js";
import type { PreferenceOf } from "./exactPreferences.js";
import { pairScores } from "./pairOptimum.js";
import { type SimpoOptions, simpoOfMargin } from "./simpo.js";

/**
 * What SimPO reaches over all policies on infinitely many comparisons, [N] log-probabilities in nats:
 *
 *   log pi(y) = |y| (s(y) + c),
 *
 * `lengths` |y| [N] in tokens, s from `pairScores` with `simpoOfMargin`, and the one c for which pi adds up to 1. The
 * loss sees only differences of log pi(y) / |y|, and a constant added to all of those is free to be what normalisation
 * asks for. With margin 0 and Bradley-Terry preferences s is utility / beta, whatever was shown: then every token of y
 * costs -c, every token earns utility / beta, and a short reply of small utility may well outweigh a long one of great
 * utility. There is no reference in it.
 * @throws as `pairScores`; ShapeError if the lengths differ; DomainError for a length below 1
 */
export function simpoOptimum(
  lengths: ArrayLike<number>,
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
  options: SimpoOptions = {},
): Float64Array {
  checkLengths(lengths, logSampling);
  const scores = pairScores(logSampling, prefer, (difference) => simpoOfMargin(difference, options));
  const at = (c: number) => scores.map((s, y) => lengths[y] * (s + c));
  // log of the total is convex and rising in c: Newton's steps come down to its zero from the right and cannot miss it.
  let c = 0;
  for (let step = 0; step < 200; step++) {
    const logs = at(c);
    const total = logSumExp(logs);
    let slope = 0;
    for (let y = 0; y < logs.length; y++) slope += Math.exp(logs[y] - total) * lengths[y];
    c -= total / slope;
    if (Math.abs(total) < 1e-14) break;
  }
  return at(c);
}

/** @throws ShapeError unless there is one length for each outcome; DomainError for a length below 1 */
export function checkLengths(lengths: ArrayLike<number>, logSampling: ArrayLike<number>): void {
  checkLength("lengths", lengths, logSampling.length, "one per outcome");
  for (let i = 0; i < lengths.length; i++) {
    if (!(lengths[i] >= 1)) throw new DomainError(complaint(`lengths[${i}]`, "a number of tokens", lengths[i]));
  }
}
