import { checkDistribution, checkNonNegative, checkPositive, checkShare } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { sigmoid } from "../numerics/index.js";

/** P(y | x), [X][Y]: a row for each input, each a distribution. */
export type Channel = readonly ArrayLike<number>[];

/** Nats to bits. */
export const bits = (nats: number): number => nats / Math.LN2;

/** @throws ShapeError unless there is an input and rows have one length; DomainError unless each is a distribution */
export function checkChannel(channel: Channel): number {
  if (channel.length === 0) throw new ShapeError(complaint("channel", "at least one input", channel));
  const outputs = channel[0].length;
  channel.forEach((row, x) => {
    if (row.length !== outputs) throw new ShapeError(complaint(`channel[${x}]`, `${outputs} probabilities`, row));
    checkDistribution(`channel[${x}]`, row);
  });
  return outputs;
}

/** H(p) = -sum p ln p of probabilities, in nats; 0 ln 0 = 0. @throws DomainError unless p is a distribution */
export function entropy(p: ArrayLike<number>): number {
  checkDistribution("p", p);
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i] > 0) sum -= p[i] * Math.log(p[i]);
  return sum;
}

/** What comes out on average: q(y) = sum_x prior(x) P(y | x), [Y]. */
export function outputOf(prior: ArrayLike<number>, channel: Channel): Float64Array {
  const outputs = checkChannel(channel);
  checkPrior(prior, channel.length);
  const q = new Float64Array(outputs);
  channel.forEach((row, x) => {
    for (let y = 0; y < outputs; y++) q[y] += prior[x] * row[y];
  });
  return q;
}

/**
 * I(X; Y) = sum_x p(x) sum_y P(y|x) ln (P(y|x) / q(y)), in nats: how much the output says of the input.
 * @throws ShapeError, DomainError unless prior and rows are distributions that fit
 * @example mutualInformation([0.5, 0.5], [[0.9, 0.1], [0.1, 0.9]]) / Math.LN2 // 0.531
 */
export function mutualInformation(prior: ArrayLike<number>, channel: Channel): number {
  const q = outputOf(prior, channel);
  let sum = 0;
  channel.forEach((row, x) => {
    for (let y = 0; y < q.length; y++) {
      if (prior[x] > 0 && row[y] > 0) sum += prior[x] * row[y] * Math.log(row[y] / q[y]);
    }
  });
  return Math.max(0, sum);
}

/** P(z | x) of one channel after the other: what comes out of the first goes into the second, [X][Z]. */
export function composeChannels(first: Channel, second: Channel): Float64Array[] {
  const middle = checkChannel(first);
  if (second.length !== middle)
    throw new ShapeError(complaint("second", `${middle} inputs, as the first has outputs`, second));
  return first.map((row) => outputOf(row, second));
}

function checkPrior(prior: ArrayLike<number>, inputs: number): void {
  if (prior.length !== inputs)
    throw new ShapeError(complaint("prior", `${inputs} probabilities, one per input`, prior));
  checkDistribution("prior", prior);
}

export interface LabelerOptions {
  /** Temperature tau of Bradley-Terry, default 1. */
  temperature?: number;
  /** How often the labeler clicks blindly, default 0. */
  lapse?: number;
  /** Strength nu of a tie button (Davidson 1970), default 0: none. */
  tie?: number;
}

/**
 * A labeler as a channel from differences of utility to clicks: first, second (and tie, if there is a button),
 * [D][2|3].
 * Without ties P(first) = lapse / 2 + (1 - lapse) sigmoid(d / tau); with Davidson's ties weights e^(d/2tau),
 * e^(-d/2tau)
 * and nu, and lapses among all three.
 * @throws DomainError for a temperature that is not positive, a lapse outside [0, 1], a negative tie
 */
export function labelerChannel(differences: ArrayLike<number>, options: LabelerOptions = {}): Float64Array[] {
  const { temperature = 1, lapse = 0, tie = 0 } = options;
  checkPositive("temperature", temperature);
  checkShare("lapse", lapse);
  checkNonNegative("tie", tie);
  return Array.from(differences, (d) => {
    if (Number.isNaN(d)) throw new DomainError(complaint("difference", "a number", d));
    const p = sigmoid(d / temperature);
    if (tie === 0) return Float64Array.of(lapse / 2 + (1 - lapse) * p, lapse / 2 + (1 - lapse) * (1 - p));
    // Weights relative to the greater of the two, so that nothing overflows.
    const half = Math.abs(d) / (2 * temperature);
    const [high, low, even] = [1, Math.exp(-2 * half), tie * Math.exp(-half)];
    const total = high + low + even;
    const clicks = (d >= 0 ? [high, low, even] : [low, high, even]).map((w) => lapse / 3 + ((1 - lapse) * w) / total);
    return Float64Array.from(clicks);
  });
}
