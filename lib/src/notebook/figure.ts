import type { Data, Layout } from "plotly.js-dist";
import { complaint, ShapeError } from "../core/index.js";

/**
 * A figure is plain plotly data, so that it can be saved, compared and tested. The builders in this folder make them.
 */
export interface Figure {
  data: Data[];
  layout: Partial<Layout>;
}

/** What every builder takes besides its data. */
export interface FigureSpec {
  /** What the figure shows, in one line. */
  title: string;
  /** A second, smaller line: the conditions, what a band means. */
  subtitle?: string;
  /** Pixels. Left out, the figure is as wide as its cell, up to 960. */
  width?: number;
  /** Pixels. */
  height?: number;
}

/** A trace or an axis as a bag of attributes: for code that treats traces of every type alike. */
export type Attributes = Record<string, unknown>;

/**
 * Says in words what a figure shows: title, axes and one line per trace. This is the figure's text/plain form: what a
 * terminal prints and a screen reader reads.
 * @throws ShapeError if the figure is not {data: [...], layout: {...}}
 */
export function describe(figure: Figure): string {
  if (!Array.isArray(figure?.data)) {
    throw new ShapeError(
      complaint("figure", "{data: [traces], layout: {...}}", figure, "line(), bar(), ... make one."),
    );
  }
  const layout = (figure.layout ?? {}) as Attributes;
  const lines = [`Figure: ${text(layout.title) || "untitled"}`];
  for (const key of Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name))) {
    const title = text((layout[key] as Attributes).title);
    if (title !== "") lines.push(`  ${key.replace("axis", "")}: ${title}`);
  }
  for (const trace of figure.data as Attributes[]) {
    if (trace.hoverinfo === "skip" && trace.showlegend === false) continue; // a band or an edge of another trace
    lines.push(`  - ${kind(trace)}${trace.name ? ` "${strip(String(trace.name))}"` : ""}: ${extent(trace)}`);
  }
  return lines.join("\n");
}

function kind(trace: Attributes): string {
  const type = String(trace.type ?? "scatter");
  if (type !== "scatter") return type;
  return String(trace.mode ?? "lines").startsWith("markers") ? "points" : "line";
}

function extent(trace: Attributes): string {
  const z = trace.z as unknown[][] | undefined;
  if (Array.isArray(z)) return `${z.length} x ${z[0]?.length ?? 0} values, ${range(z.flat()) ?? "all missing"}`;
  const x = Array.from((trace.x as ArrayLike<unknown>) ?? []);
  const y = Array.from((trace.y as ArrayLike<unknown>) ?? []);
  const ranges = [range(x, "x "), range(y, "y ")].filter((part) => part !== undefined);
  return [`${Math.max(x.length, y.length)} points`, ...ranges].join(", ");
}

function range(values: unknown[], prefix = ""): string | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? undefined : `${prefix}from ${short(low)} to ${short(high)}`;
}

const short = (value: number) => String(Number(value.toPrecision(4)));

function text(title: unknown): string {
  const words = typeof title === "string" ? title : ((title as { text?: string } | undefined)?.text ?? "");
  return strip(words);
}

/** Plotly's texts may hold simple tags: <br>, <i>, <sub>. */
const strip = (words: string) => words.replace(/<br\s*\/?>/gi, " ").replace(/<\/?[a-z]+\b[^<>]*>/gi, "");
