import { cyclicTriples } from "../voting/condorcet.js";
import type { Judgements } from "./judgements.js";

export interface Consistency {
  labeler: number;
  /** Triples of items that this labeler's own majorities put in a circle, and how many they compared in full. */
  cyclic: number;
  compared: number;
  /** cyclic / compared: 0 for one who is transitive, 1/4 on average for one who tosses coins; NaN without a full triple. */
  share: number;
}

/**
 * How often each labeler contradicts themselves: the share of triples that go round in a circle (Kendall and Babington Smith 1940,
 * doi:10.1093/biomet/31.3-4.324). Needs no truth and no other people, and so it tells a noisy labeler from one who merely disagrees: a
 * consistent labeler with an unusual taste has 0.
 */
export function labelerConsistency(data: Judgements): Consistency[] {
  const tallies = Array.from({ length: data.labelers }, () =>
    Array.from({ length: data.items }, () => new Float64Array(data.items)),
  );
  for (let k = 0; k < data.winner.length; k++) {
    tallies[data.labeler[k]][data.winner[k]][data.loser[k]] += data.weight[k];
  }
  return tallies.map((tally, labeler) => {
    const { cyclic, compared } = cyclicTriples(tally);
    return { labeler, cyclic, compared, share: cyclic / compared };
  });
}
