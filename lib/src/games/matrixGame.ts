import { checkDistribution, checkFinite, checkLength } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { greatest } from "../numerics/greatest.js";
import { linearProgram } from "../numerics/index.js";

/**
 * payoffs[i][j]: what the row player gets for row i against column j, [m][n]. In a zero-sum game the
 * column player gets minus that.
 */
export type Payoffs = ReadonlyArray<ArrayLike<number>>;

/** One probability for each of a player's actions. */
export type MixedStrategy = ArrayLike<number>;

/**
 * An equilibrium of a zero-sum game: the row that guarantees the most, max over x of min over j of sum_i x_i A_ij, the
 * column that holds it to that, and the value (von Neumann 1928). By linear programming; where there are several
 * equilibria, one of them.
 * @example (await zeroSumEquilibrium([[2, -1], [-1, 1]])).row // [0.4, 0.6]
 */
export async function zeroSumEquilibrium(
  payoffs: Payoffs,
): Promise<{ row: Float64Array; column: Float64Array; value: number }> {
  const [m, n] = size("payoffs", payoffs);
  const guaranteed = m; // the variable after the m probabilities
  const { x, value, duals } = await linearProgram({
    variables: m + 1,
    maximise: [[guaranteed, 1]],
    subjectTo: [
      ...Array.from({ length: n }, (_, j) => ({
        form: [...Array.from({ length: m }, (_, i) => [i, payoffs[i][j]] as const), [guaranteed, -1] as const],
        atLeast: 0,
      })),
      { form: Array.from({ length: m }, (_, i) => [i, 1] as const), equals: 1 },
    ],
    lower: [...new Array<number>(m).fill(0), Number.NEGATIVE_INFINITY],
  });
  return {
    row: distribution(x.subarray(0, m)),
    column: distribution(duals.subarray(0, n).map((price) => -price)),
    value,
  };
}

/** Without the rounding of the solver. */
function distribution(values: Float64Array): Float64Array {
  const kept = values.map((value) => Math.max(value, 0));
  const total = kept.reduce((a, b) => a + b, 0);
  return kept.map((value) => value / total);
}

/** What each row earns against a mixed column, (A y)_i, [m]. */
export function rowPayoffs(payoffs: Payoffs, column: MixedStrategy): Float64Array {
  const [m, n] = size("payoffs", payoffs);
  checkStrategy("column", column, n);
  return Float64Array.from({ length: m }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += payoffs[i][j] * column[j];
    return sum;
  });
}

/** What the row player earns for each column of the other, (x A)_j, [n]. */
export function columnPayoffs(payoffs: Payoffs, row: MixedStrategy): Float64Array {
  const [m, n] = size("payoffs", payoffs);
  checkStrategy("row", row, m);
  return Float64Array.from({ length: n }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += row[i] * payoffs[i][j];
    return sum;
  });
}

/** x' A y, what the row player gets on average. */
export function expectedPayoff(payoffs: Payoffs, row: MixedStrategy, column: MixedStrategy): number {
  checkStrategy("row", row, payoffs.length);
  return rowPayoffs(payoffs, column).reduce((sum, payoff, i) => sum + row[i] * payoff, 0);
}

/**
 * How much the players could gain by answering each other best, summed over both: (max_i (A
 * y)_i - x'Ay) + (max_j (x'B)_j - x'By); 0 at an equilibrium and nowhere else. `payoffs` is one matrix for a
 * zero-sum game, or [A, B], both [m][n].
 * @example nashConv([[1, -1], [-1, 1]], [1, 0], [0.5, 0.5]) // 1
 */
export function nashConv(
  payoffs: Payoffs | readonly [Payoffs, Payoffs],
  row: MixedStrategy,
  column: MixedStrategy,
): number {
  const [own, other] = both(payoffs);
  const best = greatest(rowPayoffs(own, column)) + greatest(columnPayoffs(other, row));
  return best - expectedPayoff(own, row, column) - expectedPayoff(other, row, column);
}

/** nashConv over the number of players, two: what a player loses on average to an opponent who knows. */
export function exploitability(
  payoffs: Payoffs | readonly [Payoffs, Payoffs],
  row: MixedStrategy,
  column: MixedStrategy,
): number {
  return nashConv(payoffs, row, column) / 2;
}

/**
 * All pure equilibria [row, column]: nobody gains by moving alone. `payoffs` as in `nashConv`.
 * @example pureEquilibria([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]) // [[1, 1]]
 */
export function pureEquilibria(payoffs: Payoffs | readonly [Payoffs, Payoffs]): [row: number, column: number][] {
  const [own, other] = both(payoffs);
  const [m, n] = size("payoffs", own);
  const found: [number, number][] = [];
  for (let i = 0; i < m; i++) {
    const best = greatest(other[i]);
    for (let j = 0; j < n; j++) {
      const rowIsBest = own.every((row) => row[j] <= own[i][j]);
      if (rowIsBest && other[i][j] === best) found.push([i, j]);
    }
  }
  return found;
}

function both(payoffs: Payoffs | readonly [Payoffs, Payoffs]): readonly [Payoffs, Payoffs] {
  const first = payoffs[0] as ArrayLike<unknown> | undefined;
  if (first !== undefined && typeof first[0] === "object") {
    const [own, other] = payoffs as readonly [Payoffs, Payoffs];
    const [m, n] = size("payoffs[0]", own);
    const [m2, n2] = size("payoffs[1]", other);
    if (m !== m2 || n !== n2) throw new ShapeError(complaint("payoffs[1]", `a matrix of ${m} by ${n}`, other));
    return [own, other];
  }
  const own = payoffs as Payoffs;
  return [own, own.map((row) => Array.from(row, (payoff) => -payoff))];
}

function size(name: string, payoffs: Payoffs): [m: number, n: number] {
  const n = payoffs[0]?.length ?? 0;
  if (n === 0) throw new ShapeError(complaint(name, "at least one row and one column", payoffs));
  payoffs.forEach((row, i) => {
    if (row.length !== n) throw new ShapeError(complaint(`${name}[${i}]`, `${n} payoffs`, row));
    for (let j = 0; j < n; j++) {
      checkFinite(`${name}[${i}][${j}]`, row[j]);
    }
  });
  return [payoffs.length, n];
}

/** Linear programs end within 1e-7: so do the strategies that come from them. */
function checkStrategy(name: string, strategy: MixedStrategy, actions: number): void {
  checkLength(name, strategy, actions, "one per action");
  checkDistribution(name, strategy, 1e-6);
}
