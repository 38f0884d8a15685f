import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { addBleuStatistics, type BleuReading, type BleuStatistics, bleuStatistics } from "./bleuStatistics.js";

export interface BleuScoring {
  /**
   * What becomes of an order without a match, whose logarithm would be -Infinity (Chen and Cherry 2014):
   * - "exp" (default): 1 / 2 of a match for the first such order, 1 / 4 for the next, ...
   * - "floor": `smoothingValue` (default 0.1) of a match
   * - "add-k": `smoothingValue` (default 1) is added to matched and total of every order above 1
   * - "none": BLEU is 0
   */
  smoothing?: "exp" | "floor" | "add-k" | "none";
  smoothingValue?: number;
  /**
   * Take the mean over the orders that the candidate has n-grams of: for single, short texts. Default
   * false; true in `sentenceBleu`.
   */
  effectiveOrder?: boolean;
}

export interface Bleu extends BleuStatistics {
  /** 0 to 100. */
  readonly score: number;
  /** After smoothing, 0 to 100, [order]. */
  readonly precisions: readonly number[];
  /** 0 to 1. */
  readonly brevityPenalty: number;
}

/**
 * BLEU's price for brevity, since precision alone would like one word best: 1 if the candidate is as long as the
 * reference, else exp(1 - referenceLength / length); 0 for an empty candidate. Papineni et al. 2002, section 2.2.
 * @throws DomainError unless both are lengths
 */
export function brevityPenalty(length: number, referenceLength: number): number {
  for (const [what, value] of Object.entries({ length, referenceLength })) {
    if (!(value >= 0)) throw new DomainError(complaint(what, "a number of tokens, at least 0", value));
  }
  if (length >= referenceLength) return 1;
  return length === 0 ? 0 : Math.exp(1 - referenceLength / length);
}

/**
 * BLEU = brevityPenalty * exp(mean over n = 1..order of log precision_n), times 100, by sacrebleu's definition (Post
 * 2018, arXiv:1804.08771), its smoothing included. 0 if nothing matched.
 * @throws DomainError if a smoothing value is negative
 */
export function bleuOf(
  statistics: BleuStatistics,
  { smoothing = "exp", smoothingValue = smoothing === "add-k" ? 1 : 0.1, effectiveOrder = false }: BleuScoring = {},
): Bleu {
  if (!(smoothingValue >= 0)) {
    throw new DomainError(complaint("smoothingValue", "a number of at least 0", smoothingValue));
  }
  const { length, referenceLength } = statistics;
  const penalty = brevityPenalty(length, referenceLength);
  const precisions = statistics.matched.map(() => 0);
  if (statistics.matched.every((count) => count === 0)) {
    return { ...statistics, score: 0, precisions, brevityPenalty: penalty };
  }
  let orders = precisions.length;
  let share = 1;
  for (let n = 0; n < precisions.length; n++) {
    const extra = smoothing === "add-k" && n > 0 ? smoothingValue : 0;
    const total = statistics.total[n] + extra;
    const matched = statistics.matched[n] + extra;
    if (total === 0) break;
    if (effectiveOrder) orders = n + 1;
    if (matched > 0) precisions[n] = (100 * matched) / total;
    else if (smoothing === "exp") {
      share /= 2;
      precisions[n] = (100 * share) / total;
    } else if (smoothing === "floor") precisions[n] = (100 * smoothingValue) / total;
  }
  const logs = precisions.slice(0, orders).reduce((sum, precision) => sum + Math.log(precision), 0);
  return { ...statistics, score: penalty * Math.exp(logs / orders), precisions, brevityPenalty: penalty };
}

/**
 * BLEU of a corpus: candidates [N], and for each of them a list of references. Counts are added over the corpus first.
 * @throws ShapeError if there is not one list of references per candidate; DomainError if there is no
 *   candidate or no reference
 */
export function corpusBleu(
  candidates: readonly string[],
  references: readonly (readonly string[])[],
  options: BleuReading & BleuScoring = {},
): Bleu {
  if (candidates.length !== references.length) {
    throw new ShapeError(complaint("references", `${candidates.length} lists, one per candidate`, references));
  }
  return bleuOf(addBleuStatistics(candidates.map((text, i) => bleuStatistics(text, references[i], options))), options);
}

/**
 * BLEU of one text, over the orders it has n-grams of (`effectiveOrder`). A reward.
 * @throws DomainError if there is no reference
 * @example sentenceBleu("the white whale swims", ["the white whale dives"]).score // 59.46
 */
export function sentenceBleu(
  candidate: string,
  references: readonly string[],
  options: BleuReading & BleuScoring = {},
): Bleu {
  return bleuOf(bleuStatistics(candidate, references, options), { effectiveOrder: true, ...options });
}
