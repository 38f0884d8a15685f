import type { Key } from "./key.js";
import { openUniform } from "./uniform.js";

/** n independent draws from Exponential(1), [n]: -log u, mean 1, variance 1. */
export function exponential(key: Key, n: number): Float64Array {
  return openUniform(key, n).map((u) => -Math.log(u));
}
