import { tf } from "./tf.js";
import { leaves, type Tree, unflatten } from "./tree.js";

/** A leaf of this many numbers is a vector of its own: copying it would cost more than another op. */
const LARGE = 2 ** 15;

/**
 * The leaves of a tree as few long vectors: all small leaves end to end in one, every large one by itself, in the order
 * of their first leaves. An update of a few ops on a long vector costs less than the same update on every leaf; and
 * vectors are updated side by side.
 */
export function flatten(tree: Tree): tf.Tensor1D[] {
  const all = leaves(tree);
  return groups(all).map((group) => {
    const parts = group.map((i) => all[i].reshape([-1]) as tf.Tensor1D);
    return parts.length === 1 ? parts[0] : tf.concat1d(parts);
  });
}

/** The inverse of `flatten`: the vectors cut into a tree of the form and shapes of `like`. */
export function unflattenVectors<T extends Tree>(like: T, vectors: readonly tf.Tensor1D[]): T {
  const shapes = leaves(like).map((leaf) => leaf.shape);
  const out: tf.Tensor[] = [];
  groups(leaves(like)).forEach((group, v) => {
    const sizes = group.map((i) => tf.util.sizeFromShape(shapes[i]));
    const parts = sizes.length === 1 ? [vectors[v]] : tf.split(vectors[v], sizes);
    group.forEach((i, k) => {
      out[i] = parts[k].reshape(shapes[i]);
    });
  });
  return unflatten(like, out);
}

/** Zeros of the form of `flatten(tree)`. */
export function zeroVectors(tree: Tree): tf.Tensor1D[] {
  const all = leaves(tree);
  return groups(all).map((group) => tf.zeros([group.reduce((sum, i) => sum + all[i].size, 0)]) as tf.Tensor1D);
}

/** Which leaves go into which vector. */
function groups(all: readonly tf.Tensor[]): number[][] {
  const small = all.flatMap(({ size }, i) => (size < LARGE ? [i] : []));
  return all.flatMap(({ size }, i) => {
    if (size >= LARGE) return [[i]];
    return i === small[0] ? [small] : [];
  });
}
