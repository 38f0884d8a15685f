import { complaint, DomainError } from "../../core/index.js";
import { chiSquareTail, normalCdf } from "../../numerics/index.js";
import { type Annotations, normaliseLogRows } from "./annotations.js";
import { type DawidSkeneFit, informativeness } from "./dawidSkene.js";

/** A labeler whose answers look odd, and the words to say so. */
export interface Suspect {
  labeler: number;
  /**
   * "spammer": the answers do not depend on the truth. "adversary": below chance. "outlier":
   * agrees less than the others.
   */
  kind: "spammer" | "adversary" | "outlier";
  /** The measure that it was judged by, and its p-value where it has one. */
  score: number;
  pValue: number;
}

/**
 * Spammers and adversaries, from a Dawid-Skene fit: a labeler whose informativeness (0 to 1) is below `threshold`, or
 * whose tables put less weight on the diagonal than chance. The p-value is that of the likelihood-ratio test of
 * "answers do not depend on the truth, as the others tell it", chi-square with (K - 1)^2 degrees; a large one says that
 * spam would look just like this.
 * @throws DomainError for a threshold outside (0, 1)
 */
export function spammers(data: Annotations, fit: DawidSkeneFit, threshold = 0.1): Suspect[] {
  if (!(threshold > 0 && threshold < 1)) throw new DomainError(complaint("threshold", "a number in (0, 1)", threshold));
  const K = data.classes;
  const score = informativeness(fit);
  const found: Suspect[] = [];
  for (let w = 0; w < data.labelers; w++) {
    let diagonal = 0;
    for (let t = 0; t < K; t++) diagonal += fit.confusion[(w * K + t) * K + t] / K;
    const pValue = independenceTest(data, fit, w);
    if (score[w] < threshold) found.push({ labeler: w, kind: "spammer", score: score[w], pValue });
    else if (diagonal < 1 / K) found.push({ labeler: w, kind: "adversary", score: score[w], pValue });
  }
  return found;
}

/**
 * Outliers: labelers who agree with the other answers on their tasks significantly less often than labelers
 * do on average, by a one-sided normal test at `level`, corrected for the number of labelers (Bonferroni).
 * Needs no model of the truth.
 */
export function outliers(data: Annotations, level = 0.01): Suspect[] {
  if (!(level > 0 && level < 1)) throw new DomainError(complaint("level", "a number in (0, 1)", level));
  const K = data.classes;
  const counts = new Float64Array(data.tasks * K);
  const answers = new Float64Array(data.tasks);
  for (let k = 0; k < data.task.length; k++) {
    counts[data.task[k] * K + data.label[k]]++;
    answers[data.task[k]]++;
  }
  const agree = new Float64Array(data.labelers);
  const compared = new Float64Array(data.labelers);
  for (let k = 0; k < data.task.length; k++) {
    const others = answers[data.task[k]] - 1;
    if (others < 1) continue;
    agree[data.labeler[k]] += (counts[data.task[k] * K + data.label[k]] - 1) / others;
    compared[data.labeler[k]]++;
  }
  const total = compared.reduce((sum, x) => sum + x, 0);
  if (total === 0) return [];
  const mean = agree.reduce((sum, x) => sum + x, 0) / total;
  const found: Suspect[] = [];
  for (let w = 0; w < data.labelers; w++) {
    if (compared[w] === 0) continue;
    const share = agree[w] / compared[w];
    const z = (share - mean) / Math.sqrt(Math.max(mean * (1 - mean), 1e-12) / compared[w]);
    const pValue = Math.min(1, normalCdf(z) * data.labelers);
    if (pValue < level) found.push({ labeler: w, kind: "outlier", score: share, pValue });
  }
  return found;
}

/**
 * G test of a labeler's answers against the truth as all others tell it (their own answers are
 * taken out of the posterior).
 */
function independenceTest(data: Annotations, fit: DawidSkeneFit, labeler: number): number {
  const K = data.classes;
  const mine: number[] = [];
  const truths = new Map<number, Float64Array>();
  for (let k = 0; k < data.task.length; k++) {
    if (data.labeler[k] !== labeler) continue;
    mine.push(k);
    const from = data.task[k] * K;
    const truth = truths.get(data.task[k]) ?? fit.posterior.slice(from, from + K).map(Math.log);
    for (let t = 0; t < K; t++) truth[t] -= Math.log(fit.confusion[(labeler * K + t) * K + data.label[k]]);
    truths.set(data.task[k], truth);
  }
  for (const truth of truths.values()) normaliseLogRows(truth, K);
  const table = new Float64Array(K * K);
  for (const k of mine) {
    const truth = truths.get(data.task[k])!;
    for (let t = 0; t < K; t++) table[t * K + data.label[k]] += truth[t];
  }
  const rows = new Float64Array(K);
  const columns = new Float64Array(K);
  for (let t = 0; t < K; t++) {
    for (let c = 0; c < K; c++) {
      rows[t] += table[t * K + c];
      columns[c] += table[t * K + c];
    }
  }
  const n = mine.length;
  let statistic = 0;
  for (let t = 0; t < K; t++) {
    for (let c = 0; c < K; c++) {
      const seen = table[t * K + c];
      if (seen > 0) statistic += 2 * seen * Math.log((seen * n) / (rows[t] * columns[c]));
    }
  }
  // A class that nobody gave, or that no task has, takes no part in the table.
  const count = (sums: Float64Array) => sums.filter((sum) => sum > 1e-6).length;
  const degrees = (count(rows) - 1) * (count(columns) - 1);
  return degrees > 0 ? chiSquareTail(Math.max(0, statistic), degrees) : 1;
}
