import { checkCount } from "../core/checks.js";
import { ConvergenceError, complaint, DomainError, InterruptError, notebookHost } from "../core/index.js";
import { quantile, standardDeviation } from "../numerics/index.js";
import { foldIn, type Key, uniform } from "../random/index.js";

/** Data in rows, each of which was seen `weight` times: Comparisons, Rankings, Judgements. */
export interface WeightedRows {
  readonly weight: Float64Array;
}

/**
 * As many answers as there were, drawn from them with replacement: the same rows with new weights,
 * those not drawn left at 0.
 * @throws DomainError unless the weights are whole numbers and at least one is above 0
 */
export function resample<T extends WeightedRows>(key: Key, data: T): T {
  const rows = data.weight.length;
  const upTo = new Float64Array(rows);
  let total = 0;
  for (let k = 0; k < rows; k++) {
    if (!Number.isInteger(data.weight[k])) {
      throw new DomainError(complaint(`weight of row ${k}`, "a whole number: how often it was seen", data.weight[k]));
    }
    total += data.weight[k];
    upTo[k] = total;
  }
  if (total === 0) throw new DomainError("resample: there is nothing to draw from; all weights are 0");
  const weight = new Float64Array(rows);
  for (const u of uniform(key, total)) {
    const place = Math.floor(u * total);
    let [low, high] = [0, rows - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle] > place) high = middle;
      else low = middle + 1;
    }
    weight[low]++;
  }
  return { ...data, weight };
}

export interface BootstrapOptions {
  /** How many resamples. Default 200: enough for standard errors; take 1000 or more for intervals. */
  samples?: number;
  /** What the intervals cover. Default 0.95. */
  level?: number;
}

export interface Bootstrap {
  /** [samples, parameters] */
  estimates: number[][];
  /** [parameters] the standard deviation of the estimates. */
  standardErrors: number[];
  /** [parameters] the middle `level` of the estimates (percentile intervals). */
  intervals: { low: number; high: number }[];
  /** How many resamples had no finite estimate and were left out. */
  failures: number;
}

/**
 * The bootstrap (Efron 1979, Annals of Statistics 7): estimates from resampled answers vary about the estimate as it
 * varies about the truth. Sample s depends on the key and s alone. Answers are drawn one by one; where one person gave
 * many, that understates the error.
 * @throws ConvergenceError if more than 1 in 20 resamples have no finite estimate, since the
 *   others do not represent them
 * @example
 * const data = comparisonsFromWins([[0, 30], [10, 0]]);
 * const { intervals } = bootstrap(key(0), data, (sample) => bradleyTerry.fit(sample).theta);
 * intervals[0] // { low: 0.2554, high: 0.9730 }
 */
export function bootstrap<T extends WeightedRows>(
  key: Key,
  data: T,
  estimate: (sample: T) => ArrayLike<number>,
  options: BootstrapOptions = {},
): Bootstrap {
  const { samples = 200, level = 0.95 } = options;
  checkCount("samples", samples, 2);
  if (!(level > 0 && level < 1)) throw new DomainError(complaint("level", "a number in (0, 1)", level));
  const estimates: number[][] = [];
  let why = "";
  for (let s = 0; s < samples; s++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("bootstrap: interrupted");
    const sample = resample(foldIn(key, s), data);
    try {
      estimates.push(Array.from(estimate(sample)));
    } catch (error) {
      if (!(error instanceof ConvergenceError)) throw error;
      why = error.message;
    }
  }
  const failures = samples - estimates.length;
  if (failures > samples / 20) {
    throw new ConvergenceError(
      `bootstrap: ${failures} of ${samples} resamples have no finite estimate, so the rest would give too small an error. ` +
        `Use an estimate with a prior. The last one said: ${why}`,
    );
  }
  const parameters = estimates[0].map((_, i) => estimates.map((one) => one[i]));
  return {
    estimates,
    standardErrors: parameters.map((values) => standardDeviation(values)),
    intervals: parameters.map((values) => ({
      low: quantile(values, (1 - level) / 2),
      high: quantile(values, (1 + level) / 2),
    })),
    failures,
  };
}
