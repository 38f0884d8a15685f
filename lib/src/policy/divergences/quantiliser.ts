import { complaint, DomainError } from "../../core/index.js";
import { checkScoredOutcomes } from "./checkScoredOutcomes.js";

/**
 * The quantiliser (Taylor 2016, AAAI workshop on AI, Ethics and Society): draw from the top share q of the reference
 * by score. Log-probabilities [N] in nats. Shares are of probability, not counted outcomes; a level of equal score that
 * the boundary cuts is thinned, all its members alike. Nothing becomes more than 1/q times as likely, so that
 * E[cost] <= E_ref[cost] / q for every cost >= 0; it has the highest expected score of all policies with that property.
 * @throws ShapeError if the lengths differ; DomainError unless 0 < q <= 1 and scores are finite
 * @example quantiliser([0.7, 0.2, 0.1].map(Math.log), [1, 2, 3], 0.2).map(Math.exp) // [0, 0.5, 0.5]
 */
export function quantiliser(logRef: ArrayLike<number>, score: ArrayLike<number>, q: number): Float64Array {
  checkScoredOutcomes(logRef, score);
  if (!(q > 0 && q <= 1)) throw new DomainError(complaint("q", "a share in (0, 1]", q));
  const order = Array.from({ length: logRef.length }, (_, y) => y).sort((a, b) => score[b] - score[a]);
  const out = new Float64Array(logRef.length).fill(Number.NEGATIVE_INFINITY);
  let left = q * order.reduce((sum, y) => sum + Math.exp(logRef[y]), 0);
  const whole = left;
  for (let first = 0; first < order.length && left > 1e-15 * whole; ) {
    let last = first;
    let mass = 0;
    while (last < order.length && score[order[last]] === score[order[first]]) mass += Math.exp(logRef[order[last++]]);
    const kept = Math.min(1, left / mass);
    const [logKept, logWhole] = [Math.log(kept), Math.log(whole)];
    for (let i = first; i < last; i++) out[order[i]] = logRef[order[i]] + logKept - logWhole;
    left -= kept * mass;
    first = last;
  }
  return out;
}
