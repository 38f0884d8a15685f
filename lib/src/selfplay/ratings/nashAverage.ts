import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { ConvergenceError, complaint, DomainError, ShapeError } from "../../core/index.js";
import { checkSymmetricZeroSum, type Payoffs, rowPayoffs } from "../../games/index.js";
import { linearProgram, logSumExp, softmax } from "../../numerics/index.js";

/**
 * Nash averaging (Balduzzi et al. 2018, arXiv:1806.02643): the equilibrium of greatest entropy of the symmetric
 * zero-sum game [n][n] in which each picks an agent, and the skill of agent i, (A x)_i, what it earns against that
 * mixture: 0 for those who are in it, below 0 or 0 for the others. Copies of an agent share its place and change
 * nothing else.
 * @param payoffs antisymmetric, such as `winRateLogits`
 * @throws ShapeError, DomainError unless payoffs[i][j] = -payoffs[j][i]; ConvergenceError where payoffs differ so much
 *   in size (1e-7 beside 0.1) that the solver, or rounding, cannot tell who plays
 */
export async function nashAverage(payoffs: Payoffs): Promise<{ mixture: Float64Array; skills: Float64Array }> {
  checkSymmetricZeroSum(payoffs);
  const n = payoffs.length;
  let size = 0;
  for (const row of payoffs) for (let j = 0; j < n; j++) size = Math.max(size, Math.abs(row[j]));
  const scaled = payoffs.map((row) => Array.from(row, (payoff) => (size > 0 ? payoff / size : 0)));
  const mixture = await greatestEntropy(scaled);
  return { mixture, skills: rowPayoffs(payoffs, mixture) };
}

/**
 * log(P_ij / (1 - P_ij)) of win rates, in nats: the payoffs of Nash averaging.
 * @throws ShapeError unless it is [n][n], DomainError unless 0 < P_ij < 1
 */
export function winRateLogits(rates: ReadonlyArray<ArrayLike<number>>): Float64Array[] {
  return rates.map((row, i) => {
    if (row.length !== rates.length) throw new ShapeError(complaint(`rates[${i}]`, `${rates.length} numbers`, row));
    return Float64Array.from(row, (rate, j) => {
      if (!(rate > 0 && rate < 1)) {
        throw new DomainError(complaint(`rates[${i}][${j}]`, "a number between 0 and 1, neither of them", rate));
      }
      return Math.log(rate) - Math.log1p(-rate);
    });
  });
}

/** Payoffs here are at most 1; below this one is 0. */
const ROUNDING = 1e-9;

/**
 * The most mixed x with (A x)_i <= 0 for all i. In all equilibria (A x)_i = 0 for those agents that play in some
 * (complementary slackness). So first who these are; then x ~ exp(-prices' A) over them, at the prices that make log
 * sum exp least: any for what those who play earn, none below 0 for what the others do. By Newton's method over the
 * prices of all who play and of those others that have been seen to earn more than 0, who come in one by one; a step
 * ends where a price would fall below 0, and whose it is goes out again.
 */
async function greatestEntropy(payoffs: number[][]): Promise<Float64Array> {
  const playing = await everInEquilibrium(payoffs);
  const rows = payoffs.map((row) => playing.map((j) => row[j]));
  const idle = Array.from({ length: payoffs.length }, (_, i) => i).filter((i) => !playing.includes(i));
  const bound = [...playing]; // whose earnings are held to 0
  const prices = new Float64Array(payoffs.length);
  let since = 0; // steps since somebody came in
  for (let iteration = 0; iteration < 200 + 20 * payoffs.length; iteration++, since++) {
    const x = Float64Array.from(softmax(logits(rows, prices)));
    const earned = rowPayoffs(rows, x);
    if (bound.every((i) => Math.abs(earned[i]) <= (since < 50 ? 1e-12 : ROUNDING))) {
      const worst = greatestOf(idle, earned);
      if (worst === undefined || earned[worst] <= ROUNDING) return over(payoffs.length, playing, x);
      bound.push(worst);
      since = 0;
    }
    const left = newtonStep(rows, bound, prices, x, earned);
    if (left !== undefined) bound.splice(bound.indexOf(left), 1);
  }
  throw new ConvergenceError(
    `nashAverage: did not find the most mixed equilibrium of the ${playing.length} of ${payoffs.length} agents who seem to play ` +
      "in some; payoffs next to 0 may be 0 in truth, or those of others",
  );
}

