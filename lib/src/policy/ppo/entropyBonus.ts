import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logSoftmax } from "../../numerics/index.js";
import { countTokens } from "../checkMask.js";

/**
 * `entropyBonus` in float64: logits, one list [V] per token, and d bonus / d logits.
 * @throws ShapeError if the lengths differ; DomainError for logits of NaN or Infinity or all -Infinity, or a mask of
 *   other numbers than 0 and 1 or without any 1
 */
export function entropyBonusAndGradient(
  logits: readonly ArrayLike<number>[],
  mask: ArrayLike<number>,
): { bonus: number; gradient: Float64Array[] } {
  const tokens = countTokens(mask, logits.length);
  const V = logits.length > 0 ? logits[0].length : 0;
  let bonus = 0;
  const gradient = logits.map((row, i) => {
    checkLength(`logits[${i}]`, row, V);
    if (mask[i] === 0) return new Float64Array(V);
    const logp = logSoftmax(row);
    if (logp.length === 0 || logp.some(Number.isNaN)) {
      throw new DomainError(complaint(`logits[${i}]`, "logits, at least one of them finite", row));
    }
    const surprise = logp.map((log) => (log === Number.NEGATIVE_INFINITY ? 0 : Math.exp(log) * log));
    const h = -surprise.reduce((a, b) => a + b, 0);
    bonus += h / tokens;
    return Float64Array.from(surprise, (s, v) => -(s + Math.exp(logp[v]) * h) / tokens);
  });
  return { bonus, gradient };
}
