import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { TabularMdp } from "../../mdp/index.js";

/** What behaviour leaves open. */
export interface Identifiability {
  /** How many numbers of the reward stay free when the soft optima in all worlds are known exactly. */
  readonly nullity: number;
  /** As many independent directions, each [states * actions], in which the reward can move and nobody sees it. */
  readonly directions: Float64Array[];
}

/**
 * One reward r(s, a), one known temperature, soft optima seen in several worlds that differ in dynamics or discount. In
 * world k, r = temperature log pi_k + V_k - gamma_k P_k V_k with V_k unknown; that all are the same reward is linear in
 * (V_1, ..., V_K), and what solves the homogeneous system stays free. One world: as many numbers as states. Two that
 * differ in discount or dynamics: generically one, the constant (Cao, Cohen and Szpruch 2021, arXiv:2106.03498).
 * `stateOnly` adds that the reward does not depend on the action. Rank by singular values above `tolerance` of the
 * greatest.
 * @throws DomainError for no world, ShapeError if states or actions differ between them
 */
export function identifiability(
  worlds: readonly TabularMdp[],
  { stateOnly = false, tolerance = 1e-9 }: { stateOnly?: boolean; tolerance?: number } = {},
): Identifiability {
  if (worlds.length === 0) throw new DomainError(complaint("worlds", "at least one", worlds));
  const { states, actions } = worlds[0];
  if (worlds.some((world) => world.states !== states || world.actions !== actions)) {
    throw new ShapeError(complaint("worlds", `all with ${states} states and ${actions} actions`, worlds));
  }
  const pairs = states * actions;
  const maps = worlds.map(valuesToReward);
  const columns = worlds.length * states;
  const rows: Float64Array[] = [];
  for (let k = 1; k < worlds.length; k++) {
    for (let pair = 0; pair < pairs; pair++) {
      const row = new Float64Array(columns);
      row.set(maps[0][pair]);
      row.set(
        maps[k][pair].map((x) => -x),
        k * states,
      );
      rows.push(row);
    }
  }
  for (let pair = 0; stateOnly && pair < pairs; pair++) {
    const first = pair - (pair % actions);
    if (pair === first) continue;
    const row = new Float64Array(columns);
    row.set(maps[0][pair].map((x, s) => x - maps[0][first][s]));
    rows.push(row);
  }
  // Zero rows change no rank and let the decomposition return all right vectors.
  while (rows.length < columns) rows.push(new Float64Array(columns));
  const svd = new SingularValueDecomposition(new Matrix(rows.map((row) => Array.from(row))));
  const size = svd.diagonal;
  const greatest = size.reduce((a, b) => Math.max(a, b), 0);
  const free = size.flatMap((value, j) => (value <= tolerance * greatest ? [j] : []));
  const right = svd.rightSingularVectors;
  const directions = free.map((j) =>
    Float64Array.from(maps[0], (row) => row.reduce((sum, x, s) => sum + x * right.get(s, j), 0)),
  );
  return { nullity: free.length, directions };
}

/** The matrix of V -> V(s) - gamma P V, row by row, [states * actions][states]. */
function valuesToReward({ states, actions, transitions, discount }: TabularMdp): Float64Array[] {
  return Array.from({ length: states * actions }, (_, pair) => {
    const row = transitions.slice(pair * states, (pair + 1) * states).map((p) => -discount * p);
    row[Math.floor(pair / actions)] += 1;
    return row;
  });
}
