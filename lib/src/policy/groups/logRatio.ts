import { checkFinite, checkLength } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { LogRatioRange } from "../ppo/clip.js";
import { clippedObjectiveOf } from "../ppo/clippedObjective.js";

// What the losses of this folder share, on both floors: ratios in log space, clipping, and the checks of rows.

/** Numbers for each token of each completion, [B][T]: the plain twin of a tensor [B, T]. */
export type Rows = readonly ArrayLike<number>[];

/** A loss, and its slope for the log-probability of each token, [B][T]. */
export interface LossAndRowGradient {
  loss: number;
  gradient: Float64Array[];
}

/**
 * Log-ratios are held in [-20, 20], where a float32 ratio and its gradient are still finite; beyond, the gradient is 0.
 * No training step that works comes near: e^20 is half a billion.
 */
export const logRatioLimit = 20;

/** The same for one number: the loss, and its slope for the log-ratio. */
export function clippedLoss(
  logRatio: number,
  advantage: number,
  range: LogRatioRange,
): { loss: number; slope: number } {
  const held = Math.max(-logRatioLimit, Math.min(logRatioLimit, logRatio));
  const { objective, slope } = clippedObjectiveOf(held, advantage, range);
  return { loss: -objective, slope: held === logRatio ? -slope : 0 };
}

/**
 * The checks of the plain twins. Returns the number of tokens of each completion.
 * @throws ShapeError if rows differ in number or length; DomainError for an empty batch, a mask that is not 0 or 1, an
 *   advantage that is not finite, or a log-probability under the mask that is not
 */
export function checkRows(rows: Record<string, Rows>, mask: Rows, advantages?: ArrayLike<number>): number[] {
  if (mask.length === 0) throw new DomainError(complaint("mask", "at least one row", mask));
  for (const [name, values] of Object.entries(rows)) {
    if (values.length !== mask.length) {
      throw new ShapeError(complaint(name, `${mask.length} rows, as the mask has`, values));
    }
    values.forEach((row, b) => {
      if (row.length !== mask[b].length) {
        throw new ShapeError(complaint(`${name}[${b}]`, `${mask[b].length} numbers, as the mask has`, row));
      }
      for (let t = 0; t < row.length; t++) {
        if (mask[b][t] === 0 || Number.isFinite(row[t])) continue;
        const hint = "A token that was drawn has a probability above 0";
        throw new DomainError(
          complaint(`${name}[${b}][${t}]`, "a finite log-probability under the mask", row[t], hint),
        );
      }
    });
  }
  if (advantages !== undefined) {
    checkLength("advantages", advantages, mask.length, "one for each row");
    for (let b = 0; b < mask.length; b++) {
      checkFinite(`advantages[${b}]`, advantages[b]);
    }
  }
  return mask.map((row, b) => {
    let count = 0;
    for (let t = 0; t < row.length; t++) {
      if (row[t] !== 0 && row[t] !== 1) throw new DomainError(complaint(`mask[${b}][${t}]`, "0 or 1", row[t]));
      count += row[t];
    }
    return count;
  });
}

/** sum over tokens of weightOf(row) times the clipped loss: GRPO, Dr. GRPO and DAPO differ in the weight alone. */
export function weightedTokenLoss(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  range: LogRatioRange,
  weightOf: (row: number, tokens: readonly number[]) => number,
): LossAndRowGradient {
  const tokens = checkRows({ logpNew, logpOld }, mask, advantages);
  let total = 0;
  const gradient = logpNew.map((row, b) => {
    const slopes = new Float64Array(row.length);
    const weight = weightOf(b, tokens);
    for (let t = 0; t < row.length; t++) {
      if (mask[b][t] === 0) continue;
      const { loss, slope } = clippedLoss(row[t] - logpOld[b][t], advantages[b], range);
      total += weight * loss;
      slopes[t] = weight * slope;
    }
    return slopes;
  });
  return { loss: total, gradient };
}

/**
 * mean over rows of the clipped loss of one ratio per completion, whose log is the sum (or with `mean`
 * the mean) of its tokens'.
 */
export function sequenceLoss(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  range: LogRatioRange,
  mean: boolean,
): LossAndRowGradient {
  const tokens = checkRows({ logpNew, logpOld }, mask, advantages);
  let total = 0;
  const gradient = logpNew.map((row, b) => {
    const share = mean ? 1 / Math.max(1, tokens[b]) : 1;
    let logRatio = 0;
    for (let t = 0; t < row.length; t++) if (mask[b][t] === 1) logRatio += share * (row[t] - logpOld[b][t]);
    const { loss, slope } = clippedLoss(logRatio, advantages[b], range);
    total += loss / mask.length;
    return Float64Array.from(row, (_, t) => (mask[b][t] === 1 ? (share * slope) / mask.length : 0));
  });
  return { loss: total, gradient };
}
