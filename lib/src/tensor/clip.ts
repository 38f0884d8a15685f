import { flatten, unflattenVector } from "./flat.js";
import { tf } from "./tf.js";
import { leaves, type Tree } from "./tree.js";

/** The Euclidean norm of all leaves together, sqrt(sum of squares), a scalar. */
export function globalNorm(tree: Tree): tf.Scalar {
  return tf.sqrt(tf.addN(leaves(tree).map((leaf) => tf.sum(tf.square(leaf))))) as tf.Scalar;
}

/**
 * Gradients scaled down so that their global norm is at most `maxNorm`: g * min(1, maxNorm / norm). The direction stays.
 * Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063.
 */
export function clipByGlobalNorm<T extends Tree>(gradients: T, maxNorm: number): T {
  return unflattenVector(gradients, clipVector(flatten(gradients), maxNorm));
}

/** The same for one vector. */
export function clipVector(gradient: tf.Tensor1D, maxNorm: number): tf.Tensor1D {
  const norm = tf.sqrt(tf.sum(tf.square(gradient)));
  // A zero gradient divides by zero to infinity, and min(1, infinity) is 1.
  return tf.mul(gradient, tf.minimum(tf.div(maxNorm, norm), 1));
}
