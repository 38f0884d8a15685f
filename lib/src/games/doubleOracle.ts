import { checkCount, checkFinite } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { columnPayoffs, exploitability, type Payoffs, rowPayoffs, zeroSumEquilibrium } from "./matrixGame.js";

/** A mixture over the whole game of those strategies that a population has. */
export interface PopulationState {
  /** Who is in it, in the order in which they came. */
  readonly population: readonly number[];
  /** What is played, [n]: 0 for all who are not in it. */
  readonly mixture: Float64Array;
  /** What the best of all answers wins against it. */
  readonly exploitability: number;
}

/**
 * Learning by best answers, in a symmetric zero-sum game [n][n]: each time the best answer to a mixture of the
 * population joins it. `against` says which mixture: the latest alone (plain self-play), all alike (fictitious
 * self-play), or the equilibrium among those who are there (policy-space response oracles, PSRO, with the Nash
 * meta-strategy; Lanctot et al. 2017, arXiv:1711.00832). The first of several best answers joins, also if it is there
 * already: then it counts twice in "uniform". Returns the state before each answer and the last, answers + 1; "nash"
 * ends earlier where no answer wins anything.
 * @throws ShapeError, DomainError unless payoffs[i][j] = -payoffs[j][i]
 */
export async function bestAnswers(
  payoffs: Payoffs,
  { start, answers, against }: { start: number; answers: number; against: "latest" | "uniform" | "nash" },
): Promise<PopulationState[]> {
  checkSymmetricZeroSum(payoffs);
  checkAction("start", start, payoffs.length);
  checkCount("answers", answers, 0);
  const population = [start];
  const seen: PopulationState[] = [];
  for (;;) {
    const mixture = await metaStrategy(payoffs, population, against);
    const gains = rowPayoffs(payoffs, mixture);
    const best = gains.reduce((a, b) => Math.max(a, b));
    seen.push({ population: [...population], mixture, exploitability: Math.max(best, 0) });
    if (seen.length > answers || (against === "nash" && best <= NOTHING)) return seen;
    population.push(gains.indexOf(best));
  }
}

/** What an answer wins by the solver's rounding alone. */
const NOTHING = 1e-9;

async function metaStrategy(payoffs: Payoffs, population: readonly number[], against: string): Promise<Float64Array> {
  const n = payoffs.length;
  if (against === "latest") return spreadOut([1], population.slice(-1), n);
  if (against === "uniform") {
    return spreadOut(
      population.map(() => 1 / population.length),
      population,
      n,
    );
  }
  if (against !== "nash") throw new DomainError(complaint("against", '"latest", "uniform" or "nash"', against));
  const members = [...new Set(population)];
  const { row } = await zeroSumEquilibrium(members.map((i) => members.map((j) => payoffs[i][j])));
  return spreadOut(row, members, n);
}

/** The mixture [n] that gives each of `members` its probability, added up for those who are there twice. */
function spreadOut(probabilities: ArrayLike<number>, members: readonly number[], n: number): Float64Array {
  const mixture = new Float64Array(n);
  members.forEach((member, k) => {
    mixture[member] += probabilities[k];
  });
  return mixture;
}

/**
 * Double oracle (McMahan, Gordon and Blum 2003): an equilibrium of a zero-sum game [m][n] of which only some rows and
 * columns are looked at. The equilibrium among these; then both best answers to it join; until neither is new. `steps`
 * is how often that was; the exploitability of the result is 0 but for rounding.
 * @example (await doubleOracle(colonelBlotto(10, 3).payoffs)).value // 0
 */
export async function doubleOracle(
  payoffs: Payoffs,
  { row: firstRow = 0, column: firstColumn = 0 }: { row?: number; column?: number } = {},
): Promise<{
  row: Float64Array;
  column: Float64Array;
  value: number;
  rows: number[];
  columns: number[];
  steps: number;
  exploitability: number;
}> {
  const [m, n] = [payoffs.length, payoffs[0]?.length ?? 0];
  checkAction("row", firstRow, m);
  checkAction("column", firstColumn, n);
  const rows = [firstRow];
  const columns = [firstColumn];
  for (let steps = 1; ; steps++) {
    const inner = await zeroSumEquilibrium(rows.map((i) => columns.map((j) => payoffs[i][j])));
    const row = spreadOut(inner.row, rows, m);
    const column = spreadOut(inner.column, columns, n);
    const gains = rowPayoffs(payoffs, column);
    const losses = columnPayoffs(payoffs, row);
    const best = gains.indexOf(gains.reduce((a, b) => Math.max(a, b)));
    const worst = losses.indexOf(losses.reduce((a, b) => Math.min(a, b)));
    const newRow = gains[best] > inner.value + NOTHING && !rows.includes(best);
    const newColumn = losses[worst] < inner.value - NOTHING && !columns.includes(worst);
    if (!newRow && !newColumn) {
      return {
        ...{ row, column, value: inner.value, rows, columns, steps },
        exploitability: exploitability(payoffs, row, column),
      };
    }
    if (newRow) rows.push(best);
    if (newColumn) columns.push(worst);
  }
}

/** @throws ShapeError unless it is [n][n], DomainError unless payoffs[i][j] = -payoffs[j][i], finite */
export function checkSymmetricZeroSum(payoffs: Payoffs): void {
  const n = payoffs.length;
  if (n === 0) throw new ShapeError(complaint("payoffs", "at least one strategy", payoffs));
  payoffs.forEach((row, i) => {
    if (row.length !== n) throw new ShapeError(complaint(`payoffs[${i}]`, `${n} payoffs`, row));
  });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [own, other] = [payoffs[i][j], payoffs[j][i]];
      checkFinite(`payoffs[${i}][${j}]`, own);
      if (!(Math.abs(own + other) <= 1e-9 * Math.max(1, Math.abs(own)))) {
        throw new DomainError(
          complaint(`payoffs[${i}][${j}]`, `${-other}, as the game is zero-sum and symmetric`, own),
        );
      }
    }
  }
}

function checkAction(name: string, action: number, count: number): void {
  if (!(Number.isInteger(action) && action >= 0 && action < count)) {
    throw new DomainError(complaint(name, `a whole number from 0 to ${count - 1}`, action));
  }
}
