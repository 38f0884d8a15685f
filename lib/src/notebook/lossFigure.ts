import type { MetricsRecord } from "../core/index.js";
import type { Figure } from "./figure.js";
import { line } from "./line.js";
import { show } from "./show.js";

/**
 * The learning curve of a run: the training loss, smoothed over `window` steps, and the validation loss where it was
 * measured. `reference` are losses to compare with, by name: { unigram: 2.98 }.
 */
export function lossFigure(
  history: readonly MetricsRecord[],
  {
    title = "What the model still does not know",
    window = 50,
    reference = {},
  }: { title?: string; window?: number; reference?: Record<string, number> } = {},
): Figure {
  const smooth = smoothed(history, window);
  const measured = history.filter((record) => record.validationLoss !== undefined);
  return line({
    title,
    x: { title: "step" },
    y: { title: "loss", unit: "nats per token" },
    series: [
      { name: "training", x: smooth.map(({ step }) => step), y: smooth.map(({ loss }) => loss) },
      ...(measured.length === 0
        ? []
        : [
            {
              name: "validation",
              x: measured.map(({ step }) => step),
              y: measured.map(({ validationLoss }) => validationLoss),
              markers: true,
            },
          ]),
    ],
    reference: Object.entries(reference).map(([label, y]) => ({ y, label })),
  });
}

/**
 * Shows the figure and returns an `onRecord` that redraws it every `every` milliseconds. In a
 * terminal nothing is drawn.
 */
export function liveLossFigure({
  every = 1000,
  reference = {},
}: {
  every?: number;
  reference?: Record<string, number>;
} = {}): (record: MetricsRecord) => void {
  const history: MetricsRecord[] = [];
  let handle: ReturnType<typeof show> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  return (record) => {
    history.push(record);
    if (performance.now() - last < every) return;
    last = performance.now();
    const figure = lossFigure(history, { reference });
    if (handle === undefined) handle = show(figure);
    else handle.update(figure);
  };
}

/** Means over `window` neighbouring steps, at most 200 points. */
function smoothed(history: readonly MetricsRecord[], window: number): { step: number; loss: number }[] {
  const stride = Math.max(1, Math.ceil(history.length / 200));
  const points: { step: number; loss: number }[] = [];
  for (let end = history.length - 1; end >= 0; end -= stride) {
    const part = history.slice(Math.max(0, end - window + 1), end + 1);
    points.unshift({ step: history[end].step, loss: part.reduce((sum, { loss }) => sum + loss, 0) / part.length });
  }
  return points;
}
