import { checkNonNegative } from "../core/checks.js";
import { qLearningCurve, withRewards } from "../mdp/index.js";
import type { Key } from "../random/index.js";
import { viabilityKernel } from "../safety/reachability/index.js";
import { type Strait, strait } from "./strait.js";

/** What a learner did to the ship while it learned, and how well it sails afterwards. */
export interface StraitLearner {
  /** Shoals entered while learning. */
  shoals: number;
  /** The probability of coming to harbour, greedily, after every tenth voyage. */
  curve: Float64Array;
}

/**
 * Q-learning on the strait for so many voyages, each of up to 100 moves: plainly, with a penalty per shoal taken off
 * the reward, or behind a shield that lets through only what never leads to a shoal (`viabilityKernel`; Alshiekh et al.
 * 2018, arXiv:1708.08611). Step size 0.1, 10 % of moves by chance.
 */
export function straitLearner(
  key: Key,
  {
    penalty = 0,
    shield = false,
    voyages = 300,
    explore = 0.1,
    rate = 0.1,
    world = strait(),
  }: { penalty?: number; shield?: boolean; voyages?: number; explore?: number; rate?: number; world?: Strait } = {},
): StraitLearner {
  checkNonNegative("penalty", penalty);
  const { mdp, cost, shoals } = world;
  const paid = withRewards(
    mdp,
    mdp.rewards.map((reward, pair) => reward - penalty * cost[pair]),
  );
  const allowed = shield ? viabilityKernel(mdp, shoals).allowed : undefined;
  const { curve, entries } = qLearningCurve(key, paid, mdp, {
    ...{ episodes: voyages, horizon: 100, rate, explore, judgeEvery: 10, allowed },
  });
  return { shoals: entries.reduce((sum, n, s) => sum + n * shoals[s], 0), curve };
}
