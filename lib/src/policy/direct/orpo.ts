import { checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { sigmoid, softplus } from "../../numerics/index.js";
import { checkLogProbs, type LossAndPairGradient } from "./margin.js";

export interface OrpoOptions {
  /** lambda, the weight of the odds ratio beside the likelihood; default 0.1. 0 is supervised fine-tuning. */
  readonly weight?: number;
}

/**
 * `orpoLoss` in float64 on plain lists, with its slopes.
 * @throws as `dpoLossAndGradient`; DomainError for a log-probability of 0 or more
 */
export function orpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  { weight = 0.1 }: OrpoOptions = {},
): LossAndPairGradient {
  checkWeight(weight);
  const n = checkLogProbs({ chosen, rejected });
  const gradient = { chosen: new Float64Array(n), rejected: new Float64Array(n) };
  let loss = 0;
  for (let b = 0; b < n; b++) {
    const [won, lost] = [logOdds("chosen", chosen[b], b), logOdds("rejected", rejected[b], b)];
    const gap = lost.value - won.value;
    loss += (weight * softplus(gap) - chosen[b]) / n;
    const pull = weight * sigmoid(gap);
    gradient.chosen[b] = (-1 - pull * won.slope) / n;
    gradient.rejected[b] = (pull * lost.slope) / n;
  }
  return { loss, gradient };
}

/** l - log(1 - e^l) and its slope, 1 / (1 - e^l). */
export function logOdds(name: string, logp: number, b: number): { value: number; slope: number } {
  if (!(logp < 0)) {
    const hint = "ORPO takes log-probabilities per token; a completion that is certain has infinite odds";
    throw new DomainError(complaint(`${name}[${b}]`, "a number below 0", logp, hint));
  }
  const miss = -Math.expm1(logp);
  return { value: logp - Math.log(miss), slope: 1 / miss };
}

/** @throws DomainError unless weight >= 0 */
export function checkWeight(weight: number): void {
  checkNonNegative("weight", weight);
}
