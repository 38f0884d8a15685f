import { exactExpectation, exactKL, linspace, mean } from "../../numerics/index.js";
import { bestOfNLogProbs, type ProxyPoint, proxyPath } from "../../policy/index.js";
import type { Key } from "../../random/index.js";
import { fitOveroptimisation, type OveroptimisationFit } from "../../rewards/index.js";
import { compareReplies, learnReward, type ProxyWorld } from "./phraseProxy.js";

/** Prices of a nat from dear to cheap, a path from near the reference to the proxy's favourites. */
export const pathBetas: readonly number[] = linspace(Math.log(6), Math.log(0.03), 36).map(Math.exp);

/** The exact path of a reward that was learned from m comparisons with the reference. */
export function learnedPath(key: Key, world: ProxyWorld, m: number): ProxyPoint[] {
  const { reward } = learnReward(world, compareReplies(key, world, m));
  return proxyPath(world.logRef, reward, world.utility, pathBetas);
}

/** The path of best-of-n for the same reward, n = 2^0.25, ..., 2^14; KL exactly. */
export function learnedBestOfN(key: Key, world: ProxyWorld, m: number): { kl: number; gold: number }[] {
  const { reward } = learnReward(world, compareReplies(key, world, m));
  // Sorted once: sorting what is sorted costs little.
  const order = Array.from({ length: reward.length }, (_, y) => y).sort((i, j) => reward[i] - reward[j]);
  const [logRef, score, utility] = [world.logRef, reward, world.utility].map((list) => {
    return Float64Array.from(order, (y) => list[y]);
  });
  return linspace(0.25, 14, 12).map((k) => {
    const policy = bestOfNLogProbs(logRef, score, 2 ** k);
    return { kl: exactKL(policy, logRef), gold: exactExpectation(policy, utility) };
  });
}

/** Gold of a path at a KL, between two points by a straight line; NaN where the path does not reach. */
export function goldAt(path: readonly { kl: number; gold: number }[], kl: number): number {
  const i = path.findIndex((point) => point.kl >= kl);
  if (i < 0) return Number.NaN;
  if (i === 0) return path[0].gold;
  const [a, b] = [path[i - 1], path[i]];
  return a.gold + ((kl - a.kl) / (b.kl - a.kl)) * (b.gold - a.gold);
}

/** Both of Gao's forms, fitted to the mean of several paths up to the KL that all of them reach, from d = 0.2 on. */
export function fitPaths(
  paths: readonly (readonly { kl: number; gold: number }[])[],
  start: number,
): { d: number[]; gain: number[]; bestOfN: OveroptimisationFit; rl: OveroptimisationFit } {
  let reach = Number.POSITIVE_INFINITY;
  for (const path of paths) reach = Math.min(reach, path[path.length - 1].kl);
  const d = linspace(0.2, Math.sqrt(reach) * 0.9999, 40);
  const gain = d.map((v) => mean(paths.map((path) => goldAt([{ kl: 0, gold: start }, ...path], v * v))) - start);
  return { d, gain, bestOfN: fitOveroptimisation(d, gain, "bestOfN"), rl: fitOveroptimisation(d, gain, "rl") };
}
