import { tf } from "./tf.js";

/**
 * Whether a function is being recorded right now, and within which of its branches: what
 * `record` and `inBranches` share.
 */
export const recordingState: { active: boolean; branch: number | undefined } = { active: false, branch: undefined };

/** Whether a gradient tape is watching: a graph is one opaque op to it. */
export function isDifferentiating(): boolean {
  return (tf.engine() as unknown as { state: { gradientDepth: number } }).state.gradientDepth > 0;
}
