import { checkDistribution, checkNumbers } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";

/** What acts are worth to somebody who fears the worst prior. */
export interface MaxMinUtility {
  /** [acts] min over priors of E_p u(act). */
  values: number[];
  /** The act with the greatest of them; the first of equals. */
  best: number;
}

/**
 * Max-min expected utility: an act is worth min_{p in C} E_p u, and the best act is taken. `acts` [acts][states] are
 * utilities, `priors` [priors][states] the corners of the set C (the minimum over their hull is at a corner). One prior
 * gives expected utility. (Gilboa and Schmeidler 1989; Ellsberg 1961 for the choices it explains.)
 * @throws ShapeError without an act or a prior, or if lengths differ; DomainError for a prior that is no distribution
 * @example maxMinUtility([[1, 0], [0, 1]], [[0.5, 0.5], [0.2, 0.8]]) // { values: [0.2, 0.5], best: 1 }
 */
export function maxMinUtility(
  acts: ReadonlyArray<ArrayLike<number>>,
  priors: ReadonlyArray<ArrayLike<number>>,
): MaxMinUtility {
  if (acts.length === 0) throw new ShapeError(complaint("acts", "at least one act", acts));
  if (priors.length === 0) throw new ShapeError(complaint("priors", "at least one prior", priors));
  const states = acts[0].length;
  priors.forEach((p, i) => {
    checkNumbers(`priors[${i}]`, p, states);
    checkDistribution(`priors[${i}]`, p);
  });
  const values = acts.map((utility, a) => {
    checkNumbers(`acts[${a}]`, utility, states);
    let least = Number.POSITIVE_INFINITY;
    for (const p of priors) {
      let sum = 0;
      for (let s = 0; s < states; s++) sum += p[s] * utility[s];
      least = Math.min(least, sum);
    }
    return least;
  });
  let best = 0;
  for (let a = 1; a < values.length; a++) if (values[a] > values[best]) best = a;
  return { values, best };
}
