import { checkLength } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { countTokens } from "../checkMask.js";
import { type LossAndTokenGradient, meanOverTokens } from "../meanOverTokens.js";
import { type ClipOptions, clipRange } from "./clip.js";
import { clippedObjectiveOf } from "./clippedObjective.js";

/**
 * `ppoLoss` in float64 on plain arrays, one number per token in any order, and d loss / d logpNew.
 * @throws ShapeError if the lengths differ; DomainError unless clip > 0, the mask is of 0 and 1 with at least one 1,
 *   and what is not masked is: logpOld finite, logpNew a number below Infinity, the advantage finite
 */
export function ppoLossAndGradient(
  logpNew: ArrayLike<number>,
  logpOld: ArrayLike<number>,
  advantages: ArrayLike<number>,
  mask: ArrayLike<number>,
  options: ClipOptions = {},
): LossAndTokenGradient {
  const range = clipRange(options);
  return meanOverTokens({ logpNew, logpOld, advantages }, mask, (i) => {
    const { objective, slope } = clippedObjectiveOf(logRatioOf(logpNew[i], logpOld[i]), advantages[i], range);
    return { loss: -objective, slope: -slope };
  });
}

/**
 * `ppoSequenceLoss` in float64 on plain rows, and d loss / d logpNew, row by row. Rows may have different lengths.
 * @throws as `ppoLossAndGradient`
 */
export function ppoSequenceLossAndGradient(
  logpNew: readonly ArrayLike<number>[],
  logpOld: readonly ArrayLike<number>[],
  advantages: ArrayLike<number>,
  mask: readonly ArrayLike<number>[],
  options: ClipOptions = {},
): { loss: number; gradient: Float64Array[] } {
  const range = clipRange(options);
  const B = logpNew.length;
  for (const [name, list] of Object.entries({ logpOld, advantages, mask })) {
    if (list.length !== B) throw new ShapeError(complaint(name, `${B} rows`, list));
  }
  const flat = (rows: readonly ArrayLike<number>[]) => rows.flatMap((row) => Array.from(row));
  countTokens(flat(mask), flat(logpNew).length);
  const written = mask.map((row) => Array.from(row).some((m) => m === 1));
  const rows = written.filter(Boolean).length;
  let loss = 0;
  const gradient = logpNew.map((row, b) => {
    for (const [name, list] of Object.entries({ logpOld, mask })) {
      checkLength(`${name}[${b}]`, list[b], row.length, "one per token");
    }
    const out = new Float64Array(row.length);
    if (!written[b]) return out;
    let logRatio = 0;
    for (let t = 0; t < row.length; t++) if (mask[b][t] === 1) logRatio += logRatioOf(row[t], logpOld[b][t]);
    const { objective, slope } = clippedObjectiveOf(logRatio, advantages[b], range);
    loss -= objective / rows;
    return out.map((_, t) => (mask[b][t] === 1 ? -slope / rows : 0));
  });
  return { loss, gradient };
}

function logRatioOf(logpNew: number, logpOld: number): number {
  if (!Number.isFinite(logpOld)) {
    const hint = "The tokens were drawn from the old policy, so it gave each of them some chance";
    throw new DomainError(complaint("logpOld", "a finite log-probability", logpOld, hint));
  }
  if (!(logpNew < Number.POSITIVE_INFINITY)) {
    throw new DomainError(complaint("logpNew", "a log-probability", logpNew));
  }
  return logpNew - logpOld;
}
