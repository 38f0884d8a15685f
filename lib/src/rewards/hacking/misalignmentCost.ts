import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { exactExpectation } from "../../numerics/index.js";

/**
 * Misalignment cost: E over prompts of max_y U(x, y) - E_pi U(x, y), in units of utility, at least 0: what people lose
 * because the policy was made for something else. The best reply is each prompt's own, so the maximum stands inside the
 * mean. `logProbs` and `utility` [prompts][N]; all prompts weigh the same.
 * @throws ShapeError if the lists do not fit; DomainError for a utility that is not finite
 * @example misalignmentCost([[0.5, 0.5].map(Math.log)], [[1, 3]]) // 1
 */
export function misalignmentCost(
  logProbs: readonly ArrayLike<number>[],
  utility: readonly ArrayLike<number>[],
): number {
  if (logProbs.length === 0 || utility.length !== logProbs.length) {
    throw new ShapeError(complaint("utility", `${logProbs.length} lists, one per prompt, at least one`, utility));
  }
  let sum = 0;
  utility.forEach((own, x) => {
    let best = Number.NEGATIVE_INFINITY;
    for (let y = 0; y < own.length; y++) {
      checkFinite(`utility[${x}][${y}]`, own[y]);
      best = Math.max(best, own[y]);
    }
    sum += best - exactExpectation(logProbs[x], own);
  });
  return sum / utility.length;
}

/** Two policies' means, [before, after], of the proxy and of the utility. */
export interface Change {
  readonly proxy: readonly [before: number, after: number];
  readonly utility: readonly [before: number, after: number];
}

/**
 * Whether going from one policy to another is reward hacking: the proxy rises and the utility falls, both strictly
 * (Skalse et al. 2022, arXiv:2209.13085, definition 1). Nothing needs to be "minimised".
 * @throws DomainError for NaN
 * @example isRewardHacking({ proxy: [0, 1], utility: [0, -0.1] }) // true
 */
export function isRewardHacking({ proxy, utility }: Change): boolean {
  for (const value of [...proxy, ...utility]) {
    if (Number.isNaN(value)) throw new DomainError(complaint("a mean", "a number", value));
  }
  return proxy[1] > proxy[0] && utility[1] < utility[0];
}
