import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { tf } from "./tf.js";

/**
 * A learning rate that changes: from the number of updates done before this one (0, 1, 2, ... as a float32 scalar) to
 * the rate. In tensor ops, so that it becomes a part of a captured step.
 */
export type Schedule = (step: tf.Scalar) => tf.Scalar;

/** The same rate always. */
export function constantSchedule(rate: number): Schedule {
  checkRate(rate);
  return () => tf.scalar(rate);
}

/**
 * From 0 up to `rate` in `warmup` updates, in a straight line, then constant: rate * min(1, (step + 1) / warmup).
 * @throws DomainError unless rate >= 0 and warmup >= 1
 */
export function warmupSchedule(rate: number, warmup: number): Schedule {
  checkRate(rate);
  checkSteps("warmup", warmup);
  return (step) => tf.mul(rate, warm(step, warmup));
}

/**
 * A straight line from `rate` to `final` over `steps` updates, then `final`; warming up first if `warmup` > 0.
 * @throws DomainError unless the rates are >= 0 and steps > warmup
 */
export function linearSchedule(rate: number, steps: number, { final = 0, warmup = 0 } = {}): Schedule {
  checkDecay(rate, final, steps, warmup);
  return (step) => decay(step, rate, final, steps, warmup, (done) => tf.sub(1, done) as tf.Scalar);
}

/**
 * Half a cosine from `rate` to `final` over `steps` updates, then `final`; warming up first if `warmup` > 0.
 * Loshchilov and Hutter 2016, arXiv:1608.03983.
 * @throws DomainError unless the rates are >= 0 and steps > warmup
 */
export function cosineSchedule(rate: number, steps: number, { final = 0, warmup = 0 } = {}): Schedule {
  checkDecay(rate, final, steps, warmup);
  const half = (done: tf.Scalar) => tf.mul(0.5, tf.add(1, tf.cos(tf.mul(Math.PI, done)))) as tf.Scalar;
  return (step) => decay(step, rate, final, steps, warmup, half);
}

function decay(
  step: tf.Scalar,
  rate: number,
  final: number,
  steps: number,
  warmup: number,
  left: (done: tf.Scalar) => tf.Scalar,
): tf.Scalar {
  const done = tf.clipByValue(tf.div(tf.sub(step, warmup), steps - warmup), 0, 1) as tf.Scalar;
  const level = tf.add(final, tf.mul(rate - final, left(done))) as tf.Scalar;
  return warmup === 0 ? level : tf.mul(level, warm(step, warmup));
}

function warm(step: tf.Scalar, warmup: number): tf.Scalar {
  return tf.minimum(1, tf.div(tf.add(step, 1), warmup));
}

function checkDecay(rate: number, final: number, steps: number, warmup: number): void {
  checkRate(rate);
  checkRate(final);
  if (warmup !== 0) checkSteps("warmup", warmup);
  checkSteps("steps", steps);
  if (steps <= warmup) throw new DomainError(complaint("steps", `more than the warm-up, ${warmup}`, steps));
}

function checkRate(rate: number): void {
  if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY))
    throw new DomainError(complaint("rate", "a number of at least 0", rate));
}

function checkSteps(what: string, n: number): void {
  checkCount(what, n);
}
