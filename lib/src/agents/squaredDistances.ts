import { lanes, RESULTS } from "../numerics/lanes/lanes.js";
import { copyStretch, type Reports } from "./aggregate.js";
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

/** Inner products of all pairs, [stride][stride]: the lower triangle of the first n is filled. */
export interface Products {
  products: Float64Array;
  stride: number;
}

/** Computes them, of reports from which `middle` is taken, or of reports as they are. */
export type InnerProducts = (reports: Reports, middle: Float64Array | undefined) => Products;

/** Coordinates taken at a time, so that all reports' share of them stays in the cache. */
const BLOCK = 1024;
/** Below this share of |a|^2 + |b|^2 a distance has lost too many digits: it is computed anew from the differences. */
const LOST = 1e-4;
/** Below this share reports are nearer to each other than to 0. */
const NEAR = 0.1;

/**
 * Squared distances of all pairs of three or more reports, [n][n], by |a|^2 + |b|^2 - 2 ab, which takes a third less
 * than differences do. What comes out small is computed by differences.
 */
export function squaredDistances(reports: Reports, innerProducts: InnerProducts = productsByLanes): Float64Array {
  const n = reports.length;
  const { products, stride } = innerProducts(reports, middleOf(reports));
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
 * Distances do not mind a shift, and their formula does. So what products are taken from: the middle one of three
 * reports (coordinate by coordinate: one liar does not move it), or nothing where no two of them are near.
 */
export function middleOf(reports: Reports): Float64Array | undefined {
  const n = reports.length;
  const [a, b, c] = [reports[0], reports[n >> 1], reports[n - 1]];
  let [aa, bb, cc, ab, ac, bc] = [0, 0, 0, 0, 0, 0];
  for (let j = 0; j < a.length; j++) {
    const x = a[j]; // not one array of three, which takes twice as long
    const y = b[j];
    const z = c[j];
    aa += x * x;
    bb += y * y;
    cc += z * z;
    ab += (x - y) * (x - y);
    ac += (x - z) * (x - z);
    bc += (y - z) * (y - z);
  }
  if (ab > NEAR * (aa + bb) && ac > NEAR * (aa + cc) && bc > NEAR * (bb + cc)) return undefined;
  const middle = new Float64Array(a.length);
  for (let j = 0; j < middle.length; j++) middle[j] = middleOfThree(a[j], b[j], c[j]);
  return middle;
}

/** Two numbers at a time, four reports against two. Rows of zeros make up for what is left over. */
const productsByLanes: InnerProducts = (reports, middle) => {
  const [n, d] = [reports.length, reports[0].length];
  const stride = 4 * Math.ceil(n / 4);
  const products = new Float64Array(stride * stride);
  const length = Math.min(BLOCK, d + (d % 2));
  const row = (i: number) => RESULTS + i * length;
  const room = lanes(row(stride + 1));
  const { numbers } = room;
  numbers.fill(0, RESULTS, row(stride + 1));
  for (let from = 0; from < d; from += length) {
    const width = Math.min(length, d - from);
    const even = width + (width % 2);
    if (middle !== undefined) copyStretch(numbers, row(stride), middle, from, from + width);
    for (let i = 0; i < n; i++) {
      copyStretch(numbers, row(i), reports[i], from, from + width);
      if (middle !== undefined) room.differences(row(i), row(i) + width, row(stride));
      if (even > width) numbers[row(i) + width] = 0;
    }
    for (let i = 0; i < n; i += 4) {
      for (let j = 0; j < Math.min(n, i + 4); j += 2) {
        room.products(row(i), row(i + 1), row(i + 2), row(i + 3), row(j), row(j + 1), even);
        for (let r = 0; r < 4; r++) {
          products[(i + r) * stride + j] += numbers[2 * r];
          products[(i + r) * stride + j + 1] += numbers[2 * r + 1];
        }
      }
    }
  }
  return { products, stride };
};
