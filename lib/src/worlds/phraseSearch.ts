import { categorical, type Key, uniform } from "../random/index.js";
import { mutatePhrase, phraseKind } from "./phraseKinds.js";
import type { PhraseTask } from "./phrases.js";

/** The phrase task as a place to search in: replies by number, worth their utility about the whale. */
export interface PhraseSearch {
  /** `phraseKind` of each reply, [N], and all kinds, in alphabetical order. */
  readonly kindOf: readonly string[];
  readonly kinds: readonly string[];
  /** The utility of the best reply of each kind. */
  readonly bestOfKind: ReadonlyMap<string, number>;
  /** So many replies of the reference, by number. */
  start(key: Key, count: number): number[];
  /** `mutatePhrase`. */
  mutate(key: Key, reply: number): number;
  fitness(reply: number): number;
}

/**
 * The search of lesson 14: what evolution and archives begin with, change, and go by.
 * @example phraseSearch(phraseTask()).kinds.length // 20
 */
export function phraseSearch(task: PhraseTask): PhraseSearch {
  const utility = task.utility[0];
  const kindOf = task.tree.sequences.map(phraseKind);
  const bestOfKind = new Map<string, number>();
  kindOf.forEach((kind, y) => {
    bestOfKind.set(kind, Math.max(utility[y], bestOfKind.get(kind) ?? Number.NEGATIVE_INFINITY));
  });
  return {
    kindOf,
    kinds: [...bestOfKind.keys()].sort(),
    bestOfKind,
    start: (key, count) => Array.from(categorical(key, task.reference[0], count)),
    mutate: (key, reply) => mutatePhrase(key, task, reply),
    fitness: (reply) => utility[reply],
  };
}

/** Which replies about the whale are right, worth at least 2 nats: 1 or 0 for each, [N]. */
export function rightReplies(task: PhraseTask): Float64Array {
  return task.utility[0].map((u) => (u >= 2 ? 1 : 0));
}

/** What a judge passes that is wrong about the same replies each time, [N]: the right ones, and a share of others. */
export function fondJudge(key: Key, right: ArrayLike<number>, share = 0.1): Float64Array {
  return Float64Array.from(uniform(key, right.length), (u, y) => (right[y] === 1 || u < share ? 1 : 0));
}
