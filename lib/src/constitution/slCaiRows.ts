import { checkCount, checkShare } from "../core/checks.js";
import { foldIn, type Key, uniform } from "../random/index.js";

/** A prompt and what was written after it. */
export interface Draft<T> {
  readonly prompt: T;
  readonly completion: T;
}

export interface CritiqueOptions<T> {
  /** Whether the completion breaks the constitution. */
  violates(draft: Draft<T>): boolean;
  /** A completion that does not, or is better. */
  revise(draft: Draft<T>): T;
  /** How often a violation goes unnoticed, in [0, 1], each round anew; 0 by default. */
  misses?: number;
  /** How often each completion is looked at; 1 by default. */
  rounds?: number;
}

/** A row to learn from, and whether it was revised. */
export interface RevisedRow<T> extends Draft<T> {
  readonly revised: boolean;
}

/**
 * The rows of supervised constitutional learning, SL-CAI: each draft is critiqued, revised where the critique finds a
 * violation, and becomes prompt -> last revision. The critique and the principle are in no row: what is learned is to
 * reply so without being told (context distillation). Of violations misses^rounds stay.
 * Bai et al. 2022, arXiv:2212.08073.
 * @throws DomainError unless misses is in [0, 1] and rounds a whole number of at least 0
 */
export function slCaiRows<T>(key: Key, drafts: readonly Draft<T>[], options: CritiqueOptions<T>): RevisedRow<T>[] {
  const { misses = 0, rounds = 1 } = options;
  checkShare("misses", misses);
  checkCount("rounds", rounds, 0);
  const luck = Array.from({ length: rounds }, (_, round) => uniform(foldIn(key, round), drafts.length));
  return drafts.map(({ prompt, completion }, i) => {
    let current = completion;
    let revised = false;
    for (let round = 0; round < rounds; round++) {
      const draft = { prompt, completion: current };
      if (luck[round][i] < misses || !options.violates(draft)) continue;
      current = options.revise(draft);
      revised = true;
    }
    return { prompt, completion: current, revised };
  });
}
