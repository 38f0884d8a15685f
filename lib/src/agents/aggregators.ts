import { meanAggregate, type Reports } from "./aggregate.js";
import { geometricMedian } from "./geometricMedian.js";
import { krum } from "./krum.js";
import { coordinateMedian, trimmedMean } from "./trimmedMean.js";

/** Makes one vector of what the clients send. */
export type Aggregator = (reports: Reports) => Float64Array;

/**
 * The servers that are compared: the plain mean, and four that mean to bear f liars. The geometric median stops at a
 * 10,000,000th of the reports' spread.
 * @example Object.keys(aggregators(3)) // ["mean", "median", "trimmed mean", "geometric median", "Krum"]
 */
export function aggregators(
  f: number,
): Record<"mean" | "median" | "trimmed mean" | "geometric median" | "Krum", Aggregator> {
  return {
    mean: meanAggregate,
    median: coordinateMedian,
    "trimmed mean": (reports) => trimmedMean(reports, f),
    "geometric median": (reports) => geometricMedian(reports, { tolerance: 1e-7 }),
    Krum: (reports) => krum(reports, f),
  };
}
