import { complaint, DomainError, ShapeError } from "../core/index.js";
import { lbfgs } from "../numerics/index.js";

/** A reward that adds up over words: what each word adds, in nats. A word that is not in it adds 0. */
export type WordScoreTable = ReadonlyMap<string, number>;

/** Several texts, each as its words, and which one was preferred to which. */
export interface WordGroup {
  /** [K], the words of each text; one that occurs twice counts twice. */
  readonly texts: readonly (readonly string[])[];
  /** Pairs of places in `texts`, the chosen one first. The same pair may come several times, from several labelers. */
  readonly wins: readonly (readonly [chosen: number, rejected: number])[];
  /** How much each of them counts, as if it had come so often; 1 each unless told. */
  readonly weight?: ArrayLike<number>;
}

export interface WordScoreOptions {
  /** Before any comparison, the score of a word is Normal(0, deviation^2), in nats; 0.5 by default. */
  deviation?: number;
  /**
   * Stop when the slope of the log-posterior is, for every word, at most this times the weight of the comparisons about
   * it, the prior counting as 1 / deviation^2 of them. Default 1e-3: with steps enough, scores are then
   * within some thousandths of a nat.
   */
  tolerance?: number;
  /** Steps at most; 100 by default. What has been reached by then is returned. */
  iterations?: number;
}

/** The reward of a text: the sum of the scores of its words. */
export function wordScoreReward(table: WordScoreTable, words: readonly string[]): number {
  let sum = 0;
  for (const word of words) sum += table.get(word) ?? 0;
  return sum;
}

/**
 * A score for every word of the compared texts: the most probable ones after the comparisons, by Bradley and Terry's
 * model with R(y) = sum over the words of y. It maximises
 *   sum over comparisons of log sigmoid(R(chosen) - R(rejected)) - sum over words of score^2 / (2 deviation^2).
 * It is the linear reward on word counts (`linearReward.fit` with l2 = 1 / (n deviation^2), n comparisons), for
 * vocabularies of which each text has a few words only. The prior is what lets a word that was seen three times have a
 * score that can be trusted. Counts times c with a deviation / sqrt(c) give the same scores.
 * @throws DomainError for places that are none, weights below 0, or options that are not above 0; ShapeError without
 *   groups, or for another number of weights
 */
export function fitWordScores(groups: readonly WordGroup[], options: WordScoreOptions = {}): WordScoreTable {
  const { deviation = 0.5, tolerance = 1e-3, iterations = 100 } = options;
  for (const [name, value] of Object.entries({ deviation, tolerance, iterations })) {
    if (!(value > 0)) throw new DomainError(complaint(name, "a positive number", value));
  }
  if (groups.length === 0) throw new ShapeError(complaint("groups", "at least one", groups));
  const place = new Map<string, number>();
  for (const { texts } of groups) {
    for (const words of texts) for (const word of words) if (!place.has(word)) place.set(word, place.size);
  }
  const { words, ends, chosen, rejected, times } = flattened(groups, place);
  const precision = 1 / deviation ** 2;
  const pulls = new Float64Array(place.size).fill(precision);
  for (let k = 0; k < times.length; k++) {
    for (const text of [chosen[k], rejected[k]]) {
      for (let w = beginOf(ends, text); w < ends[text]; w++) pulls[words[w]] += times[k];
    }
  }
  const [rewards, pull] = [new Float64Array(ends.length), new Float64Array(ends.length)];
  const logPosterior = (scores: Float64Array, slope: Float64Array): number => {
    let value = 0;
    for (let j = 0; j < scores.length; j++) {
      value -= 0.5 * precision * scores[j] ** 2;
      slope[j] = -precision * scores[j];
    }
    for (let text = 0, w = 0; text < ends.length; text++) {
      let reward = 0;
      for (; w < ends[text]; w++) reward += scores[words[w]];
      rewards[text] = reward;
    }
    pull.fill(0);
    for (let k = 0; k < times.length; k++) {
      const margin = rewards[chosen[k]] - rewards[rejected[k]];
      // One exponential for both: softplus(-margin), and sigmoid(-margin).
      const e = Math.exp(-Math.abs(margin));
      value -= times[k] * (Math.max(-margin, 0) + Math.log1p(e));
      const wrong = times[k] * (margin <= 0 ? 1 / (1 + e) : e / (1 + e));
      pull[chosen[k]] += wrong;
      pull[rejected[k]] -= wrong;
    }
    for (let text = 0, w = 0; text < ends.length; text++) {
      for (; w < ends[text]; w++) slope[words[w]] += pull[text];
    }
    return value;
  };
  const start = new Float64Array(place.size);
  const { at } = lbfgs(logPosterior, start, { tolerance, weight: pulls, iterations, mayStopEarly: true });
  return new Map(Array.from(place, ([word, j]) => [word, at[j]]));
}

/**
 * All texts of all groups, one after the other, as typed arrays: the posterior of a hundred thousand comparisons is
 * asked for a hundred times. `words` are places of the table, those of a text end at `ends[text]`; pair k has been
 * answered `times[k]` times for text `chosen[k]` against `rejected[k]`.
 */
function flattened(groups: readonly WordGroup[], place: ReadonlyMap<string, number>) {
  const [words, ends, chosen, rejected, times]: number[][] = [[], [], [], [], []];
  groups.forEach(({ texts, wins, weight }, g) => {
    const first = ends.length;
    for (const [i, j, count] of countedWins(wins, weight, texts.length, `of group ${g}`)) {
      chosen.push(first + i);
      rejected.push(first + j);
      times.push(count);
    }
    for (const text of texts) {
      for (const word of text) words.push(place.get(word) as number);
      ends.push(words.length);
    }
  });
  const places = (list: number[]) => Int32Array.from(list);
  return {
    words: places(words),
    ends: places(ends),
    chosen: places(chosen),
    rejected: places(rejected),
    times: Float64Array.from(times),
  };
}

const beginOf = (ends: Int32Array, text: number) => (text === 0 ? 0 : ends[text - 1]);

/** How often each place was chosen over each other one: [chosen, rejected, times]. @throws as `fitWordScores` */
function countedWins(
  wins: WordGroup["wins"],
  weight: WordGroup["weight"],
  K: number,
  name: string,
): [number, number, number][] {
  checkWins(wins, K, `wins ${name}`);
  if (weight !== undefined && weight.length !== wins.length) {
    throw new ShapeError(complaint(`weight ${name}`, `${wins.length} numbers, one for each of its wins`, weight));
  }
  const times = new Map<number, number>();
  wins.forEach(([i, j], k) => {
    const own = weight?.[k] ?? 1;
    if (!(own >= 0 && own < Number.POSITIVE_INFINITY)) {
      throw new DomainError(complaint(`weight[${k}] ${name}`, "a number of at least 0", own));
    }
    times.set(i * K + j, (times.get(i * K + j) ?? 0) + own);
  });
  return Array.from(times, ([pair, count]) => [Math.floor(pair / K), pair % K, count]);
}

/** @throws DomainError unless every pair names two different places from 0 to K - 1 */
export function checkWins(wins: WordGroup["wins"], K: number, name: string): void {
  const place = (x: number) => Number.isInteger(x) && x >= 0 && x < K;
  for (const [i, j] of wins) {
    if (!place(i) || !place(j) || i === j) {
      throw new DomainError(complaint(name, `two places from 0 to ${K - 1}`, [i, j]));
    }
  }
}
