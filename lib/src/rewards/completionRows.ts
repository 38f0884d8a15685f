/** A prompt and what comes after it, in tokens. An end token, where texts have one, belongs to the completion. */
export interface PromptCompletion {
  readonly prompt: ArrayLike<number>;
  readonly completion: ArrayLike<number>;
}

/**
 * The column before which no row's completion begins, where prompts are skipped, else 0: the shortest prompt's length.
 */
export function firstCompletionColumn(rows: readonly PromptCompletion[], skipPrompts = false): number {
  return skipPrompts ? rows.reduce((least, { prompt }) => Math.min(least, prompt.length), Number.POSITIVE_INFINITY) : 0;
}

/** The columns that the longest of some rows needs. */
export function longestRow(rows: readonly PromptCompletion[]): number {
  return rows.reduce((most, { prompt, completion }) => Math.max(most, prompt.length + completion.length), 0);
}
