import { checkDistribution } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { memberWeights } from "./memberWeights.js";

/** The entropy of an answer in its two parts, in nats: total = aleatoric + epistemic. */
export interface UncertaintySplit {
  /** H[E p]: how uncertain the answer is, for whatever reason. */
  total: number;
  /** E H[p]: what would be left if the parameters were known. */
  aleatoric: number;
  /** I(y; t) = H[E p] - E H[p]: what the parameters could still tell, never below 0. */
  epistemic: number;
}

/**
 * Predictive entropy split, H[E_t p_t] = E_t H[p_t] + I(y; t): total = aleatoric + epistemic, in nats. `probabilities`
 * [members][answers]: what each member of the posterior expects, a distribution each; `weights` [members], equal when
 * left out, are divided by their sum. For answers of yes or no, `active.informationGain` of rlhf-lab/preferences is the
 * same number from one probability a member. (Depeweg et al. 2018, arXiv:1710.07283; Houlsby et al. 2011,
 * arXiv:1112.5745.)
 * @throws ShapeError without a member or with rows of other lengths; DomainError if a row is no distribution
 * @example splitUncertainty([[0.9, 0.1], [0.1, 0.9]]) // { total: 0.6931, aleatoric: 0.3251, epistemic: 0.3681 }
 */
export function splitUncertainty(
  probabilities: ReadonlyArray<ArrayLike<number>>,
  weights?: ArrayLike<number>,
): UncertaintySplit {
  const share = memberWeights("probabilities", probabilities.length, weights);
  const answers = probabilities[0].length;
  const mixture = new Float64Array(answers);
  let aleatoric = 0;
  probabilities.forEach((row, m) => {
    if (row.length !== answers) throw new ShapeError(complaint(`probabilities[${m}]`, `${answers} probabilities`, row));
    checkDistribution(`probabilities[${m}]`, row);
    for (let y = 0; y < answers; y++) {
      mixture[y] += share[m] * row[y];
      aleatoric += share[m] * surprise(row[y]);
    }
  });
  let total = 0;
  for (let y = 0; y < answers; y++) total += surprise(mixture[y]);
  return { total, aleatoric, epistemic: Math.max(total - aleatoric, 0) };
}

/** -p ln p, and its limit 0 at p = 0. */
function surprise(p: number): number {
  return p === 0 ? 0 : -p * Math.log(p);
}
