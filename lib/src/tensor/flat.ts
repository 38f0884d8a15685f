import { tf } from "./tf.js";
import { leaves, type Tree, unflatten } from "./tree.js";

/**
 * All leaves of a tree end to end in one vector, [number of scalars]. An update of a few ops on one long vector costs less
 * than the same update on every leaf.
 */
export function flatten(tree: Tree): tf.Tensor1D {
  const parts = leaves(tree).map((leaf) => leaf.reshape([-1]) as tf.Tensor1D);
  return parts.length === 1 ? parts[0] : tf.concat1d(parts);
}

/** The inverse of `flatten`: the vector cut into a tree of the form and shapes of `like`. */
export function unflattenVector<T extends Tree>(like: T, vector: tf.Tensor1D): T {
  const shapes = leaves(like).map((leaf) => leaf.shape);
  const sizes = shapes.map((shape) => tf.util.sizeFromShape(shape));
  const parts = sizes.length === 1 ? [vector] : tf.split(vector, sizes);
  return unflatten(
    like,
    parts.map((part, i) => part.reshape(shapes[i])),
  );
}
