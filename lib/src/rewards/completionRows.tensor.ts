import { complaint, DomainError } from "../core/index.js";
import { tf } from "../tensor/index.js";
import { checkTokenIds } from "../tokenizers/index.js";
import type { PromptCompletion } from "./completionRows.js";

/** Rows of prompt and completion [B, T] int32, and a mask [B, T], 1 on the completion. */
export type CompletionRows = { tokens: tf.Tensor2D; mask: tf.Tensor2D };

/**
 * Prompts and completions as one batch of `length` columns, padded on the right. What comes later is never seen, so the
 * padding changes nothing.
 * @throws DomainError for an empty prompt or completion, a token that is none (with a `vocabulary`, also one beyond
 *   it), or a row longer than `length`
 */
export function completionBatch(
  rows: readonly PromptCompletion[],
  length: number,
  pad = 0,
  vocabulary?: number,
): CompletionRows {
  checkTokenIds("pad", [pad], vocabulary);
  const tokens = new Int32Array(rows.length * length).fill(pad);
  const mask = new Float32Array(rows.length * length);
  rows.forEach(({ prompt, completion }, b) => {
    for (const [name, part] of Object.entries({ prompt, completion })) {
      if (part.length === 0) throw new DomainError(complaint(`${name} of row ${b}`, "at least one token", part));
      checkTokenIds(`${name} of row ${b}`, part, vocabulary);
    }
    const end = prompt.length + completion.length;
    if (end > length) throw new DomainError(complaint(`row ${b}`, `at most ${length} tokens`, end));
    tokens.set(prompt, b * length);
    tokens.set(completion, b * length + prompt.length);
    mask.fill(1, b * length + prompt.length, b * length + end);
  });
  return {
    tokens: tf.tensor2d(tokens, [rows.length, length], "int32"),
    mask: tf.tensor2d(mask, [rows.length, length]),
  };
}
