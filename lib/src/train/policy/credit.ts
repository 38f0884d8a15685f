import { klShapedRewards } from "../../rewards/index.js";
import { completionSpan, type Experience, sampledKl } from "./experience.js";

// From rewards per completion to numbers per token.

/** The reward of each row less the cost of leaving the reference: reward - beta * sum over tokens of (logpOld - logpRef), [B]. */
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
 * Token by token with a critic: `advantage(rewards, values)` of each row's completion, whose values [n + 1] end with 0 because nothing comes
 * after a completion. Also the returns, advantage plus value: what the critic should have said.
 */
export function criticAdvantages(
  experience: Experience,
  beta: number,
  advantage: (rewards: Float64Array, values: Float64Array) => ArrayLike<number>,
): { advantages: Float32Array; returns: Float32Array } {
  const { rows, columns, values, logpOld, logpRef, reward } = experience;
  if (values === undefined) throw new Error("an algorithm with a critic was run without one");
  const advantages = new Float32Array(rows * columns);
  const returns = new Float32Array(rows * columns);
  for (let b = 0; b < rows; b++) {
    const [begin, end] = completionSpan(experience, b);
    const at = b * columns;
    const own = (from: Float32Array) => from.subarray(at + begin, at + end);
    const expected = Float64Array.from([...own(values), 0]);
    const rewards = klShapedRewards(own(logpOld), own(logpRef), reward[b], { beta });
    const got = advantage(rewards, expected);
    for (let i = 0; i < end - begin; i++) {
      advantages[at + begin + i] = got[i];
      returns[at + begin + i] = got[i] + expected[i];
    }
  }
  return { advantages, returns };
}
