import { Matrix } from "ml-matrix";
import { exactExpectation } from "../../numerics/index.js";
import { tiltUpToKl } from "../../policy/index.js";
import { type Key, split } from "../../random/index.js";
import { detectorAuc, ensembleReward, overestimationSet, posteriorSd } from "../../rewards/index.js";
import { compareReplies, learnReward, type ProxyWorld, resamplePairs } from "./phraseProxy.js";

/** What one may look at to find a hacked reply without knowing its utility. */
export const detectors = [
  "ensemble's disagreement",
  "posterior deviation",
  "distance of features",
  "-log reference",
  "the reward itself",
] as const;

export type Detector = (typeof detectors)[number];

/** One seed of a policy at some KL: how often it writes what is overestimated, and two areas for each detector. */
export interface DetectionRun {
  /** P(overestimated) under the policy and under the reference. */
  readonly hacked: { readonly policy: number; readonly reference: number };
  /** Among the policy's own replies: overestimated against the others. */
  readonly hackedAuc: Record<Detector, number>;
  /** The policy's replies against the reference's: what "out of distribution" means. */
  readonly awayAuc: Record<Detector, number>;
}

/**
 * One seed of `DetectionRun`: a policy at `kl` nats, for a reward learned from m comparisons. Not too far out: a
 * policy of one reply has nothing to tell apart.
 */
export function detectionRun(
  key: Key,
  world: ProxyWorld,
  { comparisons: m = 60, kl = 2, threshold = 1.5 }: { comparisons?: number; kl?: number; threshold?: number } = {},
): DetectionRun {
  const [askKey, bootKey] = split(key);
  const { logRef, utility, features } = world;
  const pairs = compareReplies(askKey, world, m);
  const { reward, precision } = learnReward(world, pairs);
  const members = split(bootKey, 5).map((own) => learnReward(world, resamplePairs(own, pairs)).reward);
  const scores: Record<Detector, Float64Array> = {
    "ensemble's disagreement": ensembleReward.disagreement(members, { centre: logRef }),
    "posterior deviation": posteriorSd(features, precision(), { centre: logRef }),
    "distance of features": posteriorSd(features, featureCovariance(world), { centre: logRef }),
    "-log reference": logRef.map((log) => -log),
    "the reward itself": reward,
  };
  const policy = tiltUpToKl(logRef, reward, kl).map(Math.exp);
  const ref = logRef.map(Math.exp);
  const bad = overestimationSet(logRef, reward, utility, { threshold });
  const part = (weights: Float64Array, want: boolean) => weights.map((p, y) => (bad[y] === want ? p : 0));
  const mass = (weights: Float64Array) => part(weights, true).reduce((a, b) => a + b);
  const each = (area: (score: Float64Array) => number) =>
    Object.fromEntries(detectors.map((name) => [name, area(scores[name])])) as Record<Detector, number>;
  return {
    hacked: { policy: mass(policy), reference: mass(ref) },
    hackedAuc: each((score) => detectorAuc(score, part(policy, true), part(policy, false))),
    awayAuc: each((score) => detectorAuc(score, policy, ref)),
  };
}

/** The covariance of features under the reference, plus 1e-3 on the diagonal: for Mahalanobis' distance. */
function featureCovariance({ features, logRef }: ProxyWorld): Matrix {
  const d = features[0].length;
  const means = features[0].map((_, j) =>
    exactExpectation(
      logRef,
      features.map((f) => f[j]),
    ),
  );
  const covariance = Matrix.zeros(d, d);
  features.forEach((f, y) => {
    const p = Math.exp(logRef[y]);
    const away = f.map((x, j) => x - means[j]);
    for (let i = 0; i < d; i++) {
      const scaled = p * away[i];
      for (let j = 0; j <= i; j++) covariance.set(i, j, covariance.get(i, j) + scaled * away[j]);
    }
  });
  for (let i = 0; i < d; i++) {
    covariance.set(i, i, covariance.get(i, i) + 1e-3);
    for (let j = 0; j < i; j++) covariance.set(j, i, covariance.get(i, j));
  }
  return covariance;
}
