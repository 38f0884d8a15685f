import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** Rewards by name, each [B], one number per reply. */
export type RewardParts = Readonly<Record<string, ArrayLike<number>>>;

/**
 * R = sum over i of w_i R_i, [B]. Nothing is normalised here: a part that is measured in large units counts for
 * more than its weight says. Give it through `normaliseOverBatch` or `normaliseBy` first, and keep the weights
 * for what they should mean.
 * @throws ShapeError if the parts differ in length; DomainError if a part has no weight, a weight no part,
 *   or a number is not finite
 * @example compositeReward({ mood: [1, 0], length: [4, 2] }, { mood: 1, length: -0.1 }) // [0.6, -0.2]
 */
export function compositeReward(parts: RewardParts, weights: Readonly<Record<string, number>>): Float64Array {
  const names = Object.keys(parts);
  if (names.length === 0) throw new DomainError(complaint("parts", "at least one reward", parts));
  const strays = Object.keys(weights).filter((name) => !names.includes(name));
  if (strays.length > 0) throw new DomainError(complaint("weights", `those of ${names.join(", ")}`, strays));
  const total = new Float64Array(parts[names[0]].length);
  for (const name of names) {
    const weight = weights[name];
    checkFinite(`the weight of ${name}`, weight);
    if (parts[name].length !== total.length) {
      throw new ShapeError(complaint(name, `${total.length} rewards, as ${names[0]} has`, parts[name]));
    }
    for (let i = 0; i < total.length; i++) {
      const value = parts[name][i];
      checkFinite(`${name}[${i}]`, value);
      total[i] += weight * value;
    }
  }
  return total;
}

/** Every part through the same function, for instance `normaliseOverBatch`. */
export function mapParts(
  parts: RewardParts,
  change: (values: ArrayLike<number>, name: string) => ArrayLike<number>,
): Record<string, ArrayLike<number>> {
  return Object.fromEntries(Object.entries(parts).map(([name, values]) => [name, change(values, name)]));
}
