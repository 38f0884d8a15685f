import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type Key, permutation } from "../../random/index.js";

/**
 * One epoch: the rows 0 .. rows-1 in random order, cut into pieces of `size`. Every row comes once; the last piece is
 * shorter if the size does not divide the rows (a captured graph then traces a second shape), or left out with `whole`.
 * @throws DomainError unless rows and size are counts of at least 1, and size at most rows
 */
export function minibatches(
  key: Key,
  rows: number,
  size: number,
  { whole = false }: { whole?: boolean } = {},
): Int32Array[] {
  for (const [name, value] of Object.entries({ rows, size })) {
    checkCount(name, value);
  }
  if (size > rows) throw new DomainError(complaint("size", `at most the number of rows, ${rows}`, size));
  const order = permutation(key, rows);
  const count = whole ? Math.floor(rows / size) : Math.ceil(rows / size);
  return Array.from({ length: count }, (_, i) => order.slice(i * size, (i + 1) * size));
}
