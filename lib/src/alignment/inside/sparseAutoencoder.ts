import { checkCount, checkNonNegative, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { adamDescent } from "../../numerics/adamDescent.js";
import { dot } from "../../numerics/dot.js";
import { foldIn, type Key, normal, randint, split } from "../../random/index.js";

/** A dictionary learned from activations. */
export interface SparseAutoencoder {
  /** What each entry writes, [hidden][d], of length 1. */
  readonly decoder: number[][];
  /** What each entry reads, [hidden][d], and its threshold, [hidden]. */
  readonly encoder: number[][];
  readonly bias: Float64Array;
  /** b_d, taken off before reading and put back after writing, [d]. */
  readonly centre: Float64Array;
  /** On all activations: entries in use per row (L0), and the share of variance that is not explained. */
  readonly active: number;
  readonly unexplained: number;
}

export interface SparseAutoencoderOptions {
  hidden: number;
  /** Price of the sum of codes (L1), or how many of the largest codes are kept (top-k). One of the two. */
  l1?: number;
  topK?: number;
  steps?: number;
  batch?: number;
  rate?: number;
}

/**
 * A sparse autoencoder: codes c = relu(E (x - b_d) + b_e), reconstruction D c + b_d with columns of D of length one;
 * the loss is |x - reconstruction|^2 + l1 sum of c, or, with top-k, the plain error with only the k greatest codes
 * kept. Bricken et al. 2023, "Towards monosemanticity"; Gao et al. 2024, arXiv:2406.04093 (top-k). The rate falls to a
 * tenth.
 * @throws DomainError for no activations, sizes that cannot be, or unless exactly one of l1 and topK is given
 */
export function sparseAutoencoder(
  key: Key,
  activations: readonly ArrayLike<number>[],
  options: SparseAutoencoderOptions,
): SparseAutoencoder {
  const { hidden, l1, topK, steps = 2000, batch = 64, rate = 0.01 } = options;
  checkCount("hidden", hidden);
  checkCount("batch", batch);
  if ((l1 === undefined) === (topK === undefined)) {
    throw new DomainError(complaint("options", "either l1 or topK", { l1, topK }));
  }
  if (l1 !== undefined) checkNonNegative("l1", l1);
  if (topK !== undefined) checkCount("topK", topK);
  if (activations.length === 0) throw new DomainError(complaint("activations", "at least one row", activations));
  const d = activations[0].length;
  activations.forEach((row, i) => {
    checkNumbers(`activations[${i}]`, row, d);
  });
  const [startKey, dataKey] = split(key);
  const size = hidden * d;
  const start = new Float64Array(2 * size + hidden + d);
  start.set(normal(startKey, size));
  normalise(start);
  start.copyWithin(size, 0, size); // the encoder begins as the decoder's transpose
  const shape = { d, hidden, l1: l1 ?? 0, topK };
  const at = adamDescent(
    start,
    (p, step) => {
      const rows = Array.from(randint(foldIn(dataKey, step), batch, 0, activations.length), (i) => activations[i]);
      const gradient = new Float64Array(p.length);
      pass(shape, p, rows, gradient);
      return { gradient };
    },
    { steps, rate: (step) => rate * (1 - (0.9 * step) / steps), watch: normalise },
  );
  const { active, error } = pass(shape, at, activations);
  const table = (from: number) =>
    Array.from({ length: hidden }, (_, j) => Array.from(at.subarray(from + j * d, from + (j + 1) * d)));
  return {
    decoder: table(0),
    encoder: table(size),
    bias: at.slice(2 * size, 2 * size + hidden),
    centre: at.slice(2 * size + hidden),
    active,
    unexplained: error / spread(activations),
  };

  function normalise(p: Float64Array): void {
    for (let j = 0; j < hidden; j++) {
      const row = p.subarray(j * d, (j + 1) * d);
      const length = Math.sqrt(dot(row, row));
      if (length > 0) for (let i = 0; i < d; i++) row[i] /= length;
    }
  }
}

interface Shape {
  d: number;
  hidden: number;
  l1: number;
  topK?: number;
}

/** Mean loss, squared error and codes in use of some rows; with `gradient` also the gradient, written into it. */
function pass(
  { d, hidden, l1, topK }: Shape,
  p: Float64Array,
  rows: readonly ArrayLike<number>[],
  gradient?: Float64Array,
): { loss: number; error: number; active: number } {
  const size = hidden * d;
  const [toBias, toCentre] = [2 * size, 2 * size + hidden];
  const codes = new Float64Array(hidden);
  const miss = new Float64Array(d);
  const centred = new Float64Array(d);
  let [loss, error, active] = [0, 0, 0];
  for (const row of rows) {
    for (let i = 0; i < d; i++) centred[i] = row[i] - p[toCentre + i];
    for (let j = 0; j < hidden; j++) {
      let z = p[toBias + j];
      for (let i = 0; i < d; i++) z += p[size + j * d + i] * centred[i];
      codes[j] = z > 0 ? z : 0;
    }
    if (topK !== undefined) keepTop(codes, topK);
    for (let i = 0; i < d; i++) miss[i] = -centred[i];
    for (let j = 0; j < hidden; j++) {
      if (codes[j] === 0) continue;
      active += 1 / rows.length;
      loss += (l1 * codes[j]) / rows.length;
      for (let i = 0; i < d; i++) miss[i] += codes[j] * p[j * d + i];
    }
    const square = dot(miss, miss) / rows.length;
    error += square;
    loss += square;
    if (gradient === undefined) continue;
    for (let i = 0; i < d; i++) gradient[toCentre + i] += (2 * miss[i]) / rows.length;
    for (let j = 0; j < hidden; j++) {
      if (codes[j] === 0) continue;
      let back = l1 / rows.length;
      for (let i = 0; i < d; i++) {
        const slope = (2 * miss[i]) / rows.length;
        back += slope * p[j * d + i];
        gradient[j * d + i] += slope * codes[j];
      }
      gradient[toBias + j] += back;
      for (let i = 0; i < d; i++) {
        gradient[size + j * d + i] += back * centred[i];
        gradient[toCentre + i] -= back * p[size + j * d + i];
      }
    }
  }
  return { loss, error, active };
}

/** Sets all but the k greatest to 0. */
function keepTop(codes: Float64Array, k: number): void {
  if (k >= codes.length) return;
  const least = Float64Array.from(codes).sort()[codes.length - k];
  for (let j = 0; j < codes.length; j++) if (codes[j] < least) codes[j] = 0;
}

/** The variance of rows about their mean, summed over dimensions. */
function spread(rows: readonly ArrayLike<number>[]): number {
  const d = rows[0].length;
  const mean = new Float64Array(d);
  for (const row of rows) for (let i = 0; i < d; i++) mean[i] += row[i] / rows.length;
  let sum = 0;
  for (const row of rows) for (let i = 0; i < d; i++) sum += (row[i] - mean[i]) ** 2 / rows.length;
  return sum;
}
