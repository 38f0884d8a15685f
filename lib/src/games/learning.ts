import { checkCount, checkPositive } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { greatest } from "../numerics/greatest.js";
import { columnPayoffs, type MixedStrategy, type Payoffs, rowPayoffs } from "./matrixGame.js";

// Ways to learn a game by playing it. In those of one population everybody meets everybody: x is both row and
// column of a symmetric game.

/**
 * Where the play stands after the last step, and its average over all steps: only the latter is promised to converge.
 */
export interface Play {
  readonly last: Float64Array;
  readonly average: Float64Array;
}

/** May look at each strategy that is played, in order, and at the last. Do not change it. */
export type Watch = (x: Float64Array, t: number) => void;

/**
 * x_i' = x_i ((A x)_i - x'Ax): the replicator's velocity, [n] (Taylor and Jonker 1978). Adds up to 0.
 */
export function replicatorVelocity(payoffs: Payoffs, x: MixedStrategy): Float64Array {
  const gains = ownGains(payoffs, x);
  const mean = gains.reduce((sum, gain, i) => sum + x[i] * gain, 0);
  return gains.map((gain, i) => x[i] * (gain - mean));
}

/**
 * The replicator's flow for `time`, by Runge and Kutta's fourth-order steps. In a symmetric zero-sum game with an
 * equilibrium inside, prod x_i^(p_i) stays as it is.
 */
export function replicatorFlow(
  payoffs: Payoffs,
  start: MixedStrategy,
  { time, step = 0.01, watch }: { time: number; step?: number; watch?: Watch },
): Play {
  if (!(time > 0 && step > 0)) throw new DomainError(complaint("time, step", "numbers above 0", [time, step]));
  const steps = Math.ceil(time / step);
  const dt = time / steps;
  let x: Float64Array = Float64Array.from(start);
  const sum = new Float64Array(x.length);
  // What leaves the simplex by rounding inside a step is put back on it.
  const at = (slope: Float64Array, share: number) => normalise(x.map((p, i) => Math.max(p + share * dt * slope[i], 0)));
  for (let t = 0; t < steps; t++) {
    watch?.(x, t);
    const k1 = replicatorVelocity(payoffs, x);
    const k2 = replicatorVelocity(payoffs, at(k1, 0.5));
    const k3 = replicatorVelocity(payoffs, at(k2, 0.5));
    const k4 = replicatorVelocity(payoffs, at(k3, 1));
    add(sum, x, dt / time);
    x = normalise(x.map((p, i) => Math.max(p + (dt / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]), 0)));
  }
  watch?.(x, steps);
  return { last: x, average: sum };
}

/**
 * Multiplicative weights (Hedge; Freund and Schapire 1999): x_i <- x_i exp(rate g_i), normalised, with gains g = A x.
 * `optimistic` counts on the gains to go on, g = 2 A x_t - A x_(t-1) (Rakhlin and Sridharan 2013, arXiv:1311.1869);
 * `entropy` tau adds tau H(x) to the payoff, so that x_i <- x_i^(1 - rate tau) exp(rate g_i). The average is within
 * O(1 / sqrt(steps)) of an equilibrium; the last x spirals away, unless one of the two options holds it.
 */
export function multiplicativeWeights(
  payoffs: Payoffs,
  start: MixedStrategy,
  options: { rate: number; steps: number; optimistic?: boolean; entropy?: number; watch?: Watch },
): Play {
  const { rate, optimistic = false, entropy = 0 } = options;
  checkPositive("rate", rate);
  if (!(entropy >= 0 && rate * entropy <= 1)) {
    throw new DomainError(complaint("entropy", "a number of at least 0, at most 1 / rate", entropy));
  }
  let before: Float64Array | undefined;
  return play(start, options, (x) => {
    const now = ownGains(payoffs, x);
    const gains = optimistic && before ? now.map((gain, i) => 2 * gain - (before as Float64Array)[i]) : now;
    before = now;
    const held = entropy === 0 ? x : x.map((p) => p ** (1 - rate * entropy));
    return weighted(held, gains, rate);
  });
}

/**
 * Multiplicative weights of two players in a zero-sum game [m][n], both at once: x_i <- x_i exp(rate (A y)_i),
 * y_j <- y_j exp(-rate (x A)_j), normalised. An equilibrium is at rest; beside one inside the simplex both spiral away,
 * and the averages come near it (Bailey and Piliouras 2018).
 * @throws ShapeError, DomainError for a start that is no strategy of the game, a rate not above 0 or no steps
 */
export function simultaneousWeights(
  payoffs: Payoffs,
  start: { row: MixedStrategy; column: MixedStrategy },
  { rate, steps }: { rate: number; steps: number },
): { row: Play; column: Play } {
  checkPositive("rate", rate);
  checkSteps(steps);
  let row: Float64Array = Float64Array.from(start.row);
  let column: Float64Array = Float64Array.from(start.column);
  const sums = [new Float64Array(row.length), new Float64Array(column.length)];
  for (let t = 0; t < steps; t++) {
    add(sums[0], row, 1 / steps);
    add(sums[1], column, 1 / steps);
    const [gains, losses] = [rowPayoffs(payoffs, column), columnPayoffs(payoffs, row)];
    row = weighted(row, gains, rate);
    column = weighted(column, losses, -rate);
  }
  return { row: { last: row, average: sums[0] }, column: { last: column, average: sums[1] } };
}

