import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type GroupOptions, groupAdvantages } from "./advantages.js";

/**
 * What `groupAdvantages` gives a completion on average over its siblings, for every outcome: E[A | its own is y], [N],
 * the G - 1 others drawn independently from the policy, exactly. Make it once for the rewards [N]; then ask it for each
 * policy (log-probabilities [N], in nats).
 *
 * By going through the multisets of G - 1 rewards, of which there are few where outcomes share few different
 * rewards. `group` may be Infinity: then it is (r - E[r]) / deviation of r under the policy (0 where that is 0), or
 * r - E[r] without `normalise`.
 *
 * Without `normalise` it is (r - E[r]) (G - 1) / G. With it, it is no longer linear in r: by how much a reward stands
 * out counts less than how often it does.
 * @throws DomainError for a reward that is not finite, a group that is no whole number of at least 2, or
 *   more than a million cases
 */
export function expectedGroupAdvantages(
  rewards: ArrayLike<number>,
  { group, normalise = true }: GroupOptions & { readonly normalise?: boolean },
): (logProbs: ArrayLike<number>) => Float64Array {
  const levels = levelsOf(rewards);
  return byLevel(
    rewards,
    levels,
    group === Number.POSITIVE_INFINITY ? endlessGroup(levels, normalise) : finiteGroup(levels, group, normalise),
  );
}

/**
 * The probability that a completion's group is kept by dynamic sampling (`informativeRows`), [N]: that not all of its
 * G - 1 siblings have its own reward, 1 - P(reward)^(G - 1). Used as `expectedGroupAdvantages`.
 * @throws as `expectedGroupAdvantages`
 */
export function informativeProbability(
  rewards: ArrayLike<number>,
  { group }: GroupOptions,
): (logProbs: ArrayLike<number>) => Float64Array {
  checkGroup(group);
  return byLevel(rewards, levelsOf(rewards), (shares) => shares.map((share) => 1 - share ** (group - 1)));
}

/** The different rewards, in order. @throws DomainError for one that is not finite */
function levelsOf(rewards: ArrayLike<number>): number[] {
  const levels = [...new Set(Array.from(rewards))].sort((a, b) => a - b);
  const wrong = levels.find((reward) => !Number.isFinite(reward));
  if (wrong !== undefined) throw new DomainError(complaint("rewards", "finite numbers", wrong));
  return levels;
}

/** A function of levels as one of outcomes. */
function byLevel(
  rewards: ArrayLike<number>,
  levels: readonly number[],
  ofLevels: OfLevels,
): (logProbs: ArrayLike<number>) => Float64Array {
  const place = new Map(levels.map((reward, k) => [reward, k]));
  const levelOf = Int32Array.from(rewards, (reward) => place.get(reward) as number);
  return (logProbs) => {
    checkLength("logProbs", logProbs, levelOf.length, "one per outcome");
    const shares = new Float64Array(levels.length);
    for (let y = 0; y < levelOf.length; y++) shares[levelOf[y]] += Math.exp(logProbs[y]);
    const of = ofLevels(shares);
    return Float64Array.from(levelOf, (k) => of[k]);
  };
}

/** From how likely each level is, [L], to a number for each. */
type OfLevels = (shares: Float64Array) => Float64Array;

function endlessGroup(levels: readonly number[], normalise: boolean): OfLevels {
  // Seen from the lowest, and against their range: where rewards have their zero does not matter.
  const above = levels.map((level) => level - levels[0]);
  const rounding = 1e-30 * (above.at(-1) as number) ** 2;
  return (shares) => {
    let [mass, mean, square] = [0, 0, 0];
    for (let k = 0; k < levels.length; k++) {
      mass += shares[k];
      mean += shares[k] * above[k];
    }
    mean /= mass;
    for (let k = 0; k < levels.length; k++) square += (shares[k] / mass) * (above[k] - mean) ** 2;
    const scale = normalise ? (square > rounding ? 1 / Math.sqrt(square) : 0) : 1;
    return Float64Array.from(above, (level) => (level - mean) * scale);
  };
}

function finiteGroup(levels: readonly number[], group: number, normalise: boolean): OfLevels {
  checkGroup(group);
  const L = levels.length;
  let count = L; // L * (L + G - 2 choose G - 1)
  for (let k = 1; k < group; k++) count *= (L - 1 + k) / k;
  if (count > 1e6) {
    const hint = "Fewer different rewards, a smaller group, or Infinity, the limit";
    throw new DomainError(complaint("different rewards and group", "at most a million cases", { L, group }, hint));
  }
  // Each multiset of siblings' levels once, with the number of orders it stands for and, for each
  // own level, the advantage.
  const siblings: { levels: number[]; orders: number; advantages: Float64Array }[] = [];
  const visit = (chosen: number[], orders: number, repeats: number) => {
    if (chosen.length === group - 1) {
      const others = chosen.map((k) => levels[k]);
      const advantages = Float64Array.from(levels, (own) => {
        return groupAdvantages([own, ...others], { group, normalise })[0];
      });
      siblings.push({ levels: [...chosen], orders, advantages });
      return;
    }
    const last = chosen.at(-1) ?? 0;
    for (let k = last; k < L; k++) {
      const again = k === chosen.at(-1) ? repeats + 1 : 1;
      visit([...chosen, k], (orders * (chosen.length + 1)) / again, again);
    }
  };
  visit([], 1, 0);
  return (shares) => {
    const out = new Float64Array(L);
    for (const { levels: own, orders, advantages } of siblings) {
      let probability = orders;
      for (const k of own) probability *= shares[k];
      if (probability === 0) continue;
      for (let k = 0; k < L; k++) out[k] += probability * advantages[k];
    }
    return out;
  };
}

function checkGroup(group: number): void {
  if ((Number.isInteger(group) && group >= 2) || group === Number.POSITIVE_INFINITY) return;
  throw new DomainError(complaint("group", "a whole number of at least 2, or Infinity", group));
}
