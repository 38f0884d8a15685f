import type { PromptCompletion } from "./completionRows.js";

/**
 * Replies that may be unfinished, each with a label for every one of its tokens: [tokens of the completion], in [0, 1].
 */
export interface LabelledSteps extends PromptCompletion {
  readonly labels: ArrayLike<number>;
}
