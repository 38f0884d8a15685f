import { checkPositive } from "../../core/checks.js";
import { lbfgs } from "../../numerics/index.js";
import type { Contexts, SequenceTree } from "../../trees/index.js";

/**
 * The logits of least loss(logits) + (l2 / 2) |logits - start|^2, by L-BFGS: a table held near where it began, by its
 * parameters and not by a KL. A linear reward with one number per entry of the table has the same penalty with
 * l2 / beta^2 in place of l2, since moving a logit by d is a reward of beta d. It ends where the penalty alone would
 * move no logit by more than 1e-5 against the slope that is left: for a convex loss the answer is no further off, in
 * whatever unit loss and l2 are. After `iterations` steps it returns what it has.
 * @throws DomainError unless l2 > 0
 */
export function l2RegularisedDescent(
  start: Float64Array,
  loss: (logits: Float64Array) => { loss: number; gradient: Float64Array },
  { l2, iterations = 200 }: { readonly l2: number; readonly iterations?: number },
): Float64Array {
  checkPositive("l2", l2);
  const climb = (logits: Float64Array, slope: Float64Array) => {
    const { loss: value, gradient } = loss(logits);
    let size = 0;
    for (let i = 0; i < slope.length; i++) {
      const moved = logits[i] - start[i];
      slope[i] = -gradient[i] - l2 * moved;
      size += moved * moved;
    }
    return -value - (l2 * size) / 2;
  };
  const weight = new Float64Array(start.length).fill(l2);
  return lbfgs(climb, start, { iterations, tolerance: 1e-5, weight, mayStopEarly: true }).at;
}

/**
 * How often each finished sequence passes each entry of a table of logits [rows, V]: the features of a reward that such
 * a table could express, [N][rows V].
 */
export function entryCounts(tree: SequenceTree, contexts: Contexts): number[][] {
  const V = tree.vocabulary;
  let last = 0;
  for (const row of contexts) if (row > last) last = row;
  return tree.sequences.map((sequence) => {
    const counts = new Array<number>((last + 1) * V).fill(0);
    let prefix = 0;
    for (const token of sequence) {
      counts[contexts[prefix] * V + token]++;
      prefix = tree.next[prefix * V + token];
    }
    return counts;
  });
}
