import { checkCount } from "../core/checks.js";
import type { SequenceTree } from "./sequenceTree.js";

/**
 * The context of each prefix, [P]: which row of the table of logits it reads. Two policies over the same tree:
 * - `tabularContexts`: every prefix has its own row; any distribution over sequences can be written;
 * - `lastTokenContexts`: one row per last token (and one for the beginning); the policy forgets all but that token, so
 *   the best one it can write is usually not the best one there is.
 */
export type Contexts = Int32Array;

/** A row of its own for every prefix. */
export function tabularContexts(tree: SequenceTree): Contexts {
  return Int32Array.from(tree.prefixes, (_, p) => p);
}

/** One row per last token; the empty prefix reads row `vocabulary`. */
export function lastTokenContexts(tree: SequenceTree): Contexts {
  return Int32Array.from(tree.prefixes, (prefix) => prefix.at(-1) ?? tree.vocabulary);
}

/** One row per place: a policy that remembers nothing, whose tokens do not depend on one another. */
export function placeContexts(tree: SequenceTree): Contexts {
  return Int32Array.from(tree.prefixes, (prefix) => prefix.length);
}

/**
 * A context window of k tokens: one row for each different ending of a prefix. k = 1 forgets all but
 * one token as `lastTokenContexts` does; with k as long as the longest prefix every prefix has a row of its own.
 * @throws DomainError unless k is a whole number of at least 1
 */
export function windowContexts(tree: SequenceTree, k: number): Contexts {
  checkCount("k", k);
  const known = new Map<string, number>();
  return Int32Array.from(tree.prefixes, (prefix) => {
    const ending = prefix.slice(-k).join();
    if (!known.has(ending)) known.set(ending, known.size);
    return known.get(ending) as number;
  });
}
