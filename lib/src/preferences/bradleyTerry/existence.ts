import { ConvergenceError } from "../../core/index.js";
import { connectedComponents, stronglyConnectedComponents } from "../../numerics/index.js";
import { type Comparisons, itemName } from "../comparisons.js";

const CURE =
  "Compare them more, leave them out, or give the fit a prior: { prior: { gaussian: 2 } } or { prior: { pseudoCount: 0.5 } }";

/**
 * A finite maximum-likelihood estimate exists if and only if the graph of wins is strongly connected: however the items
 * are split in two groups, some item of each group beat one of the other (Ford 1957; Hunter 2004, assumption 1).
 * @throws ConvergenceError that names the model, the items in the way and the cure
 */
export function requireFiniteEstimate(data: Comparisons, model = "Bradley-Terry", cure = CURE): void {
  if (data.items < 2) {
    throw new ConvergenceError(
      `${model}: ${data.items === 0 ? "no items" : "one item"}; an ability is a difference, it takes two items at least`,
    );
  }
  const seen = data.weight.some((weight) => weight > 0);
  if (!seen) throw new ConvergenceError(`${model}: there are no comparisons, so nothing is known. ${cure}`);

  const all = data.weight.every((weight) => weight > 0);
  const winner = all ? data.winner : data.winner.filter((_, k) => data.weight[k] > 0);
  const loser = all ? data.loser : data.loser.filter((_, k) => data.weight[k] > 0);
  const islands = connectedComponents(data.items, winner, loser);
  if (islands.length > 1) {
    throw new ConvergenceError(
      `${model}: the items fall into ${islands.length} groups that were never compared with each other ` +
        `(${islands
          .slice(0, 3)
          .map((group) => list(data, group))
          .join(
            " | ",
          )}${islands.length > 3 ? " | ..." : ""}), so no ability can be carried from one to the next. ${cure}`,
    );
  }
  // Edges lead from winner to loser and components come sinks first: the last group was never beaten from outside.
  const groups = stronglyConnectedComponents(data.items, winner, loser);
  if (groups.length === 1) return;
  const [never, always] = [groups[0], groups[groups.length - 1]];
  throw new ConvergenceError(
    always.length <= never.length
      ? `${model}: ${list(data, always)} never lost to any other item, so the likelihood grows without end as ` +
          `${always.length === 1 ? "its ability goes" : "their abilities go"} to +infinity. ${cure}`
      : `${model}: ${list(data, never)} never won against any other item, so the likelihood grows without end as ` +
          `${never.length === 1 ? "its ability goes" : "their abilities go"} to -infinity. ${cure}`,
  );
}

function list(data: Comparisons, items: number[]): string {
  const names = items.slice(0, 5).map((item) => itemName(data, item));
  return items.length > 5 ? `${names.join(", ")} and ${items.length - 5} more` : names.join(", ");
}
