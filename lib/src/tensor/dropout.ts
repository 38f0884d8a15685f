import { complaint, DomainError } from "../core/index.js";
import { type Key, randomBits } from "../random/index.js";
import { checkShapes } from "./checks.js";
import { tf } from "./tf.js";

/**
 * What dropout multiplies by: 0 with probability rate (to the nearest 2^-16), else 1 / (1 - rate), so that the mean
 * stays. Drawn outside the model and handed in as an argument, because a captured graph draws nothing itself.
 * Srivastava et al. 2014, JMLR 15.
 * @throws DomainError unless 0 <= rate < 1
 */
export function dropoutMask(key: Key, shape: number[], rate: number): tf.Tensor {
  if (!(rate >= 0 && rate < 1)) throw new DomainError(complaint("rate", "a number in [0, 1)", rate));
  // 16 random bits decide an entry: a quarter of a block of noise, where a uniform number takes a whole one.
  const size = tf.util.sizeFromShape(shape);
  const bits = new Uint16Array(randomBits(key, Math.ceil(size / 4)).buffer, 0, size);
  const least = Math.round(rate * 65536);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = bits[i] < least ? 0 : 1 / (1 - rate);
  return tf.tensor(values, shape);
}

/**
 * x with the dropped entries 0 and the others scaled up: x * mask.
 * @throws ShapeError if the shapes differ
 */
export function dropout(x: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  checkShapes({ x: [x, ["..."]], mask: [mask, ["..."]] });
  return tf.mul(x, mask);
}
