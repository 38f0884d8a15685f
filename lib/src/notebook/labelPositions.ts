import type { Axis } from "./axis.js";

/** Where plotly may write a point's label, and the direction from the point to the label's middle. */
const places = [
  ["top center", 0, 1],
  ["bottom center", 0, -1],
  ["middle right", 1, 0],
  ["middle left", -1, 0],
  ["top right", 0.8, 0.8],
  ["top left", -0.8, 0.8],
  ["bottom right", 0.8, -0.8],
  ["bottom left", -0.8, -0.8],
] as const;

export type LabelPosition = (typeof places)[number][0];

/**
 * The drawing area that labels are placed for, in pixels; a figure of another size only gets a slightly worse choice.
 */
const [WIDTH, HEIGHT, CHARACTER, LINE] = [760, 280, 7, 14];

/**
 * For each label the place that covers the least of points, error bars and labels already placed: one greedy
 * pass, from left to right.
 */
export function labelPositions(
  spec: { x: Axis; y: Axis; series: readonly { labels?: readonly string[]; error?: unknown; xError?: unknown }[] },
  columns: readonly { x: number[]; y: number[] }[],
): LabelPosition[][] {
  const toPixels = (axis: Axis, values: number[], size: number) => {
    const scaled = axis.type === "log" ? values.map(Math.log) : values;
    const low = scaled.reduce((a, b) => Math.min(a, b), Infinity);
    const high = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
    return scaled.map((value) => (high > low ? ((value - low) / (high - low)) * size : size / 2));
  };
  const xs = toPixels(
    spec.x,
    columns.flatMap(({ x }) => x),
    WIDTH,
  );
  const ys = toPixels(
    spec.y,
    columns.flatMap(({ y }) => y),
    HEIGHT,
  );
  const labels = columns.flatMap(({ x }, i) => x.map((_, j) => spec.series[i].labels?.[j] ?? ""));
  const chosen: LabelPosition[] = labels.map(() => "top center");
  const taken: Box[] = xs.map((x, i) => ({ x, y: ys[i], w: 12, h: 12 }));
  const owner = columns.flatMap(({ x }, i) => x.map(() => spec.series[i]));
  for (const [i, { error, xError }] of owner.entries()) {
    if (error) taken.push({ x: xs[i], y: ys[i], w: 6, h: 90 });
    if (xError) taken.push({ x: xs[i], y: ys[i], w: 90, h: 6 });
  }
  const order = labels
    .map((_, i) => i)
    .filter((i) => labels[i] !== "")
    .sort((a, b) => xs[a] - xs[b]);
  if (order.length <= 200) {
    for (const i of order) {
      const w = labels[i].length * CHARACTER;
      let best = { cost: Infinity, box: taken[i] };
      for (const [place, dx, dy] of places) {
        const box = { x: xs[i] + dx * (w / 2 + 8), y: ys[i] + dy * (LINE / 2 + 8), w, h: LINE };
        let cost = 0;
        for (const [k, other] of taken.entries()) if (k !== i) cost += overlap(box, other);
        if (cost < best.cost) {
          best = { cost, box };
          chosen[i] = place;
        }
      }
      taken.push(best.box);
    }
  }
  const starts = columns.map((_, i) => columns.slice(0, i).reduce((sum, { x }) => sum + x.length, 0));
  return columns.map(({ x }, i) => chosen.slice(starts[i], starts[i] + x.length));
}

type Box = { x: number; y: number; w: number; h: number };

function overlap(a: Box, b: Box): number {
  const w = (a.w + b.w) / 2 - Math.abs(a.x - b.x);
  const h = (a.h + b.h) / 2 - Math.abs(a.y - b.y);
  return w > 0 && h > 0 ? w * h : 0;
}
