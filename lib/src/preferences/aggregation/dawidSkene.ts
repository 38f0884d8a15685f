import { checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import {
  type Annotations,
  type Consensus,
  consensus,
  type EmOptions,
  type EmReport,
  normaliseLogRows,
  runEm,
} from "./annotations.js";
import { majorityVote } from "./vote.js";

export interface DawidSkeneFit extends Consensus, EmReport {
  /** [classes] how common each class is. */
  readonly prior: Float64Array;
  /** [labelers * classes * classes]: entry (w, t, c) is P(labeler w answers c where the truth is t). */
  readonly confusion: Float64Array;
  /**
   * Groups of classes that nobody's answers tell apart at this point: every labeler's table has the same row for each
   * of them. Usually none. Where there are, the point is a saddle of the likelihood, or a plateau: by symmetry EM
   * cannot leave it by itself, and what it says about these classes is how common they are. Start elsewhere, with some
   * `gold`, or ask more people.
   */
  readonly alike: readonly (readonly number[])[];
}

export interface DawidSkeneOptions extends EmOptions {
  /**
   * Added to every cell of every confusion table, so that no answer becomes impossible. Default 0.01; 0 is plain EM.
   */
  smoothing?: number;
  /**
   * Tasks whose truth is known, task -> class. They stay at it, and EM starts from them alone instead of from majority
   * vote: so it finds the right one of two solutions also where most people answer the wrong way round.
   */
  gold?: ReadonlyMap<number, number>;
}

/** Rows of a table that differ by no more than this differ by the rounding of sums. */
const ROUNDING = 1e-10;

/** A class or an answer that never occurs keeps this much probability, so that logarithms stay finite. */
const FLOOR = 1e-10;

/**
 * Dawid and Skene 1979 (doi:10.2307/2346806): each labeler has a table of how they answer for each truth, and the
 * truths are hidden. EM, from majority vote. E: P(truth_i = t) proportional to prior_t times the product over answers
 * of confusion[w, t, answer]. M: prior and confusion are shares under those probabilities. O(annotations x classes)
 * an iteration. The reported log-likelihood climbs at every iteration when smoothing is 0; with smoothing the
 * penalised one does. Swapping the names of the classes in all truths and tables explains the answers alike: majority
 * vote, or `gold`, decides which of them is found. Where majority vote treats classes just alike, so does EM for ever
 * (a saddle): see `alike`.
 * @throws DomainError without annotations, for a negative smoothing, or for gold of an unknown task or class
 */
export function dawidSkene(data: Annotations, options: DawidSkeneOptions = {}): DawidSkeneFit {
  const { smoothing = 0.01 } = options;
  checkNonNegative("smoothing", smoothing);
  const { tasks, labelers, classes, task, labeler, label } = data;
  const K = classes;
  const gold = [...(options.gold ?? [])];
  for (const [i, t] of gold) {
    if (!(Number.isInteger(i) && i >= 0 && i < tasks)) {
      throw new DomainError(complaint("gold: task", `a whole number from 0 to ${tasks - 1}`, i));
    }
    if (!(Number.isInteger(t) && t >= 0 && t < K)) {
      throw new DomainError(complaint(`gold: class of task ${i}`, `a whole number from 0 to ${K - 1}`, t));
    }
  }
  let posterior: Float64Array =
    gold.length > 0 ? new Float64Array(tasks * K).fill(1 / K) : majorityVote(data).posterior;
  for (const [i, t] of gold) posterior.fill(0, i * K, (i + 1) * K)[i * K + t] = 1;
  let spare: Float64Array = new Float64Array(tasks * K);
  const prior = new Float64Array(K);
  // Stored answer-major, (w, c, t), so that the inner loops of both steps run over neighbouring memory.
  const table = new Float64Array(labelers * K * K);
  const logTable = new Float64Array(labelers * K * K);

  const mStep = () => {
    prior.fill(0);
    for (let i = 0; i < tasks; i++) for (let t = 0; t < K; t++) prior[t] += posterior[i * K + t];
    for (let t = 0; t < K; t++) prior[t] = Math.max(prior[t] / tasks, FLOOR);
    table.fill(smoothing);
    for (let k = 0; k < task.length; k++) {
      const from = task[k] * K;
      const to = (labeler[k] * K + label[k]) * K;
      for (let t = 0; t < K; t++) table[to + t] += posterior[from + t];
    }
    for (let w = 0; w < labelers; w++) {
      for (let t = 0; t < K; t++) {
        let sum = 0;
        for (let c = 0; c < K; c++) sum += table[(w * K + c) * K + t];
        for (let c = 0; c < K; c++) {
          const at = (w * K + c) * K + t;
          // A truth that this labeler never met: they answer anything alike.
          table[at] = sum > 0 ? Math.max(table[at] / sum, FLOOR) : 1 / K;
          logTable[at] = Math.log(table[at]);
        }
      }
    }
  };

  /**
   * Sums in another order differ in their last bits, which EM would blow up to certainty: rows that are
   * alike are made so exactly.
   */
  let alike: number[][] = [];
  const keepSymmetry = () => {
    alike = [];
    for (let s = 0; s < K; s++) {
      if (alike.some((group) => group.includes(s))) continue;
      const group = [s];
      for (let t = s + 1; t < K; t++) if (sameRows(table, labelers, K, s, t)) group.push(t);
      if (group.length === 1) continue;
      alike.push(group);
      for (let at = 0; at < table.length; at += K) {
        for (const t of group) [table[at + t], logTable[at + t]] = [table[at + s], logTable[at + s]];
      }
    }
  };

  const eStep = () => {
    for (let i = 0; i < tasks; i++) for (let t = 0; t < K; t++) spare[i * K + t] = Math.log(prior[t]);
    for (let k = 0; k < task.length; k++) {
      const to = task[k] * K;
      const from = (labeler[k] * K + label[k]) * K;
      for (let t = 0; t < K; t++) spare[to + t] += logTable[from + t];
    }
    for (const [i, t] of gold) {
      for (let c = 0; c < K; c++) if (c !== t) spare[i * K + c] = Number.NEGATIVE_INFINITY;
    }
    const logLikelihood = normaliseLogRows(spare, K);
    [posterior, spare] = [spare, posterior];
    if (smoothing === 0) return logLikelihood;
    // The log of the Dirichlet prior that the smoothing stands for, up to a constant.
    let penalty = 0;
    for (let at = 0; at < logTable.length; at++) penalty += logTable[at];
    return logLikelihood + smoothing * penalty;
  };

  const report = runEm(data, options, () => {
    mStep();
    keepSymmetry();
    return eStep();
  });
  const confusion = new Float64Array(labelers * K * K);
  for (let w = 0; w < labelers; w++) {
    for (let t = 0; t < K; t++) for (let c = 0; c < K; c++) confusion[(w * K + t) * K + c] = table[(w * K + c) * K + t];
  }
  return { ...consensus(posterior, K), ...report, prior, confusion, alike };
}

/**
 * Whether every labeler answers alike where the truth is s and where it is t. Stops at the first who does
 * not: nearly always at once.
 */
function sameRows(table: Float64Array, labelers: number, K: number, s: number, t: number): boolean {
  for (let at = 0; at < labelers * K * K; at += K) {
    if (Math.abs(table[at + s] - table[at + t]) > ROUNDING) return false;
  }
  return true;
}

/**
 * P(a labeler is right), sum over t of prior[t] confusion[w, t, t]: one number per labeler, [labelers].
 */
export function dawidSkeneAccuracies(fit: DawidSkeneFit): Float64Array {
  const K = fit.classes;
  const labelers = fit.confusion.length / (K * K);
  return Float64Array.from({ length: labelers }, (_, w) => {
    let right = 0;
    for (let t = 0; t < K; t++) right += fit.prior[t] * fit.confusion[(w * K + t) * K + t];
    return right;
  });
}

/**
 * How far a labeler's answers depend on the truth, from 0 (a spammer: every row of the table is alike) to 1
 * (always right, or wrong in a way that can be undone): the squared distances between rows of the table, averaged
 * over pairs of truths and halved. A generalisation of (sensitivity + specificity - 1)^2 (Raykar and Yu 2012,
 * JMLR 13). One number per labeler.
 */
export function informativeness(fit: DawidSkeneFit): Float64Array {
  const K = fit.classes;
  const labelers = fit.confusion.length / (K * K);
  return Float64Array.from({ length: labelers }, (_, w) => {
    let sum = 0;
    for (let s = 0; s < K; s++) {
      for (let t = s + 1; t < K; t++) {
        for (let c = 0; c < K; c++) {
          sum += (fit.confusion[(w * K + s) * K + c] - fit.confusion[(w * K + t) * K + c]) ** 2;
        }
      }
    }
    return sum / (K * (K - 1));
  });
}
