import type { Dash, Layout, Template } from "plotly.js-dist";
import type { FigureSpec } from "./figure.js";

/**
 * Colours that people with any common colour vision tell apart, in the order of use: Okabe and Ito 2008, "Color
 * Universal Design". Without their black, which a dark theme swallows, and their yellow, which a light one does; the
 * blue a little lighter for the same reason.
 */
export const palette = ["#1A7DC0", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#888888"] as const;

const dashes = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"] as const satisfies Dash[];
const symbols = ["circle", "square", "diamond", "triangle-up", "cross", "star", "x"] as const;

/** Colour, dash and marker of the i-th series: three ways to tell it from the others, as on a projector or in print. */
export const seriesColor = (i: number): string => palette[i % palette.length];
export const seriesDash = (i: number) => dashes[i % dashes.length];
export const seriesSymbol = (i: number) => symbols[i % symbols.length];

/** The colour of reference lines: legible on white and on black. */
export const referenceColor = "#888888";

/** "#RRGGBB" -> "rgba(r, g, b, alpha)"; a colour of another form is returned as it is. */
export function translucent(color: string, alpha: number): string {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!hex) return color;
  const [r, g, b] = hex.slice(1).map((part) => Number.parseInt(part, 16));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

/** From little to much: lightness grows evenly, and it reads the same in every colour vision. */
export const sequentialScale = "Cividis";

/** Away from a middle that means something (zero, one half): blue below, orange above. */
export const divergingScale: [number, string][] = [
  [0, "#004C7F"],
  [0.25, "#5AA2D2"],
  [0.5, "#F3F1EC"],
  [0.75, "#EC9455"],
  [1, "#A33F00"],
];

/**
 * Fonts, grid and margins of the house, as a plotly template: what a figure sets itself wins over it. Its colours suit
 * a white page, as an export needs; in JupyterLab the renderer replaces them by the colours of the theme.
 */
export const houseTemplate: Template = {
  layout: {
    font: { family: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", size: 14, color: "#222222" },
    title: { x: 0, xref: "paper", xanchor: "left", font: { size: 18 }, subtitle: { font: { size: 13 } } },
    paper_bgcolor: "#FFFFFF",
    plot_bgcolor: "#FFFFFF",
    colorway: [...palette],
    margin: { l: 72, r: 24, t: 72, b: 60 },
    xaxis: axisStyle(),
    yaxis: axisStyle(),
    legend: {
      x: 1.02,
      xanchor: "left",
      y: 1,
      yanchor: "top",
      itemwidth: 40,
      tracegroupgap: 2,
      bgcolor: "rgba(0,0,0,0)",
    },
    hoverlabel: { font: { size: 13 }, namelength: -1 },
    shapedefaults: { line: { color: "#666666" } },
    annotationdefaults: { arrowcolor: "#666666" },
  } as Template["layout"],
  data: { bar: [{ error_x: { color: "#222222" }, error_y: { color: "#222222" } }] } as Template["data"],
};

function axisStyle() {
  return {
    automargin: true,
    showline: true,
    linecolor: "#666666",
    gridcolor: "#E3E3E3",
    tickcolor: "#666666",
    ticks: "outside",
    ticklen: 5,
    zeroline: false,
    exponentformat: "power",
    title: { standoff: 12 },
  };
}

/** The part of a layout that all builders share. */
export function houseLayout(spec: FigureSpec, height = 420): Partial<Layout> {
  const subtitle = spec.subtitle === undefined ? {} : { subtitle: { text: spec.subtitle } };
  return {
    title: { text: spec.title, ...subtitle },
    height: spec.height ?? height,
    ...(spec.width === undefined ? {} : { width: spec.width }),
    template: houseTemplate,
  };
}
