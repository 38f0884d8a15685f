import { complaint, ShapeError } from "../../core/index.js";
import { tf } from "../../tensor/index.js";
import { type PathRule, pathPoints } from "./integratedGradients.js";

/**
 * Integrated gradients on tensors, all places of the way in one batch: x and baseline [...], f: [K, ...] -> [K], row by
 * row; the result has the form of x, and `gap` says what is missing to f(x) - f(baseline). Float64 twin:
 * `integratedGradients`.
 * @throws ShapeError if the two forms differ, or f does not give one number per row
 */
export function integratedGradientsOf(
  f: (rows: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  baseline: tf.Tensor,
  { steps = 64, rule = "midpoint" }: { steps?: number; rule?: PathRule } = {},
): { attributions: tf.Tensor; gap: number } {
  if (x.shape.join() !== baseline.shape.join()) {
    throw new ShapeError(complaint("baseline", `shape [${x.shape}], as x`, baseline.shape));
  }
  const points = pathPoints(steps, rule);
  const across = [points.length, ...x.shape.map(() => 1)];
  let gap = 0;
  const attributions = tf.tidy(() => {
    const way = tf.sub(x, baseline).expandDims(0);
    const rows = tf.add(
      baseline.expandDims(0),
      tf.mul(
        way,
        tf.tensor(
          points.map(({ at }) => at),
          across,
        ),
      ),
    );
    const ends = f(tf.stack([x, baseline]));
    if (ends.shape.join() !== "2") throw new ShapeError(complaint("f of two rows", "shape [2]", ends.shape));
    const slopes = tf.grad((at: tf.Tensor) => tf.sum(f(at)))(rows);
    const weights = tf.tensor(
      points.map(({ weight }) => weight),
      across,
    );
    const made = tf.mul(way.squeeze([0]), tf.sum(tf.mul(slopes, weights), 0));
    const [at, from] = ends.dataSync();
    gap = at - from - tf.sum(made).dataSync()[0];
    return made;
  });
  return { attributions, gap };
}
