/** A part of the theory text, in its order. */
export const errataSections = [
  "human preference modeling",
  "reward model training",
  "RLHF framework",
  "constitutional AI theory",
  "policy optimization",
  "PPO for language models",
  "actor-critic",
  "self-play",
  "value alignment",
  "robustness and uncertainty",
  "constrained policy optimization",
  "constitutional AI implementation",
  "question 1",
  "question 2",
  "question 3",
  "question 4",
  "question 5",
  "question 6",
  "question 7",
  "question 8",
  "key principles",
] as const;

export type ErrataSection = (typeof errataSections)[number];

/**
 * What is to be said of a sentence:
 * wrong: a counterexample runs; incomplete: true with a condition that it leaves out; unsupported: no argument is
 * given, and it is false somewhere; right: it was tried and stands.
 */
export type Verdict = "wrong" | "incomplete" | "unsupported" | "right";

/** Name of a quantity -> what was computed. */
export type Numbers = Readonly<Record<string, number>>;

/** One sentence of the theory text put on trial. */
export interface Erratum {
  /** A name of its own, by which it is cited. */
  readonly name: string;
  readonly section: ErrataSection;
  /** A few of its words, so that it is found. */
  readonly quote: string;
  readonly verdict: Verdict;
  /** What it says, in our words. */
  readonly said: string;
  /** What is so instead, or as well. */
  readonly truth: string;
  /** The experiment: a pure function of a few lines. */
  readonly found: () => Numbers;
  /** The lesson where it is dealt with at length. */
  readonly lesson: string;
}
