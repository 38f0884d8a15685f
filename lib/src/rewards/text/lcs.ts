import type { Token } from "./ngrams.js";

/**
 * L[i][j], the length of a longest common subsequence of the first i tokens of a and the first j of b, [a + 1][b + 1]:
 *
 *   L[i][j] = L[i-1][j-1] + 1 if a_i = b_j, else max(L[i-1][j], L[i][j-1]).
 *
 * Takes len(a) len(b) steps.
 */
function lcsTable(a: readonly Token[], b: readonly Token[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] = a[i - 1] === b[j - 1] ? table[i - 1][j - 1] + 1 : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table;
}

/** The length of a longest common subsequence: tokens in the same order, not necessarily neighbours. */
export function lcsLength(a: readonly Token[], b: readonly Token[]): number {
  return lcsTable(a, b)[a.length][b.length];
}

/**
 * The places in a of one longest common subsequence, ascending. There may be several; this is the one that rouge-score
 * reads out, which on a tie gives up a token of a first.
 */
export function lcsPlaces(a: readonly Token[], b: readonly Token[]): number[] {
  const table = lcsTable(a, b);
  const places: number[] = [];
  let [i, j] = [a.length, b.length];
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      places.push(i - 1);
      i--;
      j--;
    } else if (table[i][j - 1] > table[i - 1][j]) j--;
    else i--;
  }
  return places.reverse();
}
