import type { Reports } from "./aggregate.js";
import { middleOfThree } from "./middleOfThree.js";

/** |a - b|^2. */
export function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) {
    const gap = a[j] - b[j];
    sum += gap * gap;
  }
  return sum;
}

/** Coordinates taken at a time, so that all reports' share of them stays in the cache. */
const BLOCK = 1024;
/** Below this share of |a|^2 + |b|^2 a distance has lost too many digits: it is computed anew from the differences. */
const LOST = 1e-4;

/**
 * Squared distances of all pairs, [n][n], by |a|^2 + |b|^2 - 2 ab, which takes a third less than differences do.
 * Distances do not mind a shift, and that formula does: so products are taken from the middle one of three reports
 * (coordinate by coordinate: one liar does not move it), and what comes out small is computed by differences.
 */
export function squaredDistances(reports: Reports): Float64Array {
  const n = reports.length;
  const { products, stride } = centredProducts(reports);
  const squared = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const norms = products[i * stride + i] + products[j * stride + j];
      const byProducts = norms - 2 * products[i * stride + j];
      // (Not "below": where products overflow, the difference is no number.)
      const distance = byProducts > LOST * norms ? byProducts : squaredDistance(reports[i], reports[j]);
      squared[i * n + j] = distance;
      squared[j * n + i] = distance;
    }
  }
  return squared;
}

/**
 * Inner products of all pairs of centred reports, [stride][stride] with the lower triangle filled: four reports against
 * three at a time, twelve products for seven numbers read. Rows of zeros make up for what is left over.
 */
function centredProducts(reports: Reports): { products: Float64Array; stride: number } {
  const [n, d] = [reports.length, reports[0].length];
  const stride = n + 3;
  const products = new Float64Array(stride * stride);
  const rows = Array.from({ length: stride }, () => new Float64Array(Math.min(BLOCK, d)));
  const middle = new Float64Array(Math.min(BLOCK, d));
  for (let from = 0; from < d; from += BLOCK) {
    const width = Math.min(BLOCK, d - from);
    const [first, second, third] = [reports[0], reports[n >> 1], reports[n - 1]];
    for (let k = 0; k < width; k++) middle[k] = middleOfThree(first[from + k], second[from + k], third[from + k]);
    for (let i = 0; i < n; i++) {
      const [row, report] = [rows[i], reports[i]];
      for (let k = 0; k < width; k++) row[k] = report[from + k] - middle[k];
    }
    for (let i = 0; i < n; i += 4) {
      for (let j = 0; j < Math.min(n, i + 4); j += 3) addProducts(rows, i, j, width, products, stride);
    }
  }
  return { products, stride };
}

function addProducts(
  rows: readonly Float64Array[],
  i: number,
  j: number,
  width: number,
  products: Float64Array,
  stride: number,
): void {
  const [a, b, c, e] = [rows[i], rows[i + 1], rows[i + 2], rows[i + 3]];
  const [p, q, r] = [rows[j], rows[j + 1], rows[j + 2]];
  let ap = 0;
  let aq = 0;
  let ar = 0;
  let bp = 0;
  let bq = 0;
  let br = 0;
  let cp = 0;
  let cq = 0;
  let cr = 0;
  let ep = 0;
  let eq = 0;
  let er = 0;
  for (let k = 0; k < width; k++) {
    const x = p[k];
    const y = q[k];
    const z = r[k];
    const s = a[k];
    ap += s * x;
    aq += s * y;
    ar += s * z;
    const t = b[k];
    bp += t * x;
    bq += t * y;
    br += t * z;
    const u = c[k];
    cp += u * x;
    cq += u * y;
    cr += u * z;
    const v = e[k];
    ep += v * x;
    eq += v * y;
    er += v * z;
  }
  const first = i * stride + j;
  const [second, third, fourth] = [first + stride, first + 2 * stride, first + 3 * stride];
  products[first] += ap;
  products[first + 1] += aq;
  products[first + 2] += ar;
  products[second] += bp;
  products[second + 1] += bq;
  products[second + 2] += br;
  products[third] += cp;
  products[third + 1] += cq;
  products[third + 2] += cr;
  products[fourth] += ep;
  products[fourth + 1] += eq;
  products[fourth + 2] += er;
}
