import { checkDistribution, checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { sigmoid } from "../numerics/index.js";

/** utilities[g][i]: what reply i is worth to group g. */
export type GroupUtilities = readonly ArrayLike<number>[];

/** How many replies there are. @throws ShapeError, DomainError unless groups and shares fit */
export function checkGroups(shares: ArrayLike<number>, utilities: GroupUtilities): number {
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
