import { checkCount } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { checkRows, type LossAndRowGradient, type Rows } from "./logRatio.js";

export interface LogRatioRegressionOptions {
  /**
   * Completions to each prompt, neighbours, whose mean residual is taken away, so that what a prompt's completions have
   * in common (the logarithm of a normaliser) counts for nothing. 1, the default: it counts.
   */
  readonly group?: number;
}

/** @throws DomainError unless group is a whole number of at least 1; ShapeError unless groups fill the rows */
export function checkWholeGroups(rows: number, group: number): void {
  checkCount("group", group, 1);
  if (rows % group !== 0)
    throw new ShapeError(complaint("logpNew", `a multiple of the group, ${group}, of rows`, rows));
}

/** `logRatioRegressionLoss` in float64 on plain rows, with d loss / d logpNew. @throws as `grpoLossAndGradient` */
export function logRatioRegressionLossAndGradient(
  logpNew: Rows,
  logpBase: Rows,
  targets: ArrayLike<number>,
  mask: Rows,
  { group = 1 }: LogRatioRegressionOptions = {},
): LossAndRowGradient {
  checkRows({ logpNew, logpBase }, mask, targets);
  const B = mask.length;
  checkWholeGroups(B, group);
  const residuals = Float64Array.from(logpNew, (row, b) => {
    let logRatio = 0;
    for (let t = 0; t < row.length; t++) if (mask[b][t] === 1) logRatio += row[t] - logpBase[b][t];
    return logRatio - targets[b];
  });
  for (let start = 0; group > 1 && start < B; start += group) {
    const own = residuals.subarray(start, start + group);
    const common = own.reduce((a, b) => a + b) / group;
    for (let i = 0; i < group; i++) own[i] -= common;
  }
  return {
    loss: residuals.reduce((sum, r) => sum + r * r, 0) / B,
    // The mean that was taken away has no slope: residuals less their mean add up to 0.
    gradient: logpNew.map((row, b) =>
      Float64Array.from(row, (_, t) => (mask[b][t] === 1 ? (2 * residuals[b]) / B : 0)),
    ),
  };
}
