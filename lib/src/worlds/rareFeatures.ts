import { checkCount, checkShare } from "../core/checks.js";
import { type Key, normal, split, uniform } from "../random/index.js";

/** Activations whose true directions are known. */
export interface RareFeatures {
  /** [features][dimensions], of length one. */
  readonly directions: number[][];
  /** [rows][dimensions]: sums of the directions that occur, each times Uniform(0, 1). */
  readonly rows: number[][];
}

/**
 * Random directions, more than there are dimensions, of which each occurs in a row with probability `rate`: what a
 * sparse autoencoder should find. After the toy data of Sharkey et al. 2022.
 * @throws DomainError for counts or a rate that cannot be
 */
export function rareFeatures(
  key: Key,
  options: { features: number; dimensions: number; rate: number; rows: number },
): RareFeatures {
  const { features, dimensions, rate, rows } = options;
  for (const [name, count] of Object.entries({ features, dimensions, rows })) checkCount(name, count);
  checkShare("rate", rate);
  const [directionKey, rowKey] = split(key);
  const z = normal(directionKey, features * dimensions);
  const directions = Array.from({ length: features }, (_, i) => {
    const own = Array.from(z.subarray(i * dimensions, (i + 1) * dimensions));
    const length = Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
    return own.map((x) => x / length);
  });
  const u = uniform(rowKey, 2 * rows * features);
  return {
    directions,
    rows: Array.from({ length: rows }, (_, r) => {
      const row = new Array<number>(dimensions).fill(0);
      for (let i = 0; i < features; i++) {
        const at = 2 * (r * features + i);
        if (u[at] < rate) for (let d = 0; d < dimensions; d++) row[d] += u[at + 1] * directions[i][d];
      }
      return row;
    }),
  };
}