/**
 * One step of the prices of `bound`, at x and what each earns there. Whoever's price it brings to 0, of those who do
 * not play, is told.
 */
function newtonStep(
  rows: number[][],
  bound: readonly number[],
  prices: Float64Array,
  x: Float64Array,
  earned: Float64Array,
): number | undefined {
  const playing = x.length; // they stand first
  const curvature = bound.map((i) =>
    bound.map((k) => x.reduce((sum, p, j) => sum + rows[i][j] * rows[k][j] * p, 0) - earned[i] * earned[k]),
  );
  const step = descent(
    curvature,
    bound.map((i) => earned[i]),
  );
  let [length, left] = [1, undefined as number | undefined];
  for (let k = playing; k < bound.length; k++) {
    const most = step[k] < 0 ? -prices[bound[k]] / step[k] : 1;
    if (most < length) [length, left] = [most, bound[k]];
  }
  const before = prices.slice();
  const level = logSumExp(logits(rows, before));
  const slope = step.reduce((sum, s, k) => sum + s * earned[bound[k]], 0);
  const move = () => {
    bound.forEach((i, k) => {
      prices[i] = before[i] + length * step[k];
    });
  };
  move();
  // What a step promises below rounding cannot be measured: there it is taken whole.
  while (length * slope > 1e-12 && logSumExp(logits(rows, prices)) > level - 1e-4 * length * slope) {
    length /= 2;
    left = undefined;
    move();
  }
  if (left !== undefined) prices[left] = 0;
  return left;
}

const logits = (rows: number[][], prices: Float64Array) =>
  Float64Array.from(rows[0], (_, j) => -prices.reduce((sum, price, i) => sum + price * rows[i][j], 0));

const greatestOf = (places: readonly number[], values: Float64Array): number | undefined =>
  places.reduce<number | undefined>(
    (best, i) => (best === undefined || values[i] > values[best] ? i : best),
    undefined,
  );

function over(n: number, places: readonly number[], values: Float64Array): Float64Array {
  const all = new Float64Array(n);
  places.forEach((i, k) => {
    all[i] = values[k];
  });
  return all;
}

/**
 * All who play in some equilibrium, by one linear program: of A x <= 0, x >= 0 as many x_i as can be are at least 1.
 */
async function everInEquilibrium(payoffs: number[][]): Promise<number[]> {
  const n = payoffs.length;
  const { x } = await linearProgram({
    variables: 2 * n,
    maximise: Array.from({ length: n }, (_, i) => [n + i, 1] as const),
    subjectTo: payoffs.flatMap((row, i) => [
      { form: row.map((payoff, j) => [j, payoff] as const), atMost: 0 },
      { form: [[i, 1] as const, [n + i, -1] as const], atLeast: 0 },
    ]),
    upper: Array.from({ length: 2 * n }, (_, i) => (i < n ? Number.POSITIVE_INFINITY : 1)),
  });
  return Array.from({ length: n }, (_, i) => i).filter((i) => x[n + i] > 0.5);
}

/**
 * Newton's step of a symmetric positive semi-definite curvature. Bounds may repeat each other: along what is below
 * 1e-10 of the largest eigenvalue there is no step, or, where something is left to gain, one that a price will end.
 */
function descent(curvature: number[][], right: readonly number[]): number[] {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(curvature), {
    assumeSymmetric: true,
  });
  const least = 1e-10 * realEigenvalues.reduce((a, b) => Math.max(a, b), 0);
  const parts = eigenvectorMatrix.transpose().mmul(Matrix.columnVector([...right]));
  const scaled = realEigenvalues.map((value, k) => {
    const part = parts.get(k, 0);
    if (value > least) return part / value;
    return Math.abs(part) > ROUNDING ? part / (least || 1) : 0;
  });
  return eigenvectorMatrix.mmul(Matrix.columnVector(scaled)).to1DArray();
}
