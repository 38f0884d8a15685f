import { complaint, DomainError } from "../../core/index.js";
import { mean } from "../../numerics/index.js";

/**
 * Abilities are known up to a common shift: theta + c gives the same probabilities for every c. A gauge picks one of
 * them: "sum-zero" (the average item has ability 0), or `{ reference: item }` (that item has ability 0).
 */
export type Gauge = "sum-zero" | { reference: number };

/**
 * theta shifted into the gauge, as a new array. Differences, and so all probabilities, stay as they were.
 * @throws DomainError for a reference that is not an item, or no items
 */
export function fixGauge(theta: ArrayLike<number>, gauge: Gauge = "sum-zero"): number[] {
  const level = gauge === "sum-zero" ? mean(theta) : theta[checkReference(gauge, theta.length)];
  return Array.from(theta, (ability) => ability - level);
}

/** A C A^T, where A theta = fixGauge(theta): the covariance [n, n] of abilities after fixing their gauge. */
export function gaugeCovariance(covariance: ReadonlyArray<ArrayLike<number>>, gauge: Gauge): number[][] {
  const rows = covariance.map((row) => fixGauge(row, gauge));
  const columns = rows.map((_, j) =>
    fixGauge(
      rows.map((row) => row[j]),
      gauge,
    ),
  );
  return rows.map((_, i) => columns.map((column) => column[i]));
}

function checkReference(gauge: Gauge, items: number): number {
  const reference = typeof gauge === "object" ? gauge?.reference : undefined;
  if (Number.isInteger(reference) && reference! >= 0 && reference! < items) return reference!;
  throw new DomainError(
    complaint("gauge", `"sum-zero" or { reference: an item from 0 to ${items - 1} }`, reference ?? gauge),
  );
}
