import { type Payoffs, zeroSumEquilibrium } from "../../games/index.js";

/**
 * How often a witness gets away with a claim that has several readings. escapes[r][q] is the probability that reading r
 * stands up to question q, [readings][questions]. A witness bound to one reading before the question comes plays the
 * matrix game, max over mixed readings of min over questions: `bound`. One who picks the reading that suits the
 * question gets min over questions of max over readings, never less: `adaptive`. If question q refutes every reading
 * but the q-th, out of k, that is 1/k against 1. Barnes and Christiano 2020, "cross-examination".
 * @example await crossExamination([[1, 0], [0, 1]]) // { bound: 0.5, adaptive: 1 }
 * @throws ShapeError for an empty or a ragged matrix, DomainError for an entry that is no finite number
 */
export async function crossExamination(escapes: Payoffs): Promise<{ bound: number; adaptive: number }> {
  const { value } = await zeroSumEquilibrium(escapes);
  let adaptive = Number.POSITIVE_INFINITY;
  for (let question = 0; question < escapes[0].length; question++) {
    const best = escapes.reduce((greatest, row) => Math.max(greatest, row[question]), Number.NEGATIVE_INFINITY);
    adaptive = Math.min(adaptive, best);
  }
  return { bound: value, adaptive };
}
