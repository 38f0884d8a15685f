import { complaint, DomainError } from "../core/index.js";

/**
 * Every sequence over a small vocabulary, as a tree: the inner nodes are the prefixes that can still go on, the leaves
 * the finished sequences. A sequence is finished by the end token, or by reaching the greatest length.
 */
export interface SequenceTree {
  /** Token ids are 0 .. vocabulary-1. */
  readonly vocabulary: number;
  /** The token that finishes a sequence; it is part of the sequence. */
  readonly end: number;
  /** The greatest number of tokens, the end token included. */
  readonly length: number;
  /** The prefixes [P]; the empty one is number 0, and every prefix comes after the ones it extends. */
  readonly prefixes: readonly (readonly number[])[];
  /** The finished sequences [N]. */
  readonly sequences: readonly (readonly number[])[];
  /**
   * What follows prefix p on token v, at [p * vocabulary + v]: a prefix number c >= 0, or -1 - n for sequence number n.
   */
  readonly next: Int32Array;
}

/**
 * All sequences of at most `length` tokens. There are ((V-1)^length - 1) / (V-2) prefixes, and (V-1)^length + that many
 * finished sequences.
 * @throws DomainError if there would be more than a million sequences
 * @example sequenceTree(2, 2).sequences // [[0], [1, 0], [1, 1]]
 */
export function sequenceTree(vocabulary: number, length: number, end = 0): SequenceTree {
  const whole = (x: number, least: number) => Number.isInteger(x) && x >= least;
  if (!whole(vocabulary, 2)) throw new DomainError(complaint("vocabulary", "a whole number of at least 2", vocabulary));
  if (!whole(length, 1)) throw new DomainError(complaint("length", "a whole number of at least 1", length));
  if (!whole(end, 0) || end >= vocabulary) throw new DomainError(complaint("end", "a token id", end));
  if (vocabulary ** length > 1e6) {
    const hint = "Enumeration is for small worlds";
    throw new DomainError(complaint("vocabulary ^ length", "at most a million", vocabulary ** length, hint));
  }
  const prefixes: number[][] = [[]];
  const sequences: number[][] = [];
  const next: number[] = [];
  for (let p = 0; p < prefixes.length; p++) {
    for (let token = 0; token < vocabulary; token++) {
      const tokens = [...prefixes[p], token];
      const finished = token === end || tokens.length === length;
      next.push(finished ? -1 - sequences.length : prefixes.length);
      (finished ? sequences : prefixes).push(tokens);
    }
  }
  return { vocabulary, end, length, prefixes, sequences, next: Int32Array.from(next) };
}

/**
 * The number of a finished sequence.
 * @throws DomainError if it is not one of the tree's
 * @example sequenceIndex(sequenceTree(2, 2), [1, 0]) // 1
 */
export function sequenceIndex(tree: SequenceTree, tokens: ArrayLike<number>): number {
  let node = 0;
  for (let t = 0; t < tokens.length; t++) {
    if (node >= 0 && tokens[t] >= 0 && tokens[t] < tree.vocabulary)
      node = tree.next[node * tree.vocabulary + tokens[t]];
    else
      throw new DomainError(complaint("sequence", `tokens of 0 to ${tree.vocabulary - 1}, none after the end`, tokens));
  }
  if (node >= 0) throw new DomainError(complaint("sequence", "one that is finished", tokens));
  return -1 - node;
}

/**
 * All sequences as rows for a neural model, row-major [N, width]: the prompt, the tokens, then the end token as
 * padding. The mask is 1 on the tokens of the sequence (its end token included) and 0 on prompt and padding.
 */
export function sequenceRows(
  tree: SequenceTree,
  prompt: readonly number[] = [],
): { tokens: Int32Array; mask: Float32Array; rows: number; width: number } {
  const width = prompt.length + tree.length;
  const rows = tree.sequences.length;
  const tokens = new Int32Array(rows * width).fill(tree.end);
  const mask = new Float32Array(rows * width);
  tree.sequences.forEach((sequence, row) => {
    tokens.set(prompt, row * width);
    tokens.set(sequence, row * width + prompt.length);
    mask.fill(1, row * width + prompt.length, row * width + prompt.length + sequence.length);
  });
  return { tokens, mask, rows, width };
}
