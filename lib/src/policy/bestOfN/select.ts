import { checkCount } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

export interface SelectOptions {
  /** n, how many completions each prompt has; the rows of a group are neighbours. */
  readonly group: number;
  /** k, how many of them to keep; default 1. */
  readonly keep?: number;
  /** Only those that score at least this; a group may then keep fewer, or none. */
  readonly atLeast?: number;
}

/**
 * The rows to imitate: of each prompt's n completions the k best, best first, groups in order. Of equal scores the
 * first row wins. The fine-tuning data of expert iteration (Anthony et al. 2017, arXiv:1705.08439), of RAFT (Dong et
 * al. 2023, arXiv:2304.06767), and with `atLeast` and keep = n of ReST (Gulcehre et al. 2023, arXiv:2308.08998).
 * @throws ShapeError unless the groups fill the batch; DomainError unless 1 <= keep <= group, and scores are numbers
 * @example topKRows([0.1, 0.7, 0.4, 0.2], { group: 2 }) // [1, 2]
 */
export function topKRows(
  scores: ArrayLike<number>,
  { group, keep = 1, atLeast = Number.NEGATIVE_INFINITY }: SelectOptions,
): Int32Array {
  const rows: number[] = [];
  for (const order of ranked(scores, group)) {
    if (!(Number.isInteger(keep) && keep >= 1 && keep <= group)) {
      throw new DomainError(complaint("keep", `a whole number from 1 to ${group}`, keep));
    }
    for (const row of order.slice(0, keep)) if (scores[row] >= atLeast) rows.push(row);
  }
  return Int32Array.from(rows);
}

/**
 * A pair from each group: its best and its worst completion, as rows. Groups whose scores are all equal are left out.
 * The preference data of direct alignment on a policy's own samples.
 * @throws as `topKRows`
 */
export function bestWorstPairs(
  scores: ArrayLike<number>,
  { group }: { readonly group: number },
): { chosen: Int32Array; rejected: Int32Array } {
  const pairs = ranked(scores, group)
    .map((order) => [order[0], order[group - 1]])
    .filter(([best, worst]) => scores[best] > scores[worst]);
  return {
    chosen: Int32Array.from(pairs, ([best]) => best),
    rejected: Int32Array.from(pairs, ([, worst]) => worst),
  };
}

/** Each group's rows, best first. */
function ranked(scores: ArrayLike<number>, group: number): number[][] {
  checkCount("group", group);
  if (scores.length === 0 || scores.length % group !== 0) {
    throw new ShapeError(complaint("scores", `a multiple of the group of ${group}`, scores));
  }
  for (let row = 0; row < scores.length; row++) {
    if (Number.isNaN(scores[row])) throw new DomainError(complaint(`scores[${row}]`, "a number", scores[row]));
  }
  return Array.from({ length: scores.length / group }, (_, g) =>
    Array.from({ length: group }, (_, i) => g * group + i).sort((a, b) => scores[b] - scores[a] || a - b),
  );
}
