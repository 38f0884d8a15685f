import { dot } from "../../numerics/dot.js";
import { exactExpectation } from "../../numerics/index.js";
import { tiltUpToKl } from "../../policy/index.js";
import type { Key } from "../../random/index.js";
import { lowerBoundReward, type SetRobustTilt, setRobustTilt } from "../../robust/index.js";
import { compareReplies, type ProxyWorld } from "../hacking/phraseProxy.js";
import { phrasePosterior } from "./phrasePosterior.js";

/** One careful policy: what it is sure of (min over the set of E r), what it thinks of itself, and its true utility. */
export interface CarefulPolicy {
  guaranteed: number;
  /** E of the reward that it climbed. */
  told: number;
  utility: number;
}

/**
 * The least of each outcome alone against the least of the set as a whole, on the phrase task at the same KL: a policy
 * that climbs mean - k sd reply by reply, and `setRobustTilt`, its beta searched for. Both are judged by the same
 * guarantee, M'm - k sqrt(M'S M).
 */
export function setAgainstPoints(
  key: Key,
  world: ProxyWorld,
  { comparisons = 100, k = 2, kl = 2 }: { comparisons?: number; k?: number; kl?: number } = {},
): { points: CarefulPolicy; set: CarefulPolicy } {
  const { logRef, features, utility } = world;
  const posterior = phrasePosterior(world, compareReplies(key, world, comparisons));
  const low = lowerBoundReward(features, posterior, k, logRef);
  const points = tiltUpToKl(logRef, low, kl);
  const moments = momentsOf(features, points, logRef);
  const bent = posterior.covariance.map((row) => dot(row, moments));
  const robust = atKl(kl, (beta) => setRobustTilt(features, posterior, { k, beta, logRef, tolerance: 1e-3 }));
  return {
    points: {
      guaranteed: dot(moments, posterior.mean) - k * Math.sqrt(Math.max(0, dot(moments, bent))),
      told: exactExpectation(points, low),
      utility: exactExpectation(points, utility),
    },
    set: {
      guaranteed: robust.guaranteed,
      told: robust.guaranteed,
      utility: exactExpectation(robust.logProbs, utility),
    },
  };
}

/** E_pi f - E_ref f, [d]. */
function momentsOf(features: readonly number[][], policy: Float64Array, logRef: Float64Array): Float64Array {
  const out = new Float64Array(features[0].length);
  features.forEach((f, y) => {
    const more = Math.exp(policy[y]) - Math.exp(logRef[y]);
    for (let j = 0; j < out.length; j++) out[j] += more * f[j];
  });
  return out;
}

/** The tilt whose KL is `kl`, within 1 %, by bisection on log beta. */
function atKl(kl: number, at: (beta: number) => SetRobustTilt): SetRobustTilt {
  let [low, high] = [Math.log(0.02), Math.log(5)];
  let found = at(Math.exp((low + high) / 2));
  for (let step = 0; step < 25 && Math.abs(found.kl - kl) > 0.01 * kl; step++) {
    const middle = (low + high) / 2;
    found = at(Math.exp(middle));
    if (found.kl > kl) low = middle;
    else high = middle;
  }
  return found;
}
