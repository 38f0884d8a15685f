import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { logSoftmax } from "../../numerics/index.js";

/**
 * Exact KL(p || q) of one token's distribution from its logits, [V] each, in nats: the float64 twin of `tokenKl`, with
 * its gradients.
 * @throws ShapeError if the lengths differ or are 0; DomainError for logits that are NaN or Infinity, or all -Infinity
 */
export function categoricalKl(
  logitsP: ArrayLike<number>,
  logitsQ: ArrayLike<number>,
): { kl: number; gradientP: Float64Array; gradientQ: Float64Array } {
  if (logitsQ.length !== logitsP.length || logitsP.length === 0) {
    throw new ShapeError(complaint("logitsQ", `${logitsP.length || "some"} logits, as many as logitsP`, logitsQ));
  }
  const [logP, logQ] = [checkedLogSoftmax("logitsP", logitsP), checkedLogSoftmax("logitsQ", logitsQ)];
  let kl = 0;
  for (let v = 0; v < logP.length; v++)
    if (logP[v] > Number.NEGATIVE_INFINITY) kl += Math.exp(logP[v]) * (logP[v] - logQ[v]);
  return {
    kl,
    gradientP: Float64Array.from(logP, (log, v) =>
      log === Number.NEGATIVE_INFINITY ? 0 : Math.exp(log) * (log - logQ[v] - kl),
    ),
    gradientQ: Float64Array.from(logP, (log, v) => Math.exp(logQ[v]) - Math.exp(log)),
  };
}

function checkedLogSoftmax(name: string, logits: ArrayLike<number>): number[] {
  const out = logSoftmax(logits);
  if (out.some(Number.isNaN)) throw new DomainError(complaint(name, "logits, at least one of them finite", logits));
  return out;
}
