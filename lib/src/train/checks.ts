import { complaint, DomainError } from "../core/index.js";
import type { PromptCompletion } from "../rewards/completionRows.js";
import { checkTokenIds } from "../tokenizers/index.js";

// What every trainer asks before its first step.

/** @throws DomainError naming the first that is no integer of at least 1; what was left out is not asked for */
export function checkCounts(counts: { readonly [name: string]: number | undefined }): void {
  for (const [name, count] of Object.entries(counts)) {
    if (count === undefined || (Number.isInteger(count) && count >= 1)) continue;
    throw new DomainError(complaint(name, "a whole number of at least 1", count));
  }
}

/**
 * Rows to learn from, all of them, whichever will be drawn.
 * @throws DomainError naming the row without a prompt or a completion, or with a token that is none
 */
export function checkRowsOfTokens(what: string, rows: readonly PromptCompletion[], vocabulary?: number): void {
  // Comparisons name the same texts again and again: each is looked at once, and named by where it first stands.
  const seen = new Set<ArrayLike<number>>();
  rows.forEach((row, b) => {
    for (const part of ["prompt", "completion"] as const) {
      if (seen.has(row[part])) continue;
      seen.add(row[part]);
      const name = `${what}[${b}].${part}`;
      if (!(row[part].length >= 1)) throw new DomainError(complaint(name, "at least one token", row[part]));
      checkTokenIds(name, row[part], vocabulary);
    }
  });
}