/** x_i exp(rate g_i), normalised, without overflow. */
function weighted(x: Float64Array, gains: Float64Array, rate: number): Float64Array {
  const logits = gains.map((gain, i) => Math.log(x[i]) + rate * gain);
  const top = greatest(logits);
  return normalise(logits.map((logit) => Math.exp(logit - top)));
}

/**
 * Fictitious play (Brown 1951): at each step the best answer to the average of all answers so far, which begins as
 * `start`. The first of several best. The average is the strategy, and what `watch` sees; `last` is the last answer.
 */
export function fictitiousPlay(
  payoffs: Payoffs,
  start: MixedStrategy,
  { steps, watch }: { steps: number; watch?: Watch },
): Play {
  checkSteps(steps);
  let average: Float64Array = Float64Array.from(start);
  let last: Float64Array = average;
  for (let t = 1; t <= steps; t++) {
    watch?.(average, t - 1);
    const gains = ownGains(payoffs, average);
    const best = gains.indexOf(gains.reduce((a, b) => Math.max(a, b)));
    last = Float64Array.from(average, (_, i) => (i === best ? 1 : 0));
    average = average.map((p, i) => p + (last[i] - p) / (t + 1));
  }
  watch?.(average, steps);
  return { last, average };
}

/** A strategy in proportion to the regrets above 0; the uniform one if there is none (Hart and Mas-Colell 2000). */
export function regretMatchingStrategy(regrets: ArrayLike<number>): Float64Array {
  const positive = Float64Array.from(regrets, (regret) => Math.max(regret, 0));
  const total = positive.reduce((a, b) => a + b, 0);
  return total > 0 ? positive.map((regret) => regret / total) : positive.fill(1 / positive.length);
}

/**
 * Regret matching of two players in a zero-sum game [m][n]. An action's regret is what it would have earned beyond what
 * was earned, summed over steps; both move at once. `plus` keeps regrets at 0 or above, lets the column player answer
 * what the row player has just learned, and weighs the average by the step (regret matching+; Tammelin 2014,
 * arXiv:1407.5042). `row` is where the row player begins; without it both begin uniformly.
 * @example regretMatching([[2, -1], [-1, 1]], { steps: 10_000 }).row.average // [0.404, 0.596]
 */
export function regretMatching(
  payoffs: Payoffs,
  { steps, row: first, plus = false }: { steps: number; row?: MixedStrategy; plus?: boolean },
): { row: Play; column: Play } {
  checkSteps(steps);
  const [m, n] = [payoffs.length, payoffs[0]?.length ?? 0];
  const regrets = [new Float64Array(m), new Float64Array(n)];
  const sums = [new Float64Array(m), new Float64Array(n)];
  let row: Float64Array = first === undefined ? regretMatchingStrategy(regrets[0]) : Float64Array.from(first);
  let column: Float64Array = regretMatchingStrategy(regrets[1]);
  for (let t = 1; t <= steps; t++) {
    const weight = plus ? (2 * t) / (steps * (steps + 1)) : 1 / steps;
    const before = row;
    add(sums[0], row, weight);
    addRegrets(regrets[0], rowPayoffs(payoffs, column), row, plus);
    row = regretMatchingStrategy(regrets[0]);
    const losses = columnPayoffs(payoffs, plus ? row : before);
    add(sums[1], column, weight);
    addRegrets(
      regrets[1],
      losses.map((loss) => -loss),
      column,
      plus,
    );
    column = regretMatchingStrategy(regrets[1]);
  }
  return { row: { last: row, average: sums[0] }, column: { last: column, average: sums[1] } };
}

function addRegrets(regrets: Float64Array, gains: Float64Array, played: Float64Array, plus: boolean): void {
  const value = gains.reduce((sum, gain, i) => sum + played[i] * gain, 0);
  for (let i = 0; i < regrets.length; i++) {
    regrets[i] += gains[i] - value;
    if (plus) regrets[i] = Math.max(regrets[i], 0);
  }
}

/** What each strategy earns where x is both row and column. */
function ownGains(payoffs: Payoffs, x: MixedStrategy): Float64Array {
  if (payoffs.length !== x.length) {
    throw new ShapeError(complaint("payoffs", `${x.length} rows, one for each strategy of the population`, payoffs));
  }
  return rowPayoffs(payoffs, x);
}

/** x_(t+1) = next(x_t), and the average of the x that were played. */
function play(
  start: MixedStrategy,
  { steps, watch }: { steps: number; watch?: Watch },
  next: (x: Float64Array) => Float64Array,
): Play {
  checkSteps(steps);
  let x: Float64Array = Float64Array.from(start);
  const average = new Float64Array(x.length);
  for (let t = 0; t < steps; t++) {
    watch?.(x, t);
    add(average, x, 1 / steps);
    x = next(x);
  }
  watch?.(x, steps);
  return { last: x, average };
}

function add(sum: Float64Array, x: Float64Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] += weight * x[i];
}

function normalise(x: Float64Array): Float64Array {
  const total = x.reduce((a, b) => a + b, 0);
  return x.map((p) => p / total);
}

function checkSteps(steps: number): void {
  checkCount("steps", steps);
}
