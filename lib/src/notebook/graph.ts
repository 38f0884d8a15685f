import type { Data } from "plotly.js-dist";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { checkTitle } from "./axis.js";
import type { Figure, FigureSpec } from "./figure.js";
import { houseLayout, palette, referenceColor } from "./style.js";

export interface GraphNode {
  id: string;
  /** Written into the node. Default: its id. */
  label?: string;
  /** Where to draw it; give all nodes a place or none, then they stand on a circle, clockwise from the top. */
  x?: number;
  y?: number;
  highlight?: boolean;
}

/** From `from` to `to`: "from beats to". */
export interface GraphEdge {
  from: string;
  to: string;
  /** Written beside the edge: "7 : 5". */
  label?: string;
  /** Line width in pixels. */
  width?: number;
  /** Drawn in colour, in front of the others: a cycle, a path. */
  highlight?: boolean;
}

export interface GraphSpec extends FigureSpec {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  /** The legend's words for highlighted and for plain edges: {highlight: "a cycle", plain: "majority prefers"}. */
  legend?: { highlight?: string; plain?: string };
}

/**
 * A directed graph: who beats whom, who trusts whom.
 * @throws ShapeError if there is no node, or only some have a place; DomainError if an id occurs twice, or an edge
 *   names no node or joins a node to itself
 */
export function graph(spec: GraphSpec): Figure {
  checkTitle(spec);
  const places = placeNodes(spec.nodes);
  const ids = [...places.keys()];
  const both = new Set(spec.edges.map(({ from, to }) => `${from}\n${to}`));
  const drawn = spec.edges.map((edge, i) => {
    const [from, to] = [places.get(edge.from), places.get(edge.to)];
    if (!from || !to || from === to) {
      throw new DomainError(
        complaint(`edges[${i}]`, `two different nodes of ${ids.join(", ")}`, `${edge.from} -> ${edge.to}`),
      );
    }
    // Two edges between the same nodes run side by side, each on its own right.
    const aside = both.has(`${edge.to}\n${edge.from}`) ? 0.05 : 0;
    const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
    const shift = { x: ((to.y - from.y) / length) * aside, y: (-(to.x - from.x) / length) * aside };
    const ends = [from, to].map(({ x, y }) => ({ x: x + shift.x, y: y + shift.y }));
    return { edge, ends, aside: aside > 0 };
  });
  const plain = drawn.filter(({ edge }) => !edge.highlight);
  const highlighted = drawn.filter(({ edge }) => edge.highlight);
  // Short labels go into the nodes, long ones beside them, away from the middle.
  const inside = spec.nodes.every(({ id, label = id }) => label.length <= 4);
  const diameter = inside ? NODE : NODE / 2;
  const edges = [
    ...plain.map((one, i) => edgeTrace(one, diameter, spec.legend?.plain, i === 0)),
    ...highlighted.map((one, i) => edgeTrace(one, diameter, spec.legend?.highlight, i === 0)),
  ];
  const nodes: Data = {
    type: "scatter",
    mode: "text+markers",
    name: "nodes",
    showlegend: false,
    x: ids.map((id) => places.get(id)!.x),
    y: ids.map((id) => places.get(id)!.y),
    text: spec.nodes.map(({ id, label = id }) => label),
    hoverinfo: "text",
    textposition: inside ? "middle center" : ids.map((id) => outward(places.get(id)!)),
    textfont: inside ? { color: "#FFFFFF", size: 15 } : { size: 14 },
    marker: {
      size: diameter,
      color: spec.nodes.map(({ highlight }) => (highlight ? palette[1] : palette[0])),
      opacity: 1,
    },
    cliponaxis: false,
  };
  const hidden = { visible: false, showgrid: false, zeroline: false } as const;
  return {
    data: [...edges, ...labels(drawn), nodes],
    layout: {
      ...houseLayout(spec, 440),
      xaxis: { ...hidden, constrain: "domain" },
      yaxis: { ...hidden, scaleanchor: "x", constrain: "domain" },
      hovermode: "closest",
      showlegend: spec.legend !== undefined,
    },
  };
}

