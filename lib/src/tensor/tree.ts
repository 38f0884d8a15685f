import { complaint, ShapeError } from "../core/index.js";
import { tf } from "./tf.js";

/**
 * Tensors under names: a tensor, or an object or an array of trees. Parameters, gradients, optimiser states and batches
 * are all trees. Leaves are visited in one order everywhere: arrays by index, objects by name in code-unit order.
 */
export type Tree = tf.Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** Parameters of a model under names, nested as the model is. */
export type Params = { [name: string]: tf.Tensor | Params };

/** Whether a value is a tensor, whichever copy of TensorFlow.js made it. */
export function isTensor(value: unknown): value is tf.Tensor {
  return typeof value === "object" && value !== null && "dataId" in value && "dtype" in value && "shape" in value;
}

/** The leaves with their paths: "blocks.0.attention.qkv". */
export function namedLeaves(tree: Tree, prefix = ""): [path: string, leaf: tf.Tensor][] {
  const out: [string, tf.Tensor][] = [];
  visit(tree, prefix, (path, leaf) => out.push([path, leaf]));
  return out;
}

/** The leaves alone, in the order of `namedLeaves`. */
export function leaves(tree: Tree): tf.Tensor[] {
  return namedLeaves(tree).map(([, leaf]) => leaf);
}

/** A tree of the same form, each leaf replaced by fn(leaf, path). */
export function mapTree<T extends Tree>(tree: T, fn: (leaf: tf.Tensor, path: string) => tf.Tensor): T {
  const list = namedLeaves(tree).map(([path, leaf]) => fn(leaf, path));
  return unflatten(tree, list);
}

/**
 * The inverse of `leaves`: a tree of the form of `like` with the given leaves.
 * @throws ShapeError if their number differs
 */
export function unflatten<T extends Tree>(like: T, list: readonly tf.Tensor[]): T {
  let next = 0;
  const build = (node: Tree): Tree => {
    if (isTensor(node)) return list[next++];
    if (Array.isArray(node)) return node.map(build);
    const out: Record<string, Tree> = {};
    const record = node as Record<string, Tree>;
    for (const name of Object.keys(record)) out[name] = record[name]; // keeps the order in which people read the names
    for (const name of Object.keys(record).sort()) out[name] = build(record[name]);
    return out;
  };
  const tree = build(like) as T;
  if (next !== list.length) throw new ShapeError(complaint("leaves", `${next} tensors`, list.length));
  return tree;
}

/**
 * Checks that two trees have the same names, shapes and dtypes.
 * @throws ShapeError naming the first leaf that differs
 */
export function checkSameTree(what: string, expected: Tree, got: Tree): void {
  const want = namedLeaves(expected);
  const have = namedLeaves(got);
  for (let i = 0; i < Math.max(want.length, have.length); i++) {
    const [path, leaf] = want[i] ?? ["", undefined];
    const [gotPath, gotLeaf] = have[i] ?? ["", undefined];
    if (leaf === undefined) throw new ShapeError(complaint(`${what}: ${gotPath}`, "no such leaf", describe(gotLeaf)));
    if (gotLeaf === undefined || path !== gotPath) {
      throw new ShapeError(complaint(`${what}: ${path}`, `a tensor ${describe(leaf)}`, gotPath || "nothing"));
    }
    if (describe(leaf) !== describe(gotLeaf)) {
      throw new ShapeError(`${what}: ${path}: expected ${describe(leaf)}, got ${describe(gotLeaf)}`);
    }
  }
}

/** "float32 [32, 64]" */
export function describe(t: tf.Tensor | undefined): string {
  return t === undefined ? "nothing" : `${t.dtype} [${t.shape.join(", ")}]`;
}

/** Frees every leaf. */
export function disposeTree(tree: Tree): void {
  for (const leaf of leaves(tree)) leaf.dispose();
}

/** Protects every leaf from the end of a tf.tidy; returns the tree. */
export function keepTree<T extends Tree>(tree: T): T {
  for (const leaf of leaves(tree)) tf.keep(leaf);
  return tree;
}

/** The number of scalars in all leaves. */
export function countParams(tree: Tree): number {
  return leaves(tree).reduce((sum, leaf) => sum + leaf.size, 0);
}

function visit(node: Tree, path: string, see: (path: string, leaf: tf.Tensor) => void): void {
  if (isTensor(node)) {
    see(path, node);
    return;
  }
  if (node === null || typeof node !== "object" || ArrayBuffer.isView(node)) {
    throw new ShapeError(
      complaint(
        path || "tree",
        "a tensor, or an object or array of tensors",
        node,
        "Numbers become tensors with tf.scalar",
      ),
    );
  }
  const under = path === "" ? "" : `${path}.`;
  if (Array.isArray(node)) node.forEach((child, i) => void visit(child, `${under}${i}`, see));
  else for (const name of Object.keys(node).sort()) visit((node as Record<string, Tree>)[name], under + name, see);
}
