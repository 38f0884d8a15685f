import { checkRows, type LossAndRowGradient, logRatioLimit, type Rows } from "./logRatio.js";

/**
 * `grpoReferenceLoss` in float64 on plain rows, with its slope for logpNew: with `logpOld` not the derivative of the
 * loss, since the weight new/old is held still. @throws as `grpoLossAndGradient`
 */
export function grpoReferenceLossAndGradient(
  logpNew: Rows,
  logpRef: Rows,
  mask: Rows,
  { logpOld }: { logpOld?: Rows } = {},
): LossAndRowGradient {
  const tokens = checkRows({ logpNew, logpRef, ...(logpOld && { logpOld }) }, mask);
  let loss = 0;
  const gradient = logpNew.map((row, b) => {
    const share = 1 / (tokens.length * Math.max(1, tokens[b]));
    return Float64Array.from(row, (logp, t) => {
      if (mask[b][t] === 0) return 0;
      const d = logpRef[b][t] - logp;
      const moved = logpOld === undefined ? 0 : logp - logpOld[b][t];
      const weight = share * Math.exp(Math.max(-logRatioLimit, Math.min(logRatioLimit, moved)));
      loss += weight * (Math.expm1(d) - d);
      return -weight * Math.expm1(d);
    });
  });
  return { loss, gradient };
}
