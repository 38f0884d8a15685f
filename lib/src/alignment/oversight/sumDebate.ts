import { checkCount, checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

export interface SumDebate {
  /** Levels of the binary tree whose 2^depth leaves are summed. */
  depth: number;
  /** By how much the claimed sum is wrong, in the units of a leaf. */
  lie: number;
  /** The judge lets a leaf pass whose claim is wrong by no more than this. */
  tolerance: number;
  /** With what probability the challenger takes the wrong one of two halves, at every level; 0 by default. */
  challengerError?: number;
}

/**
 * With what probability a lie about the sum of 2^depth numbers is caught, both playing at their best. The liar splits
 * its claim into two for the halves, the challenger picks one of them, and so on down to a leaf, which the judge
 * checks. Spread evenly a lie of up to 2^depth * tolerance passes: 0. A greater one has a part above the tolerance in
 * some leaf; it is best hidden in one, where the challenger must be right at all levels: (1 - challengerError)^depth.
 * @example sumDebateCatches({ depth: 10, lie: 1, tolerance: 0, challengerError: 0.05 }) // 0.5987
 * @throws DomainError for a depth that is no integer of at least 0, a tolerance below 0, an error outside [0, 1/2]
 */
export function sumDebateCatches({ depth, lie, tolerance, challengerError = 0 }: SumDebate): number {
  checkCount("depth", depth, 0);
  checkFinite("lie", lie);
  if (!(tolerance >= 0)) throw new DomainError(complaint("tolerance", "a number of at least 0", tolerance));
  if (!(challengerError >= 0 && challengerError <= 0.5)) {
    throw new DomainError(complaint("challengerError", "a number from 0 to 1/2", challengerError));
  }
  return Math.abs(lie) <= 2 ** depth * tolerance ? 0 : (1 - challengerError) ** depth;
}
