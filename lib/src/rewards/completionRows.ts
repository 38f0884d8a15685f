/** A prompt and what comes after it, in tokens. An end token, where texts have one, belongs to the completion. */
export interface PromptCompletion {
  readonly prompt: ArrayLike<number>;
  readonly completion: ArrayLike<number>;
}

/** The columns that the longest of some rows needs. */
export function longestRow(rows: readonly PromptCompletion[]): number {
  return rows.reduce((most, { prompt, completion }) => Math.max(most, prompt.length + completion.length), 0);
}
