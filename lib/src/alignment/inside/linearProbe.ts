import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type Key, permutation } from "../../random/index.js";
import { fitLogistic, type LogisticRegression, logisticProbabilities } from "../oversight/logisticRegression.js";

/**
 * A linear probe (Alain and Bengio 2016, arXiv:1610.01644): logistic regression from activations [n][d] to a yes or no.
 * What it finds can be decoded; whether the model uses it is another question, for `patchingEffect`.
 * @throws DomainError if a label is not 0 or 1, or all are the same: a probe on one class can only repeat it
 */
export function linearProbe(
  activations: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  { l2 = 0.01 }: { l2?: number } = {},
): LogisticRegression {
  checkLength("labels", labels, activations.length, "one per row of activations");
  checkLabels(labels);
  const ones = Array.from(labels).filter((label) => label === 1).length;
  if (ones === 0 || ones === labels.length) {
    const hint = "A probe on one class learns nothing but the class";
    throw new DomainError(complaint("labels", "both 0 and 1 among them", labels, hint));
  }
  return fitLogistic(activations, labels, { l2 });
}

/**
 * The share of rows that a probe gets right: yes where its probability is above 1/2.
 * @throws ShapeError if labels and rows are not as many, DomainError if there are none, or a label is not 0 or 1
 */
export function probeAccuracy(
  probe: LogisticRegression,
  activations: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
): number {
  checkLength("labels", labels, activations.length, "one per row of activations");
  if (labels.length === 0) throw new DomainError(complaint("labels", "at least one", labels));
  checkLabels(labels);
  const said = logisticProbabilities(probe, activations);
  return said.reduce((right, p, i) => right + (p > 0.5 === (labels[i] === 1) ? 1 : 0), 0) / labels.length;
}

/**
 * Labels of a control task (Hewitt and Liang 2019, arXiv:1909.03368): each *type* gets 0 or 1 by lot, half of each, and
 * every row the label of its type. They mean nothing, so that a probe which learns them has learned by heart.
 * @throws DomainError unless there are at least two types
 */
export function controlTask(key: Key, types: ArrayLike<number | string>): Int32Array {
  const distinct = [...new Set(Array.from(types))];
  if (distinct.length < 2) throw new DomainError(complaint("types", "at least two different ones", types));
  const order = permutation(key, distinct.length);
  const label = new Map(distinct.map((type, i) => [type, order[i] % 2]));
  return Int32Array.from(Array.from(types), (type) => label.get(type) as number);
}

/** Selectivity (Hewitt and Liang 2019): accuracy on the task minus accuracy on its control task. */
export function selectivity(accuracy: { task: number; control: number }): number {
  return accuracy.task - accuracy.control;
}

function checkLabels(labels: ArrayLike<number>): void {
  Array.from(labels).forEach((label, i) => {
    if (label !== 0 && label !== 1) throw new DomainError(complaint(`labels[${i}]`, "0 or 1", label));
  });
}
