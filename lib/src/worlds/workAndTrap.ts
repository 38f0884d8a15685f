import { complaint, DomainError } from "../core/index.js";
import { type TabularMdp, type TabularPolicy, tabularMdp } from "../mdp/index.js";

/**
 * Two states: "work" (0), where action 0 goes on working and action 1 falls into the trap, and "trap" (1), which nobody
 * leaves. In the trap the proxy pays 1.5 a step, people lose 1; at work both pay 1. A policy is one number, how often
 * it falls, and a policy that falls a little more often per step spends far more of its time in the trap.
 */
export interface WorkAndTrap {
  /** With the true reward. */
  readonly mdp: TabularMdp;
  /** The proxy's rewards, [states * actions]. */
  readonly proxy: Float64Array;
  /** The policy that falls with this probability a step. @throws DomainError unless it is in [0, 1] */
  policy(fall: number): TabularPolicy;
}

/**
 * Builds the world.
 * @throws DomainError unless 0 <= discount < 1
 * @example occupancy(workAndTrap().mdp, workAndTrap().policy(0.01))[0] // 0.4975
 */
export function workAndTrap({ discount = 0.99 }: { discount?: number } = {}): WorkAndTrap {
  return {
    mdp: tabularMdp({
      states: 2,
      actions: 2,
      transitions: [1, 0, 0, 1, 0, 1, 0, 1],
      rewards: [1, 1, -1, -1],
      discount,
      start: [1, 0],
    }),
    proxy: Float64Array.of(1, 1, 1.5, 1.5),
    policy(fall) {
      if (!(fall >= 0 && fall <= 1)) throw new DomainError(complaint("fall", "a probability", fall));
      return Float64Array.of(1 - fall, fall, 0.5, 0.5);
    },
  };
}
