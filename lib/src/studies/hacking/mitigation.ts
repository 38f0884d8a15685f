import { exactExpectation, exactKL } from "../../numerics/index.js";
import { optimisers, tiltUpToKl } from "../../policy/index.js";
import { categorical, foldIn, type Key, split } from "../../random/index.js";
import { ensembleReward, posteriorSd } from "../../rewards/index.js";
import {
  compareReplies,
  joinPairs,
  learnReward,
  type ProxyWorld,
  type ReplyPairs,
  resamplePairs,
} from "./phraseProxy.js";

/** The cures that `mitigationRun` compares with a single reward model. */
export const mitigations = [
  "mean of 5",
  "worst of 5",
  "worst of 10",
  "mean - 2 variances",
  "reward - 1 sd",
  "reward - 2 sd",
  "60 more from the reference",
  "60 more from the policy",
  "adversarial, no labels",
  "quantiliser",
  "best of n",
] as const;

export type Mitigation = (typeof mitigations)[number];

const ROUNDS = 3;

/**
 * One seed: a reward from m comparisons, and every cure at exactly the same KL to the reference. Returns E[utility] of
 * the single reward and of each cure, one number for each KL. All cures see the same first comparisons.
 */
export function mitigationRun(
  key: Key,
  world: ProxyWorld,
  { comparisons: m = 60, kls = [2, 4, 8] }: { comparisons?: number; kls?: readonly number[] } = {},
): Record<"single" | Mitigation, number[]> {
  const [askKey, bootKey, moreKey, policyKey, adversaryKey] = split(key, 5);
  const { logRef, features } = world;
  const pairs = compareReplies(askKey, world, m);
  const { reward, precision } = learnReward(world, pairs);
  const members = split(bootKey, 10).map((own) => learnReward(world, resamplePairs(own, pairs)).reward);
  const sd = posteriorSd(features, precision(), { centre: logRef });
  const less = (kappa: number) => reward.map((r, y) => r - kappa * sd[y]);
  const centred = { centre: logRef };
  const more = learnReward(world, joinPairs(pairs, compareReplies(moreKey, world, m))).reward;
  const gold = (policy: Float64Array) => exactExpectation(policy, world.utility);
  const tilted = (score: Float64Array) => kls.map((kl) => gold(tiltUpToKl(logRef, score, kl)));
  // A score whose favourite is common cannot push so far; the other optimisers stop a hair short of there.
  const reached = (score: Float64Array, kl: number) => 0.9999 * exactKL(tiltUpToKl(logRef, score, kl), logRef);
  const five = members.slice(0, 5);
  return {
    single: tilted(reward),
    "mean of 5": tilted(ensembleReward.mean(five, centred)),
    "worst of 5": tilted(ensembleReward.worstCase(five, centred)),
    "worst of 10": tilted(ensembleReward.worstCase(members, centred)),
    "mean - 2 variances": tilted(ensembleReward.uncertaintyWeighted(five, { ...centred, lambda: 2 })),
    "reward - 1 sd": tilted(less(1)),
    "reward - 2 sd": tilted(less(2)),
    "60 more from the reference": tilted(more),
    "60 more from the policy": kls.map((kl) => gold(relabelled(policyKey, world, pairs, kl))),
    "adversarial, no labels": kls.map((kl) => gold(adversarial(adversaryKey, world, pairs, kl))),
    quantiliser: kls.map((kl) => gold(optimisers.quantiliser(logRef, reward, reached(reward, kl)))),
    "best of n": kls.map((kl) => gold(optimisers.bestOfN(logRef, reward, reached(reward, kl)))),
  };
}

/**
 * As many labels again, in rounds: the policy's replies against the reference's, people answer, the reward is refitted.
 */
function relabelled(key: Key, world: ProxyWorld, first: ReplyPairs, kl: number): Float64Array {
  let pairs = first;
  for (let round = 0; round < ROUNDS; round++) {
    const logSampling = tiltUpToKl(world.logRef, learnReward(world, pairs).reward, kl);
    const count = Math.round(first.chosen.length / ROUNDS);
    pairs = joinPairs(pairs, compareReplies(foldIn(key, round), world, count, { logSampling }));
  }
  return tiltUpToKl(world.logRef, learnReward(world, pairs).reward, kl);
}

/**
 * Adversarial training of the reward model without asking anybody (as Bukharin et al. 2025, arXiv:2504.06141): an
 * adversary looks for replies that are scored high and that the model is unsure of, and the model is told, in rounds,
 * that the reference's replies are better.
 */
function adversarial(key: Key, world: ProxyWorld, first: ReplyPairs, kl: number): Float64Array {
  let pairs = first;
  for (let round = 0; round < ROUNDS; round++) {
    const { reward, precision } = learnReward(world, pairs);
    const sd = posteriorSd(world.features, precision(), { centre: world.logRef });
    const unsure = tiltUpToKl(
      world.logRef,
      reward.map((r, y) => r + 2 * sd[y]),
      kl,
    );
    const [a, b] = split(foldIn(key, round));
    const count = Math.round(first.chosen.length / ROUNDS);
    pairs = joinPairs(pairs, { chosen: categorical(b, world.logRef, count), rejected: categorical(a, unsure, count) });
  }
  return tiltUpToKl(world.logRef, learnReward(world, pairs).reward, kl);
}
