import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

export interface AdaptKlOptions {
  /** The KL that is wanted, in the unit of the measured one. */
  readonly target: number;
  /** By how much an error of 1 (a KL of twice the target) would change the coefficient; default 0.1. */
  readonly gain?: number;
  /** Errors count at most this much; default 0.2. */
  readonly clip?: number;
}

/**
 * The KL coefficient for the next step, by a proportional controller on the logarithm (Ziegler et al.
 * 2019, arXiv:1909.08593):
 *
 *   error = clip((measured - target) / target, -0.2, 0.2);   coefficient * (1 + 0.1 error)
 *
 * so that one step changes it by 2 % at most, whatever a noisy estimate says (k1 may be negative, even). The measured
 * KL is the reference KL, KL(new || ref), usually per sequence; the target in the same unit.
 * @throws DomainError unless coefficient and target are positive, the KL a number, gain positive and clip in (0, 1)
 * @example adaptKl(0.2, 12, { target: 6 }) // 0.204
 */
export function adaptKl(coefficient: number, measuredKl: number, options: AdaptKlOptions): number {
  const { target, gain = 0.1, clip = 0.2 } = options;
  checkAllPositive({ coefficient, target, gain, clip });
  checkKl(measuredKl);
  if (gain * clip >= 1) throw new DomainError(complaint("gain times clip", "less than 1", gain * clip));
  const error = Math.min(Math.max(measuredKl / target - 1, -clip), clip);
  return coefficient * (1 + gain * error);
}

/**
 * The coefficient of PPO's penalty, beta KL(old || new), after a batch: halved if that KL came out below
 * target / 1.5, doubled if above 1.5 target (Schulman et al. 2017, arXiv:1707.06347, section 4). That penalty limits
 * the step; `adaptKl` is for the penalty that anchors training to the reference.
 * @throws DomainError unless coefficient and target are positive and the KL a number
 */
export function adaptStepKlPenalty(coefficient: number, measuredKl: number, { target }: { target: number }): number {
  checkAllPositive({ coefficient, target });
  checkKl(measuredKl);
  if (measuredKl < target / 1.5) return coefficient / 2;
  return measuredKl > target * 1.5 ? coefficient * 2 : coefficient;
}

function checkAllPositive(numbers: Record<string, number>): void {
  for (const [name, value] of Object.entries(numbers)) checkPositive(name, value);
}

function checkKl(measuredKl: number): void {
  if (Number.isNaN(measuredKl)) throw new DomainError(complaint("measuredKl", "a number", measuredKl));
}
