import { complain, DomainError, ShapeError } from "../../core/index.js";
import { mean, standardDeviation } from "../../numerics/index.js";

export interface GroupOptions {
  /** G, how many completions each prompt has. The rows of a group are neighbours. */
  readonly group: number;
}

/**
 * What a completion's reward is worth among its siblings, [B]:
 *
 *   (r_i - mean of the group) / standard deviation of the group,
 *
 * where the deviation is the sample's, with G - 1 (Shao et al. 2024, arXiv:2402.03300, section 4.1.2; the number their code
 * and TRL's divide by). With `normalise: false` only the mean is taken away (Liu et al. 2025, arXiv:2503.20783). A group
 * whose rewards are all the same, up to a millionth of their size, teaches nothing: its advantages are 0. No small number is
 * added to the deviation, so that two rewards of 0 and 1e-3 count as much as two of 0 and 1: see lesson 10 for what that
 * does.
 * @throws ShapeError unless the groups fill the batch; DomainError for groups of one, or rewards that are not finite
 */
export function groupAdvantages(
  rewards: ArrayLike<number>,
  { group, normalise = true }: GroupOptions & { readonly normalise?: boolean },
): Float64Array {
  const out = new Float64Array(rewards.length);
  for (const [start, own] of groupsOf(rewards, group)) {
    if (isConstant(own)) continue;
    const centre = mean(own);
    const scale = normalise ? standardDeviation(own) : 1;
    for (let i = 0; i < group; i++) out[start + i] = (own[i] - centre) / scale;
  }
  return out;
}

/**
 * A completion's reward minus the mean of its siblings', itself left out, [B]: r_i - sum over j != i of r_j / (G - 1). The
 * baseline does not depend on the completion, so that the gradient stays unbiased (Kool et al. 2019; Ahmadian et al. 2024,
 * arXiv:2402.14740, eq. 8). It is G / (G - 1) times `groupAdvantages` without normalisation.
 * @throws as `groupAdvantages`
 */
export function leaveOneOutAdvantages(rewards: ArrayLike<number>, { group }: GroupOptions): Float64Array {
  const out = new Float64Array(rewards.length);
  for (const [start, own] of groupsOf(rewards, group)) {
    if (isConstant(own)) continue;
    const sum = own.reduce((a, b) => a + b);
    for (let i = 0; i < group; i++) out[start + i] = own[i] - (sum - own[i]) / (group - 1);
  }
  return out;
}

/** The rewards of each group, with the number of its first row. */
export function groupsOf(rewards: ArrayLike<number>, group: number): [start: number, own: Float64Array][] {
  if (!(Number.isInteger(group) && group >= 2)) {
    const hint = "One completion alone has no siblings to be compared with: draw several for each prompt";
    throw new DomainError(complain("group", "a whole number of at least 2", group, hint));
  }
  if (rewards.length === 0 || rewards.length % group !== 0) {
    throw new ShapeError(complain("rewards", `a multiple of the group of ${group}`, rewards));
  }
  const all = Float64Array.from(rewards);
  const wrong = all.findIndex((reward) => !Number.isFinite(reward));
  if (wrong >= 0) throw new DomainError(complain(`rewards[${wrong}]`, "a finite number", all[wrong]));
  return Array.from({ length: all.length / group }, (_, g) => [g * group, all.subarray(g * group, (g + 1) * group)]);
}

/** Whether rewards differ by no more than what float32 makes of equal ones. */
export function isConstant(own: Float64Array): boolean {
  let [least, most] = [own[0], own[0]];
  for (const reward of own) {
    if (reward < least) least = reward;
    if (reward > most) most = reward;
  }
  return most - least <= 1e-6 * Math.max(Math.abs(least), Math.abs(most));
}
