import { checkNonNegative } from "../../core/checks.js";
import {
  type Annotations,
  type Consensus,
  classesAlike,
  consensus,
  type EmOptions,
  type EmReport,
  keepTies,
  normaliseLogRows,
  runEm,
} from "./annotations.js";
import { majorityVote } from "./vote.js";

export interface MaceFit extends Consensus, EmReport {
  /** The probability that a labeler's answer is meant, [labelers]; the rest is spam. */
  readonly competence: Float64Array;
  /** What a labeler answers when spamming, [labelers * classes], rows sum to 1. */
  readonly strategy: Float64Array;
  /**
   * Groups of classes that the answers do not tell apart at this point: in every task they are equally probable.
   * Usually none. Where there are (each task's answers are a tie, and the labelers' tables are no help), the point is a
   * saddle of the likelihood, or a plateau: by symmetry EM cannot leave it by itself. Ask more people.
   */
  readonly alike: readonly (readonly number[])[];
}

export interface MaceOptions extends EmOptions {
  /** Pseudo-answers added to every count: to meant and spam, and to each class of a spammer's strategy. Default 0.1. */
  smoothing?: number;
}

/**
 * MACE: with probability competence_w a labeler gives the true class, else one from a strategy of their own,
 * whatever the truth (Hovy et al. 2013, NAACL, N13-1132). It tells the spammer who always says "yes" from the one
 * who errs. EM from majority vote, with added counts (the paper's first variant; its variational one and its
 * random restarts are left out).
 * @throws DomainError without annotations or for a negative smoothing
 */
export function mace(data: Annotations, options: MaceOptions = {}): MaceFit {
  const { smoothing = 0.1 } = options;
  checkNonNegative("smoothing", smoothing);
  const { labelers, classes: K, task, labeler, label } = data;
  const rows = task.length;
  const posterior = majorityVote(data).posterior;
  const competence = new Float64Array(labelers).fill(0.5);
  const strategy = new Float64Array(labelers * K).fill(1 / K);
  const spam = new Float64Array(labelers);
  const spamAs = new Float64Array(labelers * K);
  const answers = new Float64Array(labelers);
  for (let k = 0; k < rows; k++) answers[labeler[k]]++;

  const mStep = () => {
    spam.fill(0);
    spamAs.fill(0);
    for (let k = 0; k < rows; k++) {
      const w = labeler[k];
      const asSpam = (1 - competence[w]) * strategy[w * K + label[k]];
      // Where the answer is not the truth it must be spam; where it is, perhaps.
      const q = posterior[task[k] * K + label[k]];
      const share = 1 - q + (q * asSpam) / (asSpam + competence[w]);
      spam[w] += share;
      spamAs[w * K + label[k]] += share;
    }
    for (let w = 0; w < labelers; w++) {
      const meant = (answers[w] - spam[w] + smoothing) / (answers[w] + 2 * smoothing);
      competence[w] = Number.isNaN(meant) ? 0.5 : Math.min(Math.max(meant, 1e-10), 1 - 1e-10);
      for (let c = 0; c < K; c++) {
        const share = (spamAs[w * K + c] + smoothing) / (spam[w] + K * smoothing);
        strategy[w * K + c] = Number.isFinite(share) ? Math.max(share, 1e-10) : 1 / K;
      }
    }
  };

  const report = runEm(data, options, () => {
    mStep();
    posterior.fill(-Math.log(K));
    let value = 0;
    for (let k = 0; k < rows; k++) {
      const w = labeler[k];
      const asSpam = (1 - competence[w]) * strategy[w * K + label[k]];
      const miss = Math.log(asSpam);
      value += miss;
      posterior[task[k] * K + label[k]] += Math.log(asSpam + competence[w]) - miss;
    }
    keepTies(posterior, K);
    value += normaliseLogRows(posterior, K);
    for (let w = 0; w < labelers; w++) {
      value += smoothing * (Math.log(competence[w]) + Math.log1p(-competence[w]));
      for (let c = 0; c < K; c++) value += smoothing * Math.log(strategy[w * K + c]);
    }
    return value;
  });
  return { ...consensus(posterior, K), ...report, competence, strategy, alike: classesAlike(posterior, K) };
}
