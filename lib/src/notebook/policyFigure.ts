import type { MetricsRecord } from "../core/index.js";
import type { Figure } from "./figure.js";
import { line } from "./line.js";
import { show } from "./show.js";
import { smallMultiples } from "./smallMultiples.js";

/** A curve of the figure: the record's name, and the legend's. */
const PANELS = [
  {
    title: "What it is paid for, what people want",
    axis: { title: "reward", unit: "nats" },
    curves: { reward: "learned reward", trueReward: "true utility" },
  },
  {
    title: "How far from the reference",
    axis: { title: "KL", unit: "nats per completion" },
    curves: { referenceKl: "KL(policy || reference)" },
  },
  {
    title: "How many choices are left",
    axis: { title: "entropy", unit: "nats per token" },
    curves: { entropy: "entropy" },
  },
  {
    title: "How far one step goes",
    axis: { title: "step KL", unit: "nats per token" },
    curves: { approxKl: "KL(old || new)" },
  },
] as const;

/**
 * The course of a policy's training in four panels, smoothed over `window` iterations: reward and true utility,
 * reference KL, entropy, step KL. A panel without numbers is left out.
 */
export function policyFigure(
  history: readonly MetricsRecord[],
  { title = "A policy in training", window = 5 }: { title?: string; window?: number } = {},
): Figure {
  const panels = PANELS.flatMap(({ title, axis, curves }) => {
    const series = Object.entries(curves).flatMap(([name, label]) => {
      const smooth = smoothed(history, name, window);
      return smooth.x.length === 0 ? [] : [{ name: label, ...smooth }];
    });
    if (series.length === 0) return [];
    return [line({ title, x: { title: "iteration" }, y: axis, series })];
  });
  return smallMultiples({ title, figures: panels });
}

/**
 * Shows the figure and returns an `onRecord` that redraws it every `every` milliseconds. In a
 * terminal nothing is drawn.
 */
export function livePolicyFigure({
  every = 1500,
  title,
}: {
  every?: number;
  title?: string;
} = {}): (record: MetricsRecord) => void {
  const history: MetricsRecord[] = [];
  let handle: ReturnType<typeof show> | undefined;
  let last = performance.now();
  return (record) => {
    history.push(record);
    if (history.length < 5 || performance.now() - last < every) return;
    last = performance.now();
    const figure = policyFigure(history, { title });
    if (handle === undefined) handle = show(figure);
    else handle.update(figure);
  };
}

/** Means over the last `window` records at each of them. */
function smoothed(history: readonly MetricsRecord[], name: string, window: number): { x: number[]; y: number[] } {
  const measured = history.filter((record) => record[name] !== undefined);
  const y = measured.map((_, i) => {
    const part = measured.slice(Math.max(0, i - window + 1), i + 1);
    return part.reduce((sum, record) => sum + record[name], 0) / part.length;
  });
  return { x: measured.map(({ step }) => step), y };
}
