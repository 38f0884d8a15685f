import { flatten, unflattenVectors } from "./flat.js";
import { tf } from "./tf.js";
import { leaves, type Tree } from "./tree.js";

/** The Euclidean norm of all leaves together, sqrt(sum of squares), a scalar. */
export function globalNorm(tree: Tree): tf.Scalar {
  return tf.sqrt(tf.addN(leaves(tree).map((leaf) => tf.sum(tf.square(leaf))))) as tf.Scalar;
}

/**
 * Gradients scaled down so that their global norm is at most `maxNorm`: g * min(1, maxNorm / norm). The direction
 * stays. Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063.
 */
export function clipByGlobalNorm<T extends Tree>(gradients: T, maxNorm: number): T {
  return unflattenVectors(gradients, clipVectors(flatten(gradients), maxNorm));
}

/** The same for vectors. */
export function clipVectors(gradients: readonly tf.Tensor1D[], maxNorm: number): tf.Tensor1D[] {
  // A zero gradient divides by zero to infinity, and min(1, infinity) is 1.
  const factor = tf.minimum(tf.div(maxNorm, globalNorm([...gradients])), 1);
  return gradients.map((gradient) => tf.mul(gradient, factor));
}
