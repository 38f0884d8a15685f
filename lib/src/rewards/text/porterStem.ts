/**
 * The stem of an English word by Porter's rules, so that "hunts", "hunted" and "hunting" count as one word: not always
 * a word itself ("whales" -> "whale", "happy" -> "happi"). Porter 1980, "An algorithm for suffix stripping", Program
 * 14, with the two clarifications that all implementations share: of a step's suffixes the longest that fits decides,
 * also when its condition then fails (so "feed" stays); and step 5a tries both of its conditions.
 *
 * Takes lower-case letters; any other character counts as a consonant. For ROUGE as rouge-score computes
 * it, see `nltkPorterStem`.
 */
export function porterStem(word: string): string {
  const begun = step1c(step1b(step1a(word)));
  return step5(apply(step4Rules, apply(step3Rules, apply(step2Rules, begun))));
}

/**
 * If a word ends in the suffix and what stands before it fulfils the condition, the replacement
 * takes the suffix's place.
 */
export type SuffixRule = readonly [suffix: string, replacement: string, condition?: (stem: string) => boolean];

/**
 * Obeys the first rule whose suffix fits, or keeps the word. A longer suffix has to stand before one that it ends in.
 */
export function apply(rules: readonly SuffixRule[], word: string): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const [suffix, replacement, condition] = rule;
  const stem = word.slice(0, word.length - suffix.length);
  return condition === undefined || condition(stem) ? stem + replacement : word;
}

/** "c" or "v" for each letter: vowels are a, e, i, o, u, and y after a consonant. */
export function letterKinds(word: string): string {
  let kinds = "";
  for (const letter of word) kinds += /[aeiou]/.test(letter) || (letter === "y" && kinds.endsWith("c")) ? "v" : "c";
  return kinds;
}

/** Porter's m: how often a vowel is followed by a consonant. "tree" 0, "trees" 1, "trouble" 1, "troubles" 2. */
export function measureOf(stem: string): number {
  return letterKinds(stem).split("vc").length - 1;
}

const hasVowel = (stem: string) => letterKinds(stem).includes("v");
export const m0 = (stem: string) => measureOf(stem) > 0;
const m1 = (stem: string) => measureOf(stem) > 1;

/** Porter's *o: consonant, vowel, consonant at the end, the last one not w, x or y. "hop", "wil". */
export function endsShort(stem: string): boolean {
  return letterKinds(stem).endsWith("cvc") && !/[wxy]$/.test(stem);
}

/** Plurals. */
export function step1a(word: string): string {
  return apply([["sses", "ss"], ["ies", "i"], ["ss", "ss"], ["s", ""]], word); // biome-ignore format: a table
}

/** Past and progress, and what has to be mended behind them. `short` is the condition *o. */
export function step1b(word: string, short = endsShort): string {
  if (word.endsWith("eed")) return apply([["eed", "ee", m0]], word);
  const stem = apply([["ed", "", hasVowel], ["ing", "", hasVowel]], word); // biome-ignore format: a table
  if (stem === word) return word;
  if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
  const last = stem.at(-1)!;
  if (stem.at(-2) === last && letterKinds(stem).endsWith("c")) return "lsz".includes(last) ? stem : stem.slice(0, -1);
  return measureOf(stem) === 1 && short(stem) ? `${stem}e` : stem;
}

function step1c(word: string): string {
  return apply([["y", "i", hasVowel]], word);
}

/** Suffixes of two, or one that another can follow: "hopefulness" -> "hopeful". */
// biome-ignore format: a table
export const step2Rules: readonly SuffixRule[] = [
  ["ational", "ate", m0], ["tional", "tion", m0], ["enci", "ence", m0], ["anci", "ance", m0], ["izer", "ize", m0], ["abli", "able", m0], ["alli", "al", m0],
  ["entli", "ent", m0], ["eli", "e", m0], ["ousli", "ous", m0], ["ization", "ize", m0], ["ation", "ate", m0], ["ator", "ate", m0], ["alism", "al", m0],
  ["iveness", "ive", m0], ["fulness", "ful", m0], ["ousness", "ous", m0], ["aliti", "al", m0], ["iviti", "ive", m0], ["biliti", "ble", m0],
];

/** The next layer: "hopeful" -> "hope". */
// biome-ignore format: a table
export const step3Rules: readonly SuffixRule[] = [
  ["icate", "ic", m0], ["ative", "", m0], ["alize", "al", m0], ["iciti", "ic", m0], ["ical", "ic", m0], ["ful", "", m0], ["ness", "", m0],
];

/** What is left, behind long stems only: "adjustable" -> "adjust". */
export const step4Rules: readonly SuffixRule[] = [
  ...["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"].map(removed),
  ["ion", "", (stem) => m1(stem) && /[st]$/.test(stem)],
  ...["ou", "ism", "ate", "iti", "ous", "ive", "ize"].map(removed),
];

function removed(suffix: string): SuffixRule {
  return [suffix, "", m1];
}

/** A last e, and one of two last l. */
export function step5(word: string, short = endsShort): string {
  const ended = apply([["e", "", (stem) => m1(stem) || (m0(stem) && !short(stem))]], word);
  return apply([["ll", "l", (stem) => m1(`${stem}l`)]], ended);
}
