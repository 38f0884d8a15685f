import { dot } from "../numerics/dot.js";
import { chartOf, type Field } from "./hiddenUtility.js";

/** The terrain, one letter each: the order of the weights. */
const letters = ["g", "d", "T", "l"] as const;

/** A map on which one drives to the target in the corner, over no field twice. */
export interface DetourMap {
  readonly chart: readonly string[];
  /** The moves of each way, "r", "d", "l", "u". Of ways that enter equally much of everything, one. */
  readonly ways: readonly string[];
  /** How many fields of grass, dirt, target and lava each one enters, [ways][4]. */
  readonly counts: readonly Float64Array[];
  /** The number of the way that is best for these weights; the first of equals. */
  best(weights: ArrayLike<number>): number;
}

export interface LavaDetour {
  readonly train: DetourMap;
  readonly test: DetourMap;
  readonly names: readonly string[];
  /**
   * All weights from {-2, -1, 0, 1, 2}: true rewards that might be meant, and proxies that might be written. [625][4]
   */
  readonly weights: readonly (readonly number[])[];
  /** The number of the proxy that was written: grass -2, dirt -1, target 1, lava 0. */
  readonly proxy: number;
  /** What the best way for each proxy enters in the training map. [625][4] */
  readonly counts: readonly Float64Array[];
}

/**
 * Inverse reward design's world (after Hadfield-Menell et al. 2017, arXiv:1711.02827): five fields by five of grass,
 * dirt and a target. The designer writes a reward for a map without lava; the map of use has three fields of lava on
 * one of two ways that are otherwise alike. Everything is a list: all ways, 625 rewards. Lesson 15.
 */
export function lavaDetour(): LavaDetour {
  const train = detourMap(["Sdddd", "dgdgd", "ddddd", "dgdgd", "ddddT"]);
  const test = detourMap(["Sdddd", "lgggd", "lgggd", "lgggd", "ddddT"]);
  const values = [-2, -1, 0, 1, 2];
  const weights = Array.from({ length: 625 }, (_, i) =>
    [125, 25, 5, 1].map((unit) => values[Math.floor(i / unit) % 5]),
  );
  const counts = weights.map((w) => train.counts[train.best(w)]);
  const proxy = weights.findIndex((w) => w.join() === "-2,-1,1,0");
  return { train, test, names: ["grass", "dirt", "target", "lava"], weights, proxy, counts };
}

function detourMap(chart: readonly string[]): DetourMap {
  const map = chartOf(chart);
  const found = new Map<string, { way: string; count: Float64Array }>();
  const walk = (field: Field, way: string, been: readonly string[], count: Float64Array) => {
    if (map.letter(field) === "T") {
      if (!found.has(count.join())) found.set(count.join(), { way, count });
      return;
    }
    for (const move of "rdlu") {
      const next = map.go(field, move);
      const name = next.join();
      if (next === field || been.includes(name) || map.letter(next) === "S") continue;
      const counted = count.slice();
      counted[letters.indexOf(map.letter(next) as (typeof letters)[number])]++;
      walk(next, way + move, [...been, name], counted);
    }
  };
  walk(map.find("S")[0], "", [], new Float64Array(letters.length));
  const ways = Array.from(found.values(), ({ way }) => way);
  const counts = Array.from(found.values(), ({ count }) => count);
  const best = (weights: ArrayLike<number>) =>
    counts.reduce((top, count, i) => (dot(weights, count) > dot(weights, counts[top]) + 1e-12 ? i : top), 0);
  return { chart, ways, counts, best };
}
