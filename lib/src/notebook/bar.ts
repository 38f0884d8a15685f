import type { Data } from "plotly.js-dist";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { type Axis, categoryAxis, checkSeries, checkTitle, column, type Numbers, plotlyAxis } from "./axis.js";
import { type ErrorBars, errorBars } from "./errorBars.js";
import type { Figure, FigureSpec } from "./figure.js";
import { type Reference, references } from "./reference.js";
import { houseLayout, seriesColor } from "./style.js";

/** One bar for each category. NaN leaves it out. */
export interface BarSeries {
  name: string;
  values: Numbers;
  error?: ErrorBars;
  color?: string;
}

export interface BarSpec extends FigureSpec {
  /** The horizontal axis: the categories, or the values if `horizontal`. */
  x: Axis;
  /** The vertical axis: the values, or the categories if `horizontal`. */
  y: Axis;
  categories: readonly string[];
  series: readonly BarSeries[];
  /** Bars from left to right, the first category on top: for long names. */
  horizontal?: boolean;
  /** On top of each other instead of side by side. */
  stacked?: boolean;
  /** Lines at a value: {y: 0.5, label: "chance"}, or {x: ...} if `horizontal`. */
  reference?: readonly Reference[];
}

/**
 * Bars over categories, with error bars where given. A bar starts at zero, so its axis is linear.
 * @throws ShapeError if lengths differ; DomainError if a title is missing, a category occurs twice, a value is
 *   infinite, or the values' axis is logarithmic
 */
export function bar(spec: BarSpec): Figure {
  checkTitle(spec);
  checkSeries(spec.series);
  const categories = checkCategories("categories", spec.categories);
  const { horizontal = false } = spec;
  const valueAxis = horizontal ? spec.x : spec.y;
  if (valueAxis?.type === "log") {
    throw new DomainError("bar: a bar starts at zero, which a log axis does not have. Use scatter with error bars.");
  }
  const data = spec.series.map((series, i): Data => {
    const what = `series "${series.name}"`;
    const values = column(`${what}: values`, series.values, { length: categories.length, gaps: true });
    const bars = errorBars(`${what}: error`, values, series.error, valueAxis);
    const color = series.color ?? seriesColor(i);
    return {
      type: "bar",
      name: series.name,
      orientation: horizontal ? "h" : "v",
      x: horizontal ? values : categories,
      y: horizontal ? categories : values,
      marker: { color },
      ...(bars ? { [horizontal ? "error_x" : "error_y"]: bars } : {}), // coloured like text, by the template
    };
  });
  for (const line of spec.reference ?? []) {
    if (!((horizontal ? "x" : "y") in line)) {
      throw new DomainError(complaint("reference", `a line at a value: {${horizontal ? "x" : "y"}: number}`, line));
    }
  }
  const extra = references(spec.reference, [], spec);
  const names = categoryAxis(horizontal ? "y" : "x", horizontal ? spec.y : spec.x);
  const amounts = { ...plotlyAxis(horizontal ? "x" : "y", valueAxis, []), zeroline: true };
  return {
    data,
    layout: {
      ...houseLayout(
        spec,
        horizontal ? barHeight(categories.length * (spec.stacked ? 1 : spec.series.length)) : undefined,
      ),
      xaxis: horizontal ? amounts : names,
      yaxis: horizontal ? { ...names, autorange: "reversed" } : amounts,
      barmode: spec.stacked ? "stack" : "group",
      bargap: 0.25,
      showlegend: spec.series.length > 1,
      ...extra.shapes,
    },
  };
}

/** Room for every category's name, within reason. */
const barHeight = (bars: number) => Math.min(1200, Math.max(320, 150 + 24 * bars));

/** @throws ShapeError if there are none; DomainError if one is no text or occurs twice */
export function checkCategories(what: string, categories: readonly string[]): string[] {
  if (!Array.isArray(categories) || categories.length === 0) {
    throw new ShapeError(complaint(what, "at least one name", categories));
  }
  const twice = categories.find((name, i) => typeof name !== "string" || categories.indexOf(name) !== i);
  if (twice !== undefined) throw new DomainError(complaint(what, "texts, each once", twice));
  return [...categories];
}
