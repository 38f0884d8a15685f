import { complaint, ShapeError } from "../core/index.js";
import { tf } from "./tf.js";
import { isTensor, leaves, type Params, type Tree, unflatten } from "./tree.js";

/** A loss, with metrics beside it that take no part in the gradient. */
export type LossWithMetrics = { loss: tf.Scalar } & { readonly [metric: string]: tf.Tensor };

export interface ValueAndGradients<P> {
  /** The loss, a scalar. */
  loss: tf.Scalar;
  /** What else the function returned, by name. */
  metrics: { [metric: string]: tf.Tensor };
  /** d loss / d params, a tree of the form of params; zero where the loss does not depend on a parameter. */
  gradients: P;
}

/**
 * The loss at params and its gradient, by reverse-mode differentiation (TensorFlow.js's tape).
 * `fn` returns a scalar, or an object with a scalar `loss` and any metrics.
 * @throws ShapeError if the loss is not a scalar
 */
export function valueAndGradients<P extends Params>(
  params: P,
  fn: (params: P) => tf.Tensor | LossWithMetrics,
): ValueAndGradients<P> {
  const aside: { [metric: string]: tf.Tensor } = {};
  const inputs = leaves(params);
  const { value, grads } = tf.engine().gradients(
    () => {
      const result = fn(params);
      if (isTensor(result)) return scalar(result);
      const { loss, ...metrics } = result;
      // Kept, so that they outlive the tape's own tidy.
      for (const [name, metric] of Object.entries(metrics)) aside[name] = tf.keep(metric.clone());
      return scalar(loss);
    },
    inputs,
    undefined as unknown as tf.Tensor,
    true,
  );
  const metrics: { [metric: string]: tf.Tensor } = {};
  for (const [name, metric] of Object.entries(aside)) {
    metrics[name] = metric.clone();
    metric.dispose();
  }
  const filled = inputs.map((input, i) => (grads as (tf.Tensor | undefined)[])[i] ?? tf.zerosLike(input));
  return { loss: value as tf.Scalar, metrics, gradients: unflatten(params as Tree, filled) as P };
}

function scalar(loss: tf.Tensor): tf.Tensor {
  if (!isTensor(loss) || loss.rank !== 0) {
    throw new ShapeError(
      complaint(
        "loss",
        "a scalar",
        isTensor(loss) ? `shape [${loss.shape}]` : loss,
        "Reduce it, for example with maskedMean",
      ),
    );
  }
  return loss;
}
