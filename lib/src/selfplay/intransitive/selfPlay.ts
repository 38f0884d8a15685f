import { checkCount } from "../../core/checks.js";
import type { Play } from "../../games/index.js";

/**
 * Steps repeated: policy_(t+1) = step(policy_t, t), and the average of the policies that played, policy_0 to
 * policy_(steps - 1). `watch` sees each of them, and the last.
 * @example
 * const step = (policy: Float64Array) => sppoStep([[0.5, 1], [0, 0.5]], policy, 1);
 * selfPlay([0.5, 0.5], step, { steps: 4 }).last // [0.8808, 0.1192]
 */
export function selfPlay(
  start: ArrayLike<number>,
  step: (policy: Float64Array, t: number) => ArrayLike<number>,
  { steps, watch }: { steps: number; watch?: (policy: Float64Array, t: number) => void },
): Play {
  checkCount("steps", steps);
  let policy: Float64Array = Float64Array.from(start);
  const average = new Float64Array(policy.length);
  for (let t = 0; t < steps; t++) {
    watch?.(policy, t);
    for (let i = 0; i < average.length; i++) average[i] += policy[i] / steps;
    policy = Float64Array.from(step(policy, t));
  }
  watch?.(policy, steps);
  return { last: policy, average };
}
