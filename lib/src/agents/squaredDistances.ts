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
 * Inner products of all pairs of centred reports, [stride][stride] with the lower triangle filled, four reports against
 * two at a time. Rows of zeros make up for what is left over.
 */
function centredProducts(reports: Reports): { products: Float64Array; stride: number } {
  const [n, d] = [reports.length, reports[0].length];
  const stride = 4 * Math.ceil(n / 4);
  const products = new Float64Array(stride * stride);
  const length = Math.min(BLOCK, d + (d % 2));
  const row = (i: number) => RESULTS + i * length;
  const room = lanes(row(stride + 1));
  const { numbers } = room;
  numbers.fill(0, RESULTS, row(stride + 1));
  const middle = row(stride);
  const [first, second, third] = [reports[0], reports[n >> 1], reports[n - 1]];
  for (let from = 0; from < d; from += length) {
    const width = Math.min(length, d - from);
    const even = width + (width % 2);
    for (let k = 0; k < width; k++) {
      numbers[middle + k] = middleOfThree(first[from + k], second[from + k], third[from + k]);
    }
    for (let i = 0; i < n; i++) {
      copyStretch(numbers, row(i), reports[i], from, from + width);
      room.differences(row(i), row(i) + width, middle);
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
}
