import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type Annotations, labelCounts } from "./annotations.js";

/**
 * Cohen's kappa of two people who labelled the same things: (observed - chance) / (1 - chance), where chance is the
 * agreement that their own shares of each class would give by luck (Cohen 1960, doi:10.1177/001316446002000104). 1 is
 * full agreement, 0 is luck. NaN when both always give the same one class: then luck explains everything.
 * @throws ShapeError for lists of unequal length; DomainError for empty ones or a NaN
 * @example cohenKappa([0, 0, 1, 1], [0, 0, 1, 0]) // 0.5
 */
export function cohenKappa(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const n = first.length;
  if (second.length !== n) throw new ShapeError(complaint("second", `${n} labels, as many as first`, second));
  if (n === 0) throw new DomainError(complaint("labels", "at least one pair", first));
  const shares = new Map<number, [number, number]>();
  let same = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(first[i]) || Number.isNaN(second[i])) {
      throw new DomainError(
        complaint(`pair ${i}`, "two labels; leave out what one of them skipped", [first[i], second[i]]),
      );
    }
    if (first[i] === second[i]) same++;
    for (const [side, label] of [first[i], second[i]].entries()) {
      const share = shares.get(label) ?? [0, 0];
      share[side] += 1 / n;
      shares.set(label, share);
    }
  }
  let chance = 0;
  for (const [a, b] of shares.values()) chance += a * b;
  return kappa(same / n, chance);
}

/**
 * Fleiss' kappa of tasks that were each labelled by the same number of people, not always the same ones (Fleiss 1971,
 * doi:10.1037/h0031619): the mean share of agreeing pairs against the agreement by luck, from the
 * shares of classes overall.
 * @throws DomainError if there are no tasks, or they have different numbers of answers, or fewer than two
 */
export function fleissKappa(data: Annotations): number {
  const counts = labelCounts(data);
  const K = data.classes;
  if (data.tasks === 0) throw new DomainError(complaint("tasks", "at least one", data.tasks));
  const each = data.task.length / data.tasks;
  const overall = new Float64Array(K);
  let agreement = 0;
  for (let i = 0; i < data.tasks; i++) {
    let sum = 0;
    let pairs = 0;
    for (let c = 0; c < K; c++) {
      const count = counts[i * K + c];
      sum += count;
      pairs += count * (count - 1);
      overall[c] += count / data.task.length;
    }
    if (sum !== each || each < 2) {
      const hint = "For tasks with different numbers of answers take krippendorffAlpha";
      throw new DomainError(
        complaint(`answers to task ${i}`, "the same number, at least 2, for every task", sum, hint),
      );
    }
    agreement += pairs / (each * (each - 1) * data.tasks);
  }
  return kappa(
    agreement,
    overall.reduce((sum, share) => sum + share * share, 0),
  );
}

/**
 * Krippendorff's alpha, 1 - observed / expected disagreement, for any numbers of answers per task; tasks with a single
 * answer say nothing and are left out (Krippendorff 2004, "Content Analysis", chapter 11).
 * @param distance how far apart two classes are: "nominal" (different or not), "interval" (squared
 *   difference of class numbers)
 * @throws DomainError if no task has two answers
 */
export function krippendorffAlpha(data: Annotations, distance: "nominal" | "interval" = "nominal"): number {
  const counts = labelCounts(data);
  const K = data.classes;
  const delta = (a: number, b: number) => (distance === "nominal" ? Number(a !== b) : (a - b) ** 2);
  const totals = new Float64Array(K);
  let n = 0;
  let observed = 0;
  for (let i = 0; i < data.tasks; i++) {
    const row = counts.subarray(i * K, (i + 1) * K);
    const answers = row.reduce((sum, x) => sum + x, 0);
    if (answers < 2) continue;
    n += answers;
    for (let a = 0; a < K; a++) {
      totals[a] += row[a];
      for (let b = 0; b < K; b++) observed += (row[a] * (row[b] - Number(a === b)) * delta(a, b)) / (answers - 1);
    }
  }
  if (n === 0) throw new DomainError("krippendorffAlpha: no task has two answers, so there is nothing to agree on");
  let expected = 0;
  for (let a = 0; a < K; a++) {
    for (let b = 0; b < K; b++) expected += (totals[a] * (totals[b] - Number(a === b)) * delta(a, b)) / (n - 1);
  }
  return expected === 0 ? Number.NaN : 1 - observed / expected;
}

function kappa(observed: number, chance: number): number {
  return chance >= 1 ? Number.NaN : (observed - chance) / (1 - chance);
}
