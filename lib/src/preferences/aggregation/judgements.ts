import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type ComparisonOptions, type Comparisons, comparisonsFromColumns } from "../comparisons.js";

/**
 * Comparisons that remember who made them, and, where it is known, which item was shown first.
 * Weights count as answers.
 */
export interface Judgements extends Comparisons {
  readonly labelers: number;
  /** [rows] who said it. */
  readonly labeler: Int32Array;
  /** [rows] 1 if the winner was shown first (on the left), 0 if second. */
  readonly winnerFirst?: Uint8Array;
  readonly labelerNames?: readonly string[];
}

export interface JudgementOptions extends ComparisonOptions {
  labelers?: number;
  winnerFirst?: ArrayLike<number>;
  labelerNames?: readonly string[];
}

/** From columns, winners first. @throws as `comparisonsFromColumns`; DomainError for a labeler out of range */
export function judgementsFromColumns(
  labeler: ArrayLike<number>,
  winner: ArrayLike<number>,
  loser: ArrayLike<number>,
  options: JudgementOptions = {},
): Judgements {
  const base = comparisonsFromColumns(winner, loser, options);
  const rows = base.winner.length;
  if (labeler.length !== rows) throw new ShapeError(complaint("labeler", `${rows} indices, one a comparison`, labeler));
  if (options.winnerFirst !== undefined && options.winnerFirst.length !== rows) {
    throw new ShapeError(complaint("winnerFirst", `${rows} numbers, one a comparison`, options.winnerFirst));
  }
  let most = -1;
  for (let k = 0; k < rows; k++) most = Math.max(most, labeler[k]);
  const labelers = options.labelers ?? options.labelerNames?.length ?? most + 1;
  for (let k = 0; k < rows; k++) {
    if (!Number.isInteger(labeler[k]) || labeler[k] < 0 || labeler[k] >= labelers) {
      throw new DomainError(
        complaint(`labeler of comparison ${k}`, `a whole number from 0 to ${labelers - 1}`, labeler[k]),
      );
    }
  }
  return {
    ...base,
    labelers,
    labeler: Int32Array.from(labeler),
    ...(options.winnerFirst && { winnerFirst: Uint8Array.from(options.winnerFirst) }),
    ...(options.labelerNames && { labelerNames: [...options.labelerNames] }),
  };
}
