import { checkCount, checkPositive } from "../core/checks.js";
import { DivergenceError } from "../core/index.js";
import { type Channel, checkChannel, outputOf } from "./channel.js";

export interface CapacityOptions {
  /** How far the two bounds may be apart, nats; default 1e-9. */
  tolerance?: number;
  iterations?: number;
}

export interface Capacity {
  /** max_p I(X; Y), nats: reached by `input`. */
  capacity: number;
  /** No input does better than this, nats: max_x KL(P(.|x) || q). */
  upper: number;
  /** The best distribution over inputs, [X]. */
  input: Float64Array;
  iterations: number;
}

/**
 * The capacity of a channel by Blahut and Arimoto (1972): p(x) <- p(x) exp(s KL(P(.|x) || q)) / Z with the bounds
 * sum_x p(x) KL_x <= C <= max_x KL_x, which are asked to meet. The step s is 1 and grows while the lower bound rises,
 * falls back to 1 when it does not: s = 1 never gets worse (Matz and Duhamel 2004 for greater steps).
 * @throws DivergenceError if the bounds are still apart after so many iterations: a capacity without its certificate
 *   is not returned
 * @example channelCapacity([[0.8, 0.2], [0.2, 0.8]]).capacity / Math.LN2 // 0.2781
 */
export function channelCapacity(
  channel: Channel,
  { tolerance = 1e-9, iterations = 100_000 }: CapacityOptions = {},
): Capacity {
  const outputs = checkChannel(channel);
  checkPositive("tolerance", tolerance);
  checkCount("iterations", iterations);
  const inputs = channel.length;
  const P = new Float64Array(inputs * outputs);
  channel.forEach((row, x) => {
    P.set(row, x * outputs);
  });
  // sum_y P ln P of each row, which no step changes.
  const negentropy = Float64Array.from(channel, (row) => {
    let sum = 0;
    for (let y = 0; y < outputs; y++) if (row[y] > 0) sum += row[y] * Math.log(row[y]);
    return sum;
  });
  let input = new Float64Array(inputs).fill(1 / inputs);
  let now = bounds(P, negentropy, input, outputs);
  let step = 1;
  for (let t = 1; t <= iterations; t++) {
    if (now.upper - now.lower <= tolerance) return { capacity: now.lower, upper: now.upper, input, iterations: t - 1 };
    const next = tilted(input, now, step);
    const then = bounds(P, negentropy, next, outputs);
    if (then.lower >= now.lower || step === 1) {
      input = next;
      now = then;
      step = Math.min(step * 1.3, 1e4);
    } else step = Math.max(1, step / 4);
  }
  throw new DivergenceError(
    `channelCapacity: after ${iterations} iterations the capacity is between ${now.lower} and ${now.upper} nats, ` +
      `further apart than the tolerance ${tolerance}. Allow more iterations or a greater tolerance`,
  );
}

interface Bounds {
  lower: number;
  upper: number;
  /** KL(P(.|x) || q), [X]. */
  divergence: Float64Array;
}

function bounds(P: Float64Array, negentropy: Float64Array, input: Float64Array, outputs: number): Bounds {
  const logQ = new Float64Array(outputs);
  for (let x = 0; x < input.length; x += 4) addRows(logQ, P, input, x, outputs);
  for (let y = 0; y < outputs; y++) logQ[y] = logQ[y] > 0 ? Math.log(logQ[y]) : 0;
  const divergence = new Float64Array(input.length);
  let [lower, upper] = [0, 0];
  for (let x = 0; x < input.length; x++) {
    const sum = negentropy[x] - rowTimes(P, x * outputs, logQ);
    divergence[x] = sum;
    lower += input[x] * sum;
    if (sum > upper) upper = sum;
  }
  return { lower, upper, divergence };
}

/** Adds input[x] P(.|x) of four inputs at once, or of those that are left: each output is read once for them. */
function addRows(to: Float64Array, P: Float64Array, input: Float64Array, x: number, outputs: number): void {
  const at = x * outputs;
  if (x + 4 <= input.length) {
    const a = input[x];
    const b = input[x + 1];
    const c = input[x + 2];
    const d = input[x + 3];
    const [second, third, fourth] = [at + outputs, at + 2 * outputs, at + 3 * outputs];
    for (let y = 0; y < outputs; y++) {
      to[y] += a * P[at + y] + b * P[second + y] + (c * P[third + y] + d * P[fourth + y]);
    }
    return;
  }
  for (let i = x; i < input.length; i++) for (let y = 0; y < outputs; y++) to[y] += input[i] * P[i * outputs + y];
}

/** sum_y P[at + y] values[y], in four sums that do not wait for each other. */
function rowTimes(P: Float64Array, at: number, values: Float64Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let y = 0;
  for (; y + 4 <= values.length; y += 4) {
    a += P[at + y] * values[y];
    b += P[at + y + 1] * values[y + 1];
    c += P[at + y + 2] * values[y + 2];
    d += P[at + y + 3] * values[y + 3];
  }
  for (; y < values.length; y++) a += P[at + y] * values[y];
  return a + b + (c + d);
}

/** An input that vanished would never come back, and outputs of it alone would be missing from the upper bound. */
const LEAST = 1e-290;

function tilted(input: Float64Array, { divergence, upper }: Bounds, step: number): Float64Array<ArrayBuffer> {
  const next = input.map((p, x) => Math.max(LEAST, p * Math.exp(step * (divergence[x] - upper))));
  const total = next.reduce((sum, w) => sum + w, 0);
  return next.map((w) => w / total);
}

/** q(y) of the best input, [Y]: the output at which every used input is equally far. */
export function capacityOutput(channel: Channel, { input }: Pick<Capacity, "input">): Float64Array {
  return outputOf(input, channel);
}
