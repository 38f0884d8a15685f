import type { Data } from "plotly.js-dist";
import { checkCount } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { type Axis, checkAxis, checkTitle, column, matrix, type Numbers, plotlyAxis } from "./axis.js";
import type { Figure, FigureSpec } from "./figure.js";
import { type ColorAxis, colors } from "./heatmap.js";
import { houseLayout, palette } from "./style.js";

/** A path over the surface, such as an optimiser's steps; the last point is marked. */
export interface ContourPath {
  name: string;
  x: Numbers;
  y: Numbers;
}

/** A point on the surface, such as the optimum. */
export interface ContourPoint {
  name: string;
  x: number;
  y: number;
}

export interface ContourSpec extends FigureSpec {
  x: Axis;
  y: Axis;
  color: ColorAxis;
  /** The surface: values[j][i] at (x[i], y[j]); x and y increase; NaN leaves a hole. */
  grid: { x: Numbers; y: Numbers; values: ArrayLike<Numbers> };
  paths?: readonly ContourPath[];
  points?: readonly ContourPoint[];
  /** About how many level lines. Default 15. */
  levels?: number;
  /** One unit of x is as long as one of y: for directions that must look right. */
  square?: boolean;
}

/** Colours that stand out on both colour scales. */
const marks = [palette[1], "#FFFFFF", palette[3], palette[5]];

/**
 * A surface seen from above, with paths and points on it.
 * @throws ShapeError if lengths differ; DomainError if a title is missing, the grid does not
 *   increase or a value is infinite
 */
export function contour(spec: ContourSpec): Figure {
  checkTitle(spec);
  checkAxis("color", spec.color);
  const x = increasing("grid.x", spec.grid.x, spec.x);
  const y = increasing("grid.y", spec.grid.y, spec.y);
  const z = matrix("grid.values", spec.grid.values, y.length, x.length);
  const { zmin, zmax, ...scale } = colors(spec.color, z);
  const { levels = 15 } = spec;
  checkCount("levels", levels);
  const size = niceStep(zmax - zmin > 1e-290 ? (zmax - zmin) / levels : 1);
  const surface: Data = {
    type: "contour",
    name: spec.color.title,
    showlegend: false,
    x,
    y,
    z,
    ...scale,
    zmin,
    zmax,
    autocontour: false,
    contours: { start: Math.ceil(zmin / size) * size, end: Math.floor(zmax / size) * size, size, coloring: "fill" },
    line: { width: 0.5, color: "rgba(255,255,255,0.35)" },
  };
  const paths = (spec.paths ?? []).map((path, i): Data => {
    const what = `path "${path.name}"`;
    const px = column(`${what}: x`, path.x, { axis: spec.x });
    const py = column(`${what}: y`, path.y, { axis: spec.y, length: px.length });
    const color = marks[i % marks.length];
    return {
      type: "scatter",
      mode: "lines+markers",
      name: path.name,
      x: px,
      y: py,
      line: { color, width: 2 },
      marker: { color, size: px.map((_, k) => (k === px.length - 1 ? 12 : 5)), line: { width: 0 } },
    };
  });
  const points = (spec.points ?? []).map((point, i): Data => {
    const what = `point "${point.name}"`;
    return {
      type: "scatter",
      mode: "markers",
      name: point.name,
      x: column(`${what}: x`, [point.x], { axis: spec.x }),
      y: column(`${what}: y`, [point.y], { axis: spec.y }),
      marker: {
        color: marks[(i + paths.length) % marks.length],
        symbol: (["star", "diamond", "square"] as const)[i % 3],
        size: 15,
        line: { color: "#222222", width: 1 },
      },
    };
  });
  const named = paths.length + points.length > 0;
  const square = spec.square ? ({ scaleanchor: "x", constrain: "domain" } as const) : {};
  const yaxis = { ...plotlyAxis("y", spec.y, y), ...square };
  return {
    data: [surface, ...paths, ...points],
    layout: {
      ...houseLayout(spec, 460),
      xaxis: { ...plotlyAxis("x", spec.x, x), ...(spec.square ? ({ constrain: "domain" } as const) : {}) },
      yaxis,
      hovermode: "closest",
      showlegend: named,
      // The colour bar stands on the right, so the legend goes below.
      ...(named ? { legend: { orientation: "h", x: 0, xanchor: "left", y: -0.2, yanchor: "top" } } : {}),
    },
  };
}

/** The next larger of 1, 2, 2.5 or 5 times a power of ten, so that levels fall on round numbers. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10);
}

function increasing(what: string, values: Numbers, axis: Axis): number[] {
  const numbers = column(what, values, { axis }) as number[];
  if (numbers.length < 2) throw new ShapeError(complaint(what, "at least two values", values));
  const i = numbers.findIndex((value, k) => k > 0 && value <= numbers[k - 1]);
  if (i > 0)
    throw new DomainError(
      complaint(`${what}[${i}]`, `more than ${numbers[i - 1]}, since the grid increases`, numbers[i]),
    );
  return numbers;
}
