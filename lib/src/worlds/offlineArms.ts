import { checkCount, checkNonNegative } from "../core/checks.js";
import { greatest } from "../numerics/greatest.js";
import { sigmoid } from "../numerics/index.js";
import { comparisonsFromPairs, laplacePosterior } from "../preferences/index.js";
import { type Key, split, uniform } from "../random/index.js";
import { lowerBoundReward } from "../robust/index.js";

export interface OfflineArms {
  /** Comparisons that somebody collected. */
  comparisons: number;
  /** Whether the arm that everybody was asked about is the best; else a rare one is. */
  bestIsCommon: boolean;
  /** Share of the comparisons with the common arm; default 0.98. The others share the rest. */
  common?: number;
  /** Deviation of each arm's prior; default 2. */
  prior?: number;
}

const ARMS = 10;

/**
 * Ten arms and comparisons that somebody else has chosen: arm 0, worth 0, against arm 1 nearly always, against each of
 * arms 2 to 9 hardly ever. One of them is worth 1, arm 1 or arm 2, the others 0.3. Returns the regret of taking the arm
 * with the greatest lower bound m - k sd of its advantage over arm 0, for each k of `ks`; k = 0 is the best guess.
 * (Zhu et al. 2023, arXiv:2301.11270.)
 * @throws DomainError unless comparisons is a count and no k is below 0
 */
export function offlineArms(
  key: Key,
  { comparisons, bestIsCommon, common = 0.98, prior = 2 }: OfflineArms,
  ks: readonly number[],
): number[] {
  checkCount("comparisons", comparisons);
  for (const k of ks) checkNonNegative("k", k);
  const utility = Array.from({ length: ARMS }, (_, arm): number => (arm === 0 ? 0 : 0.3));
  utility[bestIsCommon ? 1 : 2] = 1;
  const [armKey, answerKey] = split(key);
  const [which, coins] = [uniform(armKey, comparisons), uniform(answerKey, comparisons)];
  const pairs = Array.from(which, (u, n): [number, number] => {
    const arm = u < common ? 1 : 2 + Math.min(ARMS - 3, Math.floor(((u - common) / (1 - common)) * (ARMS - 2)));
    return coins[n] < sigmoid(utility[arm]) ? [arm, 0] : [0, arm];
  });
  const posterior = laplacePosterior(comparisonsFromPairs(pairs, { items: ARMS }), { deviation: prior });
  const arms = utility.map((_, arm) => utility.map((_, other) => (arm === other ? 1 : 0)));
  const atZero = utility.map((_, arm) => (arm === 0 ? 0 : Number.NEGATIVE_INFINITY));
  return ks.map((k) => {
    const low = lowerBoundReward(arms, posterior, k, atZero);
    return 1 - utility[low.indexOf(greatest(low))];
  });
}
