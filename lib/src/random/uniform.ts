import { checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type Key, randomBits } from "./key.js";

/**
 * n independent draws from Uniform[low, high), [n], float64 with all 53 bits random.
 * Draw i depends on the key and i alone: a longer draw begins with the shorter one.
 * @throws DomainError unless low < high are finite
 * @example
 * uniform(key(0), 2) // [0.4185, 0.2163]
 * uniform(key(0), 3) // [0.4185, 0.2163, 0.9653]
 */
export function uniform(key: Key, n: number, low = 0, high = 1): Float64Array {
  checkRange(low, high);
  const words = randomBits(key, n);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const unit = ((words[2 * i] >>> 5) * 2 ** 26 + (words[2 * i + 1] >>> 6)) * 2 ** -53;
    out[i] = Math.min(low + unit * (high - low), below(high, low));
  }
  return out;
}

/**
 * n draws from Uniform[0, 1) as float32 with 23 random bits, [n]: the numbers of jax.random.uniform(key, (n,)),
 * bit for bit (JAX >= 0.5, partitionable threefry). For noise that is fed to a tensor.
 */
export function uniform32(key: Key, n: number): Float32Array {
  const words = randomBits(key, n);
  const out = new Float32Array(n);
  for (let i = 0; i < n; i++) out[i] = ((words[2 * i] ^ words[2 * i + 1]) >>> 9) * 2 ** -23;
  return out;
}

/** n draws from Uniform(0, 1): the middles of 2^52 equal cells, never 0 and never 1, so that logarithms stay finite. */
export function openUniform(key: Key, n: number): Float64Array {
  const words = randomBits(key, n);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    out[i] = ((words[2 * i] >>> 6) * 2 ** 26 + (words[2 * i + 1] >>> 6) + 0.5) * 2 ** -52;
  }
  return out;
}

/**
 * n integers, each of low, low + 1, ..., high - 1 equally likely, [n].
 * By multiplication with 53 random bits: no value's probability is off by more than 2^-53.
 * @throws DomainError unless low < high are integers of 32 bits
 */
export function randint(key: Key, n: number, low: number, high: number): Int32Array {
  if (!Number.isInteger(low) || !Number.isInteger(high) || !(low < high) || low < -(2 ** 31) || high > 2 ** 31) {
    throw new DomainError(complaint("range [low, high)", "integers low < high of 32 bits", [low, high]));
  }
  return Int32Array.from(uniform(key, n), (u) => low + Math.floor(u * (high - low)));
}

/**
 * n coin flips, 1 with probability p and 0 otherwise, [n].
 * @throws DomainError unless 0 <= p <= 1
 */
export function bernoulli(key: Key, n: number, p: number): Uint8Array {
  checkShare("p", p);
  return Uint8Array.from(uniform(key, n), (u) => (u < p ? 1 : 0));
}

function checkRange(low: number, high: number): void {
  if (!Number.isFinite(low) || !Number.isFinite(high) || !(low < high) || !Number.isFinite(high - low)) {
    throw new DomainError(complaint("range [low, high)", "finite numbers low < high", [low, high]));
  }
}

/** The largest double below `high` that a rounded low + u (high - low) may become: keeps the interval half open. */
function below(high: number, low: number): number {
  const step = Math.max(Math.abs(high), Math.abs(low)) * 2 ** -53;
  const candidate = high - step;
  return candidate < high ? candidate : high - 2 * step;
}
