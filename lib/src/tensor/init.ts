import { type Key, normal32 } from "../random/index.js";
import { tf } from "./tf.js";

/**
 * A parameter drawn from Normal(0, deviation^2), float32, of any shape. The same key gives the same numbers everywhere.
 */
export function normalInit(key: Key, shape: number[], deviation: number): tf.Tensor {
  const values = normal32(key, tf.util.sizeFromShape(shape));
  for (let i = 0; i < values.length; i++) values[i] *= deviation;
  return tf.tensor(values, shape, "float32");
}

/** A parameter of zeros, float32. */
export function zerosInit(shape: number[]): tf.Tensor {
  return tf.zeros(shape, "float32");
}

/** A parameter of ones, float32. */
export function onesInit(shape: number[]): tf.Tensor {
  return tf.ones(shape, "float32");
}
