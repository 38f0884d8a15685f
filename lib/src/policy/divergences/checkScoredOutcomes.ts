import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** @throws ShapeError unless there is a finite score for each outcome, DomainError for what is no number */
export function checkScoredOutcomes(logRef: ArrayLike<number>, score: ArrayLike<number>): void {
  if (logRef.length === 0) throw new ShapeError(complaint("logRef", "at least one outcome", logRef));
  if (score.length !== logRef.length) {
    throw new ShapeError(complaint("score", `${logRef.length} numbers, one per outcome`, score));
  }
  for (let y = 0; y < logRef.length; y++) {
    if (!Number.isFinite(score[y])) checkFinite(`score[${y}]`, score[y]);
    if (!(logRef[y] <= 1e-9)) throw new DomainError(complaint(`logRef[${y}]`, "a log-probability", logRef[y]));
  }
}
