import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { ConvergenceError, complaint, DomainError, ShapeError } from "../../core/index.js";
import { checkSymmetricZeroSum, type Payoffs, rowPayoffs } from "../../games/index.js";
import { linearProgram, logSumExp } from "../../numerics/index.js";

/**
 * Nash averaging (Balduzzi et al. 2018, arXiv:1806.02643): the equilibrium of greatest entropy of the symmetric
 * zero-sum game [n][n] in which each picks an agent, and the skill of agent i, (A x)_i, what it earns against that
 * mixture: 0 for those who are in it, below 0 or 0 for the others. Copies of an agent share its place and change
 * nothing else.
 * @param payoffs antisymmetric, such as `winRateLogits`
 * @throws ShapeError, DomainError unless payoffs[i][j] = -payoffs[j][i]
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
 * (complementary slackness). So first who these are; then the entropy is made as large as it can be while they earn 0,
 * and those of the others who would earn more than 0 are held to it, one by one.
 */
async function greatestEntropy(payoffs: number[][]): Promise<Float64Array> {
  const n = payoffs.length;
  const playing = await everInEquilibrium(payoffs);
  const idle = Array.from({ length: n }, (_, i) => i).filter((i) => !playing.includes(i));
  const held: number[] = [];
  for (let round = 0; round <= 4 * n; round++) {
    const bound = [...playing, ...held].map((i) => playing.map((j) => payoffs[i][j]));
    const { x, prices } = mostMixed(bound, playing.length);
    const mixture = new Float64Array(n);
    playing.forEach((i, k) => {
      mixture[i] = x[k];
    });
    // Whoever is pushed up, not down, by its bound may go.
    const free = held.findIndex((_, k) => prices[playing.length + k] < -ROUNDING);
    if (free >= 0) {
      held.splice(free, 1);
      continue;
    }
    const gains = rowPayoffs(payoffs, mixture);
    const worst = idle.filter((i) => !held.includes(i)).sort((a, b) => gains[b] - gains[a])[0];
    if (worst === undefined || gains[worst] <= ROUNDING) return mixture;
    held.push(worst);
  }
  throw new ConvergenceError("nashAverage: the agents who may not earn more than 0 kept changing");
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
 * The distribution x of greatest entropy with bound x = 0: x ~ exp(-prices' bound) at the prices that make log sum exp
 * least, by Newton's method. Bounds may repeat each other, hence the pseudo-inverse.
 */
function mostMixed(bound: number[][], n: number): { x: Float64Array; prices: Float64Array } {
  let prices: Float64Array = new Float64Array(bound.length);
  const logits = (y: Float64Array) =>
    Float64Array.from({ length: n }, (_, j) => -bound.reduce((sum, row, i) => sum + y[i] * row[j], 0));
  for (let iteration = 0; iteration < 200; iteration++) {
    const z = logits(prices);
    const level = logSumExp(z);
    const x = z.map((value) => Math.exp(value - level));
    const left = bound.map((row) => row.reduce((sum, b, j) => sum + b * x[j], 0));
    if (left.every((value) => Math.abs(value) <= (iteration < 50 ? 1e-12 : ROUNDING))) return { x, prices };
    const curvature = bound.map((row, i) =>
      bound.map((other, k) => row.reduce((sum, b, j) => sum + b * other[j] * x[j], 0) - left[i] * left[k]),
    );
    const step = leastSolution(curvature, left);
    const slope = step.reduce((sum, s, i) => sum + s * left[i], 0);
    // What a step promises below rounding cannot be measured: there it is taken whole.
    let length = 1;
    const at = () => prices.map((price, i) => price + length * step[i]);
    while (slope > 1e-12 && length > 1e-10 && logSumExp(logits(at())) > level - 1e-4 * length * slope) length /= 2;
    prices = at();
  }
  throw new ConvergenceError("nashAverage: 200 steps did not find the equilibrium of greatest entropy");
}

/** The shortest solution of a symmetric positive semi-definite system; what is 1e-10 of the largest eigenvalue is 0. */
function leastSolution(matrix: number[][], right: readonly number[]): number[] {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(matrix), {
    assumeSymmetric: true,
  });
  const least = 1e-10 * realEigenvalues.reduce((a, b) => Math.max(a, b), 0);
  const parts = eigenvectorMatrix.transpose().mmul(Matrix.columnVector([...right]));
  const scaled = realEigenvalues.map((value, k) => (value > least ? parts.get(k, 0) / value : 0));
  return eigenvectorMatrix.mmul(Matrix.columnVector(scaled)).to1DArray();
}
