import { checkLength } from "../core/checks.js";
import { checkScores, type Scores } from "./checkScores.js";

/**
 * The inverted generational distance of points [n][k] from a front [m][k] that is known: the mean over the front's
 * points of the Euclidean distance to the nearest of ours, in the unit of the objectives (scale them alike first).
 * Smaller is better. It asks for nearness and not for quality: a set can be nearer than one that dominates it. (Coello
 * Coello and Reyes Sierra 2004; Ishibuchi et al. 2015.)
 * @throws DomainError if there is no point or a number is not finite; ShapeError if lengths differ
 * @example invertedGenerationalDistance([[1, 1]], [[0, 2], [1, 1]]) // 0.7071
 */
export function invertedGenerationalDistance(scores: Scores, front: Scores): number {
  return meanNearest(scores, front, (wanted, got) => wanted - got);
}

/**
 * IGD+: the same with what a point lacks in place of how far it is away, sqrt(sum_j max(front_j - point_j, 0)^2), as
 * larger is better here. A set that dominates another one is never the worse one by it. (Ishibuchi et al. 2015.)
 * @throws as `invertedGenerationalDistance`
 * @example invertedGenerationalDistancePlus([[1, 1]], [[0, 2], [1, 1]]) // 0.5
 */
export function invertedGenerationalDistancePlus(scores: Scores, front: Scores): number {
  return meanNearest(scores, front, (wanted, got) => Math.max(wanted - got, 0));
}

function meanNearest(scores: Scores, front: Scores, lack: (wanted: number, got: number) => number): number {
  const k = checkScores("front", front);
  checkScores("scores", scores);
  checkLength("scores[0]", scores[0], k, "as the front's points");
  let sum = 0;
  for (let i = 0; i < front.length; i++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let s = 0; s < scores.length; s++) {
      let squares = 0;
      for (let j = 0; j < k; j++) squares += lack(front[i][j], scores[s][j]) ** 2;
      nearest = Math.min(nearest, squares);
    }
    sum += Math.sqrt(nearest);
  }
  return sum / front.length;
}
