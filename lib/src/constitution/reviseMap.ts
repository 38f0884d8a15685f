import { complaint, DomainError, ShapeError } from "../core/index.js";

export type RevisionEnd = "satisfied" | "stuck" | "cycling";

export interface RevisionEnds {
  /** Where each item ends, [N]. */
  ends: RevisionEnd[];
  /** How many revisions until it is satisfied, stuck, or on its cycle, [N]. */
  rounds: Int32Array;
  /** The cycles, each a list of items in the order of revision, beginning with its least number. */
  cycles: number[][];
}

/**
 * What repeated revision does to every item, exactly, by following a map to its end.
 * @param next what item i is revised to, [N]; -1 if nothing is left to do or no revision is known
 * @param satisfied [N], 1 or true where all principles hold; such an item must not be revised further
 * @throws ShapeError if lengths differ; DomainError if next names no item, or a satisfied item is revised
 * @example reviseMap([1, -1, 3, 2], [0, 1, 0, 0]).ends // ["satisfied", "satisfied", "cycling", "cycling"]
 */
export function reviseMap(next: ArrayLike<number>, satisfied: ArrayLike<number | boolean>): RevisionEnds {
  const N = next.length;
  if (satisfied.length !== N) throw new ShapeError(complaint("satisfied", `${N} entries`, satisfied));
  for (let i = 0; i < N; i++) {
    if (!(Number.isInteger(next[i]) && next[i] >= -1 && next[i] < N)) {
      throw new DomainError(complaint(`next[${i}]`, `a number from 0 to ${N - 1}, or -1`, next[i]));
    }
    if (satisfied[i] && next[i] !== -1) {
      throw new DomainError(complaint(`next[${i}]`, "-1, since item is satisfied", next[i]));
    }
  }
  const ends = new Array<RevisionEnd | undefined>(N);
  const rounds = new Int32Array(N);
  const cycles: number[][] = [];
  const place = new Int32Array(N).fill(-1); // on the path being walked
  for (let first = 0; first < N; first++) {
    const path: number[] = [];
    let at = first;
    while (ends[at] === undefined && place[at] < 0) {
      place[at] = path.length;
      path.push(at);
      if (next[at] < 0) ends[at] = satisfied[at] ? "satisfied" : "stuck";
      else at = next[at];
    }
    if (ends[at] === undefined) {
      const cycle = path.slice(place[at]);
      for (const item of cycle) ends[item] = "cycling";
      cycles.push(fromLeast(cycle));
    }
    for (let step = path.length - 1; step >= 0; step--) {
      const item = path[step];
      place[item] = -1;
      if (ends[item] !== undefined) continue;
      ends[item] = ends[next[item]];
      rounds[item] = rounds[next[item]] + 1;
    }
  }
  return { ends: ends as RevisionEnd[], rounds, cycles };
}

/** The same cycle, begun at its least number. */
function fromLeast(cycle: readonly number[]): number[] {
  const at = cycle.indexOf(cycle.reduce((a, b) => Math.min(a, b), cycle[0]));
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}
