import { ConvergenceError } from "../../core/index.js";
import { requireFiniteEstimate as requireStronglyConnected } from "../bradleyTerry/existence.js";
import type { Comparisons } from "../comparisons.js";

/**
 * Whether a finite maximum-likelihood estimate of Davidson's model exists, for merged wins and ties, at least one of
 * each. Two ways lead to infinity. Abilities alone: excluded if the graph in which a win points one way and a tie
 * both ways is strongly connected. Abilities d and log nu = kappa > 0 together: nothing observed gets less likely on
 * the way if d_i - d_j >= 2 kappa for each win of i over j and |d_i - d_j| <= 2 kappa for each tie. Such d exist
 * unless the wins chase each other round a circle, or chain past a tie: the longest-path problem of Bellman and Ford,
 * so that no tolerance decides.
 * @throws ConvergenceError that says which way, and the cure
 */
export function requireFiniteEstimate(won: Comparisons, tied: Comparisons): void {
  if (won.winner.length === 0) {
    throw new ConvergenceError(
      "Davidson: every comparison is a tie, so the strength of ties grows without end. Add a decided one",
    );
  }
  requireStronglyConnected(asGraph(won, tied), "Davidson", "Compare them more, or leave them out");
  if (!growsWithTies(won, tied)) return;
  throw new ConvergenceError(
    "Davidson: abilities and the strength of ties grow without end together, because the wins form no cycle and no chain of " +
      "them passes a tie. Compare the items more, or count a tie as half a win for each and use bradleyTerry.fit",
  );
}

/** Whether there are d with d_i >= d_j + 1 for each win of i over j and d_i >= d_j - 1, d_j >= d_i - 1 for each tie. */
function growsWithTies(won: Comparisons, tied: Comparisons): boolean {
  const d = new Int32Array(won.items);
  let most = 0;
  const raise = (i: number, least: number) => {
    if (d[i] >= least) return false;
    d[i] = least;
    most = Math.max(most, least);
    return true;
  };
  // No path without a circle is as long as there are items.
  while (most < won.items) {
    let moved = false;
    for (let k = 0; k < won.winner.length; k++) moved = raise(won.winner[k], d[won.loser[k]] + 1) || moved;
    for (let k = 0; k < tied.winner.length; k++) {
      const [i, j] = [tied.winner[k], tied.loser[k]];
      moved = raise(i, d[j] - 1) || raise(j, d[i] - 1) || moved;
    }
    if (!moved) return true;
  }
  return false;
}

/** A tie holds two items together from both sides. */
function asGraph(wins: Comparisons, ties: Comparisons): Comparisons {
  const rows = wins.winner.length + 2 * ties.winner.length;
  const join = (...parts: Int32Array[]) => {
    const all = new Int32Array(rows);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  return {
    ...wins,
    winner: join(wins.winner, ties.winner, ties.loser),
    loser: join(wins.loser, ties.loser, ties.winner),
    weight: new Float64Array(rows).fill(1),
  };
}
