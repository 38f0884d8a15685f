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

export interface OneCoinFit extends Consensus, EmReport {
  /** [labelers] how often each is right. */
  readonly accuracy: Float64Array;
  /** [classes] how common each class is. */
  readonly prior: Float64Array;
  /**
   * Whether nobody does better or worse than chance at this point. Then it is a saddle of the likelihood: EM cannot
   * leave it by itself, and every task has the prior. Ask more people, or give unequal pseudo-answers.
   */
  readonly saddle: boolean;
}

export interface OneCoinOptions extends EmOptions {
  /** Pseudo-answers right and wrong given to every labeler, a Beta(1 + right, 1 + wrong) prior. Default 0.5 each. */
  right?: number;
  wrong?: number;
}

/**
 * The one-coin model: labeler w is right with probability p_w, else picks any other class alike; the truths are hidden.
 * EM from majority vote. It is Dawid-Skene with one number a labeler, so it needs far fewer answers; its E-step is a
 * weighted vote with log-odds weights (Nitzan and Paroush 1982; Li and Yu 2014, arXiv:1411.4086).
 * @throws DomainError without annotations or for negative pseudo-answers
 */
export function oneCoin(data: Annotations, options: OneCoinOptions = {}): OneCoinFit {
  const { right = 0.5, wrong = 0.5 } = options;
  if (!(right >= 0 && wrong >= 0)) {
    throw new DomainError(complaint("pseudo-answers right, wrong", "numbers of at least 0", [right, wrong]));
  }
  const { tasks, labelers, classes: K, task, labeler, label } = data;
  const posterior = majorityVote(data).posterior;
  const accuracy = new Float64Array(labelers);
  const prior = new Float64Array(K);
  const answers = new Float64Array(labelers);
  for (let k = 0; k < labeler.length; k++) answers[labeler[k]]++;

  let saddle = false;
  const report = runEm(data, options, () => {
    accuracy.fill(right);
    for (let k = 0; k < task.length; k++) accuracy[labeler[k]] += posterior[task[k] * K + label[k]];
    for (let w = 0; w < labelers; w++) {
      const share = accuracy[w] / (answers[w] + right + wrong);
      accuracy[w] = Number.isNaN(share) ? 1 / K : Math.min(Math.max(share, 1e-10), 1 - 1e-10);
    }
    // Exactly at chance, but for the rounding of sums, EM stays: last bits must not push it off to either side.
    saddle = accuracy.every((p) => Math.abs(p - 1 / K) <= 1e-10);
    if (saddle) accuracy.fill(1 / K);
    prior.fill(0);
    for (let i = 0; i < tasks; i++) for (let t = 0; t < K; t++) prior[t] += posterior[i * K + t];
    for (let t = 0; t < K; t++) prior[t] = Math.max(prior[t] / tasks, 1e-10);

    let base = 0;
    for (let i = 0; i < tasks; i++) for (let t = 0; t < K; t++) posterior[i * K + t] = Math.log(prior[t]);
    for (let k = 0; k < task.length; k++) {
      const p = accuracy[labeler[k]];
      const miss = Math.log((1 - p) / (K - 1));
      base += miss;
      posterior[task[k] * K + label[k]] += Math.log(p) - miss;
    }
    let logPrior = 0;
    for (let w = 0; w < labelers; w++) logPrior += right * Math.log(accuracy[w]) + wrong * Math.log1p(-accuracy[w]);
    return normaliseLogRows(posterior, K) + base + logPrior;
  });
  return { ...consensus(posterior, K), ...report, accuracy, prior, saddle };
}
