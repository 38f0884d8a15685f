import type { Data, Layout } from "plotly.js-dist";
import { complaint, DomainError, ShapeError } from "../core/index.js";
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
const PAGE = 864; // pixels, about how wide the drawing area is, all panels and the legend together
const LINE = 20; // pixels, a line of a title
const COLOR_BAR = 96; // pixels, a colour bar with its ticks and title
const LETTER = 7.5; // pixels

/**
 * A grid of figures. Series of the same name share one entry of the legend, and are shown and hidden together.
 * @throws ShapeError if there is no figure; DomainError if columns is not a whole number >= 1, or
 *   a figure is itself a grid
 */
export function smallMultiples(spec: SmallMultiplesSpec): Figure {
  checkTitle(spec);
  const { figures } = spec;
  if (!Array.isArray(figures) || figures.length === 0) {
    throw new ShapeError(complaint("figures", "at least one figure", figures));
  }
  const columns = Math.min(figures.length, spec.columns ?? (figures.length <= 4 ? 2 : 3));
  if (!Number.isInteger(columns) || columns < 1) {
    throw new DomainError(complaint("columns", "a whole number of at least 1", spec.columns));
  }
  const rows = Math.ceil(figures.length / columns);
  const data: Data[] = [];
  const annotations: Attributes[] = [];
  const shapes: Attributes[] = [];
  const named = new Set<string>();

  const names = new Set(figures.flatMap((figure) => legendNames(figure)));
  const longest = [...names].reduce((most, name) => Math.max(most, name.length), 0);
  const wide = PAGE - (names.size > 1 ? 70 + LETTER * longest : 0);
  const sides = figures.map(sideRoom);
  const gap = sides.reduce((most, { left }, k) => (k % columns === 0 ? most : Math.max(most, left)), 0);

  const panel = (wide - (columns - 1) * gap) / columns;
  const titles = figures.map((figure) => wrap((figure.layout?.title as { text?: string })?.text ?? "", panel / 8));
  const lines = titles.reduce((most, title) => Math.max(most, title.split("<br>").length), 1);
  const between = GAP + (lines - 1) * LINE;
  const inner = rows * ROW + (rows - 1) * between;
  // More lines above the panels than a title each and the figure's own.
  const heading = (lines - 1 + (spec.subtitle ? 1 : 0)) * LINE;
  const layout: Attributes = {
    ...houseLayout(spec, inner + 168 + heading),
    margin: { t: 100 + heading },
  };

  for (const [k, figure] of figures.entries()) {
    const from = (figure.layout ?? {}) as Attributes;
    if ("xaxis2" in from || "yaxis2" in from) {
      throw new DomainError(complaint(`figures[${k}]`, "a figure with one pair of axes", "a grid"));
    }
    const suffix = k === 0 ? "" : String(k + 1);
    const [column, row] = [k % columns, Math.floor(k / columns)];
    const x = cell(column, columns, gap / wide, sides[k].right / wide);
    const y = cell(rows - 1 - row, rows, between / inner, 0);
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
      // Written values need some room in their cells.
      const cells = (trace.z as unknown[][] | undefined)?.[0]?.length ?? 1;
      if ((panel - sides[k].right) / cells < 40) delete copy.texttemplate;
      if (trace.colorbar) {
        const bar = {
          x: x[1] + 6 / wide,
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
    for (const key of ["barmode", "bargap", "hovermode"]) if (key in from) layout[key] ??= from[key];
    annotations.push({
      text: titles[k],
      align: "left",
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

function legendNames(figure: Figure): string[] {
  if (figure.layout?.showlegend === false) return [];
  const shown = (figure.data as Attributes[]).filter(
    (trace) => trace.showlegend !== false && trace.colorbar === undefined,
  );
  return shown.map((trace) => String(trace.name ?? ""));
}

/** Pixels that a panel needs on its left for tick labels and title, and on its right for a colour bar. */
function sideRoom(figure: Figure): { left: number; right: number } {
  const axis = (figure.layout as Attributes)?.yaxis as Attributes | undefined;
  const ticks = axis?.type === "category" ? (figure.data as Attributes[]).flatMap((trace) => trace.y as string[]) : [];
  const letters = ticks.reduce((most, tick) => Math.max(most, tick.length), 5);
  const barred = (figure.data as Attributes[]).some((trace) => trace.colorbar !== undefined);
  return { left: axis?.visible === false ? 24 : 52 + LETTER * letters, right: barred ? COLOR_BAR : 0 };
}

/** Breaks a title between words, lines up to `width` letters long. */
function wrap(text: string, width: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    if (lines[last] !== "" && lines[last].length + 1 + word.length > width) lines.push(word);
    else lines[last] = lines[last] === "" ? word : `${lines[last]} ${word}`;
  }
  return lines.join("<br>");
}

/** The i-th of n equal stretches of [0, 1] with gaps between them, `tail` of it kept free at its end. */
function cell(i: number, n: number, gap: number, tail: number): [number, number] {
  const size = (1 - (n - 1) * gap) / n;
  const start = i * (size + gap);
  return [start, start + size - tail];
}
