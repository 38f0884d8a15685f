import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/**
 * The same in float64 on plain arrays, and its slope d loss / d logpNew [B, T], -mask advantages / B.
 * @throws ShapeError if the shapes differ; DomainError without rows, for a mask that is neither 0 nor 1, and for a
 *   log-probability or an advantage under the mask that is not finite
 */
export function reinforceLossAndGradient(
  logpNew: ArrayLike<ArrayLike<number>>,
  advantages: ArrayLike<ArrayLike<number>>,
  mask: ArrayLike<ArrayLike<number>>,
): { loss: number; gradient: Float64Array[] } {
  const B = logpNew.length;
  if (B === 0) throw new DomainError(complaint("logpNew", "at least one row", logpNew));
  for (const [name, rows] of Object.entries({ advantages, mask })) {
    if (rows.length !== B) throw new ShapeError(complaint(name, `${B} rows, as logpNew`, rows));
  }
  let loss = 0;
  const gradient = Array.from(logpNew, (row, b) => {
    for (const [name, other] of Object.entries({ advantages: advantages[b], mask: mask[b] })) {
      if (other.length !== row.length) throw new ShapeError(complaint(`${name}[${b}]`, `${row.length} numbers`, other));
    }
    return Float64Array.from(row, (logp, t) => {
      const kept = mask[b][t];
      if (kept === 0) return 0;
      if (kept !== 1) throw new DomainError(complaint(`mask[${b}][${t}]`, "0 or 1", kept));
      const advantage = advantages[b][t];
      if (!Number.isFinite(logp)) {
        const hint = "A token that was drawn has a positive probability";
        throw new DomainError(complaint(`logpNew[${b}][${t}]`, "a finite log-probability", logp, hint));
      }
      checkFinite(`advantages[${b}][${t}]`, advantage);
      loss -= (advantage * logp) / B;
      return -advantage / B;
    });
  });
  return { loss, gradient };
}
