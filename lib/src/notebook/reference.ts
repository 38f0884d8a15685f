import type { Data, Layout, Shape } from "plotly.js-dist";
import { complaint, DomainError } from "../core/index.js";
import type { Axis } from "./axis.js";
import { referenceColor } from "./style.js";

/** A line to compare with: vertical at x, horizontal at y, or y = slope * x + intercept. */
export type Reference =
  | { x: number; label?: string }
  | { y: number; label?: string }
  | { slope: number; intercept?: number; label?: string };

/** Reference lines as plotly wants them: straight ones are shapes, sloped ones a trace over the data's width. */
export function references(
  list: readonly Reference[] | undefined,
  xs: readonly (number | null)[],
  axes: { x: Axis; y: Axis },
): { traces: Data[]; legend: boolean; shapes: Pick<Layout, "shapes"> | object } {
  const traces: Data[] = [];
  const shapes: Partial<Shape>[] = [];
  for (const [i, line] of (list ?? []).entries()) {
    const what = `reference[${i}]`;
    if ("slope" in line) traces.push(slopedLine(what, line, xs, axes));
    else shapes.push(straightLine(what, line, axes));
  }
  const legend = (list ?? []).some((line) => "slope" in line && line.label !== undefined);
  return { traces, legend, shapes: shapes.length > 0 ? { shapes } : {} };
}

function straightLine(
  what: string,
  line: { x: number; label?: string } | { y: number; label?: string },
  axes: { x: Axis; y: Axis },
) {
  const upright = "x" in line;
  const at = upright ? line.x : line.y;
  const log = axes[upright ? "x" : "y"].type === "log";
  if (!Number.isFinite(at) || (log && at <= 0)) {
    throw new DomainError(complaint(what, log ? "a positive number on the log axis" : "a finite x or y", at));
  }
  const ends = upright
    ? ({ xref: "x", yref: "y domain", x0: at, x1: at, y0: 0, y1: 1 } as const)
    : ({ xref: "x domain", yref: "y", x0: 0, x1: 1, y0: at, y1: at } as const);
  const label = line.label && {
    label: {
      text: line.label,
      textposition: "end",
      textangle: 0,
      font: { size: 12 },
      ...(upright ? { xanchor: "left", yanchor: "top" } : { xanchor: "right", yanchor: "bottom" }),
    },
  };
  return {
    type: "line",
    ...ends,
    line: { dash: "dash", width: 1.5, color: referenceColor },
    layer: "below",
    ...(label || {}),
  } as Partial<Shape>;
}

function slopedLine(
  what: string,
  line: { slope: number; intercept?: number; label?: string },
  xs: readonly (number | null)[],
  axes: { x: Axis; y: Axis },
): Data {
  const { slope, intercept = 0, label } = line;
  if (!Number.isFinite(slope) || !Number.isFinite(intercept)) {
    throw new DomainError(complaint(what, "a finite slope and intercept", [slope, intercept]));
  }
  const known = xs.filter((x): x is number => x !== null);
  const least = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const [low, high] = axes.x.range ?? [least, most];
  // On a log axis a straight line is curved, so it takes more than its two ends.
  const log = axes.x.type === "log";
  const count = log || axes.y.type === "log" ? 64 : 2;
  const at = (t: number) => (log ? low * (high / low) ** t : low + (high - low) * t);
  const x = Array.from({ length: count }, (_, i) => at(i / (count - 1)));
  const y = x.map((value) => slope * value + intercept);
  return {
    type: "scatter",
    mode: "lines",
    name: label ?? "reference",
    showlegend: label !== undefined,
    x,
    y: axes.y.type === "log" ? y.map((value) => (value > 0 ? value : null)) : y,
    line: { dash: "dash", width: 1.5, color: referenceColor },
    hoverinfo: "skip",
  };
}
