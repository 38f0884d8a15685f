import { inBranches } from "./branches.js";
import { tf } from "./tf.js";
import { leaves, type Tree, unflatten } from "./tree.js";

/** From how many rows on a batch is cut. */
const ROWS = 16;

/** A half is not cut again. */
let cut = false;

/**
 * fn(batch) for rows that do not depend on each other: every leaf of `batch` and of the result is [B, ...], a
 * member that is undefined is left out. From 16 rows on it is computed in two halves: branches of one graph that
 * two cores work on at the same time, never waiting for each other inside an op, on numbers that are more likely to
 * be in a core's own cache.
 */
export function inHalves<I extends object, O extends Tree>(batch: I, fn: (part: I) => O): O {
  const given = Object.fromEntries(Object.entries(batch).filter(([, member]) => member !== undefined)) as Tree;
  const all = leaves(given);
  const rows = all[0].shape[0];
  // Where rows are missing, fn itself says so best.
  if (cut || rows < ROWS || all.some(({ shape }) => shape[0] !== rows)) return fn(batch);
  const sizes = [rows >> 1, rows - (rows >> 1)];
  const parts = all.map((leaf) => tf.split(leaf, sizes));
  const half = (i: number) =>
    fn(
      unflatten(
        given,
        parts.map((part) => part[i]),
      ) as unknown as I,
    );
  cut = true;
  let made: O[];
  try {
    made = inBranches([() => half(0), () => half(1)]);
  } finally {
    cut = false;
  }
  const [first, other] = made;
  const second = leaves(other);
  return unflatten(
    first,
    leaves(first).map((leaf, i) => tf.concat([leaf, second[i]])),
  );
}
