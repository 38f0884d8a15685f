import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { checkCount, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import { type Key, split, uniform } from "../random/index.js";
import { type Channel, checkChannel, mutualInformation, outputOf } from "./channel.js";

/**
 * Maximal correlation of input and output (Hirschfeld, Gebelein, Renyi): the second singular value of
 * p(x, y) / sqrt(p(x) p(y)). Bits that pass a channel with it shrink by its square at least, for small signals; 0 if
 * the two are independent.
 */
export function maximalCorrelation(prior: ArrayLike<number>, channel: Channel): number {
  const q = outputOf(prior, channel);
  const used = Array.from(prior, (_, x) => x).filter((x) => prior[x] > 0);
  const heard = Array.from(q, (_, y) => y).filter((y) => q[y] > 0);
  if (used.length < 2 || heard.length < 2) return 0;
  const table = new Matrix(used.map((x) => heard.map((y) => (prior[x] * channel[x][y]) / Math.sqrt(prior[x] * q[y]))));
  const { diagonal } = new SingularValueDecomposition(table, { autoTranspose: true });
  return Math.min(1, [...diagonal].sort((a, b) => b - a)[1]);
}

export interface Bottleneck {
  /** P(cluster | x), [X][T]. */
  encoder: Float64Array[];
  /** I(X; T), what is kept, and I(T; Y), what it says of what matters; nats. */
  kept: number;
  relevant: number;
}

/**
 * The information bottleneck (Tishby, Pereira and Bialek 1999, arXiv:physics/0004057): min I(X; T) - beta I(T; Y) by
 * its own fixed-point equations from random beginnings, the best of `restarts`. Below beta = 1 / maximalCorrelation^2
 * nothing is kept. A local method: without enough restarts it returns less than the best.
 */
export function informationBottleneck(
  key: Key,
  prior: ArrayLike<number>,
  channel: Channel,
  beta: number,
  {
    clusters = channel.length,
    restarts = 10,
    iterations = 500,
  }: { clusters?: number; restarts?: number; iterations?: number } = {},
): Bottleneck {
  checkChannel(channel);
  checkPositive("beta", beta);
  checkCount("clusters", clusters);
  checkCount("restarts", restarts);
  checkCount("iterations", iterations);
  const runs = split(key, restarts).map((k) => oneBottleneck(k, prior, channel, beta, clusters, iterations));
  return runs.reduce((a, b) => (b.kept - beta * b.relevant < a.kept - beta * a.relevant ? b : a));
}

function oneBottleneck(
  key: Key,
  prior: ArrayLike<number>,
  channel: Channel,
  beta: number,
  clusters: number,
  iterations: number,
): Bottleneck {
  const draws = uniform(key, channel.length * clusters);
  let encoder = channel.map((_, x) => {
    const row = draws.slice(x * clusters, (x + 1) * clusters).map((u) => u + 1e-3);
    const total = row.reduce((sum, w) => sum + w, 0);
    return row.map((w) => w / total);
  });
  for (let t = 0; t < iterations; t++) {
    const mass = outputOf(prior, encoder);
    const decoder = decode(prior, channel, encoder, mass);
    encoder = channel.map((row) => {
      const scores = Float64Array.from({ length: clusters }, (_, c) =>
        mass[c] > 0 ? Math.log(mass[c]) - beta * divergence(row, decoder[c]) : Number.NEGATIVE_INFINITY,
      );
      const total = logSumExp(scores);
      return scores.map((s) => Math.exp(s - total));
    });
  }
  const mass = outputOf(prior, encoder);
  const decoder = decode(prior, channel, encoder, mass).map((row) => Array.from(row));
  return { encoder, kept: mutualInformation(prior, encoder), relevant: mutualInformation(mass, decoder) };
}

/** P(y | cluster), [T][Y]; uniform for a cluster that nothing is in. */
function decode(
  prior: ArrayLike<number>,
  channel: Channel,
  encoder: Float64Array[],
  mass: Float64Array,
): Float64Array[] {
  const outputs = channel[0].length;
  return Array.from(mass, (m, c) => {
    const row = new Float64Array(outputs);
    channel.forEach((given, x) => {
      for (let y = 0; y < outputs; y++) row[y] += prior[x] * encoder[x][c] * given[y];
    });
    return m > 0 ? row.map((p) => p / m) : row.fill(1 / outputs);
  });
}

function divergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let y = 0; y < p.length; y++) if (p[y] > 0) sum += p[y] * Math.log(p[y] / q[y]);
  return sum;
}

/**
 * How far the error on fresh examples can be from the error on the n seen, at most, in expectation, when the learner's
 * choice says so many nats about the sample: sqrt(information / (2 n)), losses in [0, 1] (Xu and Raginsky 2017,
 * arXiv:1705.07809).
 */
export function informationGeneralisationBound(information: number, n: number): number {
  if (!(information >= 0))
    throw new DomainError(complaint("information", "a number of at least 0, in nats", information));
  checkCount("n", n);
  return Math.sqrt(information / (2 * n));
}
