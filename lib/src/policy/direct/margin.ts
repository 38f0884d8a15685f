import { complaint, DomainError, ShapeError } from "../../core/index.js";

// What the losses on pairs share, on both floors.

/** A loss as a function of one margin, and its slope there. */
export interface MarginLoss {
  loss: number;
  slope: number;
}

/**
 * A mean over pairs, and its slopes for the log-probabilities of the chosen and of the rejected completions, each [B].
 */
export interface LossAndPairGradient {
  loss: number;
  gradient: { chosen: Float64Array; rejected: Float64Array };
}

/**
 * Mean over pairs of `at(h)`, with its gradient. `pairs` are chosen, rejected and, where there is a
 * reference, refChosen, refRejected.
 */
export function meanOverPairs(
  pairs: Record<"chosen" | "rejected", ArrayLike<number>> &
    Partial<Record<"refChosen" | "refRejected", ArrayLike<number>>>,
  at: (margin: number) => MarginLoss,
): LossAndPairGradient {
  const { chosen, rejected, refChosen, refRejected } = pairs;
  const n = checkLogProbs(pairs);
  const gradient = { chosen: new Float64Array(n), rejected: new Float64Array(n) };
  let total = 0;
  for (let b = 0; b < n; b++) {
    const h = chosen[b] - (refChosen?.[b] ?? 0) - (rejected[b] - (refRejected?.[b] ?? 0));
    const { loss, slope } = at(h);
    total += loss / n;
    gradient.chosen[b] = slope / n;
    gradient.rejected[b] = -slope / n;
  }
  return { loss: total, gradient };
}

/**
 * How many log-probabilities each list has.
 * @throws ShapeError if the lists differ in length; DomainError for empty lists or a log-probability that is not finite
 */
export function checkLogProbs(lists: Record<string, ArrayLike<number> | undefined>): number {
  const [[first, values]] = Object.entries(lists) as [string, ArrayLike<number>][];
  if (values.length === 0) throw new DomainError(complaint(first, "at least one log-probability", values));
  for (const [name, list] of Object.entries(lists)) {
    if (list === undefined) continue;
    if (list.length !== values.length) {
      throw new ShapeError(complaint(name, `${values.length} numbers, as ${first} has`, list));
    }
    for (let b = 0; b < list.length; b++) {
      if (Number.isFinite(list[b])) continue;
      const hint =
        list[b] === Number.NEGATIVE_INFINITY ? "A completion that cannot be written has no finite margin" : "";
      throw new DomainError(complaint(`${name}[${b}]`, "a finite log-probability", list[b], hint));
    }
  }
  return values.length;
}

/** @throws DomainError unless beta > 0 */
export function checkBeta(beta: number, name = "beta"): void {
  if (beta > 0 && Number.isFinite(beta)) return;
  throw new DomainError(
    complaint(name, "a positive number", beta, "At 0 the policy has no part in the loss, and any policy is optimal"),
  );
}

/** @throws DomainError unless 0 <= noise < 1/2 */
export function checkNoise(noise: number): void {
  if (noise >= 0 && noise < 0.5) return;
  throw new DomainError(
    complaint("noise", "a share of flipped labels in [0, 0.5)", noise, "At one half labels say nothing"),
  );
}
