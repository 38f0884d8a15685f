import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { actionValue, optimalPolicy, type TabularMdp, withRewards } from "../../mdp/index.js";

/** Q* of each auxiliary reward, [auxiliaries][states * actions], with the world's own discount. */
export function auxiliaryValues(mdp: TabularMdp, rewards: readonly ArrayLike<number>[]): Float64Array[] {
  return rewards.map((reward) => {
    const world = withRewards(mdp, reward);
    return actionValue(world, optimalPolicy(world).value);
  });
}

/**
 * Attainable utility penalty of each action, [states * actions]: the mean over auxiliary goals of
 * |Q_i(s, a) - Q_i(s, noop)|, divided by their mean Q_i(s, noop) if `scaled`. What an action does to the power of
 * reaching other goals counts, whether it adds or takes (Turner, Hadfield-Menell and Tadepalli 2020, arXiv:1902.09725).
 * `noop` is the action that does nothing.
 * @throws DomainError for no auxiliary goal, a noop that is no action, or a mean Q that is not positive when scaled
 */
export function attainableUtilityPenalty(
  mdp: TabularMdp,
  values: readonly ArrayLike<number>[],
  { noop, scaled = false }: { noop: number; scaled?: boolean },
): Float64Array {
  const { states, actions } = mdp;
  if (values.length === 0) throw new DomainError(complaint("values", "at least one auxiliary goal", values));
  if (!(Number.isInteger(noop) && noop >= 0 && noop < actions)) {
    throw new DomainError(complaint("noop", `an action, 0 to ${actions - 1}`, noop));
  }
  values.forEach((q, i) => {
    checkNumbers(`values[${i}]`, q, states * actions);
  });
  return Float64Array.from({ length: states * actions }, (_, pair) => {
    const idle = pair - (pair % actions) + noop;
    let [sum, scale] = [0, 0];
    for (const q of values) {
      sum += Math.abs(q[pair] - q[idle]);
      scale += q[idle];
    }
    if (!scaled) return sum / values.length;
    if (!(scale > 0)) throw new DomainError(complaint("the mean of Q(s, noop)", "a positive number", scale));
    return sum / scale;
  });
}
