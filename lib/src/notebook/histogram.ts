import type { Data } from "plotly.js-dist";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { type Axis, checkSeries, checkTitle, column, type Numbers, plotlyAxis } from "./axis.js";
import type { Figure, FigureSpec } from "./figure.js";
import { type Reference, references } from "./reference.js";
import { houseLayout, seriesColor, translucent } from "./style.js";

export interface HistogramSpec extends FigureSpec {
  x: Axis;
  /** Default: "count", or "density" per unit of x. */
  y?: Axis;
  series: readonly { name: string; values: Numbers; color?: string }[];
  /** How many bins, of equal width, common to all series. Default: Freedman and Diaconis 1981, between 5 and 60. */
  bins?: number;
  /** Areas sum to one instead of heights to the number of values: to compare series of different sizes. */
  density?: boolean;
  reference?: readonly Reference[];
}

/**
 * How values are spread. Bins are [edge, next edge), the last one closed. The trace holds the counts, so
 * that they can be read off.
 * @throws ShapeError if a series is empty; DomainError if a value is not finite, bins is not a whole
 *   number >= 1, or x is logarithmic
 */
export function histogram(spec: HistogramSpec): Figure {
  checkTitle(spec);
  checkSeries(spec.series);
  if (spec.x?.type === "log") {
    throw new DomainError("histogram: x: expected a linear axis. Give the logarithms, and say so in the title.");
  }
  const columns = spec.series.map(({ name, values }) => {
    const numbers = column(`series "${name}": values`, values) as number[];
    if (numbers.length === 0) throw new ShapeError(complaint(`series "${name}": values`, "at least one value", values));
    return numbers;
  });
  const edges = binEdges(columns.flat(), spec.bins, spec.x.range);
  const data = columns.map((values, i): Data => {
    const counts = countIn(values, edges);
    const width = edges[1] - edges[0];
    const color = spec.series[i].color ?? seriesColor(i);
    return {
      type: "bar",
      name: spec.series[i].name,
      x: counts.map((_, k) => (edges[k] + edges[k + 1]) / 2),
      y: spec.density ? counts.map((count) => count / (values.length * width)) : counts,
      width,
      customdata: counts.map((_, k) => [edges[k], edges[k + 1]]),
      hovertemplate: "%{customdata[0]:.4~g} to %{customdata[1]:.4~g}: %{y:.4~g}<extra>%{fullData.name}</extra>",
      marker: { color: translucent(color, columns.length > 1 ? 0.55 : 0.9), line: { color, width: 1 } },
    } as Data;
  });
  const unit = spec.x.unit ? `1/${spec.x.unit}` : undefined;
  const y = spec.y ?? (spec.density ? { title: "density", unit } : { title: "count" });
  const extra = references(spec.reference, edges, { x: spec.x, y });
  return {
    data: [...data, ...extra.traces],
    layout: {
      ...houseLayout(spec),
      xaxis: plotlyAxis("x", spec.x, edges),
      yaxis: plotlyAxis("y", y, []),
      barmode: "overlay",
      showlegend: spec.series.length > 1 || extra.legend,
      ...extra.shapes,
    },
  };
}

/** Equal bins over the values (or the axis' range): their edges, one more than bins. */
function binEdges(values: number[], bins: number | undefined, range?: readonly [number, number]): number[] {
  const sorted = Float64Array.from(values).sort();
  let [low, high] = range ?? [sorted[0], sorted[sorted.length - 1]];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low < Math.max(1e-11 * size, 1e-290)) {
    const reach = Math.max(0.5, 1e-6 * size); // all values alike: one bin's worth of room around them
    [low, high] = [low - reach, high + reach];
  }
  if (bins !== undefined && (!Number.isInteger(bins) || bins < 1 || bins > 10_000)) {
    throw new DomainError(complaint("bins", "a whole number from 1 to 10000", bins));
  }
  const quartile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))];
  const width = (2 * (quartile(0.75) - quartile(0.25))) / Math.cbrt(sorted.length);
  const count = bins ?? Math.min(60, Math.max(5, width > 0 ? Math.ceil((high - low) / width) : 10));
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? high : low + ((high - low) * i) / count));
}

function countIn(values: number[], edges: number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  const [low, high] = [edges[0], edges[edges.length - 1]];
  for (const value of values) {
    if (value < low || value > high) continue; // outside the range asked for
    let k = Math.min(counts.length - 1, Math.floor(((value - low) / (high - low)) * counts.length));
    if (value < edges[k])
      k--; // rounding at an edge
    else if (k + 1 < counts.length && value >= edges[k + 1]) k++;
    counts[k]++;
  }
  return counts;
}
