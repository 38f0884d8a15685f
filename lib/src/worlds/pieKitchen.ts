import type { AssistanceProblem } from "../alignment/index.js";
import { checkShare } from "../core/checks.js";

/**
 * A kitchen (after Shah et al. 2020, "Benefits of assistance over reward learning"): the person wants an apple or a
 * cherry pie, each as likely, and in each step says which one, right with probability `clear`. The robot waits (0),
 * makes dough (1), bakes apples (2) or cherries (3); a pie needs dough. The right pie is worth 10, the wrong one -10,
 * and each step without a pie costs 1. States: nothing, dough, done. Lesson 15.
 */
export function pieKitchen({ clear = 0.7, steps = 5 }: { clear?: number; steps?: number } = {}): AssistanceProblem {
  checkShare("clear", clear);
  return {
    ...{ states: 3, robotActions: 4, prior: [0.5, 0.5], start: 0, steps },
    human: (theta) => (theta === 0 ? [clear, 1 - clear] : [1 - clear, clear]),
    next: (state, _, r) => (state === 0 && r === 1 ? 1 : state === 1 && r >= 2 ? 2 : state),
    reward(theta, state, _, r) {
      if (state === 2) return 0;
      if (state === 1 && r >= 2) return r - 2 === theta ? 10 : -10;
      return -1;
    },
  };
}
