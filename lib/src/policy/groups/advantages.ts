import { complaint, DomainError, ShapeError } from "../../core/index.js";

export interface GroupOptions {
  /** G, how many completions each prompt has. The rows of a group are neighbours. */
  readonly group: number;
}

/**
 * What a completion's reward is worth among its siblings, [B]:
 *
 *   (r_i - mean of the group) / standard deviation of the group,
 *
 * where the deviation is the sample's, with G - 1 (Shao et al. 2024, arXiv:2402.03300, section 4.1.2; the number their
 * code and TRL's divide by). With `normalise: false` only the mean is taken away (Liu et al. 2025, arXiv:2503.20783). A
 * group whose rewards are all the same, up to float64's own rounding (a part in 1e12), teaches nothing: its advantages
 * are 0. Wherever the rewards have their zero, and however large or small they are, the answer is the same. No small
 * number is added to the deviation, so that two rewards of 0 and 1e-3 count as much as two of 0 and 1: see lesson 10
 * for what that does. (So do two rewards that differ by float32's noise only. Equal completions cancel all the same:
 * advantages add up to 0.)
 * @throws ShapeError unless the groups fill the batch; DomainError for groups of one, or rewards that are not finite
 * @example groupAdvantages([1, 0, 0, 1, 3, 3, 3, 3], { group: 4 }) // [0.8660, -0.8660, -0.8660, 0.8660, 0, 0, 0, 0]
 */
export function groupAdvantages(
  rewards: ArrayLike<number>,
  { group, normalise = true }: GroupOptions & { readonly normalise?: boolean },
): Float64Array {
  const out = new Float64Array(rewards.length);
  for (const [start, own] of groupsOf(rewards, group)) {
    if (normalise && isConstant(own)) continue;
    const { deviations, unit } = spread(own);
    const variance = deviations.reduce((sum, d) => sum + d * d, 0) / (group - 1);
    const scale = normalise ? 1 / Math.sqrt(variance) : unit;
    for (let i = 0; i < group; i++) out[start + i] = deviations[i] * scale;
  }
  return out;
}

/**
 * A completion's reward minus the mean of its siblings', itself left out, [B]: r_i - sum over j != i of r_j / (G - 1).
 * The baseline does not depend on the completion, so that the gradient stays unbiased (Kool et al. 2019; Ahmadian et
 * al. 2024, arXiv:2402.14740, eq. 8). It is G / (G - 1) times `groupAdvantages` without normalisation.
 * @throws as `groupAdvantages`
 * @example leaveOneOutAdvantages([1, 0, 0, 1], { group: 4 }) // [0.6667, -0.6667, -0.6667, 0.6667]
 */
export function leaveOneOutAdvantages(rewards: ArrayLike<number>, { group }: GroupOptions): Float64Array {
  const out = new Float64Array(rewards.length);
  for (const [start, own] of groupsOf(rewards, group)) {
    const { deviations, unit } = spread(own);
    for (let i = 0; i < group; i++) out[start + i] = deviations[i] * (group / (group - 1)) * unit;
  }
  return out;
}

/** The rewards of each group, with the number of its first row. */
export function groupsOf(rewards: ArrayLike<number>, group: number): [start: number, own: Float64Array][] {
  if (!(Number.isInteger(group) && group >= 2)) {
    const hint = "One completion alone has no siblings to be compared with: draw several for each prompt";
    throw new DomainError(complaint("group", "a whole number of at least 2", group, hint));
  }
  if (rewards.length === 0 || rewards.length % group !== 0) {
    throw new ShapeError(complaint("rewards", `a multiple of the group of ${group}`, rewards));
  }
  const all = Float64Array.from(rewards);
  const wrong = all.findIndex((reward) => !Number.isFinite(reward));
  if (wrong >= 0) throw new DomainError(complaint(`rewards[${wrong}]`, "a finite number", all[wrong]));
  return Array.from({ length: all.length / group }, (_, g) => [g * group, all.subarray(g * group, (g + 1) * group)]);
}

/**
 * Deviations from the group's mean, in a unit (a power of two, so that no digit is lost) that keeps their
 * squares from overflowing and vanishing. Taken from the first reward before they are averaged, so that equal
 * rewards deviate by exactly 0.
 */
function spread(own: Float64Array): { deviations: Float64Array; unit: number } {
  const apart = own.map((reward) => reward - own[0]);
  // The difference of two finite numbers may be infinite; that of their halves is not.
  const whole = apart.every(Number.isFinite) ? 1 : 2;
  const from = whole === 1 ? apart : own.map((reward) => reward / 2 - own[0] / 2);
  const most = from.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const unit = most === 0 ? 1 : 2 ** Math.min(1023, Math.max(-1022, Math.floor(Math.log2(most))));
  const scaled = from.map((difference) => difference / unit);
  const centre = scaled.reduce((a, b) => a + b) / scaled.length;
  return { deviations: scaled.map((difference) => (difference - centre) * whole), unit };
}

/** Whether rewards differ by no more than the rounding of their own digits: equal sums in another order. */
export function isConstant(own: Float64Array): boolean {
  let [least, most] = [own[0], own[0]];
  for (const reward of own) {
    if (reward < least) least = reward;
    if (reward > most) most = reward;
  }
  return most - least <= 1e-12 * Math.max(Math.abs(least), Math.abs(most));
}
