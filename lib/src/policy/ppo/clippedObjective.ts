import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { isClipped, type LogRatioRange } from "./clip.js";

/**
 * `clippedObjective` of one number in float64, and its slope in logRatio.
 * @throws DomainError for a logRatio or an advantage that is NaN, or an advantage that is not finite
 * @example
 * clippedObjectiveOf(Math.log(1.5), 2, clipRange({ clip: 0.2 })) // { objective: 2.4, slope: 0 }
 * clippedObjectiveOf(Math.log(1.5), -2, clipRange({ clip: 0.2 })) // { objective: -3, slope: -3 }
 */
export function clippedObjectiveOf(
  logRatio: number,
  advantage: number,
  range: LogRatioRange,
): { objective: number; slope: number } {
  checkFinite("advantage", advantage);
  if (Number.isNaN(logRatio)) throw new DomainError(complaint("logRatio", "a number", logRatio));
  if (isClipped(logRatio, advantage, range)) {
    return { objective: advantage * Math.exp(advantage > 0 ? range.high : range.low), slope: 0 };
  }
  const objective = advantage === 0 ? 0 : advantage * Math.exp(logRatio);
  return { objective, slope: objective };
}
