import { checkCount, checkDistribution, checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, DivergenceError, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";

export interface RateDistortionOptions {
  /** How far the Lagrangian may be from its optimum, nats, by its certificate; default 1e-9. */
  tolerance?: number;
  iterations?: number;
  /** Where the marginal starts, [Y]; uniform by default. */
  start?: ArrayLike<number>;
}

/** One point of the curve of best utility against bits. */
export interface RatePoint {
  /** P(reply | person), [V][Y]. */
  policy: Float64Array[];
  /** q(reply), [Y]. */
  marginal: Float64Array;
  /** I(person; reply), nats. */
  rate: number;
  /** E U. */
  utility: number;
  /** How far the Lagrangian may still be from its optimum, nats: ln max_y c(y). */
  gap: number;
  iterations: number;
}

/**
 * The most utility for so many bits about the person, at slope beta: max E U - beta I(V; Y), by Blahut and Arimoto's
 * two steps, P(y|v) = q(y) e^(U(v,y)/beta) / Z(v) and q <- sum_v prior(v) P(.|v). This is RLHF for each person,
 * then the
 * reference set to what the policies wrote. The certificate: the Lagrangian is within ln max_y c(y) of its optimum,
 * c(y) = sum_v prior(v) e^(U/beta) / Z(v).
 * @throws DivergenceError if the certificate is not closed after so many iterations: such a point is not returned
 */
export function rateDistortion(
  prior: ArrayLike<number>,
  utility: readonly ArrayLike<number>[],
  beta: number,
  { tolerance = 1e-9, iterations = 200_000, start }: RateDistortionOptions = {},
): RatePoint {
  checkPersons(prior, utility);
  checkPositive("beta", beta);
  checkPositive("tolerance", tolerance);
  checkCount("iterations", iterations);
  const replies = utility[0].length;
  if (start !== undefined) {
    checkNumbers("start", start, replies);
    checkDistribution("start", start);
  }
  let q = start === undefined ? new Float64Array(replies).fill(1 / replies) : Float64Array.from(start);
  let gap = Number.POSITIVE_INFINITY;
  for (let t = 0; t <= iterations; t++) {
    const c = responsibilities(prior, utility, beta, q);
    gap = Math.log(c.reduce((most, value) => Math.max(most, value), 0));
    if (gap <= tolerance) return pointAt(prior, utility, beta, q, gap, t);
    q = q.map((mass, y) => mass * c[y]);
  }
  throw new DivergenceError(
    `rateDistortion: after ${iterations} rounds the certificate is ${gap} nats, above the tolerance ${tolerance}. ` +
      "Allow more iterations, or start nearer (a marginal from a neighbouring beta)",
  );
}

/** c(y) = sum_v prior(v) e^(U(v, y) / beta) / Z(v): above 1 where the marginal should have more. */
function responsibilities(
  prior: ArrayLike<number>,
  utility: readonly ArrayLike<number>[],
  beta: number,
  q: Float64Array,
): Float64Array {
  const c = new Float64Array(q.length);
  utility.forEach((row, v) => {
    if (prior[v] === 0) return;
    const logZ = logPartition(row, beta, q);
    for (let y = 0; y < q.length; y++) c[y] += prior[v] * Math.exp(row[y] / beta - logZ);
  });
  return c;
}

function logPartition(row: ArrayLike<number>, beta: number, q: Float64Array): number {
  return logSumExp(q.map((mass, y) => (mass > 0 ? Math.log(mass) + row[y] / beta : Number.NEGATIVE_INFINITY)));
}

function pointAt(
  prior: ArrayLike<number>,
  utility: readonly ArrayLike<number>[],
  beta: number,
  q: Float64Array,
  gap: number,
  iterations: number,
): RatePoint {
  const policy = utility.map((row) => {
    const logZ = logPartition(row, beta, q);
    return q.map((mass, y) => (mass > 0 ? mass * Math.exp(row[y] / beta - logZ) : 0));
  });
  const marginal = new Float64Array(q.length);
  policy.forEach((row, v) => {
    for (let y = 0; y < q.length; y++) marginal[y] += prior[v] * row[y];
  });
  let [rate, worth] = [0, 0];
  policy.forEach((row, v) => {
    for (let y = 0; y < q.length; y++) {
      if (prior[v] * row[y] === 0) continue;
      rate += prior[v] * row[y] * Math.log(row[y] / marginal[y]);
      worth += prior[v] * row[y] * utility[v][y];
    }
  });
  return { policy, marginal, rate: Math.max(0, rate), utility: worth, gap, iterations };
}

/** Points of the curve for a list of slopes, each started from the one before. */
export function rateCurve(
  prior: ArrayLike<number>,
  utility: readonly ArrayLike<number>[],
  betas: readonly number[],
  options: RateDistortionOptions = {},
): RatePoint[] {
  return betas.map((beta) => rateDistortion(prior, utility, beta, options));
}

/** What RLHF earns and spends when every person's policy starts from one fixed reference. */
export interface ReferencePoint {
  /** E_v KL(policy_v || reference), nats: bits about the person, and KL(marginal || reference) on top. */
  kl: number;
  /** I(person; reply), nats. */
  rate: number;
  utility: number;
  /** What the policies write together, [Y]. */
  marginal: Float64Array;
}

/**
 * RLHF for every person with the same reference: pi_v = ref e^(U_v / beta) / Z_v. Its KL is the rate plus
 * KL(marginal || ref) (the compensation identity), so it lies above the curve of `rateDistortion` unless the reference
 * is the best marginal itself.
 */
export function referencePoint(
  prior: ArrayLike<number>,
  utility: readonly ArrayLike<number>[],
  reference: ArrayLike<number>,
  beta: number,
): ReferencePoint {
  checkPersons(prior, utility);
  checkPositive("beta", beta);
  checkNumbers("reference", reference, utility[0].length);
  checkDistribution("reference", reference);
  const { rate, utility: worth, marginal } = pointAt(prior, utility, beta, Float64Array.from(reference), 0, 0);
  let extra = 0;
  for (let y = 0; y < marginal.length; y++) {
    if (marginal[y] > 0) extra += marginal[y] * Math.log(marginal[y] / reference[y]);
  }
  return { kl: rate + extra, rate, utility: worth, marginal };
}

function checkPersons(prior: ArrayLike<number>, utility: readonly ArrayLike<number>[]): void {
  if (utility.length === 0) throw new ShapeError(complaint("utility", "at least one person", utility));
  if (prior.length !== utility.length) {
    throw new ShapeError(complaint("prior", `${utility.length} probabilities, one per person`, prior));
  }
  checkDistribution("prior", prior);
  utility.forEach((row, v) => {
    checkNumbers(`utility[${v}]`, row, utility[0].length);
  });
}
