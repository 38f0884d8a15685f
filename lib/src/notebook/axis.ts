import type { LayoutAxis } from "plotly.js-dist";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import type { FigureSpec } from "./figure.js";

/** An axis says what it measures: every builder asks for a title, and for a unit where there is one. */
export interface Axis {
  /** The quantity, in words: "ability difference". */
  title: string;
  /** Its unit: "nats", "games", "ms". Left out only for pure numbers and categories. */
  unit?: string;
  /** "log" needs positive values. */
  type?: "linear" | "log";
  /** The part to show, in the data's own unit (not its logarithm). Left out, all data. */
  range?: readonly [number, number];
}

/** Numbers of a figure: a plain or a typed array. */
export type Numbers = ArrayLike<number>;

/** "ability difference (nats)" */
export function axisTitle(axis: Axis): string {
  return axis.unit === undefined || axis.unit === "" ? axis.title : `${axis.title} (${axis.unit})`;
}

/**
 * Our axis as plotly's. A log axis labels decades, and 2 and 5 between them where the values span few; written out
 * (0.01, 20, 1,000), unless that would be long: plotly's own labels say "2" for 20 as well.
 * @throws DomainError if the title is missing, or a log axis has a range that is not positive
 */
export function plotlyAxis(name: string, axis: Axis, values: readonly (number | null)[]): Partial<LayoutAxis> {
  checkAxis(name, axis);
  const title = { text: axisTitle(axis) };
  if (axis.type !== "log") return { title, ...(axis.range ? { range: [...axis.range] } : {}) };
  const known = values.filter((value): value is number => value !== null);
  const [low, high] = axis.range ?? [
    known.reduce((x, y) => Math.min(x, y), Infinity),
    known.reduce((x, y) => Math.max(x, y), 0),
  ];
  const decades = Math.log10(high / low);
  return {
    title,
    type: "log",
    ...(low >= 1e-4 && high < 1e6 && decades < 4 ? { tickformat: ",~r" } : {}),
    dtick: decades > 1.5 ? 1 : decades > 0.5 ? "D2" : "D1",
    minor: { dtick: "D1", ticks: "outside", ticklen: 3, showgrid: false },
    ...(axis.range ? { range: axis.range.map(Math.log10) } : {}),
  } as Partial<LayoutAxis>;
}

/** A category axis: the names, in the order given. @throws DomainError as plotlyAxis */
export function categoryAxis(name: string, axis: Axis): Partial<LayoutAxis> {
  checkAxis(name, axis);
  return { title: { text: axisTitle(axis) }, type: "category", showgrid: false };
}

/** @throws DomainError if the axis has no title or an impossible range */
export function checkAxis(name: string, axis: Axis | undefined): void {
  if (typeof axis?.title !== "string" || axis.title.trim() === "") {
    throw new DomainError(complaint(name, 'a title, as in {title: "ability difference", unit: "nats"}', axis));
  }
  const { range } = axis;
  if (range === undefined) return;
  if (range.length !== 2 || !range.every(Number.isFinite) || range[0] >= range[1]) {
    throw new DomainError(complaint(`${name}.range`, "[low, high] with low < high, both finite", range));
  }
  if (axis.type === "log" && range[0] <= 0) {
    throw new DomainError(complaint(`${name}.range`, "positive ends, since the axis is logarithmic", range));
  }
}

/** @throws DomainError if the title is missing */
export function checkTitle(spec: FigureSpec): void {
  if (typeof spec?.title !== "string" || spec.title.trim() === "") {
    throw new DomainError(complaint("title", "a line that says what the figure shows", spec?.title));
  }
}

/** What a column of numbers must satisfy. */
export interface ColumnRules {
  /** The length it must share. */
  length?: number;
  /** The axis it is drawn on; a log axis wants positive values. */
  axis?: Axis;
  /** NaN (or null) means "nothing here" and leaves a gap. */
  gaps?: boolean;
}

/**
 * A plain copy of a column, checked; gaps become null, as in JSON.
 * @throws ShapeError if it is no array or has another length; DomainError if a value is infinite, NaN where no gap may
 *   be, or not positive on a log axis
 */
export function column(what: string, values: Numbers, rules: ColumnRules = {}): (number | null)[] {
  if (typeof values !== "object" || values === null || typeof values.length !== "number") {
    throw new ShapeError(complaint(what, "an array of numbers", values));
  }
  if (rules.length !== undefined && values.length !== rules.length) {
    throw new ShapeError(
      complaint(what, `${rules.length} values, as many as its companions`, `${values.length} values`),
    );
  }
  return Array.from(values, (value: number | null, i) => {
    const gap = value === null || Number.isNaN(value);
    if (gap && rules.gaps) return null;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      const wanted = rules.gaps ? "a finite number, or NaN for a gap" : "a finite number";
      throw new DomainError(complaint(`${what}[${i}]`, wanted, value));
    }
    if (rules.axis?.type === "log" && value <= 0) {
      throw new DomainError(complaint(`${what}[${i}]`, "a positive number, since the axis is logarithmic", value));
    }
    return value;
  });
}

/**
 * A checked matrix, `rows` x `columns`; NaN leaves a cell empty.
 * @throws ShapeError if it is empty or ragged; DomainError if a value is infinite
 */
export function matrix(what: string, values: ArrayLike<Numbers>, rows?: number, columns?: number): (number | null)[][] {
  if (typeof values !== "object" || values === null || !(values.length > 0)) {
    throw new ShapeError(complaint(what, "a matrix, an array of rows", values));
  }
  if (rows !== undefined && values.length !== rows) {
    throw new ShapeError(complaint(what, `${rows} rows, one for each y`, `${values.length} rows`));
  }
  const length = columns ?? values[0]?.length;
  return Array.from(values, (row, i) => column(`${what}[${i}]`, row, { length, gaps: true }));
}

/**
 * The list of a spec's series, not empty; every series has a name of its own.
 * @throws ShapeError if the list is empty; DomainError if a name is missing or occurs twice
 */
export function checkSeries(series: readonly { name: string }[]): void {
  if (!Array.isArray(series) || series.length === 0) {
    throw new ShapeError(complaint("series", "at least one series", series));
  }
  const seen = new Set<string>();
  for (const [i, { name }] of series.entries()) {
    if (typeof name !== "string" || name.trim() === "") {
      throw new DomainError(complaint(`series[${i}].name`, "a name, for the legend", name));
    }
    if (seen.has(name))
      throw new DomainError(complaint(`series[${i}].name`, "a name of its own", name, "It occurs twice."));
    seen.add(name);
  }
}
