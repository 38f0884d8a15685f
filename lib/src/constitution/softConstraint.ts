import { checkFinite, checkNonNegative, checkNumbers, checkPositive } from "../core/checks.js";
import { ConvergenceError, complaint, InfeasibleError } from "../core/index.js";
import { exactExpectation, exactRegularisedOptimum } from "../numerics/index.js";

/**
 * A constraint in expectation: maximise E[reward] - beta KL(pi, ref) over all policies with E[cost] <= limit.
 * Arrays [N], one number per outcome.
 */
export interface CostProblem {
  /** log-probabilities of the reference, in nats. */
  readonly logRef: ArrayLike<number>;
  readonly reward: ArrayLike<number>;
  /** What is limited, in its own unit. */
  readonly cost: ArrayLike<number>;
  /** Price of a nat of KL, in reward; above 0. */
  readonly beta: number;
  /** alpha: the most that E[cost] may be. */
  readonly limit: number;
}

/** The optimum when a unit of cost is charged `multiplier`, and what it spends. */
export interface ChargedOptimum {
  logProbs: Float64Array;
  /** E[cost]. */
  cost: number;
  /** Var(cost); E[cost] falls by Var(cost) / beta for each unit of the multiplier. */
  costVariance: number;
}

/** @throws ShapeError if lengths differ; DomainError unless all is finite (logRef: no NaN) and beta > 0 */
export function checkCostProblem({ logRef, reward, cost, beta, limit }: CostProblem): void {
  checkNumbers("reward", reward, logRef.length);
  checkNumbers("cost", cost, logRef.length);
  checkPositive("beta", beta);
  checkFinite("limit", limit);
}

/**
 * The policy that is best when every unit of cost is charged: pi(y) = ref(y) exp((reward - lambda cost) / beta) / Z.
 * For a cost of 0 or 1 the log-odds of violating are those at lambda = 0 minus lambda / beta: a straight line, which
 * reaches "never" at no finite lambda.
 * @throws as the problem; DomainError unless the multiplier is finite
 */
export function chargedOptimum(problem: CostProblem, multiplier: number): ChargedOptimum {
  checkCostProblem(problem);
  checkFinite("multiplier", multiplier);
  const { logRef, reward, cost, beta } = problem;
  const charged = new Float64Array(cost.length);
  for (let y = 0; y < charged.length; y++) charged[y] = reward[y] - multiplier * cost[y];
  const { logProbs } = exactRegularisedOptimum(logRef, charged, beta);
  const spent = exactExpectation(logProbs, cost);
  const squares = charged; // not needed any more
  for (let y = 0; y < squares.length; y++) squares[y] = (cost[y] - spent) ** 2;
  return { logProbs, cost: spent, costVariance: exactExpectation(logProbs, squares) };
}

/**
 * The Lagrange multiplier lambda* >= 0 of the constraint, in reward per unit of cost: 0 if the free optimum keeps the
 * limit, else where E[cost] = limit. E[cost] falls in lambda, so bisection, to rounding.
 * @throws as the problem; InfeasibleError if no outcome costs less than the limit
 * @example
 * const logRef = [0.5, 0.5].map(Math.log);
 * constraintMultiplier({ logRef, reward: [1, 0], cost: [1, 0], beta: 1, limit: 0.5 }) // 1
 */
export function constraintMultiplier(problem: CostProblem): number {
  return chargedOptimum(problem, 0).cost <= problem.limit ? 0 : rootOf(problem);
}

/** How soft: "absolute" adds mu max(0, excess), "quadratic" (mu / 2) max(0, excess)^2, excess = E[cost] - limit. */
export type PenaltyKind = "absolute" | "quadratic";

/**
 * What a penalty charges per unit of cost where it is at its best, its *effective multiplier*: the policy is then
 * `chargedOptimum` at this multiplier.
 * - absolute: min(mu, lambda*). So from mu = lambda* on the constraint is kept exactly: the penalty is *exact*.
 * - quadratic: the lambda with lambda = mu (E[cost] - limit). The excess lambda / mu is never 0 unless lambda* is.
 * (Nocedal and Wright 2006, section 17.2.) Slack is not paid for: where the free optimum keeps the limit it is 0.
 * @throws as `constraintMultiplier`, but no InfeasibleError for "quadratic"; DomainError unless mu >= 0
 */
export function penaltyMultiplier(problem: CostProblem, kind: PenaltyKind, mu: number): number {
  checkNonNegative("mu", mu);
  if (mu === 0 || chargedOptimum(problem, 0).cost <= problem.limit) return 0;
  if (kind === "quadratic") return rootOf(problem, mu);
  return chargedOptimum(problem, mu).cost >= problem.limit ? mu : rootOf(problem);
}

/**
 * Where E_lambda[cost] - limit = lambda / mu; the left side falls from a positive value. Newton's steps, halving
 * where one would leave the bracket.
 */
function rootOf(problem: CostProblem, mu = Number.POSITIVE_INFINITY): number {
  const possible = Array.from(problem.cost).filter((_, y) => problem.logRef[y] > Number.NEGATIVE_INFINITY);
  const least = possible.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (mu === Number.POSITIVE_INFINITY && least >= problem.limit) {
    const hint = "At the least cost itself the multiplier is infinite: condition on it (conditionOn)";
    throw new InfeasibleError(complaint("limit", `more than the least cost, ${least}`, problem.limit, hint));
  }
  const at = (lambda: number) => {
    const { cost, costVariance } = chargedOptimum(problem, lambda);
    return { value: cost - problem.limit - lambda / mu, slope: -costVariance / problem.beta - 1 / mu };
  };
  let [low, high] = [0, problem.beta];
  for (let doubling = 0; at(high).value > 0; doubling++) {
    if (doubling > 60)
      throw new ConvergenceError("constraintMultiplier: no multiplier up to 2^60 beta keeps the limit");
    [low, high] = [high, 2 * high];
  }
  let lambda = (low + high) / 2;
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step++) {
    const { value, slope } = at(lambda);
    if (value === 0) break;
    if (value > 0) low = lambda;
    else high = lambda;
    const newton = lambda - value / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - lambda) <= 1e-15 * high) break;
    lambda = next;
  }
  return lambda;
}
