import { exactExpectation } from "../../numerics/index.js";
import { tiltUpToKl } from "../../policy/index.js";
import { active } from "../../preferences/index.js";
import { type Key, split } from "../../random/index.js";
import { ensembleReward } from "../../rewards/index.js";
import { lowerBoundReward } from "../../robust/index.js";
import { compareReplies, learnReward, type ProxyWorld, resamplePairs } from "../hacking/phraseProxy.js";
import { phrasePosterior } from "./phrasePosterior.js";

/** What the policy climbs, in the order of `pessimismAlongKl`. */
export const pessimisms = [
  "mean",
  "one draw",
  "mean - 1 sd",
  "mean - 2 sd",
  "mean - 1 sd, not centred",
  "least of 8 draws",
  "least of 8 bootstraps",
  "true utility",
] as const;

export type Pessimism = (typeof pessimisms)[number];

/**
 * Uncertainty-weighted RLHF on the phrase task, exactly: a reward from comparisons of the reference's replies, made
 * careful in one way or another, and the best policy at each KL to the reference. Returns E[U], one number a KL.
 */
export function pessimismAlongKl(
  key: Key,
  world: ProxyWorld,
  { comparisons = 100, kls = [1, 2, 4, 8] }: { comparisons?: number; kls?: readonly number[] } = {},
): Record<Pessimism, number[]> {
  const [askKey, drawKey, bootKey] = split(key, 3);
  const { logRef, features, utility } = world;
  const pairs = compareReplies(askKey, world, comparisons);
  const posterior = phrasePosterior(world, pairs);
  const draws = active
    .posteriorMembers(drawKey, posterior, 8)
    .map((mean) => lowerBoundReward(features, { ...posterior, mean }, 0, logRef));
  const bootstraps = split(bootKey, 8).map((own) => learnReward(world, resamplePairs(own, pairs)).reward);
  const low = (k: number, centred = true) => lowerBoundReward(features, posterior, k, logRef, { centred });
  const scores: Record<Pessimism, Float64Array> = {
    mean: low(0),
    "one draw": draws[0],
    "mean - 1 sd": low(1),
    "mean - 2 sd": low(2),
    "mean - 1 sd, not centred": low(1, false),
    "least of 8 draws": ensembleReward.worstCase(draws, { centre: logRef }),
    "least of 8 bootstraps": ensembleReward.worstCase(bootstraps, { centre: logRef }),
    "true utility": utility,
  };
  const out = {} as Record<Pessimism, number[]>;
  for (const name of pessimisms) {
    out[name] = kls.map((kl) => exactExpectation(tiltUpToKl(logRef, scores[name], kl), utility));
  }
  return out;
}
