import type { ColorScale, Data } from "plotly.js-dist";
import { checkFinite } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { type Axis, axisTitle, categoryAxis, checkAxis, checkTitle, matrix, type Numbers } from "./axis.js";
import { checkCategories } from "./bar.js";
import type { Figure, FigureSpec } from "./figure.js";
import { divergingScale, houseLayout, sequentialScale } from "./style.js";

/** What a colour stands for. */
export interface ColorAxis extends Axis {
  type?: "linear";
  /**
   * The value in the middle of the scale, where it means something: 0 for a difference, 0.5 for a probability.
   * Gives a two-sided scale.
   */
  center?: number;
}

export interface HeatmapSpec extends FigureSpec {
  /** Columns, with their names from left to right. */
  x: Axis & { labels: readonly string[] };
  /** Rows, with their names from top to bottom. */
  y: Axis & { labels: readonly string[] };
  color: ColorAxis;
  /** values[row][column]; NaN leaves a cell empty. */
  values: ArrayLike<Numbers>;
  /** Write the values into the cells. Default: yes, up to 200 cells. */
  annotate?: boolean;
  /** Digits after the point of the written values. Default 2. */
  digits?: number;
}

/**
 * A matrix as colours, first row on top as it is written on paper, values written into the cells.
 * @throws ShapeError if labels and values do not fit; DomainError if a title is missing or a value is infinite
 */
export function heatmap(spec: HeatmapSpec): Figure {
  checkTitle(spec);
  checkAxis("color", spec.color);
  const columns = checkCategories("x.labels", spec.x?.labels);
  const rows = checkCategories("y.labels", spec.y?.labels);
  const z = matrix("values", spec.values, rows.length, columns.length);
  const { digits = 2, annotate = rows.length * columns.length <= 200 } = spec;
  const trace: Data = {
    type: "heatmap",
    name: spec.color.title,
    x: columns,
    y: rows,
    z,
    ...colors(spec.color, z),
    xgap: 1,
    ygap: 1,
    hoverongaps: false,
    ...(annotate ? { texttemplate: `%{z:.${digits}f}`, textfont: { size: 12 } } : {}),
  };
  return {
    data: [trace],
    layout: {
      ...houseLayout(spec, Math.min(900, Math.max(340, 170 + 34 * rows.length))),
      xaxis: { ...categoryAxis("x", spec.x), ...bare },
      yaxis: { ...categoryAxis("y", spec.y), ...bare, autorange: "reversed" },
    },
  };
}

const bare = { showline: false, ticks: "", ticklabelstandoff: 4 } as const;

/** Colour scale, its ends and its bar; two-sided around `center`, where there is one. */
export function colors(color: ColorAxis, z: (number | null)[][]) {
  const known = z.flat().filter((value): value is number => value !== null);
  if (known.length === 0) throw new ShapeError(complaint("values", "at least one number", "only gaps"));
  let [low, high] = color.range ?? [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  if (color.center !== undefined) {
    checkFinite("color.center", color.center);
    const reach = Math.max(high - color.center, color.center - low) || 1;
    [low, high] = [color.center - reach, color.center + reach];
  }
  return {
    zmin: low,
    zmax: high,
    colorscale: (color.center === undefined ? sequentialScale : divergingScale) as ColorScale,
    colorbar: { title: { text: axisTitle(color), side: "right" as const }, thickness: 14, outlinewidth: 0 },
  };
}
