import { linearProgram } from "../numerics/index.js";
import { checkScores, type Scores } from "./checkScores.js";

export interface Support {
  /**
   * Of each point [n]: by how much it can be ahead of every other one in a weighted sum, at its best weights. Above 0:
   * some weights pick it alone. 0: it can only tie. Below 0: no weights pick it.
   */
  margins: Float64Array;
  /** Those weights, [n][k], none negative, adding up to 1. */
  weights: Float64Array[];
}

/**
 * Which points a weighted sum can pick, by one linear program each: the largest t with w . (F_i - F_j) >= t for all j,
 * w on the simplex. A point of the Pareto front whose margin is not positive is *unsupported*. Points that equal
 * point i are not held against it. A point without any rival has the margin Infinity.
 * @throws DomainError, ShapeError if scores are no table of finite numbers
 * @example (await supportedPoints([[0, 2], [0.5, 1], [2, 0]])).margins // [1, -0.25, 1.5]
 */
export async function supportedPoints(scores: Scores): Promise<Support> {
  const k = checkScores("scores", scores);
  const margins = new Float64Array(scores.length);
  const weights: Float64Array[] = [];
  for (let i = 0; i < scores.length; i++) {
    const rivals = scores
      .map((other) => Array.from(other, (value, j) => scores[i][j] - value))
      .filter((ahead) => ahead.some((value) => value !== 0));
    if (rivals.length === 0) {
      margins[i] = Number.POSITIVE_INFINITY;
      weights.push(new Float64Array(k).fill(1 / k));
      continue;
    }
    const { x, value } = await linearProgram({
      variables: k + 1,
      maximise: [[k, 1]],
      subjectTo: [
        { form: [...new Array<number>(k).fill(1), 0], equals: 1 },
        ...rivals.map((ahead) => ({ form: [...ahead, -1], atLeast: 0 })),
      ],
      lower: [...new Array<number>(k).fill(0), Number.NEGATIVE_INFINITY],
    });
    margins[i] = value;
    weights.push(x.slice(0, k));
  }
  return { margins, weights };
}
