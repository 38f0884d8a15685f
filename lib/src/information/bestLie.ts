import { checkLength, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { greatest } from "../numerics/greatest.js";
import { permutations } from "../preferences/index.js";
import { checkGroups, type GroupUtilities } from "./pooledPreferences.js";

/** What replies are written how often, [I], when the groups say that these are their utilities. */
export type PoolRule = (reported: GroupUtilities) => ArrayLike<number>;

/**
 * What one group gains by a lie about its utilities while the others say theirs: every order of the replies is tried,
 * with a gap of `gap` nats between neighbours (so clear an order that its clicks are sure). `honest` and `best` are its
 * true expected utility, `report` the utilities of the best lie, or its own where none gains by more than 1e-9.
 * @throws ShapeError for a rule that does not answer with a number for each reply; DomainError for a group that is not
 *   there, a gap that is not positive, or more than six replies
 */
export function bestLie(
  rule: PoolRule,
  utilities: GroupUtilities,
  group: number,
  { gap = 10 }: { gap?: number } = {},
): { honest: number; best: number; report: Float64Array } {
  const replies = checkGroups(
    Array.from(utilities, () => 1 / utilities.length),
    utilities,
  );
  if (utilities[group] === undefined) {
    throw new DomainError(complaint("group", `a whole number from 0 to ${utilities.length - 1}`, group));
  }
  checkPositive("gap", gap);
  if (replies > 6) throw new DomainError(complaint("replies", "at most 6, of which there are 720 orders", replies));
  const worth = (report: ArrayLike<number>) => {
    const policy = rule(utilities.map((own, g) => (g === group ? report : own)));
    checkLength("rule(...)", policy, replies, "one per reply");
    return Array.from(policy).reduce((sum, p, i) => sum + p * utilities[group][i], 0);
  };
  const honest = worth(utilities[group]);
  let found = { honest, best: honest, report: Float64Array.from(utilities[group]) };
  for (const order of permutations(replies)) {
    const report = new Float64Array(replies);
    order.forEach((reply, place) => {
      report[reply] = 0 - gap * place;
    });
    const best = worth(report);
    if (best > found.best + 1e-9) found = { honest, best, report };
  }
  return found;
}

/**
 * One group is drawn by its share, and its best reply is written (shared among equals), [I]. Nobody gains by a lie: it
 * changes only what is written on one's own turn.
 * @throws as `pooledPreferences`
 */
export function randomDictatorship(shares: ArrayLike<number>, utilities: GroupUtilities): Float64Array {
  const policy = new Float64Array(checkGroups(shares, utilities));
  utilities.forEach((row, g) => {
    const most = greatest(row);
    const best = Array.from(row, (_, i) => i).filter((i) => row[i] === most);
    for (const i of best) policy[i] += shares[g] / best.length;
  });
  return policy;
}
