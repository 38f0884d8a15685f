import type { ErrorBar } from "plotly.js-dist";
import { complaint, DomainError } from "../core/index.js";
import { type Axis, column, type Numbers } from "./axis.js";

/**
 * Uncertainty of points, in the data's unit: half-widths (value +- error, as 1.96 standard errors), or the interval's
 * two ends. NaN where a point has none.
 */
export type ErrorBars = Numbers | { low: Numbers; high: Numbers };

/**
 * @throws ShapeError if the lengths differ; DomainError if a half-width is negative, an interval does not hold its
 *   value, or reaches zero on a log axis
 */
export function errorBars(
  what: string,
  values: (number | null)[],
  bars: ErrorBars | undefined,
  axis: Axis,
): Partial<ErrorBar> | undefined {
  if (bars === undefined) return undefined;
  const look = { type: "data", thickness: 1.5, width: 4 } as const;
  const rules = { length: values.length, gaps: true };
  if (!("low" in bars)) {
    const half = column(what, bars, rules);
    for (const [i, value] of half.entries()) {
      if (value !== null && value < 0) throw new DomainError(complaint(`${what}[${i}]`, "a half-width >= 0", value));
    }
    return { ...look, symmetric: true, array: half } as Partial<ErrorBar>;
  }
  const low = column(`${what}.low`, bars.low, { ...rules, axis });
  const high = column(`${what}.high`, bars.high, { ...rules, axis });
  const span = (from: number | null, to: number | null, i: number) => {
    if (from === null || to === null) return null;
    // An end may miss its value by rounding, not by more.
    if (to - from < -1e-9 * Math.max(1, Math.abs(from))) {
      throw new DomainError(complaint(`${what}[${i}]`, `low <= value <= high, value ${values[i]}`, [low[i], high[i]]));
    }
    return Math.max(0, to - from);
  };
  return {
    ...look,
    symmetric: false,
    array: values.map((value, i) => span(value, high[i], i)),
    arrayminus: values.map((value, i) => span(low[i], value, i)),
  } as Partial<ErrorBar>;
}
