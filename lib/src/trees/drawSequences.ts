import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type Key, uniform } from "../random/index.js";
import type { SequenceTree } from "./sequenceTree.js";
import { rowLogProbs, type TreePolicy } from "./treePolicy.js";

/**
 * Sequences that a policy has drawn, with what is kept of them. Lists may differ in length: a sequence has
 * as many tokens as it has.
 */
export interface TreeBatch {
  /** Numbers in `tree.sequences`, [n]. */
  readonly sequences: Int32Array;
  /** For each sequence, where its tokens stand in tables [P, V]: prefix * V + token. */
  readonly tokenIndices: readonly Int32Array[];
  /** log-probability of each token under the policy that drew it. */
  readonly logpOld: readonly Float64Array[];
}

/**
 * n sequences of a policy, token by token: at each prefix the first token whose cumulative probability exceeds a
 * uniform number (the last possible one, should rounding leave something over). Only rows that are visited are looked
 * at. With `from`, completions of that prefix: the sequences are whole, places and logpOld those of the drawn tokens.
 * @throws DomainError unless n is a count of at least 1 and `from` a prefix, or where a row is no distribution
 * @example
 * const policy = treePolicy(sequenceTree(2, 2), [0, 0, 0, 0]);
 * drawSequences(key(0), policy, 5).sequences // [0, 2, 1, 2, 1]
 */
export function drawSequences(
  key: Key,
  policy: TreePolicy,
  n: number,
  { from = 0 }: { from?: number } = {},
): TreeBatch {
  const { tree } = policy;
  checkCount("n", n);
  if (tree.prefixes[from] === undefined) {
    throw new DomainError(complaint("from", `the number of a prefix, below ${tree.prefixes.length}`, from));
  }
  const logProbs = rowLogProbs(policy);
  const noise = uniform(key, n * tree.length);
  const sequences = new Int32Array(n);
  const tokenIndices: Int32Array[] = [];
  const logpOld: Float64Array[] = [];
  for (let b = 0; b < n; b++) {
    const [path, logps]: [number[], number[]] = [[], []];
    let node = from;
    for (let t = b * tree.length; node >= 0; t++) {
      const row = logProbs(node);
      const token = drawToken(noise[t], row, tree.prefixes[node]);
      path.push(node * tree.vocabulary + token);
      logps.push(row[token]);
      node = tree.next[node * tree.vocabulary + token];
    }
    sequences[b] = -1 - node;
    tokenIndices.push(Int32Array.from(path));
    logpOld.push(Float64Array.from(logps));
  }
  return { sequences, tokenIndices, logpOld };
}

function drawToken(u: number, logProbs: Float64Array, prefix: readonly number[]): number {
  let rest = u;
  let token = -1;
  for (let v = 0; v < logProbs.length && rest >= 0; v++) {
    const probability = Math.exp(logProbs[v]);
    if (probability > 0) {
      token = v;
      rest -= probability;
    }
  }
  if (token >= 0 && !Number.isNaN(rest)) return token;
  throw new DomainError(complaint(`log-probabilities after [${prefix}]`, "a distribution", logProbs));
}

/**
 * Where the tokens of sequence number y stand in a table [P, V]: prefix * V + token, one per token.
 * @throws DomainError for a number that no sequence has
 */
export function tokenIndicesOf(tree: SequenceTree, y: number): Int32Array {
  const sequence = tree.sequences[y];
  if (sequence === undefined) {
    throw new DomainError(complaint("sequence", `a number from 0 to ${tree.sequences.length - 1}`, y));
  }
  let prefix = 0;
  return Int32Array.from(sequence, (token) => {
    const at = prefix * tree.vocabulary + token;
    prefix = tree.next[at];
    return at;
  });
}

/** What a table of log-probabilities [P, V] says at these places, list by list. */
export function treeTokenLogProbs(table: ArrayLike<number>, tokenIndices: readonly Int32Array[]): Float64Array[] {
  return tokenIndices.map((list) => Float64Array.from(list, (at) => table[at]));
}
