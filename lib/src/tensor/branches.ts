import { recordingState } from "./recordingState.js";

/**
 * Runs independent parts of a computation, [part(), ...]. In a captured graph each part becomes one function that a
 * single thread runs op after op, the parts side by side. Between small ops this saves most of the time: nothing is
 * queued and no other thread is woken for them. The results are the same, bit for bit. Parts may use tensors from
 * before, not from each other.
 *
 * What follows from one part alone becomes a function too: under a gradient tape each part's backward pass, once the
 * loss has been made from all of them (see `Places`).
 */
export function inBranches<T>(parts: readonly (() => T)[]): T[] {
  if (!recordingState.active || recordingState.branch !== undefined) return parts.map((part) => part());
  return parts.map((part, i) => {
    recordingState.branch = i;
    try {
      return part();
    } finally {
      recordingState.branch = undefined;
    }
  });
}
