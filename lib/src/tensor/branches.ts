import { isDifferentiating, recordingState } from "./recordingState.js";

let count = 0;

/**
 * Runs independent parts of a computation, [part(), ...]. In a captured graph each part becomes one function that a
 * single thread runs op after op, the parts side by side. Between small ops this saves most of the time: nothing is
 * queued and no other thread is woken for them. The results are the same, bit for bit. Parts may use tensors from
 * before, not from each other.
 *
 * Where a gradient tape watches, the parts are recorded as if they stood there bare, since the backward
 * pass needs what is inside.
 */
export function inBranches<T>(parts: readonly (() => T)[]): T[] {
  if (!recordingState.active || recordingState.branch !== undefined || isDifferentiating()) {
    return parts.map((part) => part());
  }
  return parts.map((part) => {
    recordingState.branch = count++;
    try {
      return part();
    } finally {
      recordingState.branch = undefined;
    }
  });
}
