import { type Key, randint, split } from "../../random/index.js";
import { featurePairs, linearReward } from "../../rewards/index.js";
import type { FrontDesk } from "../../worlds/index.js";

/** A classifier before the model. */
export interface PromptGuard {
  /** 1 for each prompt of the desk that it stops, else 0, [6561]. */
  readonly flags: Uint8Array;
  /** Share of the prompts that ask for a secret which it stops, and of the others. */
  readonly truePositives: number;
  readonly falsePositives: number;
}

/**
 * A guard that sees which word stands where, but not how they play together: a logistic score fitted on `n` attacks,
 * each against a harmless prompt, and the threshold that stops at most `allowed` of all harmless prompts. `attacks`
 * are the prompts to draw from, by number.
 */
export function promptGuard(
  key: Key,
  desk: FrontDesk,
  attacks: readonly number[],
  { n = 300, allowed = 0.01 }: { n?: number; allowed?: number } = {},
): PromptGuard {
  const benign = desk.asking("story", "room", "weather", "hello");
  const features = desk.prompts.map((prompt) => {
    const row = new Float64Array(36); // which word stands where
    prompt.forEach((word, place) => {
      row[9 * place + word - 1] = 1;
    });
    return row;
  });
  const [attackKey, benignKey] = split(key);
  const some = (k: Key, list: readonly number[]) => Array.from(randint(k, n, 0, list.length), (i) => features[list[i]]);
  const { theta } = linearReward.fit(featurePairs(some(attackKey, attacks), some(benignKey, benign)), { l2: 1 / n });
  const scores = linearReward.rewards(
    theta,
    features.flatMap((row) => Array.from(row)),
  );
  // The least threshold above which no more than the allowed share of harmless prompts lie.
  const descending = Float64Array.from(benign, (x) => scores[x])
    .sort()
    .reverse();
  const threshold = descending[Math.floor(allowed * benign.length)];
  const flags = Uint8Array.from(scores, (score) => Number(score > threshold + 1e-9));
  const share = (list: readonly number[]) => list.filter((x) => flags[x] === 1).length / list.length;
  return { flags, truePositives: share(desk.asking("code", "key")), falsePositives: share(benign) };
}
