import { checkCounts } from "../../train/checks.js";
import type { JudgedCompletion } from "./frontier.js";

/** How a reward ranks those pairs of continuations of one prompt whose true moods are so far apart. */
export interface RankedPairs {
  /** Nats between the true moods; the last row has all larger ones too. */
  readonly difference: number;
  readonly pairs: number;
  /** Share of them that the reward ranks as the truth does, an equal reward counting half; NaN without pairs. */
  readonly right: number;
}

/**
 * How well a reward ranks what one policy writes. Only pairs of the same prompt are asked about, as comparisons say
 * nothing across prompts (there the reward is known up to any function of the prompt), and pairs are kept apart by how
 * different they are, so that policies whose texts differ more or less can be compared. Ties of the true moods have no
 * right order and are left out. `samples` has `perPrompt` of each prompt, one prompt after the other.
 */
export function rankedByDifference(
  samples: readonly Pick<JudgedCompletion, "reward" | "trueReward">[],
  perPrompt: number,
  largest = 4,
): RankedPairs[] {
  checkCounts({ perPrompt, largest });
  const rows = Array.from({ length: largest }, (_, k) => ({ difference: k + 1, pairs: 0, points: 0 }));
  samples.forEach((a, i) => {
    const end = (Math.floor(i / perPrompt) + 1) * perPrompt;
    for (const b of samples.slice(i + 1, end)) {
      const [truth, said] = [a.trueReward - b.trueReward, a.reward - b.reward];
      const row = rows[Math.min(Math.round(Math.abs(truth)), largest) - 1];
      if (row === undefined) continue;
      row.pairs++;
      row.points += said === 0 ? 0.5 : said > 0 === truth > 0 ? 1 : 0;
    }
  });
  return rows.map(({ difference, pairs, points }) => ({ difference, pairs, right: points / pairs }));
}
