import { complaint, DomainError } from "../../core/index.js";
import { overPaddedRows } from "../../policy/index.js";
import { klShapedRewards } from "../../rewards/index.js";
import { type Experience, sampledKl } from "./experience.js";

// From rewards per completion to numbers per token.

/**
 * The reward of each row less the cost of leaving the reference: reward - beta * sum over tokens of
 * (logpOld - logpRef), [B].
 */
export function regularisedRewards(experience: Experience, beta: number): Float64Array {
  if (beta === 0) return experience.reward;
  const kl = sampledKl(experience);
  return experience.reward.map((reward, b) => reward - beta * kl[b]);
}

/** The same number on every drawn token of a row: [B] -> [B, T]. */
export function onEveryToken({ rows, columns, mask }: Experience, perRow: ArrayLike<number>): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let b = 0; b < rows; b++) {
    for (let t = 0; t < columns; t++) out[b * columns + t] = mask[b * columns + t] * perRow[b];
  }
  return out;
}

/**
 * Token by token with a critic: `advantage(rewards, values)` of each row's completion, whose values [n + 1] end with 0
 * because nothing comes after a completion. Also the returns, advantage plus value: what the critic should have said.
 * Both [B, T], 0 where the mask is 0.
 * @throws DomainError if the experience has no values, or a row no completion
 */
export function criticAdvantages(
  experience: Experience,
  beta: number,
  advantage: (rewards: Float64Array, values: Float64Array) => ArrayLike<number>,
): { advantages: Float32Array; returns: Float32Array } {
  const { columns, mask, values, logpOld, logpRef, reward } = experience;
  if (values === undefined) throw new DomainError(complaint("values", "those of a critic", values, withoutCritic));
  const advantages = overPaddedRows([values, logpOld, logpRef], mask, columns, ([expected, old, ref], b) =>
    advantage(klShapedRewards(old, ref, reward[b], { beta }), Float64Array.from([...expected, 0])),
  );
  checkFits({ advantages: Float32Array.from(advantages) }, experience);
  const returns = advantages.map((got, i) => (mask[i] === 1 ? got + values[i] : 0));
  return { advantages: Float32Array.from(advantages), returns: Float32Array.from(returns) };
}

/**
 * What a loss is made of must be numbers in float32; beyond 3e38 it would be an infinity, and no smaller
 * learning rate would help.
 * @throws DomainError naming the largest reward
 */
export function checkFits(
  lists: { readonly [name: string]: Float32Array | undefined },
  { reward }: Pick<Experience, "reward">,
): void {
  for (const [name, list] of Object.entries(lists)) {
    const wrong = list?.find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    const largest = reward.reduce((most, r) => (Math.abs(r) > Math.abs(most) ? r : most), 0);
    const hint = `They come from rewards as large as ${largest}: give them another unit, or divide them by their spread`;
    throw new DomainError(complaint(name, "numbers that float32 holds", wrong, hint));
  }
}

/** The hint where an algorithm asks for values that nobody has made. */
export const withoutCritic = "An algorithm that learns from a critic says critic: true";
