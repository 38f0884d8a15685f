import { checkCount, checkNumbers, checkShare } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { bernoulli, categorical, foldIn, type Key, normal, split } from "../../random/index.js";

// What becomes of a model that learns from its own samples, generation after generation (Shumailov et al. 2023,
// arXiv:2305.17493), and of one that keeps the data of before (Gerstgrasser et al. 2024, arXiv:2404.01413).

export interface GenerationOptions {
  /** Samples that each generation writes. */
  n: number;
  generations: number;
  /** What a generation learns from: the last one's samples, or those of all, the first data included. */
  data?: "replace" | "accumulate";
  /** Of each generation's samples this share is drawn from the true p; 0 by default. Each sample by its own coin. */
  real?: number;
}

/**
 * Counts and refits: each generation draws n from what the one before it learned, and learns their shares. [1 +
 * generations] distributions, the first is p itself. With "accumulate" generation t learns the shares of all samples
 * drawn so far.
 * @throws DomainError unless p are shares that add up to 1, the counts at least 1, and `real` a share
 */
export function resampleGenerations(key: Key, p: ArrayLike<number>, options: GenerationOptions): Float64Array[] {
  const { n, generations, data = "replace", real = 0 } = options;
  checkCounts({ n, generations });
  checkShare("real", real);
  checkNumbers("p", p, p.length);
  const total = Array.from(p).reduce((a, b) => a + (b >= 0 ? b : Number.NaN), 0);
  if (!(Math.abs(total - 1) <= 1e-6)) throw new DomainError(complaint("p", "shares that add up to 1", p));
  const learned = [Float64Array.from(p)];
  const counts = new Float64Array(p.length);
  for (let t = 0; t < generations; t++) {
    const [ownKey, realKey, coinKey] = split(foldIn(key, t), 3);
    const own = categorical(ownKey, learned[t].map(Math.log), n);
    const fresh = categorical(realKey, learned[0].map(Math.log), n);
    const coins = bernoulli(coinKey, n, real);
    if (data === "replace") counts.fill(0);
    for (let i = 0; i < n; i++) counts[coins[i] === 1 ? fresh[i] : own[i]]++;
    const size = data === "replace" ? n : n * (t + 1);
    learned.push(counts.map((count) => count / size));
  }
  return learned;
}

/**
 * E[1 - sum p^2] after each generation of n samples that replace the last: H (1 - 1/n)^t, exactly, [1 + generations]
 * (neutral drift; Wright 1931). With `real` > 0 the recursion of the same expectation, where each sample is real by its
 * own coin.
 * @example expectedDiversity([0.5, 0.5], { n: 2, generations: 2 }) // [0.5, 0.25, 0.125]
 */
export function expectedDiversity(
  p: ArrayLike<number>,
  { n, generations, real = 0 }: Pick<GenerationOptions, "n" | "generations" | "real">,
): Float64Array {
  checkCounts({ n, generations });
  checkNumbers("p", p, p.length);
  const same = Array.from(p).reduce((sum, x) => sum + x * x, 0);
  // E q = p always; the next draw is from m = real p + (1 - real) q, so E sum m^2 needs E sum q^2 alone.
  const out = new Float64Array(1 + generations);
  let alike = same;
  out[0] = 1 - alike;
  for (let t = 0; t < generations; t++) {
    const mixed = (1 - (1 - real) ** 2) * same + (1 - real) ** 2 * alike;
    alike = 1 / n + (1 - 1 / n) * mixed;
    out[t + 1] = 1 - alike;
  }
  return out;
}

/**
 * Mean squared error of a linear regression after each generation, E|w_t - w|^2 with d features N(0, 1): generation t
 * is fitted to n points labelled by generation t - 1, with noise of variance 1 (the first by the truth). "replace"
 * keeps the last n points; "accumulate" all. Returns one run's squared errors, [generations]. Expected: replaced
 * t d / (n - d - 1); accumulated at most pi^2 / 6 of the first (Dohmatob et al. 2024, arXiv:2402.07712; Gerstgrasser et
 * al. 2024).
 * @throws DomainError unless n > d + 1
 */
export function regressionGenerations(
  key: Key,
  { d, n, generations, data = "replace" }: { d: number } & Omit<GenerationOptions, "real">,
): Float64Array {
  checkCounts({ d, n, generations });
  if (!(n > d + 1)) throw new DomainError(complaint("n", `more than d + 1 = ${d + 1} points`, n));
  let w = new Float64Array(d); // the truth is 0: least squares does not look at it
  let gram = new Float64Array(d * d);
  let moment = new Float64Array(d);
  return Float64Array.from({ length: generations }, (_, t) => {
    const [xKey, noiseKey] = split(foldIn(key, t));
    const x = normal(xKey, n * d);
    const noise = normal(noiseKey, n);
    if (data === "replace") {
      gram = new Float64Array(d * d);
      moment = new Float64Array(d);
    }
    for (let i = 0; i < n; i++) {
      const row = x.subarray(i * d, (i + 1) * d);
      let label = noise[i];
      for (let j = 0; j < d; j++) label += row[j] * w[j];
      for (let j = 0; j < d; j++) {
        moment[j] += row[j] * label;
        for (let k = 0; k < d; k++) gram[j * d + k] += row[j] * row[k];
      }
    }
    w = solvePositive(gram, moment);
    return w.reduce((sum, value) => sum + value * value, 0);
  });
}

/** G w = b for a positive definite G, [d d], by Cholesky's factors. */
function solvePositive(gram: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const d = b.length;
  const L = Float64Array.from(gram);
  for (let j = 0; j < d; j++) {
    for (let k = 0; k < j; k++) for (let i = j; i < d; i++) L[i * d + j] -= L[i * d + k] * L[j * d + k];
    const pivot = Math.sqrt(L[j * d + j]);
    for (let i = j; i < d; i++) L[i * d + j] /= pivot;
  }
  const y = Float64Array.from(b);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) y[i] -= L[i * d + k] * y[k];
    y[i] /= L[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) y[i] -= L[k * d + i] * y[k];
    y[i] /= L[i * d + i];
  }
  return y;
}

function checkCounts(counts: Record<string, number>): void {
  for (const [name, value] of Object.entries(counts)) {
    checkCount(name, value);
  }
}
