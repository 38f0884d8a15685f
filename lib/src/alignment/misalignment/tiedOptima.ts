import { checkCount, checkDiscount, checkNumbers } from "../../core/checks.js";
import { backUp, type TabularMdp, transitionRows } from "../../mdp/index.js";

/** What optimising a reward leaves open. All are means over the start distribution. */
export interface TiedOptima {
  /** The best sum of rewards. */
  readonly reward: number;
  /** The sum of utilities of the optimal policy that people like best, and least. */
  readonly best: number;
  readonly worst: number;
  /** The best sum of utilities that any policy has. */
  readonly utility: number;
  /** The actions of the best and of the worst one, [horizon][states]; the first of equals. */
  readonly bestChoice: Int32Array[];
  readonly worstChoice: Int32Array[];
}

/**
 * Among all policies that are optimal for the world's reward over `horizon` steps: how much, and how little, of a
 * hidden utility [states * actions] do they earn? Backward induction on the reward, and among its best actions (equal
 * up to rounding) on the utility. `utility - worst` is the misalignment cost if the tie falls badly. `discount` may be
 * 1 and is the world's by default.
 * @throws ShapeError, DomainError for utilities that do not fit, a horizon below 1, a discount outside [0, 1]
 */
export function tiedOptima(
  mdp: TabularMdp,
  utility: ArrayLike<number>,
  { horizon, discount = mdp.discount }: { horizon: number; discount?: number },
): TiedOptima {
  const { states, actions, rewards } = mdp;
  checkCount("horizon", horizon);
  checkDiscount(discount);
  checkNumbers("utility", utility, states * actions);
  const rows = transitionRows(mdp);
  const zero = () => new Float64Array(states);
  let [reward, best, worst, most] = [zero(), zero(), zero(), zero()];
  const [bestChoice, worstChoice] = [new Array<Int32Array>(horizon), new Array<Int32Array>(horizon)];
  for (let t = horizon - 1; t >= 0; t--) {
    const q = backUp(rows, rewards, reward, discount);
    const high = backUp(rows, utility, best, discount);
    const low = backUp(rows, utility, worst, discount);
    const free = backUp(rows, utility, most, discount);
    [reward, best, worst, most] = [zero(), zero(), zero(), zero()];
    bestChoice[t] = new Int32Array(states);
    worstChoice[t] = new Int32Array(states);
    for (let s = 0; s < states; s++) {
      const own = Array.from({ length: actions }, (_, a) => s * actions + a);
      reward[s] = own.reduce((top, i) => Math.max(top, q[i]), Number.NEGATIVE_INFINITY);
      const tied = own.filter((i) => reward[s] - q[i] <= 1e-9 * (1 + Math.abs(reward[s])));
      const top = tied.reduce((a, b) => (high[b] > high[a] ? b : a));
      const bottom = tied.reduce((a, b) => (low[b] < low[a] ? b : a));
      [best[s], worst[s]] = [high[top], low[bottom]];
      most[s] = own.reduce((m, i) => Math.max(m, free[i]), Number.NEGATIVE_INFINITY);
      bestChoice[t][s] = top % actions;
      worstChoice[t][s] = bottom % actions;
    }
  }
  const mean = (value: Float64Array) => value.reduce((sum, v, s) => sum + mdp.start[s] * v, 0);
  return {
    ...{ reward: mean(reward), best: mean(best), worst: mean(worst), utility: mean(most) },
    ...{ bestChoice, worstChoice },
  };
}
