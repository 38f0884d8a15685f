import type { Data, Layout } from "plotly.js-dist";
import { complain, DomainError, ShapeError } from "../core/index.js";
import { checkTitle } from "./axis.js";
import type { Attributes, Figure, FigureSpec } from "./figure.js";
import { houseLayout } from "./style.js";

export interface SmallMultiplesSpec extends FigureSpec {
  /** Figures with one pair of axes each, of any builder; row by row. Their titles stand above them. */
  figures: readonly Figure[];
  /** Default: 2 for up to 4 figures, otherwise 3. */
  columns?: number;
  /** The same scale everywhere, so that panels compare: "x", "y" or "both". */
  share?: "x" | "y" | "both";
}

const ROW = 260; // pixels, the drawing area of one row
const GAP = 104; // pixels between rows: tick labels, axis title, the next panel's title
const WIDE = 860; // pixels, about how wide a figure is drawn

/**
 * A grid of figures. Series of the same name share one entry of the legend, and are shown and hidden together.
 * @throws ShapeError if there is no figure; DomainError if columns is not a whole number >= 1, or a figure is itself a grid
 */
export function smallMultiples(spec: SmallMultiplesSpec): Figure {
  checkTitle(spec);
  const { figures } = spec;
  if (!Array.isArray(figures) || figures.length === 0) {
    throw new ShapeError(complain("figures", "at least one figure", figures));
  }
  const columns = Math.min(figures.length, spec.columns ?? (figures.length <= 4 ? 2 : 3));
  if (!Number.isInteger(columns) || columns < 1) {
    throw new DomainError(complain("columns", "a whole number >= 1", spec.columns));
  }
  const rows = Math.ceil(figures.length / columns);
  const inner = rows * ROW + (rows - 1) * GAP;
  const data: Data[] = [];
  const layout: Attributes = { ...houseLayout(spec, inner + 168), margin: { t: 100 } };
  const annotations: Attributes[] = [];
  const shapes: Attributes[] = [];
  const named = new Set<string>();

  for (const [k, figure] of figures.entries()) {
    const from = (figure.layout ?? {}) as Attributes;
    if ("xaxis2" in from || "yaxis2" in from) {
      throw new DomainError(complain(`figures[${k}]`, "a figure with one pair of axes", "a grid"));
    }
    const suffix = k === 0 ? "" : String(k + 1);
    const [column, row] = [k % columns, Math.floor(k / columns)];
    const barred = (figure.data as Attributes[]).some((trace) => trace.colorbar !== undefined);
    const x = cell(column, columns, 92 / WIDE, barred ? 80 / WIDE : 0);
    const y = cell(rows - 1 - row, rows, GAP / inner, 0);
    const rename = (value: unknown) =>
      typeof value === "string" ? value.replace(/^([xy])(?=$| )/, `$1${suffix}`) : value;

    for (const trace of figure.data as Attributes[]) {
      const copy: Attributes = { ...trace, xaxis: `x${suffix}`, yaxis: `y${suffix}` };
      const name = String(trace.name ?? "");
      if (from.showlegend === false) copy.showlegend = false;
      if (copy.showlegend !== false && trace.type !== "heatmap" && trace.type !== "contour") {
        copy.legendgroup = name;
        copy.showlegend = !named.has(name);
        named.add(name);
      }
      if (trace.colorbar) {
        const bar = {
          x: x[1] + 6 / WIDE,
          xanchor: "left",
          y: (y[0] + y[1]) / 2,
          len: y[1] - y[0],
          lenmode: "fraction",
        };
        copy.colorbar = { ...(trace.colorbar as Attributes), ...bar };
      }
      data.push(copy as Data);
    }
    for (const [letter, domain, other] of [
      ["x", x, "y"],
      ["y", y, "x"],
    ] as const) {
      const axis = {
        ...((from[`${letter}axis`] as Attributes) ?? {}),
        domain,
        anchor: `${other}${suffix}`,
      } as Attributes;
      if (axis.scaleanchor) axis.scaleanchor = rename(axis.scaleanchor);
      if (k > 0 && (spec.share === letter || spec.share === "both")) axis.matches = letter;
      layout[`${letter}axis${suffix}`] = axis;
    }
    for (const shape of (from.shapes as Attributes[]) ?? []) {
      shapes.push({ ...shape, xref: rename(shape.xref), yref: rename(shape.yref) });
    }
    for (const note of (from.annotations as Attributes[]) ?? []) {
      annotations.push({ ...note, xref: rename(note.xref), yref: rename(note.yref) });
    }
    for (const key of ["barmode", "bargap", "hovermode"]) layout[key] ??= from[key];
    annotations.push({
      text: (from.title as { text?: string } | undefined)?.text ?? "",
      x: x[0],
      xref: "paper",
      xanchor: "left",
      y: y[1],
      yref: "paper",
      yanchor: "bottom",
      yshift: 6,
      showarrow: false,
      font: { size: 15 },
    });
  }
  return {
    data,
    layout: {
      ...layout,
      annotations,
      ...(shapes.length > 0 ? { shapes } : {}),
      showlegend: named.size > 1,
    } as Partial<Layout>,
  };
}

/** The i-th of n equal stretches of [0, 1] with gaps between them, `tail` of it kept free at its end. */
function cell(i: number, n: number, gap: number, tail: number): [number, number] {
  const size = (1 - (n - 1) * gap) / n;
  const start = i * (size + gap);
  return [start, start + size - tail];
}
