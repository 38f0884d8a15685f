import type { Judgements } from "./judgements.js";

export interface Consistency {
  labeler: number;
  /** Triples of items that this labeler's own majorities put in a circle, and how many they compared in full. */
  cyclic: number;
  compared: number;
  /**
   * cyclic / compared: 0 for one who is transitive, 1/4 on average for one who tosses coins; NaN without a full triple.
   */
  share: number;
}

/**
 * How often each labeler contradicts themselves: the share of triples that go round in a circle (Kendall and Babington
 * Smith 1940, doi:10.1093/biomet/31.3-4.324). Needs no truth and no other people, and so it tells a noisy labeler from
 * one who merely disagrees: a consistent labeler with an unusual taste has 0. Looks only at what was compared: time and
 * memory go with each labeler's pairs (times those that share an item), not with labelers x items^2.
 */
export function labelerConsistency(data: Judgements): Consistency[] {
  const rows: number[][] = Array.from({ length: data.labelers }, () => []);
  data.labeler.forEach((labeler, k) => {
    rows[labeler].push(k);
  });
  return rows.map((mine, labeler) => {
    const { cyclic, compared } = circles(majorities(data, mine));
    return { labeler, cyclic, compared, share: cyclic / compared };
  });
}

/**
 * For each item the items of higher number that it was compared with, and 1 where it won more often, -1 where
 * less; ties are left out.
 */
type Majorities = Map<number, Map<number, 1 | -1>>;

function majorities(data: Judgements, rows: readonly number[]): Majorities {
  const tallies = new Map<number, Map<number, { won: number; lost: number }>>();
  for (const k of rows) {
    const [i, j] = [data.winner[k], data.loser[k]];
    const tally = entry(
      entry(tallies, Math.min(i, j), newMap<number, { won: number; lost: number }>),
      Math.max(i, j),
      () => ({ won: 0, lost: 0 }),
    );
    tally[i < j ? "won" : "lost"] += data.weight[k];
  }
  const signs: Majorities = new Map();
  for (const [i, others] of tallies) {
    for (const [j, { won, lost }] of others) {
      // As many on either side, but for the rounding of sums of fractions, is a tie.
      if (Math.abs(won - lost) <= 1e-12 * (won + lost)) continue;
      entry(signs, i, newMap<number, 1 | -1>).set(j, won > lost ? 1 : -1);
    }
  }
  return signs;
}

/** Triples i < j < k of which all three pairs were decided. */
function circles(signs: Majorities): { cyclic: number; compared: number } {
  let [cyclic, compared] = [0, 0];
  for (const aboveI of signs.values()) {
    for (const [j, ij] of aboveI) {
      for (const [k, jk] of signs.get(j) ?? []) {
        const ik = aboveI.get(k);
        if (ik === undefined) continue;
        compared++;
        if (ij === jk && ik !== ij) cyclic++;
      }
    }
  }
  return { cyclic, compared };
}

function newMap<K, V>(): Map<K, V> {
  return new Map();
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
