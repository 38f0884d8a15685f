import { checkCount, checkLength, checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { foldIn, type Key, uniform } from "../random/index.js";
import { probabilities } from "./bradleyTerry/probability.js";
import type { Comparisons } from "./comparisons.js";
import type { Noise } from "./noise.js";

/**
 * A tournament in which every pair is compared `times` times and i is preferred to j with `probability[i][j]`,
 * [n, n]. The probabilities need not come from abilities: this also simulates people who go round in circles.
 * @throws ShapeError if the table is not square; DomainError for a probability outside [0, 1] or a pair
 *   that does not add up to 1
 */
export function simulateTournament(
  key: Key,
  probability: ReadonlyArray<ArrayLike<number>>,
  times: number,
  names?: readonly string[],
): Comparisons {
  checkCount("times", times, 0);
  checkProbabilities(probability);
  const items = probability.length;
  const winner: number[] = [];
  const loser: number[] = [];
  const weight: number[] = [];
  const add = (won: number, lost: number, count: number) => {
    if (count === 0) return;
    winner.push(won);
    loser.push(lost);
    weight.push(count);
  };
  for (let i = 0; i < items; i++) {
    for (let j = i + 1; j < items; j++) {
      const wins = below(foldIn(key, i * items + j), times, probability[i][j]);
      add(i, j, wins);
      add(j, i, times - wins);
    }
  }
  return {
    items,
    winner: Int32Array.from(winner),
    loser: Int32Array.from(loser),
    weight: Float64Array.from(weight),
    ...(names && { names }),
  };
}

/** A tournament between items whose abilities theta [n] are known, judged by people with this noise. */
export function simulateComparisons(
  key: Key,
  theta: ArrayLike<number>,
  times: number,
  options: { noise?: Noise; names?: readonly string[] } = {},
): Comparisons {
  return simulateTournament(key, probabilities(theta, options.noise), times, options.names);
}

/**
 * The same comparisons after a share `rate` of the answers, each independently, was recorded the wrong way round.
 * @throws DomainError if rate is outside [0, 1] or a weight is not a whole number
 */
export function flipLabels(key: Key, data: Comparisons, rate: number): Comparisons {
  checkShare("rate", rate);
  const rows = data.winner.length;
  const winner = new Int32Array(2 * rows);
  const loser = new Int32Array(2 * rows);
  const weight = new Float64Array(2 * rows);
  for (let k = 0; k < rows; k++) {
    const count = data.weight[k];
    if (!Number.isInteger(count))
      throw new DomainError(complaint(`weight of comparison ${k}`, "a whole number", count));
    const flipped = below(foldIn(key, k), count, rate);
    winner[2 * k] = loser[2 * k + 1] = data.winner[k];
    loser[2 * k] = winner[2 * k + 1] = data.loser[k];
    weight[2 * k] = count - flipped;
    weight[2 * k + 1] = flipped;
  }
  return { ...data, winner, loser, weight };
}

/** How many of n uniforms fall below p: a binomial draw. */
function below(key: Key, n: number, p: number): number {
  let count = 0;
  for (const u of uniform(key, n)) if (u < p) count++;
  return count;
}

/**
 * @throws unless `probability` is a square table whose pairs add up to 1 (its diagonal may hold anything)
 */
export function checkProbabilities(probability: ReadonlyArray<ArrayLike<number>>): void {
  for (let i = 0; i < probability.length; i++) {
    checkLength(`row ${i} of the probabilities`, probability[i], probability.length, "as many as rows");
    for (let j = 0; j < i; j++) {
      const [p, q] = [probability[i][j], probability[j][i]];
      if (!(p >= 0 && p <= 1 && Math.abs(p + q - 1) <= 1e-9)) {
        throw new DomainError(
          complaint(`probabilities [${i}][${j}] and [${j}][${i}]`, "two probabilities that add up to 1", [p, q]),
        );
      }
    }
  }
}
