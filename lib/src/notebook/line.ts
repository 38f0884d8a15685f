import type { Data } from "plotly.js-dist";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { type Axis, checkSeries, checkTitle, column, type Numbers, plotlyAxis } from "./axis.js";
import type { Figure, FigureSpec } from "./figure.js";
import { type Reference, references } from "./reference.js";
import { houseLayout, seriesColor, seriesDash, seriesSymbol, translucent } from "./style.js";

/** One curve. NaN in y leaves a gap. */
export interface LineSeries {
  name: string;
  x: Numbers;
  y: Numbers;
  /**
   * Around the curve, in y's unit: an interval, a spread over seeds. A name puts it into the legend: "95 % interval".
   */
  band?: { low: Numbers; high: Numbers; name?: string };
  /** Marks the points; for curves of few, measured points. */
  markers?: boolean;
  /** Only to keep a colour over several figures; otherwise the palette's next. */
  color?: string;
}

export interface LineSpec extends FigureSpec {
  x: Axis;
  y: Axis;
  series: readonly LineSeries[];
  /** Lines to compare with: {x: 0}, {y: 0.5, label: "chance"}, {slope: 1}. */
  reference?: readonly Reference[];
}

/**
 * Curves over a common axis, each with an optional band.
 * @example
 * show(line({ title: "Win probability", x: { title: "ability difference", unit: "nats" }, y: { title: "P(win)" },
 *   series: [{ name: "temperature 1", x: [...], y: [...] }], reference: [{ y: 0.5 }] }))
 * @throws ShapeError if lengths differ; DomainError if a title is missing, a value is infinite, or a log axis meets one
 *   that is not positive
 */
export function line(spec: LineSpec): Figure {
  checkTitle(spec);
  checkSeries(spec.series);
  const data: Data[] = [];
  const everyX: (number | null)[] = [];
  const everyY: (number | null)[] = [];
  for (const [i, series] of spec.series.entries()) {
    const what = `series "${series.name}"`;
    const x = column(`${what}: x`, series.x, { axis: spec.x }) as number[];
    if (x.length === 0) throw new ShapeError(complaint(`${what}: x`, "at least one point", series.x));
    const y = column(`${what}: y`, series.y, { axis: spec.y, length: x.length, gaps: true });
    const color = series.color ?? seriesColor(i);
    for (const value of x) everyX.push(value);
    for (const value of y) everyY.push(value);
    if (series.band) data.push(band(what, series, x, spec.y, color));
    data.push({
      type: "scatter",
      mode: series.markers ? "lines+markers" : "lines",
      name: series.name,
      legendgroup: series.name,
      x,
      y,
      line: { color, width: 2.5, dash: seriesDash(i) },
      ...(series.markers ? { marker: { symbol: seriesSymbol(i), size: 8, color } } : {}),
    });
  }
  const extra = references(spec.reference, everyX, spec);
  const named = spec.series.length > 1 || spec.series.some((series) => series.band?.name !== undefined);
  return {
    data: [...data, ...extra.traces],
    layout: {
      ...houseLayout(spec),
      xaxis: plotlyAxis("x", spec.x, everyX),
      yaxis: plotlyAxis("y", spec.y, everyY),
      showlegend: named || extra.legend,
      ...extra.shapes,
    },
  };
}

/** The band as one closed outline per stretch without gaps: there along the upper edge, back along the lower. */
function band(what: string, series: LineSeries, x: number[], axis: Axis, color: string): Data {
  const rules = { axis, length: x.length, gaps: true };
  const low = column(`${what}: band.low`, series.band!.low, rules);
  const high = column(`${what}: band.high`, series.band!.high, rules);
  const outline = { x: [] as (number | null)[], y: [] as (number | null)[] };
  let stretch: number[] = [];
  const close = () => {
    if (stretch.length === 0) return;
    if (outline.x.length > 0) {
      outline.x.push(null);
      outline.y.push(null);
    }
    const go = (i: number, edge: (number | null)[]) => {
      outline.x.push(x[i]);
      outline.y.push(edge[i]);
    };
    for (const i of stretch) go(i, high);
    for (const i of stretch.reverse()) go(i, low);
    stretch = [];
  };
  for (let i = 0; i < x.length; i++) {
    const [below, above] = [low[i], high[i]];
    if (below === null || above === null) close();
    else if (below > above) throw new DomainError(complaint(`${what}: band[${i}]`, "low <= high", [below, above]));
    else stretch.push(i);
  }
  close();
  const { name } = series.band!;
  return {
    type: "scatter",
    mode: "lines",
    name: name ?? `${series.name}: band`,
    legendgroup: series.name,
    showlegend: name !== undefined,
    ...outline,
    fill: "toself",
    fillcolor: translucent(color, 0.2),
    line: { color: "rgba(0,0,0,0)", width: 0 },
    hoverinfo: "skip",
  };
}
