import { checkLength, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type Annotations, type Consensus, consensus, labelCounts, normaliseLogRows } from "./annotations.js";

/**
 * Majority vote: the share of each class among a task's answers, and the most frequent class (the lowest index
 * among equals, so that the answer does not depend on the order of rows; the equal shares show the tie). A task
 * without answers gets 1/K each.
 * @example majorityVote(annotationsFromColumns([0, 0, 0, 1], [0, 1, 2, 0], [1, 1, 0, 0])).label // [1, 0]
 */
export function majorityVote(data: Annotations): Consensus {
  const shares = labelCounts(data);
  for (let at = 0; at < shares.length; at += data.classes) {
    let sum = 0;
    for (let c = 0; c < data.classes; c++) sum += shares[at + c];
    for (let c = 0; c < data.classes; c++) shares[at + c] = sum > 0 ? shares[at + c] / sum : 1 / data.classes;
  }
  return consensus(shares, data.classes);
}

/**
 * The weight that a vote of a person who is right with probability p deserves among K classes, in nats:
 * log((K - 1) p / (1 - p)), which for two classes is the log-odds of p (Nitzan and Paroush 1982). It is 0 at
 * p = 1/K, where an answer says nothing, and below 0 for a person who is wrong more often than chance: their
 * answers count against. Not the precision 1 / (p (1 - p)), which rewards a person who is always wrong as much as
 * one who is always right.
 * @throws DomainError if p is not in [0, 1]
 */
export function logOddsWeight(accuracy: number, classes = 2): number {
  checkShare("accuracy", accuracy);
  return Math.log(classes - 1) + Math.log(accuracy) - Math.log1p(-accuracy);
}

/**
 * Weighted vote: each answer adds its giver's weight to its class; with `logOddsWeight` and independent labelers it is
 * the exact posterior under a uniform prior, softmax_c(sum of weights for c).
 * @param weights one per labeler, in nats, finite
 * @throws ShapeError for another number of weights; DomainError for one that is not finite
 */
export function weightedVote(data: Annotations, weights: ArrayLike<number>): Consensus {
  checkLength("weights", weights, data.labelers, "one for each labeler");
  for (let w = 0; w < data.labelers; w++) {
    if (!Number.isFinite(weights[w])) {
      const hint = "Log-odds of a person who is never wrong are infinite; keep accuracies inside (0, 1)";
      throw new DomainError(complaint(`weight of labeler ${w}`, "a finite number", weights[w], hint));
    }
  }
  const scores = new Float64Array(data.tasks * data.classes);
  for (let k = 0; k < data.task.length; k++)
    scores[data.task[k] * data.classes + data.label[k]] += weights[data.labeler[k]];
  normaliseLogRows(scores, data.classes);
  return consensus(scores, data.classes);
}

/** Each labeler's share of answers that agree with `truth` [tasks], NaN for one who gave none. */
export function accuracies(data: Annotations, truth: ArrayLike<number>): number[] {
  if (truth.length !== data.tasks) throw new ShapeError(complaint("truth", `${data.tasks} classes, one a task`, truth));
  const right = new Float64Array(data.labelers);
  const given = new Float64Array(data.labelers);
  for (let k = 0; k < data.task.length; k++) {
    given[data.labeler[k]]++;
    if (data.label[k] === truth[data.task[k]]) right[data.labeler[k]]++;
  }
  return Array.from(right, (r, w) => r / given[w]);
}
