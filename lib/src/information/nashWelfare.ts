import { complaint, DomainError } from "../core/index.js";
import { checkGroups, type GroupUtilities } from "./pooledPreferences.js";

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
