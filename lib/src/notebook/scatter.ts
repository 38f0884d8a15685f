import type { Data } from "plotly.js-dist";
import { complaint, ShapeError } from "../core/index.js";
import { type Axis, checkSeries, checkTitle, column, type Numbers, plotlyAxis } from "./axis.js";
import { type ErrorBars, errorBars } from "./errorBars.js";
import type { Figure, FigureSpec } from "./figure.js";
import { labelPositions } from "./labelPositions.js";
import { type Reference, references } from "./reference.js";
import { houseLayout, seriesColor, seriesSymbol } from "./style.js";

/** One cloud of points. */
export interface ScatterSeries {
  name: string;
  x: Numbers;
  y: Numbers;
  /** A name for each point, written beside it. "" writes nothing. */
  labels?: readonly string[];
  /** Uncertainty in y, and in x. */
  error?: ErrorBars;
  xError?: ErrorBars;
  /** Diameter in pixels. */
  size?: number;
  color?: string;
}

export interface ScatterSpec extends FigureSpec {
  x: Axis;
  y: Axis;
  series: readonly ScatterSeries[];
  reference?: readonly Reference[];
}

/**
 * Points, with labels and error bars where given. Clouds of more than 500 points are drawn translucent.
 * @throws ShapeError if lengths differ; DomainError if a title is missing, a value is not finite, or a log axis meets
 *   one that is not positive
 */
export function scatter(spec: ScatterSpec): Figure {
  checkTitle(spec);
  checkSeries(spec.series);
  const columns = spec.series.map((series) => {
    const what = `series "${series.name}"`;
    const x = column(`${what}: x`, series.x, { axis: spec.x }) as number[];
    const y = column(`${what}: y`, series.y, { axis: spec.y, length: x.length }) as number[];
    if (x.length === 0) throw new ShapeError(complaint(`${what}: x`, "at least one point", series.x));
    if (series.labels !== undefined && series.labels.length !== x.length) {
      throw new ShapeError(
        complaint(`${what}: labels`, `${x.length}, one for each point`, `${series.labels.length} labels`),
      );
    }
    return { x, y };
  });
  const positions = labelPositions(spec, columns);
  const data = spec.series.map((series, i): Data => {
    const what = `series "${series.name}"`;
    const { x, y } = columns[i];
    const color = series.color ?? seriesColor(i);
    const yBars = errorBars(`${what}: error`, y, series.error, spec.y);
    const xBars = errorBars(`${what}: xError`, x, series.xError, spec.x);
    const text = series.labels && {
      text: [...series.labels],
      textposition: positions[i],
      textfont: { size: 12 },
      cliponaxis: false,
    };
    return {
      type: "scatter",
      mode: series.labels ? "text+markers" : "markers",
      name: series.name,
      x,
      y,
      marker: {
        color,
        symbol: seriesSymbol(i),
        size: series.size ?? (x.length > 500 ? 5 : 9),
        opacity: x.length > 500 ? 0.5 : 1,
      },
      ...text,
      ...(yBars ? { error_y: { ...yBars, color } } : {}),
      ...(xBars ? { error_x: { ...xBars, color } } : {}),
    };
  });
  const everyX = columns.flatMap(({ x }) => x);
  const everyY = columns.flatMap(({ y }) => y);
  const extra = references(spec.reference, everyX, spec);
  return {
    data: [...extra.traces, ...data], // reference lines lie below the points
    layout: {
      ...houseLayout(spec),
      xaxis: plotlyAxis("x", spec.x, everyX),
      yaxis: plotlyAxis("y", spec.y, everyY),
      hovermode: "closest",
      showlegend: spec.series.length > 1 || extra.legend,
      ...extra.shapes,
    },
  };
}
