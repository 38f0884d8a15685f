import { complaint, DomainError, ShapeError } from "../core/index.js";

/**
 * The smallest contradictions of a constitution, by enumeration: all sets of principles that no outcome satisfies
 * together, and of which every proper part can be satisfied. An empty list: the whole constitution can be kept.
 * @param holds [k][N]: whether principle i holds of outcome y
 * @throws DomainError if there is no principle or outcome, or more than 20 principles; ShapeError if lengths differ
 * @example minimalUnsatisfiable([[1, 1, 0], [0, 1, 1], [1, 0, 1]]) // [[0, 1, 2]]
 */
export function minimalUnsatisfiable(holds: readonly ArrayLike<number | boolean>[]): number[][] {
  const k = holds.length;
  if (k < 1 || k > 20) throw new DomainError(complaint("holds", "1 to 20 principles", holds));
  const N = holds[0].length;
  if (N === 0) throw new DomainError(complaint("holds[0]", "at least one outcome", holds[0]));
  holds.forEach((row, i) => {
    if (row.length !== N) throw new ShapeError(complaint(`holds[${i}]`, `${N} entries, one per outcome`, row));
  });
  // What some outcome satisfies; a set is satisfiable if it is part of one of these.
  const kept = new Set<number>();
  for (let y = 0; y < N; y++) kept.add(holds.reduce((bits, row, i) => (row[y] ? bits | (1 << i) : bits), 0));
  const members = (bits: number) => Array.from({ length: k }, (_, i) => i).filter((i) => (bits & (1 << i)) !== 0);
  const found: number[] = [];
  const bySize = Array.from({ length: 2 ** k - 1 }, (_, s) => s + 1).sort(
    (a, b) => members(a).length - members(b).length || a - b,
  );
  for (const set of bySize) {
    if (found.some((smaller) => (set & smaller) === smaller)) continue;
    if (![...kept].some((bits) => (bits & set) === set)) found.push(set);
  }
  return found.map(members);
}
