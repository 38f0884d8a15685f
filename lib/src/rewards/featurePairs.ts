import { checkFinite } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/**
 * Comparisons of things that are described by numbers: in row k, to prompt[k], the thing with features chosen[k] was
 * preferred to the one with features rejected[k]. Row-major [rows, width].
 */
export interface FeaturePairs {
  readonly rows: number;
  /** d, the number of features. */
  readonly width: number;
  readonly chosen: Float64Array;
  readonly rejected: Float64Array;
  /** What both answered, as a number, [rows]: rows with the same prompt belong together in a split. */
  readonly prompt: Int32Array;
}

/**
 * Pairs from two lists of feature vectors, [rows][width]. Without prompts, every row is a prompt of its own.
 * @throws ShapeError if lengths differ; DomainError if there is no row, or a feature is not finite
 */
export function featurePairs(
  chosen: ReadonlyArray<ArrayLike<number>>,
  rejected: ReadonlyArray<ArrayLike<number>>,
  prompts?: ArrayLike<number>,
): FeaturePairs {
  const rows = chosen.length;
  if (rows === 0) throw new DomainError(complaint("chosen", "at least one row", chosen));
  if (rejected.length !== rows)
    throw new ShapeError(complaint("rejected", `${rows} rows, as many as chosen`, rejected));
  const width = chosen[0].length;
  const prompt = prompts === undefined ? Int32Array.from({ length: rows }, (_, k) => k) : Int32Array.from(prompts);
  if (prompt.length !== rows) throw new ShapeError(complaint("prompts", `${rows} numbers, one for each row`, prompts));
  return {
    rows,
    width,
    chosen: table("chosen", chosen, width),
    rejected: table("rejected", rejected, width),
    prompt,
  };
}

/** The rows with these numbers, in this order. @throws DomainError if a number is not that of a row */
export function selectPairs(pairs: FeaturePairs, rows: ArrayLike<number>): FeaturePairs {
  const { width } = pairs;
  const chosen = new Float64Array(rows.length * width);
  const rejected = new Float64Array(rows.length * width);
  const prompt = new Int32Array(rows.length);
  checkRowNumbers(pairs, rows);
  for (let i = 0; i < rows.length; i++) {
    const k = rows[i];
    chosen.set(pairs.chosen.subarray(k * width, (k + 1) * width), i * width);
    rejected.set(pairs.rejected.subarray(k * width, (k + 1) * width), i * width);
    prompt[i] = pairs.prompt[k];
  }
  return { rows: rows.length, width, chosen, rejected, prompt };
}

/** @throws DomainError if a number is not that of a row */
export function checkRowNumbers(pairs: FeaturePairs, rows: ArrayLike<number>): void {
  for (let i = 0; i < rows.length; i++) {
    const k = rows[i];
    if (!(Number.isInteger(k) && k >= 0 && k < pairs.rows)) {
      throw new DomainError(complaint(`rows[${i}]`, `the number of a row, 0 to ${pairs.rows - 1}`, k));
    }
  }
}

/** chosen - rejected, row-major [rows, width]: all that a linear reward ever sees. */
export function featureDifferences(pairs: FeaturePairs): Float64Array {
  const { chosen, rejected } = pairs;
  const out = new Float64Array(chosen.length);
  for (let i = 0; i < out.length; i++) out[i] = chosen[i] - rejected[i];
  return out;
}

/** The length of the longest chosen - rejected: the L of the guarantees. */
export function largestDifference(pairs: FeaturePairs): number {
  const x = featureDifferences(pairs);
  let most = 0;
  for (let k = 0; k < pairs.rows; k++) {
    let square = 0;
    for (let i = k * pairs.width; i < (k + 1) * pairs.width; i++) square += x[i] * x[i];
    most = Math.max(most, square);
  }
  return Math.sqrt(most);
}

function table(what: string, rows: ReadonlyArray<ArrayLike<number>>, width: number): Float64Array {
  const out = new Float64Array(rows.length * width);
  for (let k = 0; k < rows.length; k++) {
    if (rows[k].length !== width) throw new ShapeError(complaint(`${what}[${k}]`, `${width} features`, rows[k]));
    for (let j = 0; j < width; j++) {
      if (!Number.isFinite(rows[k][j])) checkFinite(`${what}[${k}][${j}]`, rows[k][j]);
      out[k * width + j] = rows[k][j];
    }
  }
  return out;
}
