/** White space as Python's str.split() knows it, so that our tokens are sacrebleu's. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python's list has four of them
const space = /[\t-\r\u001c-\u001f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** The text cut at white space; sacrebleu's tokeniser "none". */
export function splitAtSpaces(text: string): string[] {
  return text.split(space).filter((token) => token !== "");
}

/**
 * The tokeniser of mteval-v13a, which WMT's and sacrebleu's BLEU use: ASCII punctuation stands alone, except
 * that "." and "," stay between digits, and "-" stays unless a digit precedes it; four HTML entities are undone.
 * Post 2018, arXiv:1804.08771.
 */
export function tokenise13a(text: string): string[] {
  const plain = text
    .replace(new RegExp(`${space.source}$`), "")
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return splitAtSpaces(
    ` ${plain} `
      .replace(/[{-~[-` -&(-+:-@/]/gu, " $& ")
      .replace(/([^0-9])([.,])/gu, "$1 $2 ")
      .replace(/([.,])([^0-9])/gu, " $1 $2")
      .replace(/([0-9])-/gu, "$1 - "),
  );
}
