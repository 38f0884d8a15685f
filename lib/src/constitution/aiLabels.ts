import { checkShare } from "../core/checks.js";
import { type Comparison, complaint, DomainError } from "../core/index.js";
import { sigmoid } from "../numerics/index.js";
import { foldIn, type Key, uniform } from "../random/index.js";

/** Log-probabilities, in nats, that a judge gives to the two letters that it may answer with. */
export interface LetterLogProbs {
  readonly A: number;
  readonly B: number;
}

/**
 * A judge's soft label, P(the first completion is better): sigmoid(log P("A") - log P("B")), normalised over the two
 * letters and averaged over both orders in which the pair can be shown, so that a love of the first place cancels; then
 * clamped, if asked to. Bai et al. 2022, arXiv:2212.08073 (who clamp to [0.4, 0.6] after chain of thought); Lee et al.
 * 2023, arXiv:2309.00267 (both orders).
 * `firstAsA` are the letters' log-probabilities when the first completion is shown as A, `firstAsB` as B.
 * @throws DomainError if a log-probability is no number or above 0, or clamp is not [low, high] around 0.5
 * @example aiLabel({ A: -1, B: -3 }, { A: -1, B: -3 }) // 0.5
 */
export function aiLabel(
  firstAsA: LetterLogProbs,
  firstAsB: LetterLogProbs,
  { clamp }: { clamp?: readonly [low: number, high: number] } = {},
): number {
  for (const [name, { A, B }] of Object.entries({ firstAsA, firstAsB })) {
    for (const value of [A, B]) {
      if (!(value <= 0 && Number.isFinite(value))) {
        throw new DomainError(complaint(`${name}: log-probability`, "a finite number of at most 0", value));
      }
    }
  }
  const p = (sigmoid(firstAsA.A - firstAsA.B) + sigmoid(firstAsB.B - firstAsB.A)) / 2;
  if (clamp === undefined) return p;
  const [low, high] = clamp;
  if (!(low >= 0 && low <= 0.5 && high >= 0.5 && high <= 1)) {
    throw new DomainError(complaint("clamp", "[low, high] with 0 <= low <= 0.5 <= high <= 1", clamp));
  }
  return Math.min(high, Math.max(low, p));
}

/** Two completions to one prompt. */
export interface CompletionPair<T> {
  readonly prompt: T;
  readonly first: T;
  readonly second: T;
}

/**
 * Labels pairs by what a judge prefers: above 0 the first completion is chosen, below 0 the second; a pair that it
 * calls equal (0) is left out, since nothing can be learned from it. `judge` gets the pair's own key, for principles
 * that are drawn. `flip` is the share of labels that are reversed.
 * @throws DomainError unless flip is in [0, 1], and if a judgement is not a number
 */
export function aiLabels<T>(
  key: Key,
  pairs: readonly CompletionPair<T>[],
  judge: (pair: CompletionPair<T>, key: Key) => number,
  { flip = 0 }: { flip?: number } = {},
): Comparison<T>[] {
  checkShare("flip", flip);
  const luck = uniform(foldIn(key, 0), pairs.length);
  const judgeKey = foldIn(key, 1);
  return pairs.flatMap((pair, i) => {
    const verdict = judge(pair, foldIn(judgeKey, i));
    if (Number.isNaN(verdict)) throw new DomainError(complaint(`judgement of pair ${i}`, "a number", verdict));
    if (verdict === 0) return [];
    const firstWins = verdict > 0 !== luck[i] < flip;
    const [chosen, rejected] = firstWins ? [pair.first, pair.second] : [pair.second, pair.first];
    return [{ prompt: pair.prompt, chosen, rejected }];
  });
}