const NODE = 42; // diameter in pixels of a node with its label inside

type Drawn = { edge: GraphEdge; ends: { x: number; y: number }[]; aside: boolean };

function edgeTrace({ edge, ends }: Drawn, node: number, name: string | undefined, first: boolean): Data {
  const color = edge.highlight ? palette[1] : referenceColor;
  const width = edge.width ?? (edge.highlight ? 3 : 1.5);
  return {
    type: "scatter",
    mode: "lines+markers",
    name: name ?? `${edge.from} -> ${edge.to}`,
    legendgroup: edge.highlight ? "highlight" : "plain",
    showlegend: first && name !== undefined,
    x: ends.map(({ x }) => x),
    y: ends.map(({ y }) => y),
    line: { color, width },
    // The arrow's tip stops at the node's rim.
    marker: {
      symbol: "arrow",
      angleref: "previous",
      color,
      size: [0, 9 + 2 * width],
      standoff: [0, node / 2 + 1],
      line: { width: 0 },
      opacity: 1,
    },
    hoverinfo: "name",
    cliponaxis: false,
  } as Data;
}

/** The side of a node that faces away from the origin. */
function outward({ x, y }: { x: number; y: number }) {
  const vertical = Math.abs(y) < 0.38 * Math.hypot(x, y) ? "middle" : y > 0 ? "top" : "bottom";
  const across = Math.abs(x) < 0.38 * Math.hypot(x, y) ? "center" : x > 0 ? "right" : "left";
  return `${vertical} ${across}` as "top center";
}

function labels(drawn: readonly Drawn[]): Data[] {
  const named = drawn.filter(({ edge }) => edge.label !== undefined);
  if (named.length === 0) return [];
  const spots = named.map(({ ends: [from, to], aside }) => {
    // A third of the way along, so that the labels of crossing edges do not meet in the middle.
    const along = { x: to.x - from.x, y: to.y - from.y };
    const length = Math.hypot(along.x, along.y) || 1;
    const left = { x: -along.y / length, y: along.x / length };
    // Of two edges side by side each has its label on its own outer side, other edges away from
    // the middle of the figure.
    const inward = left.x * (from.x + to.x) + left.y * (from.y + to.y) < -1e-9;
    const hand = aside || inward ? -1 : 1;
    const side = { x: hand * left.x, y: hand * left.y };
    const place = { x: from.x + 0.36 * along.x + 0.04 * side.x, y: from.y + 0.36 * along.y + 0.04 * side.y };
    return { ...place, position: outward(side) };
  });
  return [
    {
      type: "scatter",
      mode: "text",
      name: "edge labels",
      showlegend: false,
      x: spots.map(({ x }) => x),
      y: spots.map(({ y }) => y),
      text: named.map(({ edge }) => edge.label!),
      textposition: spots.map(({ position }) => position),
      textfont: { size: 13 },
      hoverinfo: "skip",
      cliponaxis: false,
    },
  ];
}

function placeNodes(nodes: readonly GraphNode[]): Map<string, { x: number; y: number }> {
  if (!Array.isArray(nodes) || nodes.length === 0) throw new ShapeError(complaint("nodes", "at least one node", nodes));
  const placed = nodes.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)).length;
  if (placed !== 0 && placed !== nodes.length) {
    throw new ShapeError(
      complaint("nodes", "a place (x and y) for all nodes or for none", `${placed} of ${nodes.length}`),
    );
  }
  const places = new Map<string, { x: number; y: number }>();
  for (const [i, { id, x, y }] of nodes.entries()) {
    if (typeof id !== "string" || places.has(id))
      throw new DomainError(complaint(`nodes[${i}].id`, "a text of its own", id));
    const angle = (2 * Math.PI * i) / nodes.length;
    places.set(id, placed > 0 ? { x: x!, y: y! } : { x: Math.sin(angle), y: Math.cos(angle) });
  }
  return places;
}
