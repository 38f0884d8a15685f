import { checkCount, checkLength } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { sigmoid } from "../numerics/index.js";

/** A bin of a reliability diagram: predictions of about the same confidence, and how often they came true. */
export interface ReliabilityBin {
  /** Edges; a prediction p falls into the bin with low <= p < high (the last bin takes high too). */
  low: number;
  high: number;
  count: number;
  /** Mean predicted probability; NaN in an empty bin. */
  confidence: number;
  /** Share that came true; NaN in an empty bin. */
  accuracy: number;
}

export interface ReliabilityOptions {
  /** How many bins; 10 by default. */
  bins?: number;
  /**
   * "width" (default): edges evenly spaced over `range`. "mass": about equally many predictions in each, so that no bin
   * is noise alone; equal predictions are never parted, so there may be fewer bins.
   */
  by?: "width" | "mass";
  /** Where predictions can lie; [0, 1] by default, [1/2, 1] for the confidence of a choice between two. */
  range?: readonly [number, number];
}

/**
 * What a model of comparisons says about its own choice: it picks the answer with the higher reward, with confidence
 * sigmoid(|margin|) >= 1/2, and is right (1), wrong (0), or has no opinion (1/2 at margin 0).
 */
export function choiceConfidence(margins: ArrayLike<number>): { confidence: Float64Array; correct: Float64Array } {
  return {
    confidence: Float64Array.from(margins, (margin) => sigmoid(Math.abs(margin))),
    correct: Float64Array.from(margins, (margin) => (margin > 0 ? 1 : margin === 0 ? 0.5 : 0)),
  };
}

/**
 * The data of a reliability diagram: for each bin of predicted probability p [n], how often the outcome [n] (1 or 0)
 * came true (Murphy and Winkler 1977; Guo et al. 2017, arXiv:1706.04599). A calibrated model lies on the diagonal.
 * @throws ShapeError if lengths differ; DomainError if there are no predictions, one lies
 *   outside the range, or bins < 1
 */
export function reliabilityDiagram(
  predicted: ArrayLike<number>,
  outcome: ArrayLike<number>,
  options: ReliabilityOptions = {},
): ReliabilityBin[] {
  const { bins = 10, by = "width", range = [0, 1] } = options;
  const n = predicted.length;
  checkLength("outcome", outcome, n, "one for each prediction");
  if (n === 0) throw new DomainError(complaint("predicted", "at least one probability", predicted));
  checkCount("bins", bins);
  for (let k = 0; k < n; k++) {
    if (!(predicted[k] >= range[0] && predicted[k] <= range[1])) {
      throw new DomainError(
        complaint(`predicted[${k}]`, `a probability from ${range[0]} to ${range[1]}`, predicted[k]),
      );
    }
    if (!(outcome[k] >= 0 && outcome[k] <= 1)) {
      throw new DomainError(complaint(`outcome[${k}]`, "0, 1, or a share between", outcome[k]));
    }
  }
  const edges = by === "width" ? evenEdges(range, bins) : massEdges(predicted, range, bins);
  const sums = edges.slice(1).map(() => ({ count: 0, confidence: 0, correct: 0 }));
  for (let k = 0; k < n; k++) {
    let bin = 0;
    while (bin < sums.length - 1 && predicted[k] >= edges[bin + 1]) bin++;
    sums[bin].count++;
    sums[bin].confidence += predicted[k];
    sums[bin].correct += outcome[k];
  }
  return sums.map(({ count, confidence, correct }, bin) => ({
    low: edges[bin],
    high: edges[bin + 1],
    count,
    confidence: count === 0 ? Number.NaN : confidence / count,
    accuracy: count === 0 ? Number.NaN : correct / count,
  }));
}

/**
 * Expected calibration error: the mean over predictions of |accuracy - confidence| of their bin, in [0, 1] (Naeini et
 * al. 2015). A model that is calibrated gets more than 0 from finitely many predictions, and the more bins the more;
 * compare only at the same options and number of predictions. @throws as reliabilityDiagram
 * @example expectedCalibrationError([0.8, 0.8, 0.8, 0.8], [1, 1, 1, 0]) // 0.05
 */
export function expectedCalibrationError(
  predicted: ArrayLike<number>,
  outcome: ArrayLike<number>,
  options: ReliabilityOptions = {},
): number {
  return reliabilityDiagram(predicted, outcome, options).reduce(
    (sum, { count, confidence, accuracy }) =>
      count === 0 ? sum : sum + (count / predicted.length) * Math.abs(accuracy - confidence),
    0,
  );
}

function evenEdges([low, high]: readonly [number, number], bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
}

function massEdges(predicted: ArrayLike<number>, [low, high]: readonly [number, number], bins: number): number[] {
  const sorted = Float64Array.from(predicted).sort();
  const cuts = Array.from({ length: bins - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)]);
  return [low, ...new Set(cuts.filter((cut) => cut > sorted[0] && cut > low && cut < high)), high];
}
