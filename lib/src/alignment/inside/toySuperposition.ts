import { checkCount, checkShare } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { adamDescent } from "../../numerics/adamDescent.js";
import { foldIn, type Key, normal, split, uniform } from "../../random/index.js";

/** What the model has learned. */
export interface ToyModel {
  /** W_i, where feature i is written, [n][m]. */
  readonly directions: number[][];
  /** b, [n]. */
  readonly bias: Float64Array;
  /** The expected loss, measured on fresh draws. */
  readonly loss: number;
}

export interface ToyOptions {
  /** n features, squeezed into m dimensions. */
  features: number;
  dimensions: number;
  /** S, how probable it is that a feature is 0; else it is Uniform(0, 1). */
  sparsity: number;
  steps?: number;
  batch?: number;
  rate?: number;
  /** I_i, how much an error in feature i counts; 1 each by default. */
  importance?: ArrayLike<number>;
  /** Without the ReLU the model is linear, and learns what principal components would. */
  relu?: boolean;
}

/**
 * The toy model of superposition: E sum_i I_i (x_i - relu(W^T W x + b)_i)^2 over sparse features x, learned by Adam.
 * Where features are rare, more of them than there are dimensions find a place, at angles to each other. Elhage et al.
 * 2022, arXiv:2209.10652. The rate falls linearly to a tenth.
 * @throws DomainError for sizes or a sparsity that cannot be
 */
export function toySuperposition(key: Key, options: ToyOptions): ToyModel {
  const { features: n, dimensions: m, sparsity, steps = 3000, batch = 128, rate = 0.02, relu = true } = options;
  checkCount("features", n);
  checkCount("dimensions", m);
  checkCount("batch", batch);
  checkShare("sparsity", sparsity);
  const importance = options.importance ?? new Float64Array(n).fill(1);
  if (importance.length !== n) throw new DomainError(complaint("importance", `${n} numbers`, importance));
  const [startKey, dataKey, testKey] = split(key, 3);
  const draw = (k: Key, rows: number) => {
    const u = uniform(k, 2 * rows * n);
    return Float64Array.from({ length: rows * n }, (_, i) => (u[2 * i] < sparsity ? 0 : u[2 * i + 1]));
  };
  const start = new Float64Array(n * m + n);
  start.set(normal(startKey, n * m).map((z) => z / Math.sqrt(n)));
  const at = adamDescent(start, (p, step) => lossOf(p, draw(foldIn(dataKey, step), batch)), {
    rate: (step) => rate * (1 - (0.9 * step) / steps),
    steps,
  });
  const { loss } = lossOf(at, draw(testKey, 20_000));
  const directions = Array.from({ length: n }, (_, i) => Array.from(at.subarray(i * m, (i + 1) * m)));
  return { directions, bias: at.slice(n * m), loss };

  /** The mean loss of some rows, and its gradient. */
  function lossOf(p: Float64Array, x: Float64Array): { loss: number; gradient: Float64Array } {
    const gradient = new Float64Array(p.length);
    const rows = x.length / n;
    const hidden = new Float64Array(m);
    const back = new Float64Array(m);
    const slope = new Float64Array(n);
    let loss = 0;
    for (let r = 0; r < rows; r++) {
      hidden.fill(0);
      back.fill(0);
      for (let i = 0; i < n; i++) {
        const value = x[r * n + i];
        if (value !== 0) for (let d = 0; d < m; d++) hidden[d] += p[i * m + d] * value;
      }
      for (let i = 0; i < n; i++) {
        let out = p[n * m + i];
        for (let d = 0; d < m; d++) out += p[i * m + d] * hidden[d];
        const open = !relu || out > 0;
        const error = (open ? out : 0) - x[r * n + i];
        loss += (importance[i] * error * error) / rows;
        slope[i] = open ? (2 * importance[i] * error) / rows : 0;
        if (slope[i] === 0) continue;
        gradient[n * m + i] += slope[i];
        for (let d = 0; d < m; d++) {
          gradient[i * m + d] += slope[i] * hidden[d];
          back[d] += slope[i] * p[i * m + d];
        }
      }
      for (let i = 0; i < n; i++) {
        const value = x[r * n + i];
        if (value !== 0) for (let d = 0; d < m; d++) gradient[i * m + d] += back[d] * value;
      }
    }
    return { loss, gradient };
  }
}
