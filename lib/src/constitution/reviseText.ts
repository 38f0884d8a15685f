import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** What a checker found in a text: from which letter to which, which rule, and what to write instead, best first. */
export interface TextViolation {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly suggestions: readonly string[];
}

/** A rule for texts that finds what breaks it. */
export type TextChecker = (text: string) => readonly TextViolation[];

export interface RevisedText {
  readonly text: string;
  /** Violations before each round, and after the last. */
  readonly violations: readonly number[];
}

/**
 * Critique and revision of a text, `rounds` times: all checkers read it, and every violation's first suggestion is
 * written in its place (of violations that overlap, the first); one without a suggestion stays. Ends early where
 * nothing changes. Bai et al. 2022, arXiv:2212.08073, with programs in the critic's place.
 * @throws DomainError unless rounds is a whole number of at least 0, and for a violation outside of the text
 * @example
 * const plain = (t) => (t.startsWith("utilize") ? [{ start: 0, end: 7, rule: "plain", suggestions: ["use"] }] : []);
 * reviseText("utilize it", [plain], 2).text // "use it"
 */
export function reviseText(text: string, checkers: readonly TextChecker[], rounds: number): RevisedText {
  checkCount("rounds", rounds, 0);
  const critique = (of: string) =>
    checkers
      .flatMap((check) => check(of))
      .map((found) => checkPlace(found, of))
      .sort((a, b) => a.start - b.start);
  let current = text;
  let found = critique(current);
  const violations = [found.length];
  for (let round = 0; round < rounds; round++) {
    const next = withSuggestions(current, found);
    if (next === current) {
      violations.push(found.length);
      continue;
    }
    current = next;
    found = critique(current);
    violations.push(found.length);
  }
  return { text: current, violations };
}

function withSuggestions(text: string, found: readonly TextViolation[]): string {
  let out = "";
  let read = 0;
  for (const { start, end, suggestions } of found) {
    if (suggestions.length === 0 || start < read) continue;
    out += text.slice(read, start) + suggestions[0];
    read = end;
  }
  return out + text.slice(read);
}

function checkPlace(found: TextViolation, text: string): TextViolation {
  const { start, end } = found;
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= text.length) return found;
  throw new DomainError(complaint("a violation's place", `within the text's ${text.length} letters`, [start, end]));
}
