import { checkCount, checkFinite, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { Payoffs } from "../../games/index.js";

/** How mutants and residents of a population are weighed against each other. */
export interface SelectionOptions {
  /** How many individuals there are, at least 2. */
  population: number;
  /** How strongly payoffs select, at least 0; for 0 all strategies are alike. */
  alpha: number;
  /**
   * Whom an individual meets: all the others, of its own kind too (default), or only those of the other kind ("local",
   * OpenSpiel's default).
   */
  local?: boolean;
}

/**
 * Alpha-rank of a symmetric game [n][n] played within one population: how much of the time each strategy has the whole
 * of it to itself, if mutants are rare, [n] (Omidshafiei et al. 2019, arXiv:1903.01373). A population that plays j
 * turns to i at rate fixation(i among j) / (n - 1); the stationary law of this chain. The game need not be zero-sum.
 * @example alphaRank([[0, -1], [1, 0]], { population: 10, alpha: 0.1 }) // [0.2689, 0.7311]
 */
export function alphaRank(payoffs: Payoffs, selection: SelectionOptions): Float64Array {
  const n = checkGame(payoffs);
  checkSelection(selection);
  // Logarithms: a rate such as exp(-1000) still decides where the chain is to be found.
  const rates = Array.from({ length: n }, (_, resident) =>
    Float64Array.from({ length: n }, (_, mutant) =>
      mutant === resident ? 0 : logFixation(payoffs, mutant, resident, selection),
    ),
  );
  return stationaryLaw(rates);
}

/**
 * The probability that one mutant among population - 1 residents takes over, 1 / (1 + sum_l prod_(k <= l) exp(-alpha
 * (f_k - g_k))): k mutants earn f_k and residents g_k on average against the population - 1 others
 * (Moran's process with exponential fitness, Traulsen, Shoresh and Nowak 2008, doi:10.1007/s11538-008-9305-6).
 * @example fixationProbability([[1, 1], [1, 1]], 0, 1, { population: 50, alpha: 1 }) // 0.02
 */
export function fixationProbability(
  payoffs: Payoffs,
  mutant: number,
  resident: number,
  selection: SelectionOptions,
): number {
  const n = checkGame(payoffs);
  checkSelection(selection);
  for (const strategy of [mutant, resident]) {
    if (!(Number.isInteger(strategy) && strategy >= 0 && strategy < n)) {
      throw new DomainError(complaint("mutant, resident", `integers from 0 to ${n - 1}`, [mutant, resident]));
    }
  }
  return Math.exp(logFixation(payoffs, mutant, resident, selection));
}

function logFixation(payoffs: Payoffs, mutant: number, resident: number, selection: SelectionOptions): number {
  const { population, alpha, local = false } = selection;
  const [own, other] = [payoffs[mutant], payoffs[resident]];
  if (local) return logRuin(alpha * (own[resident] - other[mutant]), population);
  const perLead = alpha / (population - 1);
  let sum = 1;
  // The largest exponent so far is kept outside of the sum.
  let exponent = 0;
  let top = 0;
  for (let k = 1; k < population; k++) {
    const gain = (k - 1) * own[mutant] + (population - k) * own[resident];
    const loss = k * other[mutant] + (population - k - 1) * other[resident];
    exponent -= perLead * (gain - loss);
    if (exponent <= top) sum += Math.exp(exponent - top);
    else {
      sum = sum * Math.exp(top - exponent) + 1;
      top = exponent;
    }
  }
  return -top - Math.log(sum);
}

/** log((1 - exp(-lead)) / (1 - exp(-population lead))): fixation where mutants are ahead by the same at any number. */
function logRuin(lead: number, population: number): number {
  const size = Math.abs(lead);
  if (population * size < 1e-12) return -Math.log(population);
  const ratio = Math.log(-Math.expm1(-size)) - Math.log(-Math.expm1(-population * size));
  return lead > 0 ? ratio : ratio - (population - 1) * size;
}

/**
 * The stationary law of a chain whose rates from i to j have the logarithms rates[i][j], i other than j: states are
 * taken out one by one without a subtraction (Grassmann, Taksar and Heyman 1985). Changes `rates`.
 */
function stationaryLaw(rates: Float64Array[]): Float64Array {
  const n = rates.length;
  for (let k = n - 1; k > 0; k--) {
    const out = rates[k];
    let leave = out[0];
    for (let j = 1; j < k; j++) leave = logAdd(leave, out[j]);
    for (let i = 0; i < k; i++) {
      const row = rates[i];
      row[k] -= leave;
      for (let j = 0; j < k; j++) if (j !== i) row[j] = logAdd(row[j], row[k] + out[j]);
    }
  }
  const law = new Float64Array(n);
  let top = 0;
  for (let k = 1; k < n; k++) {
    law[k] = rates[0][k];
    for (let i = 1; i < k; i++) law[k] = logAdd(law[k], law[i] + rates[i][k]);
    top = Math.max(top, law[k]);
  }
  let total = 0;
  for (let k = 0; k < n; k++) {
    law[k] = Math.exp(law[k] - top);
    total += law[k];
  }
  for (let k = 0; k < n; k++) law[k] /= total;
  return law;
}

/** log(exp(a) + exp(b)) */
function logAdd(a: number, b: number): number {
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

function checkGame(payoffs: Payoffs): number {
  const n = payoffs.length;
  if (n < 2) throw new ShapeError(complaint("payoffs", "at least two strategies", payoffs));
  payoffs.forEach((row, i) => {
    if (row.length !== n) throw new ShapeError(complaint(`payoffs[${i}]`, `${n} payoffs`, row));
    for (let j = 0; j < n; j++) {
      checkFinite(`payoffs[${i}][${j}]`, row[j]);
    }
  });
  return n;
}

function checkSelection({ population, alpha }: SelectionOptions): void {
  checkCount("population", population, 2);
  checkNonNegative("alpha", alpha);
}
