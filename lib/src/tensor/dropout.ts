import { complain, DomainError } from "../core/index.js";
import { bernoulli, type Key } from "../random/index.js";
import { checkShapes } from "./checks.js";
import { tf } from "./tf.js";

/**
 * What dropout multiplies by: 0 with probability rate, else 1 / (1 - rate), so that the mean stays. Drawn outside the
 * model and handed in as an argument, because a captured graph draws nothing itself.
 * Srivastava et al. 2014, JMLR 15.
 * @throws DomainError unless 0 <= rate < 1
 */
export function dropoutMask(key: Key, shape: number[], rate: number): tf.Tensor {
  if (!(rate >= 0 && rate < 1)) throw new DomainError(complain("rate", "a number in [0, 1)", rate));
  const kept = bernoulli(key, tf.util.sizeFromShape(shape), 1 - rate);
  return tf.tensor(
    Float32Array.from(kept, (k) => k / (1 - rate)),
    shape,
  );
}

/**
 * x with the dropped entries 0 and the others scaled up: x * mask.
 * @throws ShapeError if the shapes differ
 */
export function dropout(x: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  checkShapes({ x: [x, ["..."]], mask: [mask, ["..."]] });
  return tf.mul(x, mask);
}
