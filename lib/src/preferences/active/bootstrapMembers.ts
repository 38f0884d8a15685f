import { checkCount } from "../../core/checks.js";
import { type Key, split } from "../../random/index.js";
import { resample } from "../bootstrap.js";
import type { Comparisons } from "../comparisons.js";
import { laplacePosterior, type PosteriorOptions } from "../posterior/index.js";

/**
 * A committee by bagging: each of n members is the most probable fit to as many answers as there are, drawn from them
 * with replacement, [n, d]. It needs no Gaussian, only a way to fit, so it works for any reward model; with few answers
 * the members agree too much, and without any they would all be the prior. Abe and Mamitsuka 1998, query by bagging.
 * @throws DomainError if there are no answers, weights are no whole numbers, or n is not a whole number above 0
 */
export function bootstrapMembers(key: Key, data: Comparisons, n: number, options: PosteriorOptions): number[][] {
  checkCount("members", n);
  return split(key, n).map((k) => laplacePosterior(resample(k, data), options).mean);
}
