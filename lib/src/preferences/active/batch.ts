import { checkCount } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { Posterior } from "../posterior/index.js";
import { binaryEntropy, checkCommittee } from "./entropy.js";
import { afterAsking, dOptimalGain } from "./optimalDesign.js";

/** Questions that are asked together, in the order in which they were picked. */
export interface Batch {
  /** Their places among the candidates, each once. */
  picked: number[];
  /** What the first 1, 2, ... of them teach together, in nats; it never falls. */
  gain: number[];
}

/**
 * A batch by greedy D-optimality: pick the best question, shrink the posterior as if it had been answered, pick the
 * next. So a second question about what the first one tells is worth little, and the batch does not repeat itself. The
 * gain is submodular: greedy reaches at least 1 - 1/e of the best batch's (Nemhauser, Wolsey and Fisher 1978).
 * `questions` [candidates, d]: differences in features.
 * @throws DomainError if there are fewer candidates than `size`, or the size is not a whole number above 0
 */
export function dOptimalBatch(posterior: Posterior, questions: ReadonlyArray<ArrayLike<number>>, size: number): Batch {
  checkSize(size, questions.length);
  let now = posterior;
  return greedily(questions.length, size, (_, sofar) => {
    if (sofar.picked.length > 0) now = afterAsking(now, questions[sofar.picked[sofar.picked.length - 1]]);
    const told = sofar.gain[sofar.gain.length - 1] ?? 0;
    const current = now;
    return (q) => told + dOptimalGain(current, questions[q]);
  });
}

/**
 * The information that a batch of answers carries together, I(theta; y_1 ... y_b) = H[y_1 ... y_b] - sum_k
 * E_theta H[y_k | theta], in nats, over all 2^b ways to answer: given theta, answers are independent. At most
 * the sum of the single gains, because answers overlap. `probabilities` [batch, members]. Kirsch, van Amersfoort and
 * Gal 2019, arXiv:1906.08158.
 * @throws ShapeError for an empty batch or uneven rows; DomainError for more than 16 questions
 *   or a probability outside [0, 1]
 */
export function batchInformationGain(
  probabilities: ReadonlyArray<ArrayLike<number>>,
  weight?: ArrayLike<number>,
): number {
  const share = checkTable(probabilities, weight);
  if (probabilities.length > 16) {
    throw new DomainError(complaint("batch", "at most 16 questions, for 2^16 ways to answer", probabilities.length));
  }
  let joint: Joint = [share];
  for (const row of probabilities) joint = extend(joint, row);
  return Math.max(jointEntropy(joint) - probabilities.reduce((sum, row) => sum + noiseOf(row, share), 0), 0);
}

/**
 * BatchBALD: a batch by greedy joint information gain, exact over all ways to answer (so at most 16 questions).
 * `probabilities` [candidates, members].
 * @throws as `batchInformationGain` and `dOptimalBatch`
 */
export function informationBatch(
  probabilities: ReadonlyArray<ArrayLike<number>>,
  size: number,
  weight?: ArrayLike<number>,
): Batch {
  checkSize(size, probabilities.length);
  if (size > 16) throw new DomainError(complaint("size", "at most 16 questions, for 2^16 ways to answer", size));
  const share = checkTable(probabilities, weight);
  const noises = probabilities.map((row) => noiseOf(row, share));
  let joint: Joint = [share];
  let noise = 0;
  return greedily(probabilities.length, size, (_, { picked }) => {
    const last = picked[picked.length - 1];
    if (last !== undefined) {
      joint = extend(joint, probabilities[last]);
      noise += noises[last];
    }
    return (q) => Math.max(jointEntropy(extend(joint, probabilities[q])) - noise - noises[q], 0);
  });
}

/** For each way to answer so far, P(these answers, member m), [ways][members]. */
type Joint = ArrayLike<number>[];

function extend(joint: Joint, probabilities: ArrayLike<number>): Joint {
  return joint.flatMap((row) => [
    Float64Array.from(row, (p, m) => p * probabilities[m]),
    Float64Array.from(row, (p, m) => p * (1 - probabilities[m])),
  ]);
}

function jointEntropy(joint: Joint): number {
  let sum = 0;
  for (const row of joint) {
    let p = 0;
    for (let m = 0; m < row.length; m++) p += row[m];
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum;
}

function noiseOf(probabilities: ArrayLike<number>, share: ArrayLike<number>): number {
  let sum = 0;
  for (let m = 0; m < probabilities.length; m++) sum += share[m] * binaryEntropy(probabilities[m]);
  return sum;
}

/** Picks one question after the other; the first of equals, so that a batch depends on nothing but its candidates. */
function greedily(
  candidates: number,
  size: number,
  prepare: (step: number, sofar: Batch) => (question: number) => number,
): Batch {
  const sofar: Batch = { picked: [], gain: [] };
  for (let step = 0; step < size; step++) {
    const value = prepare(step, sofar);
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let q = 0; q < candidates; q++) {
      if (sofar.picked.includes(q)) continue;
      const worth = value(q);
      if (worth > most + 1e-12) [best, most] = [q, worth];
    }
    sofar.picked.push(best);
    sofar.gain.push(most);
  }
  return sofar;
}

function checkSize(size: number, candidates: number): void {
  checkCount("size", size);
  if (candidates < size) {
    throw new DomainError(complaint("candidates", `at least ${size}, the size of the batch`, candidates));
  }
}

function checkTable(probabilities: ReadonlyArray<ArrayLike<number>>, weight?: ArrayLike<number>): ArrayLike<number> {
  if (probabilities.length === 0)
    throw new ShapeError(complaint("probabilities", "at least one question", probabilities));
  const share = probabilities.map((row) => checkCommittee(row, weight));
  const uneven = probabilities.findIndex((row) => row.length !== probabilities[0].length);
  if (uneven >= 0) {
    const expected = `${probabilities[0].length} probabilities, one for each member`;
    throw new ShapeError(complaint(`probabilities of question ${uneven}`, expected, probabilities[uneven]));
  }
  return share[0];
}
