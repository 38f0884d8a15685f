import { checkCount, type Key } from "./key.js";
import { openUniform } from "./uniform.js";

/**
 * n independent draws from Normal(0, 1), [n], float64. Box and Muller 1958: with u, v uniform on (0, 1),
 * sqrt(-2 log u) cos(2 pi v) and sqrt(-2 log u) sin(2 pi v) are independent standard normals.
 * @example normal(key(0), 3) // [0.2775, 1.2905, -0.2371]
 */
export function normal(key: Key, n: number): Float64Array {
  checkCount("n", n);
  return boxMuller(key, new Float64Array(n));
}

/** n draws from Normal(0, 1) as float32, [n]: the draws of `normal` rounded. */
export function normal32(key: Key, n: number): Float32Array {
  checkCount("n", n);
  return boxMuller(key, new Float32Array(n));
}

function boxMuller<T extends Float64Array | Float32Array>(key: Key, out: T): T {
  const n = out.length;
  const unit = openUniform(key, n + (n % 2));
  for (let i = 0; i < n; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(unit[i]));
    const angle = 2 * Math.PI * unit[i + 1];
    out[i] = radius * Math.cos(angle);
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}
