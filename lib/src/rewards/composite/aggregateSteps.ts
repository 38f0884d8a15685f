import { complaint, DomainError } from "../../core/index.js";

// A process reward model scores every step of a reply, each in [0, 1]: the probability that a reply that got so far
// ends well. These make one number of them. Lightman et al. 2023 (arXiv:2305.20050) take the product or the minimum,
// Wang et al. 2023 (Math-Shepherd, arXiv:2312.08935) the minimum.

/**
 * The worst step: a chain is as strong as its weakest link.
 * @throws DomainError without steps, or unless all are in [0, 1]
 */
export function minimumOfSteps(scores: ArrayLike<number>): number {
  return checked(scores).reduce((a, b) => Math.min(a, b));
}

/** The product, as if steps failed independently: long replies score low. @throws DomainError as `minimumOfSteps` */
export function productOfSteps(scores: ArrayLike<number>): number {
  return checked(scores).reduce((a, b) => a * b);
}

/** The last step's score: an outcome reward. @throws DomainError as `minimumOfSteps` */
export function lastOfSteps(scores: ArrayLike<number>): number {
  return checked(scores).at(-1)!;
}

/**
 * The sum, which invites padding: every harmless step earns something, so the longest reply wins (Cheng et al.
 * 2025, arXiv:2504.15275).
 * @throws DomainError as `minimumOfSteps`
 */
export function sumOfSteps(scores: ArrayLike<number>): number {
  return checked(scores).reduce((a, b) => a + b);
}

function checked(scores: ArrayLike<number>): number[] {
  const list = Array.from(scores);
  if (list.length === 0) throw new DomainError(complaint("scores", "at least one step", scores));
  const wrong = list.findIndex((score) => !(score >= 0 && score <= 1));
  if (wrong >= 0) throw new DomainError(complaint(`scores[${wrong}]`, "a score from 0 to 1", list[wrong]));
  return list;
}
