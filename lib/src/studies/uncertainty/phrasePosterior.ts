import { inversePositiveDefinite } from "../../numerics/index.js";
import type { Posterior } from "../../preferences/index.js";
import { learnReward, type ProxyWorld, type ReplyPairs } from "../hacking/phraseProxy.js";

/** Laplace's posterior of the phrase task's reward after comparisons, each weight N(0, 1) before. */
export function phrasePosterior(world: ProxyWorld, pairs: ReplyPairs): Posterior {
  const { theta, precision } = learnReward(world, pairs);
  const covariance = inversePositiveDefinite(precision());
  if (covariance === undefined) throw new Error("phrasePosterior: a precision with a prior is positive definite");
  return { mean: [...theta], covariance: covariance.to2DArray() };
}
