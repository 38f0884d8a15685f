import { complain, DomainError, ShapeError } from "../../core/index.js";
import type { PolicyRows, SequenceTree } from "../../envs/index.js";
import type { Rows } from "./logRatio.js";

// The losses of this folder meet the enumerable worlds: from logits to the log-probabilities of tokens, and back with the slopes.

/**
 * log pi of each token of some finished sequences, [B][|y|], under conditionals [P, V] (`nextTokenLogProbs`).
 * @throws DomainError for a number that no sequence has
 */
export function treeTokenLogProbs(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  sequences: ArrayLike<number>,
): Float64Array[] {
  return Array.from(sequences, (n) => Float64Array.from(path(tree, n), (at) => conditionals[at]));
}

/**
 * Back from tokens to parameters: d loss / d logits, [rows, V] row-major, where `slopes` [B][|y|] are d loss / d log pi of
 * each token of the sequences: sum of slope (onehot(token) - pi(. | prefix)) over the tokens that read a row.
 * @throws ShapeError if slopes and sequences differ in number or length; DomainError for a number that no sequence has
 */
export function treeLogitGradient(
  tree: SequenceTree,
  rows: PolicyRows,
  conditionals: ArrayLike<number>,
  sequences: ArrayLike<number>,
  slopes: Rows,
): Float64Array {
  const V = tree.vocabulary;
  const out = new Float64Array((rows.reduce((most, row) => Math.max(most, row), 0) + 1) * V);
  if (slopes.length !== sequences.length) {
    throw new ShapeError(complain("slopes", `${sequences.length} rows, one per sequence`, slopes));
  }
  for (let b = 0; b < sequences.length; b++) {
    const places = path(tree, sequences[b]);
    if (slopes[b].length !== places.length) {
      throw new ShapeError(complain(`slopes[${b}]`, `${places.length} numbers, one per token`, slopes[b]));
    }
    places.forEach((at, t) => {
      const slope = slopes[b][t];
      if (slope === 0) return;
      const p = Math.floor(at / V);
      const row = rows[p] * V;
      for (let v = 0; v < V; v++) out[row + v] -= slope * Math.exp(conditionals[p * V + v]);
      out[row + (at % V)] += slope;
    });
  }
  return out;
}

/** For each token of a sequence, its place p V + v among the conditionals. */
function path(tree: SequenceTree, n: number): number[] {
  const tokens = tree.sequences[n];
  if (tokens === undefined) {
    throw new DomainError(complain("sequence", `a number from 0 to ${tree.sequences.length - 1}`, n));
  }
  let prefix = 0;
  return tokens.map((token) => {
    const at = prefix * tree.vocabulary + token;
    prefix = tree.next[at];
    return at;
  });
}

/**
 * A table of logits that reads the last k tokens: one row for each different ending of a prefix. k = 1 forgets all but one
 * token as `lastTokenRows` does; with k as long as the longest prefix every prefix has a row of its own.
 * @throws DomainError unless k is a whole number of at least 1
 */
export function contextRows(tree: SequenceTree, k: number): PolicyRows {
  if (!(Number.isInteger(k) && k >= 1)) throw new DomainError(complain("k", "a whole number of at least 1", k));
  const known = new Map<string, number>();
  return Int32Array.from(tree.prefixes, (prefix) => {
    const ending = prefix.slice(-k).join();
    if (!known.has(ending)) known.set(ending, known.size);
    return known.get(ending) as number;
  });
}
