import { checkDistribution, checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { type Payoffs, zeroSumEquilibrium } from "../games/index.js";
import { sigmoid } from "../numerics/index.js";

/** utilities[g][i]: what reply i is worth to group g. */
export type GroupUtilities = readonly ArrayLike<number>[];

function checkGroups(shares: ArrayLike<number>, utilities: GroupUtilities): number {
  if (utilities.length === 0) throw new ShapeError(complaint("utilities", "at least one group", utilities));
  if (shares.length !== utilities.length) {
    throw new ShapeError(complaint("shares", `${utilities.length} shares, one per group`, shares));
  }
  checkDistribution("shares", shares);
  const replies = utilities[0].length;
  utilities.forEach((row, g) => {
    checkNumbers(`utilities[${g}]`, row, replies);
  });
  return replies;
}

/**
 * P(i beats j) in a pool of groups, [I][I]: a mean of sigmoids, sum_g share_g sigmoid((u_gi - u_gj) / tau), and not the
 * sigmoid of a mean. The diagonal is 1/2.
 * @throws ShapeError for an empty electorate, DomainError unless the shares add up to 1
 */
export function pooledPreferences(
  shares: ArrayLike<number>,
  utilities: GroupUtilities,
  { temperature = 1 }: { temperature?: number } = {},
): Float64Array[] {
  const replies = checkGroups(shares, utilities);
  checkPositive("temperature", temperature);
  return Array.from({ length: replies }, (_, i) =>
    Float64Array.from({ length: replies }, (_, j) =>
      utilities.reduce((sum, u, g) => sum + shares[g] * sigmoid((u[i] - u[j]) / temperature), 0),
    ),
  );
}

/**
 * The lottery that maximises sum_g share_g ln E u_g (Nash welfare), by Cover's multiplicative steps p_i <- p_i sum_g
 * share_g u_gi / E u_g, which never lower it, and a certificate: it is within max_i sum_g share_g u_gi / E u_g - 1.
 * @throws DomainError for a negative utility (take each group's worst as its 0), or a group to which all is worth 0
 */
export function nashWelfare(
  shares: ArrayLike<number>,
  utilities: GroupUtilities,
  { tolerance = 1e-9, iterations = 1_000_000 } = {},
): Float64Array {
  const replies = checkGroups(shares, utilities);
  utilities.forEach((row, g) => {
    const values = Array.from(row);
    if (values.some((u) => u < 0)) throw new DomainError(complaint(`utilities[${g}]`, "numbers of at least 0", row));
    if (values.every((u) => u === 0)) throw new DomainError(complaint(`utilities[${g}]`, "something above 0", row));
  });
  let p = new Float64Array(replies).fill(1 / replies);
  for (let t = 0; t < iterations; t++) {
    const worth = utilities.map((row) => p.reduce((sum, mass, i) => sum + mass * row[i], 0));
    const factor = p.map((_, i) => utilities.reduce((sum, row, g) => sum + (shares[g] * row[i]) / worth[g], 0));
    if (factor.reduce((most, f) => Math.max(most, f), 0) - 1 <= tolerance) return p;
    p = p.map((mass, i) => mass * factor[i]);
  }
  throw new DomainError(
    `nashWelfare: not within ${tolerance} after ${iterations} steps. Allow more, or a greater tolerance`,
  );
}

/**
 * The maximal lottery of pairwise margins: the lottery that no other beats on average, p' M >= 0, an equilibrium of the
 * symmetric zero-sum game M (Fishburn 1984); the Condorcet winner where there is one. Copies of a reply do not change
 * what the others get. By linear programming.
 * @throws DomainError unless M_ij = -M_ji
 */
export async function maximalLottery(margins: Payoffs): Promise<Float64Array> {
  margins.forEach((row, i) => {
    checkNumbers(`margins[${i}]`, row, margins.length);
    for (let j = 0; j <= i; j++) {
      if (Math.abs(row[j] + margins[j][i]) > 1e-9) {
        throw new DomainError(complaint(`margins[${i}][${j}]`, `${-margins[j][i]}, minus margins[${j}][${i}]`, row[j]));
      }
    }
  });
  return (await zeroSumEquilibrium(margins)).row;
}
