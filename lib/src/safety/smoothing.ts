import { checkCount, checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** What randomised ablation promises about one text. */
export interface SmoothingCertificate {
  /** The most that any substitution of d words can move a label's share of votes. */
  readonly reach: number;
  /** Whether the label stays the majority under every substitution of up to d words: share - reach > 1/2. */
  readonly certified: boolean;
}

/**
 * Randomised ablation of words: a classifier votes on every choice of k of the text's n words, the others blanked out.
 * A substitution of d words is seen by all but C(n-d, k) of the C(n, k) choices, so no label's share of votes moves by
 * more than
 *
 *   reach = 1 - C(n-d, k) / C(n, k):
 *
 * a label with share - reach > 1/2 wins after any of them, whatever the classifier. `share` is exact if all choices
 * voted (`ablationShare`); if they were sampled, give a lower confidence bound (`clopperPearsonLower`). Levine and
 * Feizi 2020, arXiv:1911.09272.
 * `words` is n, `kept` k, `changed` d.
 * @throws DomainError unless 1 <= kept <= words, 0 <= changed <= words and share is in [0, 1]
 * @example smoothingCertificate({ share: 6 / 7, words: 7, kept: 1, changed: 2 }).certified // true
 */
export function smoothingCertificate(options: {
  share: number;
  words: number;
  kept: number;
  changed: number;
}): SmoothingCertificate {
  const { share, words, kept, changed } = options;
  checkShare("share", share);
  checkKept(words, kept);
  checkCount("changed", changed, 0);
  if (changed > words) throw new DomainError(complaint("changed", `at most ${words}, the words of the text`, changed));
  // C(n-d, k) / C(n, k) = product over i < k of (n - d - i) / (n - i); 0 where less than k words are left alone.
  let untouched = 1;
  for (let i = 0; i < kept; i++) untouched *= Math.max(0, words - changed - i) / (words - i);
  const reach = 1 - untouched;
  // Shares are multiples of 1 / C(n, k): a crumb of rounding must not decide at 1/2.
  return { reach, certified: share - reach > 0.5 + 1e-12 };
}

/**
 * The share of all C(n, k) choices of k words on which `accepts` says yes, by enumeration. The kept words come in their
 * order; the others are left out, and `positions` says where the kept ones stood.
 * @throws DomainError unless 1 <= kept <= words.length, or where there are more than a million choices
 * @example ablationShare(["a", "b", "b"], 2, ([first]) => first === "b") // 0.3333
 */
export function ablationShare<T>(
  words: readonly T[],
  kept: number,
  accepts: (words: readonly T[], positions: readonly number[]) => boolean,
): number {
  const n = words.length;
  checkKept(n, kept);
  let choices = 1;
  for (let i = 0; i < kept; i++) choices *= (n - i) / (i + 1);
  if (choices > 1e6 + 0.5) {
    const hint = "Sample choices, and take a lower confidence bound";
    throw new DomainError(complaint("choices of words", "at most a million", Math.round(choices), hint));
  }
  const positions = Array.from({ length: kept }, (_, i) => i);
  let [yes, all] = [0, 0];
  for (;;) {
    const chosen = positions.map((at) => words[at]);
    if (accepts(chosen, positions)) yes++;
    all++;
    let i = kept - 1;
    while (i >= 0 && positions[i] === n - kept + i) i--;
    if (i < 0) return yes / all;
    positions[i]++;
    for (let j = i + 1; j < kept; j++) positions[j] = positions[j - 1] + 1;
  }
}

function checkKept(words: number, kept: number): void {
  checkCount("words", words);
  checkCount("kept", kept);
  if (kept > words) throw new DomainError(complaint("kept", `at most ${words}, the words of the text`, kept));
}
