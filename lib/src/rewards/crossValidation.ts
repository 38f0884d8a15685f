import { complaint, DomainError, ShapeError } from "../core/index.js";
import { type Key, permutation } from "../random/index.js";

/** Row numbers to learn from and to measure on. */
export interface Fold {
  train: Int32Array;
  validation: Int32Array;
}

/**
 * k splits of rows, each row in exactly one validation part, and all rows of a prompt in the same one: a model must not
 * be examined on answers that it has studied. Prompts in random order, each to the part that is smallest so far.
 * `prompt` names what each row's answers were given to: numbers or texts, [rows].
 * @throws DomainError unless 2 <= k <= the number of different prompts
 */
export function foldsByPrompt(key: Key, prompt: ArrayLike<number | string>, k: number): Fold[] {
  const rowsOf = new Map<number | string, number[]>();
  for (let row = 0; row < prompt.length; row++) {
    const rows = rowsOf.get(prompt[row]);
    if (rows === undefined) rowsOf.set(prompt[row], [row]);
    else rows.push(row);
  }
  if (!(Number.isInteger(k) && k >= 2 && k <= rowsOf.size)) {
    throw new DomainError(complaint("k", `a number of folds from 2 to the number of prompts, ${rowsOf.size}`, k));
  }
  const groups = Array.from(rowsOf.values());
  const parts: number[][] = Array.from({ length: k }, () => []);
  for (const i of permutation(key, groups.length)) {
    const smallest = parts.reduce((best, part, p) => (part.length < parts[best].length ? p : best), 0);
    for (const row of groups[i]) parts[smallest].push(row);
  }
  return parts.map((part) => {
    const held = new Set(part);
    const train: number[] = [];
    for (let row = 0; row < prompt.length; row++) if (!held.has(row)) train.push(row);
    return { train: Int32Array.from(train), validation: Int32Array.from(part).sort() };
  });
}

/**
 * One score per fold: learn from the training rows, score on the validation rows. The mean estimates how a model
 * that was trained on that many rows does on fresh prompts. The folds share training rows, so their spread
 * understates the error of that mean.
 * @throws ShapeError if there are no folds
 */
export function crossValidate<M>(
  folds: readonly Fold[],
  learn: (train: Int32Array) => M,
  score: (model: M, validation: Int32Array) => number,
): Float64Array {
  if (folds.length === 0) throw new ShapeError(complaint("folds", "at least one", folds));
  return Float64Array.from(folds, ({ train, validation }) => score(learn(train), validation));
}
