import { checkLength } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { meanInterval } from "../numerics/index.js";
import type { LineSeries } from "./line.js";

/**
 * Runs from several seeds as one curve of `line`: at each x the mean over runs, with the band of its two-sided interval
 * (Student's t, `meanInterval`), which covers the expectation with probability `level`. `runs` are [seeds][x].
 * `least` cuts the band off below, for a logarithmic axis or a number that cannot be negative; not the mean.
 * @throws DomainError for fewer than two runs, or a level outside (0, 1); ShapeError if a run is not as long as x
 * @example overSeeds("A", [0, 1], [[1, 2], [3, 2], [2, 2]]).y // [2, 2]
 */
export function overSeeds(
  name: string,
  x: ArrayLike<number>,
  runs: readonly ArrayLike<number>[],
  { level = 0.95, least = Number.NEGATIVE_INFINITY }: { level?: number; least?: number } = {},
): LineSeries & { x: number[]; y: number[]; band: { low: number[]; high: number[] } } {
  if (runs.length < 2) throw new DomainError(complaint("overSeeds: runs", "at least two, to have a spread", runs));
  for (const [i, run] of runs.entries()) {
    checkLength(`overSeeds: runs[${i}]`, run, x.length, "as many as x");
  }
  const at = Array.from(x, (_, n) =>
    meanInterval(
      runs.map((run) => run[n]),
      level,
    ),
  );
  return {
    name,
    x: Array.from(x),
    y: at.map(({ mean }) => mean),
    band: { low: at.map(({ low }) => Math.max(low, least)), high: at.map(({ high }) => high) },
  };
}
