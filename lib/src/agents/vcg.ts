import { checkNumbers } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { indexOfGreatest } from "../numerics/greatest.js";

/**
 * The Vickrey-Clarke-Groves mechanism: the option with the greatest sum of values is taken (the first of equals), and
 * each agent pays what its presence costs the others: their best sum without it, less their sum at the option taken.
 * No false values help anybody alone (Vickrey 1961, Clarke 1971, Groves 1973); two together may gain.
 * values[i][k] is what option k is worth to agent i.
 * @throws ShapeError unless there is an agent, an option, and rows of one length; DomainError for NaN
 * @example vcg([[3, 0, 1], [0, 4, 1], [2, 1, 0]]) // { option: 0, payments: [3, 0, 1] }
 */
export function vcg(values: readonly ArrayLike<number>[]): { option: number; payments: number[] } {
  if (values.length === 0 || values[0].length === 0) {
    throw new ShapeError(complaint("values", "at least one agent and one option", values));
  }
  values.forEach((row, i) => {
    checkNumbers(`values[${i}]`, row, values[0].length);
  });
  const sums = (without: number) =>
    Array.from(values[0], (_, k) => values.reduce((sum, row, i) => (i === without ? sum : sum + row[k]), 0));
  const everyone = sums(-1);
  const option = indexOfGreatest(everyone);
  const payments = values.map((_, i) => {
    const others = sums(i);
    return others[indexOfGreatest(others)] - others[option];
  });
  return { option, payments };
}
