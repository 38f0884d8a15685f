import { checkFinite } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import type { Rankings } from "../rankings.js";

/** Work space for one ranking at a time. */
export interface Stages {
  /** How many choices the ranking consists of. */
  count: number;
  /** The log-probability of the ranking, in nats. */
  logProbability: number;
  /**
   * For each place: of those that compete there, the share of the one that is chosen; for the
   * unranked, among each other.
   */
  readonly chosen: Float64Array;
  /** For each choice: the share of all those that remain, 1 - chosen. */
  readonly left: Float64Array;
}

export function stagesFor(rankings: Rankings): Stages {
  return {
    count: 0,
    logProbability: 0,
    chosen: new Float64Array(rankings.items),
    left: new Float64Array(rankings.items),
  };
}

/**
 * Reads ranking r as a chain of choices. Choice s takes an item against the log-sum-exp of all that remain, which is a
 * Bradley-Terry comparison: its share is sigmoid(theta_s - level_s), and so nothing overflows or
 * cancels. Walked from the end.
 */
export function readStages(theta: ArrayLike<number>, rankings: Rankings, r: number, stages: Stages): void {
  const { order, start, ranked } = rankings;
  const [from, to] = [start[r], start[r + 1]];
  const { chosen, left } = stages;
  stages.count = Math.max(Math.min(ranked[r], to - from - 1), 0);
  stages.logProbability = 0;
  if (stages.count === 0) return;
  const rest = from + stages.count;
  let level = theta[order[rest]];
  if (to - rest === 1) chosen[stages.count] = 1;
  else {
    for (let p = rest; p < to; p++) level = Math.max(level, theta[order[p]]);
    let sum = 0;
    for (let p = rest; p < to; p++) {
      chosen[p - from] = Math.exp(theta[order[p]] - level);
      sum += chosen[p - from];
    }
    for (let p = rest; p < to; p++) chosen[p - from] /= sum;
    level += Math.log(sum);
  }
  for (let s = stages.count - 1; s >= 0; s--) {
    const lead = theta[order[from + s]] - level;
    const small = Math.exp(-Math.abs(lead));
    const log = Math.log1p(small);
    const [most, least] = [1 / (1 + small), small / (1 + small)];
    chosen[s] = lead >= 0 ? most : least;
    left[s] = lead >= 0 ? least : most;
    stages.logProbability -= Math.max(-lead, 0) + log;
    level += Math.max(lead, 0) + log;
  }
}

export function checkAbilities(theta: ArrayLike<number>, rankings: Rankings): void {
  if (theta.length !== rankings.items) {
    throw new ShapeError(complaint("theta", `${rankings.items} abilities, one for each item`, theta));
  }
  for (let i = 0; i < theta.length; i++) {
    checkFinite(`theta[${i}]`, theta[i]);
  }
}
