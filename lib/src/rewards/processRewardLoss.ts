import { checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { sigmoid, softplus } from "../numerics/index.js";

/**
 * `processRewardLoss` of the steps that count, as plain lists [n], and its slope by each logit:
 * (sigmoid(logit) - label) / n.
 * @throws DomainError without steps, for another number of labels, or for a label outside [0, 1]
 */
export function processRewardLossAndGradient(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
): { loss: number; gradient: Float64Array } {
  const n = logits.length;
  if (n === 0) throw new DomainError(complaint("logits", "at least one step", logits));
  if (labels.length !== n) throw new DomainError(complaint("labels", `${n} labels, one per logit`, labels));
  let loss = 0;
  const gradient = Float64Array.from(logits, (z, k) => {
    const y = labels[k];
    checkShare(`labels[${k}]`, y);
    loss += (softplus(z) - y * z) / n;
    return (sigmoid(z) - y) / n;
  });
  return { loss, gradient };
}
