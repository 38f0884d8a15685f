import { checkLength, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/**
 * The entropy of a yes-or-no answer with probability p of yes, -p ln p - (1 - p) ln(1 - p), in nats: 0 when p
 * is 0 or 1, at most ln 2.
 * @throws DomainError if p is outside [0, 1]
 */
export function binaryEntropy(p: number): number {
  checkProbability("p", p);
  return nats(p) + nats(1 - p);
}

/** -p ln p, and its limit 0 at p = 0. */
function nats(p: number): number {
  return p === 0 ? 0 : -p * Math.log(p);
}

/**
 * binaryEntropy(sigmoid(z)), in nats, without rounding the probability first: it is |z| exp(-|z|) far out, where
 * 1 - p is 0. NaN for NaN.
 */
export function entropyOfLogOdds(z: number): number {
  const a = Math.abs(z);
  if (a === Number.POSITIVE_INFINITY) return 0;
  const e = Math.exp(-a);
  return Math.log1p(e) + (a * e) / (1 + e);
}

/** @throws DomainError unless `p` is a probability */
export function checkProbability(what: string, p: number): void {
  checkShare(what, p);
}

/**
 * What the members of a committee say about one question, checked; the weights of the members, adding up to 1.
 * @throws ShapeError for an empty committee or other lengths; DomainError for a probability outside [0, 1] or
 *   weights that do not add up
 */
export function checkCommittee(probabilities: ArrayLike<number>, weight?: ArrayLike<number>): ArrayLike<number> {
  const members = probabilities.length;
  if (members === 0)
    throw new ShapeError(complaint("probabilities", "one probability for each member of the committee", probabilities));
  for (let m = 0; m < members; m++) checkProbability(`probabilities[${m}]`, probabilities[m]);
  if (weight === undefined) return new Float64Array(members).fill(1 / members);
  checkLength("weight", weight, members, "one for each member");
  let total = 0;
  for (let m = 0; m < members; m++) {
    if (!(weight[m] >= 0)) throw new DomainError(complaint(`weight[${m}]`, "a number of at least 0", weight[m]));
    total += weight[m];
  }
  if (!(total > 0 && Number.isFinite(total))) {
    throw new DomainError(complaint("weight", "finite numbers of which one is above 0", weight));
  }
  return Float64Array.from(weight, (w) => w / total);
}
