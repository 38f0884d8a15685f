import type { Key } from "./key.js";
import { openUniform } from "./uniform.js";

/**
 * n independent draws from Gumbel(0, 1), [n]: -log(-log u), mean 0.5772, variance pi^2 / 6.
 * argmax over v of logits[v] + gumbel[v] is a draw from softmax(logits) (Maddison, Tarlow and
 * Minka 2014, arXiv:1411.0030).
 */
export function gumbel(key: Key, n: number): Float64Array {
  return openUniform(key, n).map((u) => -Math.log(-Math.log(u)));
}

/** n draws from Gumbel(0, 1) as float32, [n]: the draws of `gumbel` rounded. For noise that is fed to a tensor. */
export function gumbel32(key: Key, n: number): Float32Array {
  return Float32Array.from(openUniform(key, n), (u) => -Math.log(-Math.log(u)));
}
