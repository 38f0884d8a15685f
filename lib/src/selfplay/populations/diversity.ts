import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

// How many different things a population holds. A number of kinds alone sees neither their shares nor how alike they
// are: each measure here sees one thing more.

/**
 * Hill's number of order q, (sum_i p_i^q)^(1/(1-q)), q = 1: exp H(p): how many kinds, equally common, would be as
 * diverse. Order 0 counts kinds, 1 is the exponential of the entropy, 2 is one over the probability that two draws
 * are of one kind; in items, from 1 to the number of kinds. Hill 1973.
 * @throws DomainError unless p are shares that add up to 1 and order >= 0
 * @example hillNumber([0.5, 0.25, 0.25], 2) // 2.6667
 */
export function hillNumber(p: ArrayLike<number>, order: number): number {
  checkShares("p", p);
  if (!(order >= 0)) throw new DomainError(complaint("order", "a number of at least 0", order));
  let sum = 0;
  let most = 0;
  for (let i = 0; i < p.length; i++) {
    if (p[i] === 0) continue;
    sum += order === 1 ? -p[i] * Math.log(p[i]) : p[i] ** order;
    most = Math.max(most, p[i]);
  }
  if (order === Number.POSITIVE_INFINITY) return 1 / most;
  return order === 1 ? Math.exp(sum) : sum ** (1 / (1 - order));
}

/**
 * 1 - sum_i p_i^2: the probability that two draws differ (Gini and Simpson; heterozygosity in genetics).
 * @example giniSimpson([0.5, 0.25, 0.25]) // 0.625
 */
export function giniSimpson(p: ArrayLike<number>): number {
  checkShares("p", p);
  let same = 0;
  for (let i = 0; i < p.length; i++) same += p[i] * p[i];
  return 1 - same;
}

/**
 * 1 / sum_ij p_i K_ij p_j for similarities K in [0, 1] with K_ii = 1, [n][n]: Hill's number of order 2 where kinds may
 * be alike; equal to it if K is the identity, 1 if everything is alike. Leinster and Cobbold 2012; the Vendi score of
 * order 2 has K squared (Pasarkar and Dieng 2024, arXiv:2310.12952).
 * @throws DomainError for a similarity outside of [0, 1] or of itself other than 1
 * @example similarityDiversity([0.5, 0.5], [[1, 0.5], [0.5, 1]]) // 1.3333
 */
export function similarityDiversity(p: ArrayLike<number>, similarity: readonly ArrayLike<number>[]): number {
  checkShares("p", p);
  if (similarity.length !== p.length) {
    throw new ShapeError(complaint("similarity", `${p.length} rows, one per share`, similarity));
  }
  let sum = 0;
  similarity.forEach((row, i) => {
    checkNumbers(`similarity[${i}]`, row, p.length);
    for (let j = 0; j < row.length; j++) {
      if (!(row[j] >= 0 && row[j] <= 1) || (i === j && row[j] !== 1)) {
        throw new DomainError(complaint(`similarity[${i}][${j}]`, "from 0 to 1, of itself 1", row[j]));
      }
      sum += p[i] * row[j] * p[j];
    }
  });
  return 1 / sum;
}

/** The shares of the labels 0, 1, ..., kinds - 1 in a list, [kinds]. */
export function sharesOf(labels: ArrayLike<number>, kinds: number): Float64Array {
  if (labels.length === 0) throw new DomainError(complaint("labels", "at least one", labels));
  const shares = new Float64Array(kinds);
  for (let i = 0; i < labels.length; i++) {
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < kinds)) {
      throw new DomainError(complaint(`labels[${i}]`, `a whole number from 0 to ${kinds - 1}`, labels[i]));
    }
    shares[labels[i]] += 1 / labels.length;
  }
  return shares;
}

function checkShares(what: string, p: ArrayLike<number>): void {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += p[i] >= 0 ? p[i] : Number.NaN;
  if (!(Math.abs(sum - 1) <= 1e-6)) {
    throw new DomainError(complaint(what, "shares of at least 0 that add up to 1", p));
  }
}
